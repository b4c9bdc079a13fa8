"""Who and what has no past: ``make bench-cold-start``.

On the Complete Journey's validation window, by leaving out entirely:

    items       a tenth of the items with a model: their purchases before the window teach nothing,
                they stay in the catalogue with their labels. Are they found among themselves by
                whoever then buys them for the first time? Do they enter ordinary lists, do those
                who are shown them buy, and what do known items lose?
    customers   three tenths of the customers, a tenth at a time: their purchases before the window
                teach nothing, and they have no record. Half of their first basket is in the cart:
                is the other half found? Their first basket is their latest events: is what they
                buy in the rest of the window found?

Items that are held out once sold, to ten households at least; of the shop's own new items beside
them most never will. So both are counted.
"""

import argparse
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.journey import SEED, VALIDATION, Journey, manifest
from benchmarks.results import Goal, Run
from models.arrays import Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.asked import Query
from models.loaded import Loaded
from models.ranking import best
from models.recommend import recommend, rerank
from training.data.split import HeldOut
from training.fit import content
from training.fit.blend import DEFAULT
from training.fit.loaded import loaded
from training.fit.records import records
from training.fit.shop import Shop
from training.judge import metrics
from training.judge.metrics import Values

K = 20
SHARE = 10
N_TENTHS = 3
Customers = Mapping[str, tuple[CustomerRecord, History]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How well one way finds what was bought, a value a customer."""

    ndcg: Values
    recall: Values

    @classmethod
    def of(cls, lists: Sequence[Rows], bought: Sequence[Rows]) -> "Found":
        """Judge ``lists``."""
        return cls(ndcg=metrics.ndcg(lists, bought), recall=metrics.recall(lists, bought))


def main() -> None:
    """Run the benchmark, print its tables and write its figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run, out = Run.begin("cold_start", "make bench-cold-start"), Console(width=100)
    journey, rng = Journey.read(), np.random.default_rng(SEED)
    among, lists = _items(journey, rng)
    out.print(_table("Held-out items among themselves, first purchases", among))
    for name, value in lists.items():
        out.print(f"{name}: {value:.4f}")
    cart, later = _customers(journey, rng)
    out.print(_table("Held-out customers: the other half of the first basket", cart))
    out.print(_table("Held-out customers: the rest of the window", later))
    told = {
        f"{what}, {name}: {metric}": float(np.nanmean(values))
        for what, table in (("items", among), ("cart", cart), ("later", later))
        for name, found in table.items()
        for metric, values in (("NDCG@10", found.ndcg), ("recall@20", found.recall))
    }
    ours = np.nanmean(among["Cartera"].recall)
    run.end(
        told | lists,
        {
            "new items: recall@20 over their category's popularity": Goal.at_least(
                float(ours / np.nanmean(among["popularity of the category"].recall)), 1.5
            ),
            "new items in lists: bought, against known ones of like worth": Goal.at_least(
                lists["held-out items listed: share bought"]
                / lists["known items of like worth: share bought"],
                0.5,
            ),
            "known items: NDCG@10 lost": Goal.at_most(lists["known items: NDCG@10 lost"], 0.0005),
            "known items: explore-only NDCG@10 lost": Goal.at_most(
                lists["known items: explore-only NDCG@10 lost"], 0.0005
            ),
            **{
                f"{what}: NDCG@10 over {other}": Goal.at_least(
                    float(np.nanmean(table["Cartera"].ndcg) - np.nanmean(table[other].ndcg)), 0
                )
                for what, table in (("cart", cart), ("later", later))
                for other in table
                if other != "Cartera"
            },
        },
    )


def _items(journey: Journey, rng: np.random.Generator) -> tuple[dict[str, Found], dict[str, float]]:
    whole, _ = journey.before(VALIDATION)
    ranked = whole.purchases.item_ids[: whole.purchases.n_ranked]
    held = set(rng.choice(ranked, len(ranked) // SHARE, replace=False).tolist())
    shop, held_out = journey.before(VALIDATION, but_items=held)
    labels = content.fit(shop, journey.items)
    assert labels is not None
    release = loaded(shop, journey.items, manifest(), DEFAULT.weights, labels=labels)
    made = list(records(shop, DEFAULT))
    plain = {id_: (record, history) for id_, record, history in made}
    mixed = {id_: (record, history) for id_, record, history in labels.entering(made)}
    row_of = {id_: row for row, id_ in enumerate(shop.purchases.item_ids)}
    rows = np.array(sorted(row_of[id_] for id_ in held), dtype=np.int32)
    bought, first = _bought_in_window(journey, row_of)
    return (
        _among(release, mixed, rows, first, rng),
        _in_lists(release, plain, mixed, held_out, rows=rows, bought=bought),
    )


def _bought_in_window(
    journey: Journey, row_of: Mapping[str, int]
) -> tuple[dict[str, Rows], dict[str, Rows]]:
    """Return what each customer bought in the window, all of it and what was new to them."""
    known = pl.col("customer_id").is_not_null() & (pl.col("quantity") > 0)
    end = pl.lit(VALIDATION).dt.offset_by("28d")
    lines = journey.lines.filter(known & (pl.col("timestamp") < end)).select(
        "customer_id", "item_id", pl.col("timestamp") >= VALIDATION
    )
    pairs = lines.filter("timestamp").unique(["customer_id", "item_id"])
    before = lines.filter(~pl.col("timestamp")).unique(["customer_id", "item_id"])
    return (
        _by_customer(pairs, row_of),
        _by_customer(pairs.join(before, on=["customer_id", "item_id"], how="anti"), row_of),
    )


def _by_customer(pairs: pl.DataFrame, row_of: Mapping[str, int]) -> dict[str, Rows]:
    return {
        str(id_): np.array(sorted(row_of[item] for item in items), dtype=np.int32)
        for id_, items in pairs.group_by("customer_id").agg("item_id").iter_rows()
    }


def _among(
    release: Loaded,
    customers: Customers,
    rows: Rows,
    bought: Mapping[str, Rows],
    rng: np.random.Generator,
) -> dict[str, Found]:
    """Rank the held-out items for everybody who bought some of them."""
    wanted = {
        id_: np.intersect1d(found, rows)
        for id_, found in bought.items()
        if id_ in customers and np.isin(found, rows).any()
    }
    truth = list(wanted.values())
    category = release.catalogue.category
    buyers = release.popularity.buyers
    sold = np.bincount(category[category >= 0], buyers[category >= 0])
    popular = rows[best(np.where(category[rows] >= 0, sold[category[rows]], 0), K)]
    mine = []
    for id_ in wanted:
        record, history = customers[id_]
        mine.append(rerank(release, rows, record=record, history=history).rows[:K])
    return {
        "Cartera": Found.of(mine, truth),
        "own share of the category": Found.of(
            [rows[best(_own_share(release, customers[id_][1], rows), K)] for id_ in wanted], truth
        ),
        "popularity of the category": Found.of([popular] * len(truth), truth),
        "random": Found.of([rng.permutation(rows)[:K] for _ in truth], truth),
    }


def _own_share(release: Loaded, history: History, rows: Rows) -> Scores:
    """Return how often a customer bought in each item's category, by the items it has."""
    category = release.catalogue.category
    n = int(category.max()) + 2
    own = np.bincount(category[history.rows] + 1, history.times, minlength=n)
    share = own / np.maximum(np.bincount(category + 1, minlength=n), 1)
    return np.asarray(share[category[rows] + 1], dtype=np.float32)


def _in_lists(
    release: Loaded,
    plain: Customers,
    mixed: Customers,
    held_out: HeldOut,
    *,
    rows: Rows,
    bought: Mapping[str, Rows],
) -> dict[str, float]:
    """Count the new items on lists, what comes of them, and what known items lose."""
    listed, near = [], []
    ids = [id_ for id_ in held_out.customer_ids if id_ in mixed]
    for id_ in ids:
        record, wanted = mixed[id_][0], bought[id_]
        new = np.flatnonzero(record.reasons == Reason.ALIKE)
        beside = np.setdiff1d(np.unique(np.concatenate([new - 1, new + 1])), new)
        beside = beside[(beside >= 0) & (beside < record.rows.size)]
        near.append(np.isin(record.rows[beside], wanted))
        held = np.isin(record.rows[new], rows)
        listed.append(np.stack([held, np.isin(record.rows[new], wanted), new < K]))
    held, hit, early = np.concatenate(listed, axis=1)
    lost = _lost(release, plain, mixed, held_out)
    return {
        "new items on a list of 200": held.size / len(ids),
        "of them among the first 20": float(early.sum()) / len(ids),
        "held-out items on a list of 200": float(held.sum()) / len(ids),
        "held-out items listed: share bought": float(hit[held].mean()),
        "other new items listed: share bought": float(hit[~held].mean()),
        "known items of like worth: share bought": float(np.concatenate(near).mean()),
        **lost,
    }


def _lost(
    release: Loaded, plain: Customers, mixed: Customers, held_out: HeldOut
) -> dict[str, float]:
    explore = [
        np.setdiff1d(*pair) for pair in zip(held_out.bought, held_out.bought_before, strict=True)
    ]
    figures: dict[str, float] = {}
    for name, query, bought in (
        ("NDCG@10", Query(limit=K), held_out.bought),
        ("explore-only NDCG@10", Query(limit=K, novelty="new_only"), explore),
    ):
        without, with_ = (
            metrics.ndcg(_lists(release, query, held_out.customer_ids, customers), bought)
            for customers in (plain, mixed)
        )
        figures[f"known items: {name}"] = float(np.nanmean(without))
        figures[f"known items: {name} lost"] = float(np.nanmean(without - with_))
        low, high = metrics.interval(without - with_, rng=np.random.default_rng(SEED))
        figures[f"known items: {name} lost, low"] = low
        figures[f"known items: {name} lost, high"] = high
    return figures


def _lists(release: Loaded, query: Query, ids: Iterable[str], customers: Customers) -> list[Rows]:
    lists = []
    for id_ in ids:
        record, history = customers.get(id_, (None, None))
        lists.append(recommend(release, query, record=record, history=history).ranked.rows)
    return lists


def _customers(
    journey: Journey, rng: np.random.Generator
) -> tuple[dict[str, Found], dict[str, Found]]:
    ids = journey.lines["customer_id"].drop_nulls().unique().sort().to_list()
    tenths = np.array_split(rng.permutation(ids), SHARE)[:N_TENTHS]
    carts: list[dict[str, Found]] = []
    laters: list[dict[str, Found]] = []
    for tenth in tenths:
        left_out = set(tenth.tolist())
        shop, held_out = journey.before(VALIDATION, but_customers=left_out)
        labels = content.fit(shop, journey.items)
        release = loaded(shop, journey.items, manifest(), DEFAULT.weights, labels=labels)
        places = [n for n, id_ in enumerate(held_out.customer_ids) if id_ in left_out]
        carts.append(_of_carts(release, held_out, places, shop, rng))
        laters.append(_of_the_rest(release, held_out, places, shop))
    return _joined(carts), _joined(laters)


def _of_carts(
    release: Loaded,
    held_out: HeldOut,
    places: Sequence[int],
    shop: Shop,
    rng: np.random.Generator,
) -> dict[str, Found]:
    baskets = [rng.permutation(held_out.next_basket[place]) for place in places]
    baskets = [basket for basket in baskets if basket.size > 1]
    carts = [basket[: basket.size // 2] for basket in baskets]
    return _judged(
        release,
        shop,
        [Query(limit=K, context=cart) for cart in carts],
        [np.sort(basket[cart.size :]) for basket, cart in zip(baskets, carts, strict=True)],
    )


def _of_the_rest(
    release: Loaded, held_out: HeldOut, places: Sequence[int], shop: Shop
) -> dict[str, Found]:
    queries, later = [], []
    for place in places:
        basket, bought = held_out.next_basket[place], held_out.bought[place]
        if basket.size < bought.size:
            queries.append(Query(limit=K, recent=basket, exclude=basket))
            later.append(np.setdiff1d(bought, basket))
    return _judged(release, shop, queries, later)


def _judged(
    release: Loaded, shop: Shop, queries: Sequence[Query], bought: Sequence[Rows]
) -> dict[str, Found]:
    n_ranked = shop.purchases.n_ranked
    popular = release.popular[:n_ranked]
    every = np.arange(n_ranked, dtype=np.int32)
    ways: dict[str, list[Rows]] = {
        "Cartera": [],
        "popularity": [],
        "co-purchase": [],
        "factors": [],
    }
    for query in queries:
        seen = query.context if query.context.size else query.recent
        ways["Cartera"].append(recommend(release, query).ranked.rows)
        companions, strengths = release.copurchase.score(seen)
        together = popular * np.float32(1e-6)
        together[companions] += strengths
        taste = release.collaborative.score(release.collaborative.fold_in(seen), every)
        for name, scores in (
            ("popularity", popular),
            ("co-purchase", together),
            ("factors", taste),
        ):
            others = scores.copy()
            others[seen] = -np.inf
            ways[name].append(best(others, K))
    return {name: Found.of(lists, bought) for name, lists in ways.items()}


def _joined(parts: Sequence[Mapping[str, Found]]) -> dict[str, Found]:
    return {
        name: Found(
            ndcg=np.concatenate([part[name].ndcg for part in parts]),
            recall=np.concatenate([part[name].recall for part in parts]),
        )
        for name in parts[0]
    }


def _table(title: str, found: Mapping[str, Found]) -> Table:
    n = next(iter(found.values())).ndcg.size
    table = Table(title=f"{title} ({n:,} customers)", title_justify="left")
    table.add_column("")
    for name in ("NDCG@10", "recall@20"):
        table.add_column(name, justify="right")
    for name, one in found.items():
        table.add_row(name, f"{np.nanmean(one.ndcg):.4f}", f"{np.nanmean(one.recall):.4f}")
    return table


if __name__ == "__main__":
    main()
