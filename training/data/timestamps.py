"""When a purchase was made: every way a shop writes a time down becomes one, in UTC.

Only year-first forms are read. Of 03/04/2024 nobody knows which number is the month, so such a
line is rejected rather than guessed at.
"""

from datetime import UTC, datetime, timedelta

import polars as pl

from training.data.checks import Checked, ours

TIME = pl.Datetime("us", "UTC")
"""How a time is kept: microseconds, in UTC."""

_FORMATS = (
    "%Y-%m-%dT%H:%M:%S%.f",
    "%Y-%m-%dT%H:%M:%S%.f%#z",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%dT%H:%M%#z",
)
_ISO = (
    r"^\d{4}-\d{2}-\d{2}"
    r"(?:[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:[Zz]|[+-]\d{2}:?\d{2})?)?$"
)
_EPOCH = r"^\d{9,17}$"
_FIRST_EPOCH = 10**8
"""Smaller whole numbers, such as 20240131, are no count of seconds since 1970 that a shop means."""


def timestamp(name: str, dtype: pl.DataType) -> Checked:
    """A date or a time: ISO 8601, or a count since 1970 in s, ms or µs, told apart by its size.

    Without an offset it is UTC. Before 1970 or more than a day ahead is refused.
    """
    value = ours(name)
    ahead = datetime.now(UTC) + timedelta(days=1)
    reason = (
        pl.when(pl.col(name).is_null())
        .then(pl.lit("is missing"))
        .when(value.is_null())
        .then(pl.lit("is not a date or time such as 2024-01-31T18:30:00Z"))
        .when(value > pl.lit(ahead, dtype=TIME))
        .then(pl.lit("in the future"))
        .when(value < pl.lit(datetime(1970, 1, 1, tzinfo=UTC), dtype=TIME))
        .then(pl.lit("before 1970"))
    )
    return Checked(value=_time(pl.col(name), dtype), reason=reason)


def start(name: str, dtype: pl.DataType) -> Checked:
    """As ``timestamp``, but it may lie ahead."""
    return Checked(value=_time(pl.col(name), dtype), reason=_planned(name))


def end(name: str, dtype: pl.DataType) -> Checked:
    """As ``start``, but a bare date is the midnight after it, since the day belongs to it."""
    is_date = pl.lit(dtype == pl.Date)
    if dtype == pl.String:
        is_date = pl.col(name).str.contains(r"^\s*\d{4}-\d{2}-\d{2}\s*$")
    value = _time(pl.col(name), dtype)
    value = pl.when(is_date).then(value + pl.duration(days=1)).otherwise(value)
    return Checked(value=value, reason=_planned(name))


def _planned(name: str) -> pl.Expr:
    return (
        pl.when(pl.col(name).is_null())
        .then(pl.lit("is missing"))
        .when(ours(name).is_null())
        .then(pl.lit("is not a date or time such as 2024-01-31T18:30:00Z"))
    )


def _time(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if isinstance(dtype, pl.Datetime):
        exact = column.cast(pl.Datetime("us", dtype.time_zone), strict=False)
        if dtype.time_zone is None:
            return exact.dt.replace_time_zone("UTC")
        return exact.dt.convert_time_zone("UTC")
    if dtype == pl.Date:
        return column.cast(pl.Datetime("us"), strict=False).dt.replace_time_zone("UTC")
    if dtype.is_float():
        column = pl.when(column == column.round()).then(column)
    if dtype.is_numeric():
        return _since_1970(column.cast(pl.Int64, strict=False))
    if dtype == pl.String:
        return column.map_batches(_parsed, return_dtype=TIME)
    return pl.lit(None, dtype=TIME)


def _parsed(column: pl.Series) -> pl.Series:
    """Try one form after another, until each line has a time or has failed at all of them."""
    written = column.str.strip_chars()
    iso = pl.select(pl.when(written.str.contains(_ISO)).then(written)).to_series()
    iso = iso.str.to_uppercase().str.replace(" ", "T", literal=True)
    count = pl.select(pl.when(written.str.contains(_EPOCH)).then(written)).to_series()
    times = pl.select(_since_1970(pl.lit(count.cast(pl.Int64, strict=False)))).to_series()
    for form in _FORMATS:
        if times.null_count() == column.null_count():
            break
        parsed = iso.str.to_datetime(form, strict=False, time_unit="us", time_zone="UTC")
        times = times.zip_with(times.is_not_null(), parsed)
    return times


def _since_1970(count: pl.Expr) -> pl.Expr:
    microseconds = (
        pl.when(count < _FIRST_EPOCH)
        .then(None)
        .when(count < 10**11)
        .then(count * 1_000_000)
        .when(count < 10**14)
        .then(count * 1_000)
        .when(count < 10**17)
        .then(count)
    )
    return microseconds.cast(TIME)
