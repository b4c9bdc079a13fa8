"""The shop's items: from its own file, from its purchases, or from both.

A catalogue is small and is shown to customers, so it must be right: one wrong line stops the run,
with the first few of them named, where a purchase would only be left out.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import polars as pl

from training.data import checks
from training.data.batch import REJECTS
from training.data.columns import resolve
from training.data.files import Table, open_table
from training.errors import UnreadableFile

ITEM_CHECKS: Mapping[str, checks.Check] = {
    "item_id": checks.required_id,
    "title": checks.text,
    "category": checks.text,
    "brand": checks.text,
    "price": checks.optional_money,
    "margin": checks.profit,
    "stock": checks.count,
    "url": checks.text,
    "image": checks.text,
}
ITEMS = pl.Schema(
    {
        "item_id": pl.String,
        "title": pl.String,
        "category": pl.String,
        "brand": pl.String,
        "price": pl.Float64,
        "margin": pl.Float64,
        "stock": pl.Int64,
        "url": pl.String,
        "image": pl.String,
    }
)
"""The table of items. Price and margin are money per unit; stock null means that nobody counts it,
and the item is sold; any other column null means unknown."""

RECENT = timedelta(days=28)
"""The price of an item that has no price tag is what it sold for in this time before the end."""

_MOST_FAULTS = 5


def read_items(path: Path, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Read the items file: CSV, CSV packed with gzip, or Parquet. Only `item_id` is required.

    Stock below 0, which is what a shop owes already, becomes 0: there is none to sell.

    Args:
        path: The file.
        columns: Our column name -> the file's, where they differ.

    Returns:
        The columns of `ITEMS` in the order of the file; null where the file has no such column.

    Raises:
        UnreadableFile: The file cannot be opened, is empty, or has a line that is not right.
    """
    table = open_table(path)
    optional = [name for name in ITEM_CHECKS if name != "item_id"]
    found = resolve(table, required=["item_id"], optional=optional, asked=columns or {})
    items = right_lines(table, found, {name: ITEM_CHECKS[name] for name in found}, key="item_id")
    return as_items(items).with_columns(pl.col("stock").clip(lower_bound=0))


def items_from_purchases(lines: pl.DataFrame) -> pl.DataFrame:
    """Make the items table of a shop that has none: what was bought, and what it costs.

    The price is the median of what was paid in the 28 days up to the last purchase, or ever where
    nothing was sold in them; returns count only for what was never sold. It has at most 4 decimals.

    Args:
        lines: As `training.data.read` promises them.

    Returns:
        The columns of `ITEMS`, by `item_id`; everything but the price is null.
    """
    since = pl.col("timestamp").max() - RECENT
    is_sold = pl.col("quantity") > 0
    prices = (
        lines.lazy()
        .with_columns(is_recent=pl.col("timestamp") > since)
        .group_by("item_id")
        .agg(
            pl.coalesce(
                pl.col("price").filter(is_sold & pl.col("is_recent")).median(),
                pl.col("price").filter(is_sold).median(),
                pl.col("price").median(),
            ).round(4)
        )
        .sort("item_id")
        .collect()
    )
    return as_items(prices)


def complete(items: pl.DataFrame, lines: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Add the items that were bought but are not in the items file, by `item_id`, out of stock.

    They teach what customers like, but the shop's own list of items says that they are gone.

    Returns:
        The items of the file in their order, then the added ones; and how many were added.
    """
    bought = lines.select(pl.col("item_id").unique()).sort("item_id")
    added = bought.join(items, on="item_id", how="anti")
    gone = as_items(added).with_columns(stock=pl.lit(0, dtype=ITEMS["stock"]))
    return pl.concat([items, gone]), added.height


def as_items(some: pl.DataFrame) -> pl.DataFrame:
    """Give a table the columns of `ITEMS`, those that it lacks null."""
    return some.select(
        pl.col(name) if name in some.columns else pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in ITEMS.items()
    )


def right_lines(
    table: Table, found: Mapping[str, str], wanted: Mapping[str, checks.Check], *, key: str | None
) -> pl.DataFrame:
    """Read a table in which every line must be right, and no two may have the same `key`, if any.

    Raises:
        UnreadableFile: It has no lines, or wrong ones, of which the first five are named.
    """
    accepted: list[pl.DataFrame] = []
    faults = [REJECTS.to_frame()]
    for batch in table.batches(found):
        fine, faulty = checks.apply(batch.rows, wanted)
        accepted.append(fine)
        faults += [batch.rejected, faulty]
    wrong = pl.concat(faults).sort("line")
    if wrong.height:
        told = [
            f"line {line}: {reason}"
            for line, reason in wrong.head(_MOST_FAULTS).select("line", "reason").rows()
        ]
        more = f"; and {wrong.height - len(told):,} more" if wrong.height > len(told) else ""
        raise UnreadableFile(
            f"{table.path} has {wrong.height:,} wrong lines ({'; '.join(told)}{more}); expected "
            "every line to be right; mend them and run again"
        )
    if not any(part.height for part in accepted):
        raise UnreadableFile(f"{table.path} has a header and no lines; expected at least one")
    lines = pl.concat(accepted).sort("line")
    ids = [name for name in ("item_id", "customer_id") if name in lines.columns]
    lines = lines.with_columns(checks.without_point_zero(lines[name]) for name in ids)
    if key is not None:
        _refuse_repeats(lines, key, table.path)
    return lines.drop("line")


def _refuse_repeats(lines: pl.DataFrame, key: str, path: Path) -> None:
    again = lines.filter(~pl.col(key).is_first_distinct())
    if again.is_empty():
        return
    line, value = again.select("line", key).row(0)
    first = lines.filter(pl.col(key) == value)["line"][0]
    raise UnreadableFile(
        f"{path} repeats {again.height:,} of its {key}s, the first on line {line}, which was on "
        f"line {first} already; expected each once; keep the right line of each"
    )
