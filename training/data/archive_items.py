"""Items that events tell of before the shop's own list does.

An items file is a list of everything that is sold, as of when it was written: what it lacks and was
bought before is gone, and what it lacks and was bought since is new.
"""

from datetime import datetime

import polars as pl

from training.data.archive_read import DESCRIBING
from training.data.catalog import as_items, items_from_purchases


def entered(
    items: pl.DataFrame, lines: pl.DataFrame, told: pl.DataFrame, *, since: datetime
) -> pl.DataFrame:
    """Add the items that were first bought since the list was written.

    Args:
        items: The list, with the columns of ``training.data.catalog.ITEMS``.
        lines: All purchases.
        told: What backends said of items, of ``training.data.archive_read``.
        since: When the list was written. Aware.

    Returns:
        The list, and behind it the new items by id, at what was paid for them and in stock.
    """
    first_bought = pl.col("timestamp").min().over("item_id")
    new = lines.join(items, on="item_id", how="anti").filter(
        (first_bought > since) & (pl.col("quantity") > 0)
    )
    return pl.concat([items, described(items_from_purchases(new), told)])


def described(items: pl.DataFrame, told: pl.DataFrame) -> pl.DataFrame:
    """Fill in what the list of items does not say, and backends did."""
    both = items.join(told, on="item_id", how="left", suffix="_told", maintain_order="left")
    return as_items(
        both.with_columns(pl.coalesce(name, f"{name}_told").alias(name) for name in DESCRIBING)
    )
