"""The lines of a file that are believed; the others go to `rejects.csv`, and few may.

For files that are only added up, so that a line left out does little harm as long as few are: logs
of decisions, outcomes of experiments. Purchases go the same way in ``training.data.read``.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from training.data import checks
from training.data import rejects as rejected_lines
from training.data.batch import REJECTS
from training.data.files import Table
from training.errors import UnreadableFile


def believed_lines(
    table: Table, found: Mapping[str, str], wanted: Mapping[str, checks.Check]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Check every line of a table, batch by batch.

    Args:
        table: The file.
        found: Our column -> the file's.
        wanted: The check of each of ours.

    Returns:
        The right lines with ``line`` and the columns of ``wanted``, and the others as ``REJECTS``.

    Raises:
        UnreadableFile: The file cannot be read to its end, or has no lines.
    """
    right: list[pl.DataFrame] = []
    wrong = [REJECTS.to_frame()]
    for batch in table.batches(found):
        fine, faulty = checks.apply(batch.rows, wanted)
        right.append(fine)
        wrong += [batch.rejected, faulty]
    rejected = pl.concat(wrong)
    if not rejected.height and not any(part.height for part in right):
        raise UnreadableFile(f"{table.path} has a header and no lines; expected at least one")
    return pl.concat(right), rejected


def settle(
    right: pl.DataFrame, rejected: pl.DataFrame, *, path: Path, rejects: Path, max_rejected: float
) -> pl.DataFrame:
    """Write the rejected lines down, and return the right ones where the others are few enough.

    Raises:
        TooManyRejected: They are not.
        UnreadableFile: No line is right.
    """
    rejected_lines.write_rejects(rejected, rejects)
    rejected_lines.refuse_too_many(
        rejected,
        n_lines=right.height + rejected.height,
        max_rejected=max_rejected,
        path=path,
        rejects=rejects,
    )
    if right.is_empty():
        raise UnreadableFile(
            f"{path} leaves nothing, for every line was rejected; expected at least one right "
            "line; see the rejected lines and mend the file"
        )
    return right


def marked(lines: pl.DataFrame, *, column: str, reason: str) -> pl.DataFrame:
    """Return lines that are rejected after all, as ``REJECTS``."""
    return lines.select("line", column=pl.lit(column), reason=pl.lit(reason)).cast(REJECTS)


def required(check: checks.Check) -> checks.Check:
    """Make a check refuse an empty field that it would let pass."""

    def checked(name: str, dtype: pl.DataType) -> checks.Checked:
        one = check(name, dtype)
        missing = pl.when(pl.col(name).is_null()).then(pl.lit("is missing"))
        return checks.Checked(value=one.value, reason=pl.coalesce(missing, one.reason))

    return checked


def amount(name: str, dtype: pl.DataType) -> checks.Checked:
    """A number, positive or not."""
    return required(checks.profit)(name, dtype)


def probability(name: str, dtype: pl.DataType) -> checks.Checked:
    """A number from 0 to 1."""
    one = amount(name, dtype)
    beyond = pl.when(~checks.ours(name).is_between(0, 1)).then(pl.lit("is not from 0 to 1"))
    return checks.Checked(value=one.value, reason=pl.coalesce(one.reason, beyond))
