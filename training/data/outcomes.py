"""What came of an experiment: customers, the arm that each was in, and what each did.

    customer_id arm outcome timestamp, and a column for every guardrail

The case is a customer, for customers are what was divided. One who has several lines has them added
up over the same number of days as everybody: totals of different lengths are not comparable, and
those that still grow would spoil what is told while the experiment runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from models.arms import Arms
from training.data import checks
from training.data.believed import amount, believed_lines, marked, required, settle
from training.data.columns import resolve
from training.data.files import open_table
from training.data.timestamps import timestamp
from training.errors import UnreadableFile

REQUIRED: Mapping[str, checks.Check] = {
    "customer_id": checks.required_id,
    "arm": required(checks.text),
    "outcome": amount,
    "timestamp": timestamp,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """A line a customer."""

    customers: pl.DataFrame
    """`customer_id`, `arm`, `outcome` f64 and a column f64 for every guardrail."""
    n_lines: int
    n_rejected: int
    n_too_new: int
    """Customers left out because their days are not over."""


def read_outcomes(
    path: Path,
    arms: Arms,
    *,
    is_assigned: bool,
    guardrails: Sequence[str],
    days: int | None,
    rejects: Path,
    columns: Mapping[str, str] | None = None,
    max_rejected: float = 0.01,
) -> Outcomes:
    """Read what came of an experiment: CSV, CSV packed with gzip, or Parquet.

    Every line of a customer who was in two arms is wrong, and so is one of an arm that is none.

    Args:
        path: The file.
        arms: The arms that there are.
        is_assigned: Also a line in another arm than ``arms`` gives to its customer is wrong.
        guardrails: Names of more columns, each an amount.
        days: How many days of each customer count, from their first line; None: one line each.
        rejects: Where wrong lines are listed.
        columns: Our column -> the file's, where they differ.
        max_rejected: The largest share of wrong lines with which to go on.

    Raises:
        UnreadableFile: The file cannot be read, lacks a column, repeats a customer without
            ``days``, or nobody's days are over.
        TooManyRejected: More than ``max_rejected`` of its lines are wrong.
    """
    table = open_table(path)
    wanted = {**REQUIRED, **dict.fromkeys(guardrails, amount)}
    found = resolve(table, required=list(wanted), optional=[], asked=columns or {})
    right, rejected = believed_lines(table, found, wanted)
    right = right.with_columns(checks.without_point_zero(right["customer_id"]))
    astray = _astray(right, arms, is_assigned=is_assigned)
    lines = settle(
        right.join(astray, on="line", how="anti"),
        pl.concat([rejected, astray]),
        path=path,
        rejects=rejects,
        max_rejected=max_rejected,
    )
    summed = ["outcome", *guardrails]
    kept, n_too_new = _comparable(lines, days, path)
    whose = kept.group_by("customer_id", maintain_order=True)
    return Outcomes(
        customers=whose.agg(pl.first("arm"), pl.col(summed).sum()),
        n_lines=right.height + rejected.height,
        n_rejected=rejected.height + astray.height,
        n_too_new=n_too_new,
    )


def _astray(lines: pl.DataFrame, arms: Arms, *, is_assigned: bool) -> pl.DataFrame:
    """Return lines that are in no arm, in a second one, or not in their customer's."""
    is_none = ~pl.col("arm").is_in(arms.names)
    no_arm = lines.filter(is_none)
    wrong = [marked(no_arm, column="arm", reason="arm is none of --arms")]
    rest = lines.filter(~is_none)
    is_second = pl.col("arm").n_unique().over("customer_id") > 1
    wrong.append(
        marked(rest.filter(is_second), column="arm", reason="customer is in more than one arm")
    )
    if is_assigned:
        rest = rest.filter(~is_second)
        meant = [arms.of_customer(id_) for id_ in rest["customer_id"]]
        elsewhere = rest.filter(pl.col("arm") != pl.Series(meant, dtype=pl.String))
        wrong.append(marked(elsewhere, column="arm", reason="arm is not the one assigned"))
    return pl.concat(wrong)


def _comparable(lines: pl.DataFrame, days: int | None, path: Path) -> tuple[pl.DataFrame, int]:
    """Return the same length of everybody, and how many customers have not had it yet."""
    if days is None:
        repeated = lines.height - lines["customer_id"].n_unique()
        if repeated:
            raise UnreadableFile(
                f"{path} has {repeated:,} further lines of customers whom it names already; "
                "expected one line each, or a length that is the same for everybody; say with "
                "--days how many days of each customer count"
            )
        return lines, 0
    first = pl.col("timestamp").min().over("customer_id")
    over = first + pl.duration(days=days)
    is_old = over <= pl.col("timestamp").max()
    n_too_new = lines.filter(~is_old)["customer_id"].n_unique()
    kept = lines.filter(is_old & (pl.col("timestamp") < over))
    if kept.is_empty():
        raise UnreadableFile(
            f"{path} has nobody whose {days} days are over by its last line; expected some; wait, "
            "or count fewer days"
        )
    return kept, n_too_new
