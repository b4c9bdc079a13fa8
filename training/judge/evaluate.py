"""Lists for held-out customers, by the path that serves, and how good they are.

Every list comes out of ``models.recommend`` from packed records, as a request's does. Baselines
are lists made elsewhere and judged by the same figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord, History
from models.asked import Query
from models.loaded import Loaded
from models.recommend import recommend
from training.data.purchases import Purchases
from training.data.split import HeldOut
from training.judge import metrics
from training.judge.metrics import Values

K = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Twenty items for each held-out customer, twice."""

    name: str
    ordinary: list[Rows]
    new_only: list[Rows]
    """Without what the customer bought before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The figures of one way to make lists: a value a customer, but for coverage."""

    name: str
    values: Mapping[str, Values]
    coverage: float

    def means(self) -> dict[str, float]:
        """Return the mean of each metric; nan where no customer could be judged by it."""
        return {
            name: float(np.nanmean(values)) if not np.isnan(values).all() else np.nan
            for name, values in self.values.items()
        } | {"coverage@10": self.coverage}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFacts:
    """What some figures must know of the items, in row order."""

    share: Values
    """Of the customers before the cut, who bought each; above 0."""
    category: Rows
    """The number of each one's category; an item without one is a category of its own."""


def item_facts(purchases: Purchases, items: pl.DataFrame) -> ItemFacts:
    """Return the facts of every item.

    Args:
        purchases: What teaches. An item that nobody bought counts as bought by one.
        items: The catalogue, with ``item_id`` and ``category``.
    """
    by_known = purchases.customer >= 0
    pairs = np.unique(
        purchases.item[by_known].astype(np.int64) * purchases.n_customers
        + purchases.customer[by_known]
    )
    n_customers = max(purchases.n_customers, 1)
    buyers = np.bincount(pairs // n_customers, minlength=len(purchases.item_ids))
    category = (
        pl.DataFrame({"item_id": purchases.item_ids})
        .join(items.select("item_id", "category"), on="item_id", how="left", maintain_order="left")
        .select(pl.coalesce("category", pl.concat_str(pl.lit("\x1f"), "item_id")).rank("dense"))
        .to_series()
    )
    return ItemFacts(
        share=np.maximum(buyers, 1) / n_customers, category=category.cast(pl.Int32).to_numpy()
    )


def served(
    loaded: Loaded, packed: Mapping[str, tuple[bytes, bytes]], held_out: HeldOut, *, name: str
) -> Lists:
    """Ask ``models.recommend`` for each held-out customer's lists.

    Args:
        loaded: The release.
        packed: Record and history by customer id, as in the store.
        held_out: Whom to ask for; those without a record are strangers.
        name: Of these lists.
    """
    ordinary: list[Rows] = []
    new_only: list[Rows] = []
    for id_ in held_out.customer_ids:
        record = history = None
        if id_ in packed:
            record = CustomerRecord.unpack(packed[id_][0])
            history = History.unpack(packed[id_][1])
        for lists, query in (
            (ordinary, Query(limit=K)),
            (new_only, Query(limit=K, novelty="new_only")),
        ):
            answer = recommend(loaded, query, record=record, history=history)
            lists.append(answer.ranked.rows)
    return Lists(name=name, ordinary=ordinary, new_only=new_only)


def judge(
    lists: Lists, held_out: HeldOut, *, n_items: int, facts: ItemFacts | None = None
) -> Judged:
    """Measure ``lists`` against what was bought.

    Args:
        lists: In the order of ``held_out``.
        held_out: What was bought.
        n_items: Items that could have been listed, for coverage.
        facts: Of all items; without them novelty and categories are not judged.
    """
    bought = held_out.bought
    repeat = [np.intersect1d(*pair) for pair in zip(bought, held_out.bought_before, strict=True)]
    explore = [np.setdiff1d(*pair) for pair in zip(bought, held_out.bought_before, strict=True)]
    ordinary = lists.ordinary
    return Judged(
        name=lists.name,
        values={
            "ndcg@10": metrics.ndcg(ordinary, bought),
            "recall@20": metrics.recall(ordinary, bought),
            "hit@10": metrics.hit(ordinary, bought),
            "mrr": metrics.reciprocal_rank(ordinary, bought),
            "map@10": metrics.average_precision(ordinary, bought),
            "revenue@10": metrics.revenue(ordinary, bought, held_out.spend),
            "repeat ndcg@10": metrics.ndcg(ordinary, repeat),
            "explore ndcg@10": metrics.ndcg(ordinary, explore),
            "explore-only ndcg@10": metrics.ndcg(lists.new_only, explore),
            "next-basket ndcg@10": metrics.ndcg(ordinary, held_out.next_basket),
        }
        | (_by_item_facts(ordinary, bought, facts) if facts else {}),
        coverage=metrics.coverage(ordinary, n_items),
    )


def _by_item_facts(
    lists: Sequence[Rows], bought: Sequence[Rows], facts: ItemFacts
) -> dict[str, Values]:
    """Judge what is new to most, and whether the categories are right where the items are not.

    A list's categories stand in the order in which they first appear among its items.
    """
    return {
        "novelty@10": metrics.novelty(lists, facts.share),
        "category ndcg@10": metrics.ndcg(
            [_first_of_each(facts.category[rows]) for rows in lists],
            [np.unique(facts.category[rows]) for rows in bought],
        ),
    }


def _first_of_each(numbers: Rows) -> Rows:
    each, first = np.unique(numbers, return_index=True)
    return np.asarray(each[np.argsort(first)], dtype=np.int32)


def differences(
    ours: Judged, others: Sequence[Judged], *, rng: np.random.Generator
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the paired bootstrap interval of ours minus each other's, by name and metric."""
    return {
        other.name: {
            metric: metrics.interval(values - other.values[metric], rng=rng)
            for metric, values in ours.values.items()
        }
        for other in others
    }
