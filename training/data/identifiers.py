"""What ad networks know customers by, from a file: each line is hashed, or rejected with why.

Addresses and numbers are hashed batch by batch, as they are read, and nothing plain is kept beyond
that; what is hashed, and how, is for ``models.customer.hashing`` to say. A customer may stand on
several lines. Whoever is rejected is told by line and reason, as the purchases are.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.artifacts.identifiers import MOST
from models.customer.hashing import Hashed, of_email, of_phone
from models.errors import IdentifierError
from training.data import checks
from training.data import columns as shop_columns
from training.data import rejects as rejected_lines
from training.data.batch import REJECTS, Batch
from training.data.checks import Checked, ours
from training.data.files import Table, open_table
from training.data.phones import COUNTRIES, e164
from training.errors import UnreadableFile

OPTIONAL = ("email", "phone", "country", "ads_consent")
HASHED = pl.Schema(
    {
        "line": REJECTS["line"],
        "customer_id": pl.String(),
        "email": pl.Binary(),
        "phone": pl.Binary(),
        "ads": pl.Boolean(),
    }
)
"""A line that is right. A hash is that of Google and that of Meta, 64 bytes."""
_POINT_ZERO = re.compile(r"([0-9]+)\.0")
"""What some tools make of whole numbers beside empty cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifierFile:
    """What one file says, and what became of its lines."""

    customers: pl.DataFrame
    """By `customer_id`, each once: `emails` and `phones`, lists of hashes of 64 bytes, each once;
    `ads` bool, null where the file does not say."""
    n_lines: int
    n_rejected: int
    rejected_by_reason: dict[str, int]
    """The most frequent first."""


def read_identifiers(
    path: Path,
    *,
    rejects: Path,
    columns: Mapping[str, str] | None = None,
    max_rejected: float = 0.01,
    progress: Callable[[str], None],
) -> IdentifierFile:
    """Read the file: CSV, CSV packed with gzip, or Parquet.

    Where one line of a customer agrees to ads and another does not, they do not.

    Args:
        path: The file: `customer_id` and any of `OPTIONAL`.
        rejects: Where rejected lines are written. An older file there is removed.
        columns: Our column name -> the file's, where they differ.
        max_rejected: The largest share of rejected lines with which the file is believed, 0 to 1.
        progress: Told in words how far the reading is.

    Raises:
        UnreadableFile: The file cannot be opened, lacks a column, or has no lines.
        TooManyRejected: More than `max_rejected` of its lines were rejected.
    """
    table = open_table(path)
    found = shop_columns.resolve(
        table, required=["customer_id"], optional=OPTIONAL, asked=columns or {}
    )
    if not {"email", "phone", "ads_consent"} & {*found}:
        raise UnreadableFile(
            f"{path} has none of the columns email, phone and ads_consent; expected one at least; "
            "name it with --columns email=YOUR_COLUMN"
        )
    rejects.unlink(missing_ok=True)
    lines, rejected = _read(table, found, progress)
    if not lines.height + rejected.height:
        raise UnreadableFile(f"{path} has a header and no lines; expected at least one")
    lines, too_many = _without_too_many(lines)
    rejected = pl.concat([rejected, too_many])
    n_lines = lines.height + rejected.height
    rejected_lines.write_rejects(rejected, rejects)
    rejected_lines.refuse_too_many(
        rejected, n_lines=n_lines, max_rejected=max_rejected, path=path, rejects=rejects
    )
    return IdentifierFile(
        customers=_customers(lines),
        n_lines=n_lines,
        n_rejected=rejected.height,
        rejected_by_reason=rejected_lines.count_reasons(rejected),
    )


def _read(
    table: Table, found: Mapping[str, str], progress: Callable[[str], None]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    accepted, rejected, n_lines = [HASHED.to_frame()], [REJECTS.to_frame()], 0
    for batch in table.batches(found):
        fine, faulty = checks.apply(batch.rows, {name: _CHECKS[name] for name in found})
        hashed, unhashed = _hashed(fine)
        accepted.append(hashed)
        rejected += [batch.rejected, faulty, unhashed]
        n_lines += _height(batch)
        progress(f"hashed {n_lines:,} lines of {table.path.name}")
    return pl.concat(accepted), pl.concat(rejected)


def _height(batch: Batch) -> int:
    return batch.rows.height + batch.rejected.height


def _hashed(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Hash some lines; those of which something is no address or number are rejected."""
    lines = lines.with_columns(
        pl.lit(None, pl.String).alias(name) for name in OPTIONAL if name not in lines.columns
    )
    rows: list[tuple[int, str, bytes | None, bytes | None, bool | None]] = []
    faults: list[tuple[int, str, str]] = []
    names = ("line", "customer_id", *OPTIONAL)
    for line, customer_id, email, phone, country, consent in lines.select(names).iter_rows():
        column = "email"
        try:
            if email is phone is consent is None:
                raise IdentifierError("and phone and ads_consent are missing")
            hashed = None if email is None else _joined(of_email(email))
            column = "phone"
            called = None if phone is None else _joined(of_phone(e164(_whole(phone), country)))
        except IdentifierError as problem:
            faults.append((line, column, f"{column} {problem}".partition(";")[0]))
            continue
        rows.append(
            (line, customer_id, hashed, called, None if consent is None else consent == "yes")
        )
    return (
        pl.DataFrame(rows, schema=HASHED, orient="row"),
        pl.DataFrame(faults, schema=REJECTS, orient="row"),
    )


def _joined(hashed: Hashed) -> bytes:
    return hashed.google + hashed.meta


def _whole(phone: str) -> str:
    found = _POINT_ZERO.fullmatch(phone)
    return found[1] if found else phone


def _without_too_many(lines: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Reject lines with more addresses or numbers of a customer than are kept."""
    lines = lines.sort("line")
    over = [
        lines.filter(pl.col(name).is_not_null())
        .unique(["customer_id", name], keep="first", maintain_order=True)
        .filter(pl.int_range(pl.len()).over("customer_id") >= MOST)
        .select(
            "line",
            column=pl.lit(name),
            reason=pl.lit(f"{name} is one more than the {MOST} that are kept of a customer"),
        )
        for name in ("email", "phone")
    ]
    rejected = pl.concat(over).unique("line", keep="first", maintain_order=True).cast(REJECTS)
    return lines.join(rejected, on="line", how="anti"), rejected


def _customers(lines: pl.DataFrame) -> pl.DataFrame:
    lines = lines.with_columns(checks.without_point_zero(lines["customer_id"])).sort("line")
    return (
        lines.group_by("customer_id", maintain_order=True)
        .agg(
            pl.col("email").drop_nulls().unique(maintain_order=True).alias("emails"),
            pl.col("phone").drop_nulls().unique(maintain_order=True).alias("phones"),
            pl.col("ads").min(),
        )
        .sort("customer_id")
    )


def _country(name: str, dtype: pl.DataType) -> Checked:
    """A code of ISO 3166 in capital letters, or nothing."""
    is_known = ours(name).is_in(sorted(COUNTRIES))
    return Checked(
        value=checks.text(name, dtype).value,
        reason=pl.when(~is_known).then(pl.lit("is no code of ISO 3166 such as US")),
    )


def _consent(name: str, dtype: pl.DataType) -> Checked:
    """Yes, no, or nothing."""
    value = checks.text(name, dtype).value
    if dtype == pl.Boolean():
        value = pl.when(pl.col(name)).then(pl.lit("yes")).when(~pl.col(name)).then(pl.lit("no"))
    is_other = pl.col(name).is_not_null() & ~ours(name).is_in(["yes", "no"]).fill_null(value=False)
    return Checked(value=value, reason=pl.when(is_other).then(pl.lit("is not yes or no")))


_CHECKS: Mapping[str, checks.Check] = {
    "customer_id": checks.required_id,
    "email": checks.text,
    "phone": checks.text,
    "country": _country,
    "ads_consent": _consent,
}
