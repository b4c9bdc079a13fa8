"""A file of the shop, opened: is it CSV, packed or not, or Parquet, and which columns has it?

The first bytes decide, not the name: a CSV called `.txt` is read, and a spreadsheet called `.csv`
is refused with the advice to export it. Both kinds leave here as the same thing, a `Table` that
hands out `Batch` after `Batch` of some hundred thousand rows, so that a file of any size is checked
column by column in little memory.
"""

import gzip
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import polars as pl

from training.data import csv_lines
from training.data.batch import Batch
from training.errors import UnreadableFile

ROWS_PER_BATCH = 500_000
"""Rows of a Parquet file that are checked at a time."""

_HEAD_BYTES = 1 << 20
_NOT_OURS = {
    b"PK\x03\x04": "a zip archive or a spreadsheet",
    b"\xd0\xcf\x11\xe0": "an old spreadsheet",
    b"\xff\xfe": "text in UTF-16",
    b"\xfe\xff": "text in UTF-16",
    b"\x28\xb5\x2f\xfd": "packed with zstd",
    b"BZh": "packed with bzip2",
    b"\xfd7zXZ": "packed with xz",
    b"SQLite": "a database",
}
_DO = "export it as CSV in UTF-8 with a header line, as CSV packed with gzip, or as Parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A file whose kind and columns are known, and whose rows are still to be read."""

    path: Path
    header: tuple[str, ...]
    """The file's own column names, in its order."""
    dtypes: tuple[pl.DataType, ...]
    """What each column holds; text throughout for CSV."""
    batches: Callable[[Mapping[str, str]], Iterator[Batch]]
    """Reads the rows. Takes our column name -> the file's; the rows carry our names and `line`."""


def open_table(path: Path) -> Table:
    """Find out what kind of file this is, and read its header.

    Raises:
        UnreadableFile: It is missing, a folder, empty, of no kind we read, or has no usable header.
    """
    head = _first_bytes(path)
    if head.startswith(b"PAR1"):
        return _parquet(path)
    if head.startswith(b"\x1f\x8b"):
        return _csv(path, lambda: cast(IO[bytes], gzip.open(path, "rb")))
    return _csv(path, lambda: path.open("rb"))


def _first_bytes(path: Path) -> bytes:
    if path.is_dir():
        raise UnreadableFile(f"{path} is a folder; expected a file; name the file inside it")
    try:
        with path.open("rb") as stream:
            head = stream.read(16)
    except FileNotFoundError:
        raise UnreadableFile(
            f"there is no file {path}; expected CSV, CSV packed with gzip, or Parquet; "
            "check the path"
        ) from None
    except (OSError, ValueError) as error:
        raise UnreadableFile(
            f"{path} cannot be opened ({error}); expected a readable file; "
            "check its path and permissions"
        ) from error
    if not head:
        raise UnreadableFile(f"{path} is empty; expected a header line and rows; export it again")
    return head


def _csv(path: Path, start: Callable[[], IO[bytes]]) -> Table:
    def opened() -> Iterator[bytes]:
        try:
            with start() as stream:
                while block := stream.read(csv_lines.BLOCK_BYTES):
                    yield block
        except (OSError, EOFError, zlib.error) as error:
            raise UnreadableFile(
                f"{path} breaks off or is damaged ({error}); expected a whole file; "
                "copy or export it again"
            ) from error

    head = next(opened(), b"")[:_HEAD_BYTES]
    _refuse_binary(path, head)
    try:
        layout = csv_lines.layout_of(head)
    except ValueError as error:
        raise UnreadableFile(f"{path} has no header line ({error}); expected one; {_DO}") from error

    def batches(wanted: Mapping[str, str]) -> Iterator[Batch]:
        try:
            yield from csv_lines.batches(opened(), layout, wanted)
        except csv_lines.LineTooLongError as error:
            raise UnreadableFile(f"{path} is no CSV ({error}); expected lines; {_DO}") from error

    return Table(
        path=path,
        header=layout.header,
        dtypes=(pl.String(),) * len(layout.header),
        batches=batches,
    )


def _refuse_binary(path: Path, head: bytes) -> None:
    for magic, name in _NOT_OURS.items():
        if head.startswith(magic):
            raise UnreadableFile(f"{path} is {name}; expected CSV or Parquet; {_DO}")
    first_line = head.split(b"\n", 1)[0]
    if any(byte < 32 and byte not in b"\t\r\f" for byte in first_line[:10_000]):
        raise UnreadableFile(f"{path} is not text; expected CSV or Parquet; {_DO}")


def _parquet(path: Path) -> Table:
    try:
        schema = pl.Schema(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _damaged_parquet(path) from error

    def batches(wanted: Mapping[str, str]) -> Iterator[Batch]:
        try:
            whole = pl.read_parquet(path, columns=sorted(set(wanted.values())), glob=False)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _damaged_parquet(path) from error
        ours = [pl.col(theirs).alias(name) for name, theirs in wanted.items()]
        for start in range(0, whole.height, ROWS_PER_BATCH):
            rows = whole.slice(start, ROWS_PER_BATCH).select(ours)
            yield Batch.whole(rows.with_row_index("line", offset=start + 1))

    return Table(
        path=path,
        header=tuple(schema.names()),
        dtypes=tuple(schema.dtypes()),
        batches=batches,
    )


def _damaged_parquet(path: Path) -> UnreadableFile:
    return UnreadableFile(
        f"{path} starts as Parquet but cannot be read; expected a whole Parquet file; "
        "copy or export it again"
    )
