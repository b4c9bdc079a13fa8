"""The Complete Journey, learned before a day: what several benchmarks begin with."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl

from models.artifacts.manifest import Manifest
from training.data import catalog, demo, purchases, split
from training.data.read import read_purchases
from training.data.split import HeldOut
from training.fit import shop
from training.fit.blend import DEFAULT
from training.fit.shop import Shop

VALIDATION = datetime(2017, 11, 6, tzinfo=UTC)
"""Whoever chooses something looks here, never at what was bought from 2017-12-04."""
SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Journey:
    """Purchases and items as the trainer reads them."""

    lines: pl.DataFrame
    items: pl.DataFrame
    redeemed: pl.DataFrame
    """Who bought with a coupon."""

    @classmethod
    def read(cls) -> "Journey":
        """Unpack the demo shop, out of the way of whoever else does, and read it."""
        with TemporaryDirectory() as folder:
            files = demo.write_demo(Path(folder))
            read = read_purchases(files.purchases, rejects=Path(folder, "rejects.csv"))
            items, _ = catalog.complete(catalog.read_items(files.items), read.lines)
        return cls(lines=read.lines, items=items, redeemed=read.redeemed)

    def before(
        self,
        cut: datetime,
        *,
        but_items: Collection[str] = (),
        but_customers: Collection[str] = (),
    ) -> tuple[Shop, HeldOut]:
        """Return every model, fitted before ``cut``, and what was bought in the window from it.

        Args:
            cut: Aware.
            but_items: Whose purchases before the cut teach nothing; they stay in the catalogue.
            but_customers: As for items.
        """
        left_out = pl.col("item_id").is_in(list(but_items)) | pl.col("customer_id").is_in(
            list(but_customers)
        ).fill_null(value=False)
        lines = self.lines.filter((pl.col("timestamp") >= cut) | ~left_out)
        bought = purchases.number(lines, self.items["item_id"], until=cut)
        return shop.fit(bought, seed=SEED), split.hold_out(lines, bought)


def manifest() -> Manifest:
    """Return the manifest of a release that is measured and never written."""
    return Manifest(
        version="benchmark",
        created_at=VALIDATION.isoformat(),
        first_purchase=VALIDATION.isoformat(),
        last_purchase=VALIDATION.isoformat(),
        counts={},
        settings={},
        weights=DEFAULT.numbers(),
        metrics={},
    )
