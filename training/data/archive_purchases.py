"""The archive's purchases, believed or rejected like those of a file, and put together with one."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from training.data.archive_order_ids import digests
from training.data.batch import Batch
from training.data.files import Table
from training.data.read import PurchaseFile, believed
from training.errors import UnreadableFile

NAME = "the archive"
KNOWN = "order is in the purchases file"
MOST_OF_PAGE = 1_000
"""Of an item in an order of which only a page has told."""
TOO_MANY = f"quantity is above {MOST_OF_PAGE:,}, and only a page says so"
COVERED = "time is covered by the purchases file"
_NEAR = timedelta(days=7)
"""Between an order's times in a file and in an event there may be days; receipt numbers come again
later."""


def from_archive(
    lines: pl.DataFrame, *, rejects: Path, until: datetime | None, max_rejected: float
) -> PurchaseFile | None:
    """Check the purchases that the archive has.

    Args:
        lines: Of ``training.data.archive_orders``. Line numbers of rejected ones count these, which
            are in order of time.
        rejects: Where rejected lines are written; an older file there is removed.
        until: As for a file.
        max_rejected: As for a file.

    Returns:
        None where the archive has no purchase before ``until``.

    Raises:
        UnreadableFile: It mixes currencies, or nothing in it is right.
        TooManyRejected: More than ``max_rejected`` of its lines were rejected.
    """
    rejects.unlink(missing_ok=True)
    early = lines
    if until is not None:
        early = lines.filter(pl.col("timestamp") < until.astimezone(UTC))
    if early.is_empty():
        return None
    file = believed(_table(early), rejects=rejects, max_rejected=max_rejected)
    n_late = lines.height - early.height
    return replace(file, n_lines=file.n_lines + n_late, n_after_until=n_late)


def covered_until(file: PurchaseFile) -> datetime | None:
    """Return until when a file that names no orders may have what the archive has.

    Where it says only days, that is the end of the last one. None where it names orders.
    """
    if file.lines["order_id"].count():
        return None
    are_days = (pl.col("timestamp").dt.truncate("1d") == pl.col("timestamp")).all()
    if file.lines.select(are_days).item():
        return file.last + timedelta(days=1, microseconds=-1)
    return file.last


def together(file: PurchaseFile, archived: PurchaseFile) -> PurchaseFile:
    """Put both together; of an order that both have, the file's lines count.

    An order is the same by its id, if its customer is, or is not named in both and the times are at
    most a week apart. Returns are told apart from purchases. Beside a file that names no orders the
    archive counts from where the file ends. A coupon is redeemed whichever of them says so.

    Raises:
        UnreadableFile: They name two currencies.
    """
    if None not in (file.currency, archived.currency) and file.currency != archived.currency:
        raise UnreadableFile(
            f"the purchases file is in {file.currency} and the archive in {archived.currency}; "
            "expected one currency, for amounts are compared and added; convert the prices or "
            "train one shop a currency"
        )
    ends = covered_until(file)
    if ends is None:
        why, new = KNOWN, _unknown(archived.lines, file.lines)
    else:
        why, new = COVERED, archived.lines.filter(pl.col("timestamp") > ends)
    n_known = archived.lines.height - new.height
    reasons = Counter(file.rejected_by_reason) + Counter(archived.rejected_by_reason)
    reasons += Counter({why: n_known})
    lines = pl.concat([file.lines, new])
    first, last = lines.select(pl.min("timestamp"), last=pl.max("timestamp")).row(0)
    return PurchaseFile(
        lines=lines,
        redeemed=pl.concat([file.redeemed, archived.redeemed]),
        n_no_coupons=file.n_no_coupons + archived.n_no_coupons,
        n_lines=file.n_lines + archived.n_lines,
        n_rejected=file.n_rejected + archived.n_rejected + n_known,
        n_anonymous=file.n_anonymous + new["customer_id"].null_count(),
        n_returns=file.n_returns + int((new["quantity"] < 0).sum()),
        n_after_until=file.n_after_until + archived.n_after_until,
        rejected_by_reason=dict(sorted(reasons.items(), key=lambda one: (-one[1], one[0]))),
        currency=file.currency or archived.currency,
        first=first,
        last=last,
    )


def _unknown(lines: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    """Return the lines of orders that are not among the known ones."""
    theirs = _orders(known)
    if lines.filter(pl.col("customer_id").is_null())["order_id"].count():
        theirs = pl.concat([theirs, _by_digest(theirs)])
    orders = _orders(lines).join(theirs, on=["order_id", "is_return"], how="inner", suffix="_known")
    whose, whose_known = pl.col("customer_id"), pl.col("customer_id_known")
    is_near = (pl.col("at") - pl.col("at_known")).abs() <= _NEAR
    same = orders.filter(
        (whose == whose_known).fill_null(value=False)
        | ((whose.is_null() | whose_known.is_null()) & is_near)
    )
    return (
        lines.with_columns(is_return=pl.col("quantity") < 0)
        .join(same, on=["order_id", "is_return", "customer_id"], how="anti", nulls_equal=True)
        .drop("is_return")
    )


def _by_digest(orders: pl.DataFrame) -> pl.DataFrame:
    """Return orders as events have them that must not say whose they were."""
    return (
        orders.join(digests(orders["order_id"]), on="order_id")
        .with_columns(order_id="digest")
        .drop("digest")
    )


def _orders(lines: pl.DataFrame) -> pl.DataFrame:
    return (
        lines.filter(pl.col("order_id").is_not_null())
        .group_by("order_id", "customer_id", (pl.col("quantity") < 0).alias("is_return"))
        .agg(at=pl.col("timestamp").min())
    )


def _table(lines: pl.DataFrame) -> Table:
    def batches(wanted: Mapping[str, str]) -> Iterator[Batch]:
        whole = Batch.whole(
            numbered.select(
                "line", *(pl.col(theirs).alias(ours) for ours, theirs in wanted.items())
            )
        ).rows
        absurd = whole.filter(too_many).select(
            "line", column=pl.lit("quantity"), reason=pl.lit(TOO_MANY)
        )
        yield Batch(rows=whole.filter(~too_many), rejected=absurd)

    numbered = lines.with_row_index("line", offset=1)
    too_many = lines.select(
        (pl.col("is_pages") & (pl.col("quantity").abs() > MOST_OF_PAGE)).fill_null(value=False)
    ).to_series()
    known = lines.drop("is_pages")
    return Table(
        path=Path(NAME), header=tuple(known.columns), dtypes=tuple(known.dtypes), batches=batches
    )
