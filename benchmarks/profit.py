"""What ranking by profit earns, and what it costs: ``make bench-profit``.

**The margins are assumed.** The Complete Journey says what was paid and not what was earned, so
each item is given a margin (``assumed``): a quarter of its price for a national brand and 35 % for
the shop's own, more or less by category and by item, drawn once with a seed. What is measured is
whether the shop would have earned more *if its margins were such*; other margins, other figures.

A release is trained before 2017-12-04 as a shop trains it, so that the past windows choose how much
margins count, and every household of the weeks after is asked for ten items by the served function:

    relevance          what is most likely bought
    profit             as the release serves it
    margin alone       probability times margin, which is profit where margins count fully

Each list is judged by NDCG@10, by the margin that it promises (calibrated probability times unit
margin, a unit each), and by the margin of all the units that the household then bought of the ten.
The intervals are of the paired difference to relevance: 95 %, bootstrap over households.
"""

import argparse
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from benchmarks.journey import SEED, Journey
from benchmarks.quality import CUT
from benchmarks.results import Goal, Run
from models.artifacts.customer_record import CustomerRecord
from models.asked import Query
from models.loaded import Loaded
from models.recommend import recommend
from training import pipeline, release
from training.budget import Budget
from training.data import purchases, split
from training.data.split import HeldOut
from training.fit.profit import weighing
from training.judge.earned import EARNED, PROMISED, Earned, K, earned
from training.judge.metrics import Values, interval
from training.plan import Plan
from training.progress import Shown
from training.settings import TrainerSettings

NATIONAL, OWN = 0.25, 0.35
"""Assumed share of the price that is earned, by whose brand it is."""
BY_CATEGORY, BY_ITEM = 0.06, 0.03
"""Standard deviations of what a category, and an item, earns more or less of its price."""
LEAST, MOST = 0.05, 0.7
"""No draw goes beyond."""
LEAST_NDCG = 0.95
RELEVANCE, PROFIT, MARGIN = "relevance", "profit", "margin alone"

Lists = Mapping[str, Earned]


def main() -> None:
    """Train, ask, judge; print the tables and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--budget", default="2h", help="Of the training, as of `cartera train`.")
    budget = Budget.of(parser.parse_args().budget)
    run = Run.begin("profit", "make bench-profit")
    shop = Journey.read()
    shop = replace(shop, items=assumed(shop.items, np.random.default_rng(SEED)))
    loaded, records, held_out = _trained(shop, budget)
    lists = asked(loaded, records, held_out)
    told = figures(lists)
    Console(width=100).print(_table(told), str(loaded.manifest.choices["profit"]["why"]))
    earning = loaded.earning
    assert earning is not None  # margins were assumed
    run.end(
        told | {"households": len(held_out.customer_ids), "margins count": earning.weight},
        {
            f"{PROFIT}: {PROMISED} ahead, low end": Goal.at_least(
                told[f"{PROFIT}: {PROMISED} ahead, low"], 0
            ),
            f"{PROFIT}: {EARNED} ahead, low end": Goal.at_least(
                told[f"{PROFIT}: {EARNED} ahead, low"], 0
            ),
            f"{PROFIT}: NDCG@10 kept": Goal.at_least(told[f"{PROFIT}: NDCG@10 kept"], LEAST_NDCG),
        },
    )


def assumed(items: pl.DataFrame, rng: np.random.Generator) -> pl.DataFrame:
    """Return the items with a margin each, in money per unit.

    Args:
        items: With price, category and brand; what has no price gets no margin.
        rng: Draws.
    """
    categories = items["category"].unique().sort()
    more = dict(zip(categories, rng.normal(0, BY_CATEGORY, categories.len()), strict=True))
    is_own = pl.col("brand").str.starts_with("Private").fill_null(value=False)
    share = (
        pl.when(is_own).then(OWN).otherwise(NATIONAL)
        + pl.col("category").replace_strict(more, return_dtype=pl.Float64)
        + pl.Series(rng.normal(0, BY_ITEM, items.height))
    )
    return items.with_columns(margin=(pl.col("price") * share.clip(LEAST, MOST)).round(3))


def asked(
    loaded: Loaded, records: Mapping[str, CustomerRecord], held_out: HeldOut
) -> dict[str, Earned]:
    """Ask the served function for every household's ten, each way, and judge them."""
    ways = {
        RELEVANCE: (loaded, Query(limit=K)),
        PROFIT: (loaded, Query(limit=K, objective="profit")),
        MARGIN: (weighing(loaded, 1.0), Query(limit=K, objective="profit")),
    }
    return {
        name: earned(
            [
                recommend(served, query, record=records[id_]).ranked.rows
                for id_ in held_out.customer_ids
            ],
            held_out,
            records=records,
            margin=loaded.catalogue.margin,
        )
        for name, (served, query) in ways.items()
    }


def figures(lists: Lists) -> dict[str, float]:
    """Return the means of every way, and by how much each is ahead of relevance."""
    found: dict[str, float] = {}
    for name, one in lists.items():
        for figure, values in _values(one).items():
            plain = _values(lists[RELEVANCE])[figure]
            found[f"{name}: {figure}"] = float(np.nanmean(values))
            if name != RELEVANCE:
                low, high = interval(values - plain, rng=np.random.default_rng(SEED))
                found[f"{name}: {figure} ahead, low"] = low
                found[f"{name}: {figure} ahead, high"] = high
                found[f"{name}: {figure} kept"] = float(np.nanmean(values) / np.nanmean(plain))
    return found


def _values(one: Earned) -> dict[str, Values]:
    return {"NDCG@10": one.ndcg, PROMISED: one.promised, EARNED: one.earned}


def _trained(shop: Journey, budget: Budget) -> tuple[Loaded, dict[str, CustomerRecord], HeldOut]:
    """Return a release of before the cut, its records, and what its customers bought after."""
    before = Plan(
        lines=shop.lines.filter(pl.col("timestamp") < CUT),
        items=shop.items,
        seed=SEED,
        min_buyers=None,
        budget=budget,
    )
    with TemporaryDirectory() as parent:
        made = pipeline.train(
            before,
            folder=Path(parent),
            settings=TrainerSettings(),
            told={},
            progress=Shown(),
        )
        folder = Path(parent, made.version)
        loaded = release.load(folder)
        packed = {id_: record for id_, record, *_ in release.customers_of(folder)}
    teaching = purchases.number(shop.lines, shop.items["item_id"], until=before.end)
    held_out = split.hold_out(shop.lines, teaching, days=None).only(packed)
    records = {id_: CustomerRecord.unpack(packed[id_]) for id_ in held_out.customer_ids}
    return loaded, records, held_out


def _table(told: Mapping[str, float]) -> Table:
    table = Table(title="Ten items a household; margins are assumed", title_justify="left")
    for head in ("", "list"):
        table.add_column(head)
    for head in ("mean", "of relevance's", "ahead of relevance, 95 %"):
        table.add_column(head, justify="right")
    for figure in ("NDCG@10", PROMISED, EARNED):
        for name in (RELEVANCE, PROFIT, MARGIN):
            found = f"{name}: {figure}"
            cells = [f"{told[found]:.4f}"]
            if name != RELEVANCE:
                low, high = told[f"{found} ahead, low"], told[f"{found} ahead, high"]
                cells += [f"{told[f'{found} kept']:.4f}", f"{low:.4f} to {high:.4f}"]
            table.add_row(figure if name == RELEVANCE else "", name, *cells)
        table.add_section()
    return table


if __name__ == "__main__":
    main()
