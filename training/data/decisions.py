"""A log of decisions: what was chosen, how probably, what came of it, what another would choose.

The other policy is told either by the log itself, which then has the probability that it gives to
each logged action, or by a table of its own: every context's actions with their probabilities. The
table may hold a reward model's estimate for each action, from which both numbers that a doubly
robust estimate needs are worked out.

    log       context_id action propensity reward, and if you have it customer_id
              without a table: target_probability, and if there is a model estimate target_estimate
    table     context_id action probability, and if there is a model estimate
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from training.data import checks
from training.data.believed import amount, believed_lines, probability, required, settle
from training.data.catalog import right_lines
from training.data.columns import resolve
from training.data.files import Table, open_table
from training.errors import UnreadableFile

LOG: Mapping[str, checks.Check] = {
    "context_id": checks.required_id,
    "action": checks.required_id,
    "propensity": required(checks.share),
    "reward": amount,
}
CUSTOMER = "customer_id"
TARGET = "target_probability"
MODEL = ("estimate", "target_estimate")
"""A model's estimate of the reward of the logged action, and its mean over the other policy."""
POLICY: Mapping[str, checks.Check] = {
    "context_id": checks.required_id,
    "action": checks.required_id,
    "probability": probability,
}
NEAR_ONE = 1e-3
"""How far a context's probabilities may miss 1, for they are written with few decimals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLog:
    """The right lines of a log, and how many were not."""

    lines: pl.DataFrame
    """In the order of the file: ``propensity``, ``reward``, ``target_probability``;
    ``customer_id``, null where the log does not know, if it has the column; and ``estimate`` and
    ``target_estimate``, if there is a model."""
    n_rejected: int


def read_decisions(
    path: Path,
    *,
    policy: Path | None,
    rejects: Path,
    columns: Mapping[str, str] | None = None,
    policy_columns: Mapping[str, str] | None = None,
    max_rejected: float = 0.01,
) -> DecisionLog:
    """Read a log and what the other policy would have done.

    Args:
        path: The log: CSV, CSV packed with gzip, or Parquet. Wrong lines are left out and listed.
        policy: The other policy's table, every line of which must be right; None where the log
            says it itself. With a table the log's own columns about the other policy are not read.
        rejects: Where wrong lines of the log are listed.
        columns: Our column of the log -> the file's, where they differ.
        policy_columns: The same of the table.
        max_rejected: The largest share of wrong lines with which to go on.

    Raises:
        UnreadableFile: A file cannot be read or lacks a column, or the table is not whole.
        TooManyRejected: More than ``max_rejected`` of the log's lines are wrong.
    """
    table = open_table(path)
    wanted = {**LOG, CUSTOMER: checks.optional_id}
    if policy is None:
        wanted |= {TARGET: probability} | dict.fromkeys(MODEL, amount)
    optional = [name for name in wanted if name in (CUSTOMER, *MODEL)]
    needed = [name for name in wanted if name not in optional]
    found = resolve(table, required=needed, optional=optional, asked=columns or {})
    _refuse_half_a_model(table, found)
    right, rejected = believed_lines(table, found, {name: wanted[name] for name in found})
    lines = settle(right, rejected, path=path, rejects=rejects, max_rejected=max_rejected)
    lines = _written_out(lines.sort("line").drop("line"))
    if policy is not None:
        lines = _with_policy(lines, _read_policy(policy, policy_columns or {}), path=policy)
    return DecisionLog(lines=lines.drop("context_id", "action"), n_rejected=rejected.height)


def _written_out(lines: pl.DataFrame) -> pl.DataFrame:
    """Make ids of log and table meet: a tool may have written 36 as 36.0 in one of them."""
    ids = [name for name in ("context_id", "action", CUSTOMER) if name in lines.columns]
    return lines.with_columns(checks.without_point_zero(lines[name]) for name in ids)


def _refuse_half_a_model(table: Table, found: Mapping[str, str]) -> None:
    told = [name for name in MODEL if name in found]
    if len(told) == 1:
        raise UnreadableFile(
            f"{table.path} has {told[0]} alone; expected {' and '.join(MODEL)}, for a doubly "
            "robust estimate needs both; add the other, or rename this one"
        )


def _read_policy(path: Path, columns: Mapping[str, str]) -> pl.DataFrame:
    """Read the table of the other policy, and refuse what is no policy."""
    table = open_table(path)
    wanted = {**POLICY, "estimate": amount}
    found = resolve(table, required=list(POLICY), optional=["estimate"], asked=columns)
    lines = right_lines(table, found, {name: wanted[name] for name in found}, key=None)
    lines = _written_out(lines)
    again = lines.height - lines.select("context_id", "action").n_unique()
    if again:
        raise UnreadableFile(
            f"{path} repeats {again:,} pairs of context and action; expected each once; keep the "
            "right line of each"
        )
    sums = lines.group_by("context_id").agg(pl.sum("probability"))["probability"]
    off = int(((sums - 1).abs() > NEAR_ONE).sum())
    if off:
        raise UnreadableFile(
            f"{path} has {off:,} contexts of {sums.len():,} whose probabilities do not sum to 1; "
            "expected a line for every action that the policy may choose; add those left out"
        )
    return lines


def _with_policy(lines: pl.DataFrame, policy: pl.DataFrame, *, path: Path) -> pl.DataFrame:
    """Join what the other policy would do; an action it does not list it would not choose."""
    unknown = lines.join(policy, on="context_id", how="anti")
    if unknown.height:
        raise UnreadableFile(
            f"{path} has no line for the context of {unknown.height:,} of {lines.height:,} "
            "decisions; expected every context of the log; add them, or leave those decisions out "
            "of the log"
        )
    model = "estimate" in policy.columns
    mean = (pl.col("probability") * pl.col("estimate")).sum() if model else pl.lit(0.0)
    joined = lines.join(
        policy, on=["context_id", "action"], how="left", maintain_order="left"
    ).join(
        policy.group_by("context_id").agg(target_estimate=mean),
        on="context_id",
        how="left",
        maintain_order="left",
    )
    joined = joined.rename({"probability": TARGET}).with_columns(pl.col(TARGET).fill_null(0.0))
    if not model:
        return joined.drop("target_estimate")
    # Of an action that the policy never chooses the weight is 0, whatever the model thinks of it.
    return joined.with_columns(pl.col("estimate").fill_null(0.0))
