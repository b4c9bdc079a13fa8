"""Audiences of the Complete Journey whose members are known: what lookalikes are judged on.

    buyers      of six categories in the whole year; what they bought of it is kept out
    redeemers   of three campaigns; how fond of discounts they are is kept out
    spenders    the top tenth by what they spend in the last two months, seen from before these
    prospects   for wine: the seeds bought some before the last two months, and are to tell who
                else first buys some within these

Customers are read as a worker reads them: a release is trained, published into a store, and read
out of it. The audiences were chosen before the learner was made, and it was tuned on others: ten
other categories, other campaigns and earlier months.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl
import redis
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.journey import SEED, Journey
from benchmarks.served import store
from models.arrays import Factors, Mask, Rows
from models.artifacts.keys import Keys
from models.loaded import Loaded
from training import pipeline
from training.audiences import table
from training.audiences.table import Table
from training.budget import Budget
from training.data import purchases
from training.fit import collaborative
from training.plan import Plan
from training.progress import Shown
from training.publish import Releases
from training.settings import TrainerSettings

CUT, END = datetime(2017, 11, 1, tzinfo=UTC), datetime(2018, 1, 2, tzinfo=UTC)
"""Of the last two months."""
CATEGORIES = (
    "Diapers and disposables",
    "Domestic wine",
    "Dog foods",
    "Cigarettes",
    "Baby foods",
    "Organic fruit and vegetables",
)
CAMPAIGNS = ("campaign-18", "campaign-13", "campaign-8")
WINE = ("Domestic wine", "Imported wine", "Other wine")
TOP = 0.1
BUDGET = "1s"
"""Of a training: the models that an audience is found by, and no ranker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shop:
    """Everything that is known of the customers at some time."""

    table: Table
    loaded: Loaded

    def row_of(self, ids: pl.Series) -> Rows:
        """Return the rows of those that are known, ascending."""
        known = {id_: row for row, id_ in enumerate(self.table.ids)}
        found = [known[id_] for id_ in ids.unique().drop_nulls() if id_ in known]
        return np.array(sorted(found), dtype=np.int32)

    def items_of(self, categories: Sequence[str]) -> Rows:
        """Return the catalogue's items of some categories."""
        catalogue = self.loaded.catalogue
        names = [catalogue.categories[code] for code in range(len(catalogue.categories))]
        codes = [names.index(name) for name in categories]
        return np.flatnonzero(np.isin(catalogue.category, codes)).astype(np.int32)

    def buyers(self, items: Rows, lines: pl.DataFrame) -> Rows:
        """Return who bought one of some items, by the lines of purchases.

        Histories do not tell: they leave out items that too few bought to have a model.
        """
        return self.row_of(lines.filter(pl.col("item_id").is_in(self.ids(items)))["customer_id"])

    def ids(self, items: Rows) -> list[str]:
        """Return the ids of items."""
        return [self.loaded.catalogue.ids.id_of(int(row)) for row in items]

    def vectors_without(self, items: Rows, journey: Journey, until: datetime) -> Factors:
        """Return everybody's vector as factorisation learns it from all but some items."""
        bought = purchases.number(
            journey.lines.filter(~pl.col("item_id").is_in(self.ids(items))),
            journey.items["item_id"],
            until=until,
        )
        fitted = collaborative.fit(bought, seed=SEED).customers
        vectors = np.zeros((len(self.table.ids), fitted.shape[1]), dtype=np.float32)
        for row, id_ in enumerate(self.table.ids):
            if id_ in bought.customer_row:
                vectors[row] = fitted[bought.customer_row[id_]]
        return vectors


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    """Customers who have something in common, and how well lookalikes of some find the others."""

    name: str
    family: str
    shop: Shop
    members: Rows
    """Half of whom are the seeds."""
    found: Rows | None = None
    """Who is to be found; None where it is the other half."""
    among: Mask | None = None
    """Among whom; None where it is everybody else."""
    kept_out: tuple[str, ...] = ()
    kept_out_rows: Rows
    vectors: Factors
    """Shape ``(n_customers, n_factors)``: what a home-grown system would have of them."""

    def half(self, rng: np.random.Generator) -> Rows:
        """Return the seeds of one half."""
        n = self.members.size // 2
        return np.sort(rng.choice(self.members, n, replace=False)).astype(np.int32)

    def judged(self, seeds: Rows) -> tuple[NDArray[np.intp], Mask]:
        """Return who is ranked, and who of them is to be found."""
        n = len(self.shop.table.ids)
        is_judged = np.ones(n, dtype=np.bool_) if self.among is None else self.among.copy()
        is_judged[seeds] = False
        is_found = np.zeros(n, dtype=np.bool_)
        is_found[self.members if self.found is None else self.found] = True
        rows = np.flatnonzero(is_judged)
        return rows, is_found[rows]


def audiences(console: Console) -> list[Audience]:
    """Train both releases and return every audience, family by family."""
    journey = Journey.read()
    whole, before = served(journey, END, console), served(journey, CUT, console)
    nothing = np.empty(0, dtype=np.int32)
    found = [_buyers(whole, journey, name) for name in CATEGORIES]
    found += [
        Audience(
            name=name,
            family="redeemers",
            shop=whole,
            members=whole.table.coupons[name],
            kept_out=("redeemed",),
            kept_out_rows=nothing,
            vectors=whole.table.vectors.astype(np.float32),
        )
        for name in CAMPAIGNS
    ]
    return [*found, _spenders(before, journey), _prospects(before, journey)]


def served(journey: Journey, cut: datetime, console: Console) -> Shop:
    """Train on what was bought before ``cut``, publish, and read it as a worker does."""
    console.print(f"training on what was bought before {cut:%Y-%m-%d}")
    plan = Plan(
        lines=journey.lines.filter(pl.col("timestamp") < cut),
        items=journey.items,
        seed=SEED,
        min_buyers=None,
        redeemed=journey.redeemed.filter(pl.col("timestamp") < cut),
        budget=Budget.of(BUDGET),
    )
    quiet = Shown(Console(quiet=True))
    with (
        TemporaryDirectory() as kept,
        store(cores=None) as url,
        redis.Redis.from_url(url) as client,
    ):
        folder = Path(kept)
        made = pipeline.train(
            plan, folder=folder, settings=TrainerSettings(), told={}, progress=quiet
        )
        releases = Releases(client, Keys("lookalike"))
        releases.publish(folder / made.version)
        loaded = releases.loaded(made.version)
        read = table.read(client, releases.keys, loaded, progress=lambda _: None)
    return Shop(table=read, loaded=loaded)


def _buyers(shop: Shop, journey: Journey, category: str) -> Audience:
    items = shop.items_of([category])
    return Audience(
        name=category,
        family="buyers",
        shop=shop,
        members=shop.buyers(items, journey.lines),
        kept_out=("bought_category",),
        kept_out_rows=items,
        vectors=shop.vectors_without(items, journey, END),
    )


def _spenders(shop: Shop, journey: Journey) -> Audience:
    spent = (
        journey.lines.filter(pl.col("timestamp") >= CUT)
        .group_by("customer_id")
        .agg(spend=(pl.col("price") * pl.col("quantity")).sum())
        .filter(pl.col("customer_id").is_in(list(shop.table.ids)))
        .sort("spend", "customer_id", descending=[True, False])
    )
    nothing = np.empty(0, dtype=np.int32)
    return Audience(
        name="top tenth of the next two months",
        family="spenders",
        shop=shop,
        members=shop.row_of(spent["customer_id"].head(round(TOP * len(shop.table.ids)))),
        kept_out_rows=nothing,
        vectors=shop.table.vectors.astype(np.float32),
    )


def _prospects(shop: Shop, journey: Journey) -> Audience:
    items = shop.items_of(WINE)
    before = pl.col("timestamp") < CUT
    buyers = shop.buyers(items, journey.lines.filter(before))
    buyers_later = shop.buyers(items, journey.lines.filter(~before))
    never = np.ones(len(shop.table.ids), dtype=np.bool_)
    never[buyers] = False
    return Audience(
        name="first wine within two months",
        family="prospects",
        shop=shop,
        members=buyers,
        found=np.setdiff1d(buyers_later, buyers),
        among=never,
        kept_out=("bought_category",),
        kept_out_rows=items,
        vectors=shop.vectors_without(items, journey, CUT),
    )
