"""What a value of a shop's file must be, and the reason in words when it is not.

A check takes a column as the file has it and gives two expressions: the value in our type, null
where there is none, and the reason it is refused, null where it is fine. All lines of a batch are
checked at once. No reason repeats a value, for values may be personal.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl
from polars.expr.whenthen import ChainedThen

from training.data.batch import REJECTS
from training.data.currencies import CURRENCIES

LONGEST_ID = 256
MOST_MONEY = 1e12
"""A price above this is a mistake in any currency."""
MOST_QUANTITY = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A column after its check."""

    value: pl.Expr
    """From the column as the file has it."""
    reason: pl.Expr
    """From the same and the value, which stands beside it as `ours(name)`."""


Check = Callable[[str, pl.DataType], Checked]
"""A check of one column, given its name in the batch and the type that it has there."""


def ours(name: str) -> pl.Expr:
    """The checked value of a column, once it is there."""
    return pl.col(f"our {name}")


def apply(rows: pl.DataFrame, checks: Mapping[str, Check]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Check every column of some rows.

    Returns:
        The rows in which all is well, with `line` and the checked columns in our types, and the
        others as `REJECTS`, each with its first fault in the order of `checks`.
    """
    checked = {name: check(name, rows.schema[name]) for name, check in checks.items()}
    valued = rows.with_columns(one.value.alias(f"our {name}") for name, one in checked.items())
    judged = valued.with_columns(
        one.reason.alias(f"fault of {name}") for name, one in checked.items()
    )
    faults = {name: pl.col(f"fault of {name}") for name in checked}
    is_fine = pl.all_horizontal(fault.is_null() for fault in faults.values())
    fine = judged.filter(is_fine).select("line", *(ours(name).alias(name) for name in checked))
    first_faults = [
        pl.when(fault.is_not_null()).then(
            pl.struct(column=pl.lit(name), reason=pl.format("{} {}", pl.lit(name), fault))
        )
        for name, fault in faults.items()
    ]
    rejected = judged.filter(~is_fine).select("line", fault=pl.coalesce(first_faults))
    return fine, rejected.unnest("fault").cast(REJECTS)


def required_id(name: str, dtype: pl.DataType) -> Checked:
    """1-256 characters, none of them a control character; numbers are written out."""
    return _id(name, dtype, is_required=True)


def optional_id(name: str, dtype: pl.DataType) -> Checked:
    """As `required_id`, but nothing at all is fine too, and null."""
    return _id(name, dtype, is_required=False)


def _id(name: str, dtype: pl.DataType, *, is_required: bool) -> Checked:
    value = ours(name)
    reason = (
        pl.when(pl.lit(not is_writable(dtype)) & pl.col(name).is_not_null())
        .then(pl.lit("is neither text nor a number"))
        .when(value.is_null() & pl.lit(is_required))
        .then(pl.lit("is missing"))
        .when(value.str.len_chars() > LONGEST_ID)
        .then(pl.lit(f"is longer than {LONGEST_ID} characters"))
        .when(value.str.contains(r"\p{Cc}"))
        .then(pl.lit("has control characters"))
        .when(value.str.contains("\ufffd", literal=True))
        .then(pl.lit("is not text in UTF-8"))
    )
    return Checked(value=text(name, dtype).value, reason=reason)


def without_point_zero(ids: pl.Series) -> pl.Series:
    """Undo what some tools do to whole numbers beside empty cells: `17850` becomes `17850.0`.

    Only where every id of the column looks like that, so that no two ids become one.
    """
    if ids.null_count() == ids.len() or not ids.str.ends_with(".0").all():
        return ids
    if not ids.str.contains(r"^\d+\.0$").all():
        return ids
    return ids.str.strip_suffix(".0")


def text(name: str, dtype: pl.DataType) -> Checked:
    """Any text, kept as it is; numbers are written out, whole ones without a decimal point."""
    column = pl.col(name)
    if dtype.is_float():
        whole = (column == column.round()) & (column.abs() < 2**53)
        value: pl.Expr = (
            pl.when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .when(column.is_finite())
            .then(column.cast(pl.String))
        )
    elif dtype.is_decimal():
        value = column.cast(pl.String).str.replace(r"\.0+$", "")
    elif is_writable(dtype):
        value = column.cast(pl.String)
    else:
        value = pl.lit(None, dtype=pl.String)
    value = pl.when(value != "").then(value)
    broken = ours(name).str.contains("\ufffd", literal=True)
    return Checked(value=value, reason=pl.when(broken).then(pl.lit("is not text in UTF-8")))


def is_writable(dtype: pl.DataType) -> bool:
    """Whether values of a type can be written out as an id."""
    return dtype.is_numeric() or dtype.base_type() in (
        pl.String, pl.Categorical, pl.Enum, pl.Date, pl.Datetime, pl.Null,
    )  # fmt: skip


def quantity(name: str, dtype: pl.DataType) -> Checked:
    """A number of units, not 0; below 0 is a return."""
    value = ours(name)
    reason = (
        _not_a_number(name, is_required=True)
        .when(value == 0)
        .then(pl.lit("is zero"))
        .when(value.abs() > MOST_QUANTITY)
        .then(pl.lit("is absurdly large"))
    )
    return Checked(value=_number(name, dtype), reason=reason)


def required_money(name: str, dtype: pl.DataType) -> Checked:
    """An amount, 0 or more."""
    return _money(name, dtype, is_required=True, may_be_negative=False)


def optional_money(name: str, dtype: pl.DataType) -> Checked:
    """An amount, 0 or more, or nothing."""
    return _money(name, dtype, is_required=False, may_be_negative=False)


def profit(name: str, dtype: pl.DataType) -> Checked:
    """An amount, which may be a loss, or nothing."""
    return _money(name, dtype, is_required=False, may_be_negative=True)


def _money(name: str, dtype: pl.DataType, *, is_required: bool, may_be_negative: bool) -> Checked:
    value = ours(name)
    reason = (
        _not_a_number(name, is_required=is_required)
        .when((value < 0) & pl.lit(not may_be_negative))
        .then(pl.lit("is negative"))
        .when(value.abs() > MOST_MONEY)
        .then(pl.lit("is absurdly large"))
    )
    return Checked(value=_number(name, dtype), reason=reason)


def count(name: str, dtype: pl.DataType) -> Checked:
    """A whole number, or nothing; below 0 is what a shop owes its customers already."""
    number = _number(name, dtype)
    reason = (
        pl.when(number.is_null() & pl.col(name).is_not_null())
        .then(pl.lit("is not a number"))
        .when(number.is_not_null() & ours(name).is_null())
        .then(pl.lit("is not a whole number"))
        .when(ours(name).abs() > MOST_MONEY)
        .then(pl.lit("is absurdly large"))
    )
    whole = pl.when(number == number.round()).then(number)
    return Checked(value=whole.cast(pl.Int64, strict=False), reason=reason)


def share(name: str, dtype: pl.DataType) -> Checked:
    """A share, above 0 and at most 1, or nothing."""
    value = ours(name)
    reason = (
        _not_a_number(name, is_required=False)
        .when((value <= 0) | (value > 1))
        .then(pl.lit("is not above 0 and at most 1"))
    )
    return Checked(value=_number(name, dtype), reason=reason)


def one_to_five(name: str, dtype: pl.DataType) -> Checked:
    """A number from 1 to 5, or nothing."""
    value = ours(name)
    reason = (
        _not_a_number(name, is_required=False)
        .when((value < 1) | (value > 5))
        .then(pl.lit("is not from 1 to 5"))
    )
    return Checked(value=_number(name, dtype), reason=reason)


def _number(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype.is_numeric():
        return column.cast(pl.Float64, strict=False)
    if dtype == pl.String:
        return column.str.strip_chars().cast(pl.Float64, strict=False)
    return pl.lit(None, dtype=pl.Float64)


def _not_a_number(name: str, *, is_required: bool) -> ChainedThen:
    return (
        pl.when(pl.col(name).is_null() & pl.lit(is_required))
        .then(pl.lit("is missing"))
        .when(pl.col(name).is_not_null() & ours(name).is_null())
        .then(pl.lit("is not a number"))
        .when(~ours(name).is_finite())
        .then(pl.lit("is not a finite number"))
    )


def currency(name: str, dtype: pl.DataType) -> Checked:
    """An active code of ISO 4217 in capital letters, or nothing."""
    is_known = ours(name).is_in(sorted(CURRENCIES))
    return Checked(
        value=text(name, dtype).value,
        reason=pl.when(~is_known).then(pl.lit("is no code of ISO 4217 such as EUR")),
    )
