"""The shop's purchases, read: each line is believed, or rejected with its reason.

This is where a purchase enters. A line that is wrong in any mapped column is left out and written
to `rejects.csv`; the run goes on while few are wrong, and stops in words when many are, since a
file of which a tenth is broken usually has its columns mixed up.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
from polars.selectors import by_name

from training.data import checks, coupons
from training.data import columns as shop_columns
from training.data import rejects as rejected_lines
from training.data.batch import REJECTS
from training.data.files import Table, open_table
from training.data.timestamps import timestamp
from training.errors import UnreadableFile

REQUIRED: Mapping[str, checks.Check] = {
    "customer_id": checks.optional_id,
    "item_id": checks.required_id,
    "timestamp": timestamp,
    "quantity": checks.quantity,
    "price": checks.required_money,
}
"""Columns that the file must have. A line may leave `customer_id` empty: an anonymous purchase."""
OPTIONAL: Mapping[str, checks.Check] = {
    "order_id": checks.optional_id,
    "store_id": checks.optional_id,
    "discount": checks.optional_money,
    "currency": checks.currency,
    "coupon": coupons.as_told,
}
_DTYPES = {
    "order_id": pl.String(),
    "store_id": pl.String(),
    "discount": pl.Float64(),
    "currency": pl.String(),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseFile:
    """The purchases of one file, and what became of its lines.

    `n_lines` is the sum of `n_rejected`, `n_after_until` and the height of `lines`.
    """

    lines: pl.DataFrame
    """In no order: `customer_id` str or null, `item_id` str, `timestamp` µs UTC, `quantity` f64,
    `price` f64 per unit as paid, `order_id` and `store_id` str or null, `discount` f64 per unit or
    null."""
    redeemed: pl.DataFrame
    """Who bought with a coupon: ``training.data.coupons.REDEEMED``."""
    n_no_coupons: int
    """What stands for a coupon in `lines` and is no name of one: it counts as none."""
    n_lines: int
    """Rows of the file, blank lines not counted."""
    n_rejected: int
    n_anonymous: int
    """Of `lines`, those without a customer."""
    n_returns: int
    """Of `lines`, those with a negative quantity."""
    n_after_until: int
    rejected_by_reason: dict[str, int]
    """The most frequent first."""
    currency: str | None
    """The only currency that the file names."""
    first: datetime
    last: datetime
    """The times of the earliest and the latest of `lines`, aware, in UTC."""


def _say_nothing(_: str) -> None:
    """Progress that nobody listens to."""


def read_purchases(
    path: Path,
    *,
    rejects: Path,
    columns: Mapping[str, str] | None = None,
    until: datetime | None = None,
    max_rejected: float = 0.01,
    progress: Callable[[str], None] = _say_nothing,
) -> PurchaseFile:
    """Read one file of purchases: CSV, CSV packed with gzip, or Parquet.

    Line numbers are of the file, its header included; of a record that runs over several lines,
    the first; of Parquet, the row, from 1. Of lines that are equal in every mapped column but the
    coupon the first is kept, with the coupons of all. Ids are kept as they are, except that a
    column of nothing but whole numbers written like `17850.0` loses the `.0`.

    Args:
        path: The file.
        rejects: Where rejected lines are written, whether or not the run goes on. An older file
            there is removed.
        columns: Our column name -> the file's, where they differ.
        until: Purchases at or after this are left out and counted. Must be aware.
        max_rejected: The largest share of rejected lines with which the run goes on, 0 to 1.
        progress: Told in words how far the reading is.

    Raises:
        UnreadableFile: The file cannot be opened, lacks a column, mixes currencies, or leaves
            nothing to learn from.
        TooManyRejected: More than `max_rejected` of its lines were rejected.
        ValueError: `until` is naive, `max_rejected` no share, or `rejects` the file itself.
    """
    _refuse_misuse(path, rejects=rejects, until=until, max_rejected=max_rejected)
    rejects.unlink(missing_ok=True)
    return believed(
        open_table(path),
        rejects=rejects,
        columns=columns,
        until=until,
        max_rejected=max_rejected,
        progress=progress,
    )


def believed(
    table: Table,
    *,
    rejects: Path,
    columns: Mapping[str, str] | None = None,
    until: datetime | None = None,
    max_rejected: float,
    progress: Callable[[str], None] = _say_nothing,
) -> PurchaseFile:
    """Read the purchases of a table, as ``read_purchases`` reads a file."""
    path = table.path
    found = shop_columns.resolve(table, required=REQUIRED, optional=OPTIONAL, asked=columns or {})
    accepted, rejected = _checked(table, found, progress)
    n_lines = accepted.height + rejected.height
    if n_lines == 0:
        raise UnreadableFile(
            f"{path} has a header and no lines; expected purchases; check the export"
        )
    accepted, repeated = _without_repeats(accepted, [name for name in found if name != "coupon"])
    rejected = pl.concat([rejected, repeated])
    rejected_lines.write_rejects(rejected, rejects)
    rejected_lines.refuse_too_many(
        rejected, n_lines=n_lines, max_rejected=max_rejected, path=path, rejects=rejects
    )
    currency = _only_currency(accepted, path)
    kept = _as_promised(_before(accepted, until, path))
    redeemed, n_no_coupons = coupons.redeemed(kept)
    first, last = kept.select(pl.min("timestamp"), last=pl.max("timestamp")).row(0)
    return PurchaseFile(
        lines=kept.drop("coupon", strict=False),
        redeemed=redeemed,
        n_no_coupons=n_no_coupons,
        n_lines=n_lines,
        n_rejected=rejected.height,
        n_anonymous=kept["customer_id"].null_count(),
        n_returns=int((kept["quantity"] < 0).sum()),
        n_after_until=accepted.height - kept.height,
        rejected_by_reason=rejected_lines.count_reasons(rejected),
        currency=currency,
        first=first,
        last=last,
    )


def _refuse_misuse(
    path: Path, *, rejects: Path, until: datetime | None, max_rejected: float
) -> None:
    if until is not None and until.tzinfo is None:
        raise ValueError("until must name its offset from UTC, got a time without one")
    if not 0 <= max_rejected <= 1:
        raise ValueError(f"max_rejected must be from 0 to 1, got {max_rejected}")
    if path.resolve() == rejects.resolve():
        raise ValueError("rejects must be another file than the purchases, for it is overwritten")


def _checked(
    table: Table, found: Mapping[str, str], progress: Callable[[str], None]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Check each batch as it is read, so that only what is kept stays in memory."""
    wanted = {name: {**REQUIRED, **OPTIONAL}[name] for name in found}
    accepted: list[pl.DataFrame] = []
    rejected = [REJECTS.to_frame()]
    n_lines = 0
    for batch in table.batches(found):
        fine, faulty = checks.apply(batch.rows, wanted)
        accepted.append(fine)
        rejected += [batch.rejected, faulty]
        n_lines += batch.rows.height + batch.rejected.height
        progress(f"read {n_lines:,} lines of {table.path.name}")
    if not accepted:
        return pl.DataFrame(schema=["line"]), pl.concat(rejected)
    return pl.concat(accepted), pl.concat(rejected)


def _without_repeats(lines: pl.DataFrame, mapped: list[str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Keep the first of lines that are equal in every mapped column; the others are rejected.

    Coupons make no two purchases of one: the line that is kept has those of all.
    Lines that name neither a customer nor an order may well be equal: two people bought the same.
    Hashes find the few that may be equal, so that ten million lines are not compared as wholes.
    """
    named = [name for name in ("customer_id", "order_id") if name in mapped]
    whose = lines.select(pl.any_horizontal(pl.col(named).is_not_null())).to_series()
    alike = whose & lines.select(mapped).hash_rows().is_duplicated()
    if not alike.any():
        return lines, REJECTS.to_frame()
    groups = lines.filter(alike).sort("line")
    again = groups.filter(~groups.select(pl.struct(mapped).is_first_distinct()).to_series())
    repeated = again.select("line", column=pl.lit(""), reason=pl.lit("duplicate"))
    if "coupon" in lines.columns:
        of_all = groups.select("line", coupons.together(pl.col("coupon")).over(mapped))
        lines = lines.update(of_all, on="line")
    return lines.join(again, on="line", how="anti"), repeated.cast(REJECTS)


def _only_currency(lines: pl.DataFrame, path: Path) -> str | None:
    if "currency" not in lines.columns:
        return None
    named = lines["currency"].drop_nulls().value_counts(sort=True)
    if named.height > 1:
        counts = ", ".join(f"{code} on {n:,} lines" for code, n in named.rows()[:5])
        raise UnreadableFile(
            f"{path} names {named.height} currencies ({counts}); expected one, for amounts are "
            "compared and added; convert the prices or train one shop a currency"
        )
    return str(named["currency"].item()) if named.height else None


def _before(lines: pl.DataFrame, until: datetime | None, path: Path) -> pl.DataFrame:
    """Leave out what the run must not know; something must remain."""
    if lines.is_empty():
        raise UnreadableFile(
            f"{path} leaves no purchase to learn from, for every line was rejected; expected at "
            "least one; see the rejected lines and mend the file"
        )
    if until is None:
        return lines
    kept = lines.filter(pl.col("timestamp") < until.astimezone(UTC))
    if kept.is_empty():
        raise UnreadableFile(
            f"{path} leaves no purchase to learn from, for all are at or after {until}; expected "
            "at least one before it; choose a later time"
        )
    return kept


def _as_promised(lines: pl.DataFrame) -> pl.DataFrame:
    absent = [
        pl.lit(None, dtype=dtype).alias(name)
        for name, dtype in _DTYPES.items()
        if name not in lines.columns
    ]
    named = ("customer_id", "item_id", "order_id", "store_id")
    ids = [name for name in named if name in lines.columns]
    return (
        lines.with_columns(absent)
        .with_columns(checks.without_point_zero(lines[name]) for name in ids)
        .select(*REQUIRED, "order_id", "store_id", "discount", by_name("coupon", require_all=False))
    )
