"""The lines of a file that were not believed: written down for a person, counted, and judged.

`rejects.csv` has a row for each: `line`, `column`, `reason`. It holds no value of the file, so that
it may be mailed to whoever can mend the export.
"""

from pathlib import Path

import polars as pl

from training.errors import TooManyRejected

_MOST_REASONS = 5


def write_rejects(rejected: pl.DataFrame, path: Path) -> None:
    """Write the rejected lines in order, or remove an older file where there are none."""
    if rejected.is_empty():
        path.unlink(missing_ok=True)
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f"{path.name}.part")
    rejected.sort("line", "column").write_csv(beside)
    beside.replace(path)


def count_reasons(rejected: pl.DataFrame) -> dict[str, int]:
    """How many lines each reason rejected, the most frequent first, then by name."""
    counts = rejected.group_by("reason").len().sort(["len", "reason"], descending=[True, False])
    return dict(zip(counts["reason"].to_list(), counts["len"].to_list(), strict=True))


def refuse_too_many(
    rejected: pl.DataFrame, *, n_lines: int, max_rejected: float, path: Path, rejects: Path
) -> None:
    """Stop the run when the rejected share of a file's lines is above what is allowed.

    Raises:
        TooManyRejected: With the most frequent reasons, each with the first line it happened on.
    """
    if rejected.height <= max_rejected * n_lines:
        return
    firsts = dict(rejected.group_by("reason").agg(pl.col("line").min()).iter_rows())
    reasons = count_reasons(rejected)
    told = [
        f"{n:,} × {reason} (first on line {firsts[reason]})"
        for reason, n in list(reasons.items())[:_MOST_REASONS]
    ]
    if len(reasons) > _MOST_REASONS:
        told.append(f"{len(reasons) - _MOST_REASONS} other reasons")
    raise TooManyRejected(
        f"{path}: {rejected.height:,} of {n_lines:,} lines ({rejected.height / n_lines:.2%}) were "
        f"rejected: {'; '.join(told)}. Expected at most {max_rejected:.2%}. Each line and its "
        f"reason stand in {rejects}; mend the file, or allow more with --max-rejected"
    )
