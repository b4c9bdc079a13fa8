"""The shop's promotions calendar: what is in the mailer, on display or on offer, from when to when.

It is known ahead, which is what makes it worth more than any other input of the trainer: rows that
begin after the last purchase say what the coming weeks push. What was planned for the past teaches
how each item and customer answers to it.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from training.data import checks
from training.data.catalog import right_lines
from training.data.columns import resolve
from training.data.files import open_table
from training.data.timestamps import end, start
from training.errors import UnreadableFile

PROMOTION_CHECKS: Mapping[str, checks.Check] = {
    "item_id": checks.required_id,
    "starts": start,
    "ends": end,
    "kind": checks.text,
    "reach": checks.share,
}
REQUIRED = ("item_id", "starts", "ends")
ANY_KIND = "promotion"
"""What a promotion is called whose kind the file does not say."""
MOST_KINDS = 8
"""Every kind costs the ranker a handful of features of each pair it scores."""


def read_promotions(path: Path, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Read the calendar: CSV, CSV packed with gzip, or Parquet.

    Args:
        path: The file. Items that nobody knows are kept: they may be bought later.
        columns: Our column name -> the file's, where they differ.

    Returns:
        `item_id` str; `starts` and `ends` µs UTC, the end exclusive: an end that the file gives as
        a bare date is the midnight after it; `kind` str, never null; `reach` f64, the share of the
        shop (of its branches, say) that takes part, above 0 to 1, and 1 where the file is silent.

    Raises:
        UnreadableFile: The file cannot be opened, is empty, has a line that is not right, or more
            than `MOST_KINDS` kinds.
    """
    table = open_table(path)
    optional = [name for name in PROMOTION_CHECKS if name not in REQUIRED]
    found = resolve(table, required=REQUIRED, optional=optional, asked=columns or {})
    lines = right_lines(table, found, {name: PROMOTION_CHECKS[name] for name in found}, key=None)
    calendar = lines.select(
        "item_id",
        "starts",
        "ends",
        kind=(pl.col("kind") if "kind" in found else pl.lit(None, pl.String)).fill_null(ANY_KIND),
        reach=(pl.col("reach") if "reach" in found else pl.lit(None, pl.Float64)).fill_null(1.0),
    )
    _refuse_nonsense(calendar, path)
    return calendar


def _refuse_nonsense(calendar: pl.DataFrame, path: Path) -> None:
    backwards = calendar.filter(pl.col("ends") <= pl.col("starts")).height
    if backwards:
        raise UnreadableFile(
            f"{path} has {backwards:,} promotions that end before they start; expected `ends` on "
            "or after `starts`; mend them and run again"
        )
    kinds = calendar["kind"].value_counts(sort=True)
    if kinds.height > MOST_KINDS:
        told = ", ".join(repr(kind[:40]) for kind in kinds["kind"][:MOST_KINDS])
        raise UnreadableFile(
            f"{path} has {kinds.height} kinds of promotion ({told} …); expected at most "
            f"{MOST_KINDS}; put alike ones under one name, such as mailer, display, coupon"
        )
