"""What customers have said: ratings of items, answers to "are you satisfied?", complaints.

Few customers say anything, and one wrong word makes a friend of somebody who is angry, so the file
is read whole or not at all.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from training.data import checks
from training.data.catalog import right_lines
from training.data.checks import Checked, ours
from training.data.columns import resolve
from training.data.files import open_table
from training.data.timestamps import TIME, timestamp

VALUED = ("rating", "satisfaction")
"""Kinds that have a value: how good an item is, how satisfied a customer is with the shop."""
COMPLAINT = "complaint"
REQUIRED = ("customer_id", "timestamp", "kind", "value")
FEEDBACK = pl.Schema(
    {
        "customer_id": pl.String(),
        "timestamp": TIME,
        "kind": pl.String(),
        "value": pl.Float64(),
        "item_id": pl.String(),
    }
)
"""The table of feedback. `value` is from 1 (worst) to 5, null for a complaint; `item_id` is null
where the file is silent."""


def read_feedback(path: Path, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Read the feedback file: CSV, CSV packed with gzip, or Parquet.

    Args:
        path: The file. Customers and items that nobody knows are kept.
        columns: Our column name -> the file's, where they differ.

    Returns:
        The columns of `FEEDBACK`, in the order of the file; `kind` is `rating`, `satisfaction` or
        `complaint`.

    Raises:
        UnreadableFile: The file cannot be opened, is empty, or has a line that is not right.
    """
    table = open_table(path)
    found = resolve(table, required=REQUIRED, optional=["item_id"], asked=columns or {})
    lines = right_lines(table, found, {name: FEEDBACK_CHECKS[name] for name in found}, key=None)
    if "item_id" not in found:
        lines = lines.with_columns(item_id=pl.lit(None, FEEDBACK["item_id"]))
    return lines.select(FEEDBACK.names())


def _kind(name: str, dtype: pl.DataType) -> Checked:
    """One of the three words."""
    value = ours(name)
    reason = (
        pl.when(value.is_null())
        .then(pl.lit("is missing"))
        .when(~value.is_in([*VALUED, COMPLAINT]))
        .then(pl.lit("is not rating, satisfaction or complaint"))
    )
    return Checked(value=checks.text(name, dtype).value, reason=reason)


def _value(name: str, dtype: pl.DataType) -> Checked:
    """A number from 1 to 5 where the kind has one, else nothing."""
    checked = checks.one_to_five(name, dtype)
    is_complaint = ours("kind") == COMPLAINT
    by_kind = (
        pl.when(is_complaint & pl.col(name).is_not_null())
        .then(pl.lit("is given, and a complaint has none"))
        .when(~is_complaint & pl.col(name).is_null())
        .then(pl.lit("is missing"))
    )
    return Checked(value=checked.value, reason=pl.coalesce(checked.reason, by_kind))


FEEDBACK_CHECKS: Mapping[str, checks.Check] = {
    "customer_id": checks.required_id,
    "timestamp": timestamp,
    "kind": _kind,
    "value": _value,
    "item_id": checks.optional_id,
}
