"""What the shop knows of its customers beside their purchases: country, since when, which segment.

Nothing but `customer_id` is required, and what else there is, is kept as it is written.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from training.data import checks
from training.data.catalog import right_lines
from training.data.columns import resolve
from training.data.files import open_table

KNOWN = ("country", "created_at", "segment")
"""Columns that have a meaning to us, whatever type they have in the file."""


def read_customers(path: Path, *, columns: Mapping[str, str] | None = None) -> pl.DataFrame:
    """Read the customers file: CSV, CSV packed with gzip, or Parquet.

    Args:
        path: The file.
        columns: Our column name -> the file's, where they differ.

    Returns:
        `customer_id`; those of `country`, `created_at` and `segment` that the file has; and all its
        other columns of text under their own names. All are text, null where empty.

    Raises:
        UnreadableFile: The file cannot be opened, is empty, or has a line with a wrong or repeated
            `customer_id`.
    """
    table = open_table(path)
    found = resolve(table, required=["customer_id"], optional=KNOWN, asked=columns or {})
    for name, dtype in zip(table.header, table.dtypes, strict=True):
        if dtype == pl.String and name and name not in found and name not in found.values():
            found[name] = name
    wanted = dict.fromkeys(found, checks.text) | {"customer_id": checks.required_id}
    return right_lines(table, found, wanted, key="customer_id")
