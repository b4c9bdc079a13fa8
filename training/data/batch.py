"""Some rows of a file, and those of its lines that were rejected, each with where and why."""

from dataclasses import dataclass

import polars as pl

LINE = pl.UInt32
"""Line numbers: of the file, header included, for CSV; of the row, from 1, for Parquet."""

REJECTS = pl.Schema({"line": LINE, "column": pl.String, "reason": pl.String})
"""A rejected line. `column` is empty where the whole line is wrong. Never a value of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Rows as the file has them, unchecked, beside the lines that are no rows at all."""

    rows: pl.DataFrame
    """`line` and the columns asked for, under our names."""
    rejected: pl.DataFrame
    """Lines that could not be split into the header's columns; see `REJECTS`."""

    @classmethod
    def whole(cls, rows: pl.DataFrame) -> "Batch":
        """Rows of a file in which no line can be broken."""
        return cls(rows=rows.with_columns(pl.col("line").cast(LINE)), rejected=REJECTS.to_frame())
