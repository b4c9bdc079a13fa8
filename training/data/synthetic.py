"""A shop of any size that never was: made from a seed, with what real shops have planted in it.

Planted are tastes (a customer has a style; customers of a style like the same categories and the
same kind within them), popularity by Zipf's law, habits (an item used up is bought again after the
days that it lasts), seasons, items that come later, customers that come later, offers and prices.
What is measured on it says how fast something is, and how much memory it needs; how good it is on
real customers, it cannot say.

It is made and written block by block, so that ten million lines need little more memory than one.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import polars as pl

from training.data.synthetic_items import Shelf, make_shelf
from training.data.synthetic_purchases import bought

SMALLEST_SHELF = 8
ROWS_PER_GROUP = 250_000
_LINES_PER_BLOCK = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopSize:
    """How large the shop is; each number is met exactly."""

    n_customers: int
    """Each buys at least once."""
    n_items: int
    """In the catalogue; the rarest may find no buyer."""
    n_lines: int
    n_days: int = 730

    def __post_init__(self) -> None:
        """Refuse what no shop can be."""
        if self.n_items < SMALLEST_SHELF:
            raise ValueError(f"n_items must be at least {SMALLEST_SHELF}, got {self.n_items}")
        if not 1 <= self.n_customers <= self.n_lines:
            raise ValueError(
                f"every customer needs a line: got {self.n_lines} lines for {self.n_customers}"
            )
        if self.n_days < 1:
            raise ValueError(f"n_days must be at least 1, got {self.n_days}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShopFiles:
    """Where the shop's files are, in our own columns."""

    purchases: Path
    items: Path


def write_shop(folder: Path, size: ShopSize, *, seed: int) -> ShopFiles:
    """Write ``purchases.parquet`` and ``items.parquet`` into a folder, made if need be.

    The same size and seed give the same shop. Purchases come in the order of time.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = ShopFiles(purchases=folder / "purchases.parquet", items=folder / "items.parquet")
    for_items, for_customers = np.random.default_rng(seed).spawn(2)
    shelf = make_shelf(size.n_items, n_days=size.n_days, rng=for_items)
    shelf.table().write_parquet(files.items)
    with TemporaryDirectory(dir=folder, prefix="parts-") as parts:
        for n, lines in enumerate(_blocks(shelf, size, for_customers)):
            for (month,), some in lines.group_by(pl.col("timestamp").dt.strftime("%Y-%m")):
                some.write_parquet(Path(parts) / f"{month}-{n:06d}.parquet")
        _join_months(Path(parts), files.purchases)
    return files


def _blocks(shelf: Shelf, size: ShopSize, rng: np.random.Generator) -> Iterator[pl.DataFrame]:
    """Yield the purchases of some customers after the others."""
    n_together = max(1, _LINES_PER_BLOCK * size.n_customers // size.n_lines)
    for first in range(0, size.n_customers, n_together):
        end = min(first + n_together, size.n_customers)
        n_lines = _lines_before(end, size) - _lines_before(first, size)
        yield bought(shelf, range(first, end), n_lines=n_lines, n_days=size.n_days, rng=rng)


def _join_months(parts: Path, path: Path) -> None:
    """Sort month by month what the blocks bought, and make one file of it."""
    months = sorted({part.name[:7] for part in parts.iterdir()})
    for month in months:
        some = pl.scan_parquet(parts / f"{month}-*.parquet")
        ordered = some.collect().sort("timestamp", "customer_id")
        ordered.write_parquet(parts / f"whole-{month}.parquet")
    whole = pl.scan_parquet(parts / "whole-*.parquet")
    whole.sink_parquet(path, row_group_size=ROWS_PER_GROUP)


def _lines_before(customer: int, size: ShopSize) -> int:
    """How many lines the customers before this one have; blocks share them evenly."""
    return customer + (size.n_lines - size.n_customers) * customer // size.n_customers
