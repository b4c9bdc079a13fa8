"""Rows as bytes, piece by piece: lines of JSON, or CSV that no spreadsheet takes for formulas."""

import asyncio
import csv
import io
from collections.abc import Sequence
from typing import Protocol

import orjson

from app.errors import NotAcceptable
from app.export.accept import CSV, NDJSON
from app.export.rows import COLUMNS, Format, Row

_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


class Writer(Protocol):
    """Makes one file, in three calls or more, in this order."""

    def begin(self) -> bytes:
        """Return what stands before all rows."""

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Return some rows; there may be none."""

    def end(self) -> bytes:
        """Return what stands after all rows."""


class JsonLines:
    """A JSON object a line; what a row lacks is null."""

    def __init__(self, columns: tuple[str, str]) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        """Return nothing: each line names its columns."""
        return b""

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Return a line for each row."""
        first, second = self._columns
        return b"".join(
            orjson.dumps({first: row[0], second: row[1]}, option=orjson.OPT_APPEND_NEWLINE)
            for row in rows
        )

    def end(self) -> bytes:
        """Return nothing."""
        return b""


class Csv:
    """RFC 4180, with a header; what a row lacks is empty.

    A spreadsheet takes a cell that begins with ``= + - @``, a tab or a carriage return for a
    formula, which may send other cells elsewhere. Such a cell has an apostrophe before it.
    """

    def __init__(self, columns: tuple[str, str]) -> None:
        self._columns = columns

    def begin(self) -> bytes:
        """Return the header."""
        return self.rows([self._columns])

    def rows(self, rows: Sequence[Row]) -> bytes:
        """Return a record for each row."""
        text = io.StringIO(newline="")
        csv.writer(text).writerows(
            [(_harmless(first), _harmless(second)) for first, second in rows]
        )
        return text.getvalue().encode()

    def end(self) -> bytes:
        """Return nothing."""
        return b""


async def writer(media_type: str, format_: Format) -> Writer:
    """Return what writes a file of a media type.

    Raises:
        NotAcceptable: It is Parquet, and what writes that is not installed here.
    """
    columns = COLUMNS[format_]
    if media_type == NDJSON:
        return JsonLines(columns)
    if media_type == CSV:
        return Csv(columns)
    return await asyncio.to_thread(_parquet, columns, is_scored=format_ == "raw")


def _parquet(columns: tuple[str, str], *, is_scored: bool) -> Writer:
    try:
        from app.export.parquet import Parquet  # noqa: PLC0415  # takes half a second, and an extra
    except ModuleNotFoundError:
        raise NotAcceptable(
            f"this server cannot write Parquet: accept {NDJSON} or {CSV}, or have the extra "
            "installed with `pip install 'cartera[parquet]'`"
        ) from None
    return Parquet(columns, is_scored=is_scored)


def _harmless(cell: str | float | None) -> str | float | None:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULAS) else cell
