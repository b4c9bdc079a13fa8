"""The files of the archive: where they are, how one gets there whole, and how all are read.

    day=2026-11-22/part-0f3c….parquet    the events that one writing took along, of that day, in UTC

The day is the one on which the store took them, so that a writing makes a file, at midnight two,
whatever times callers name. When an event happened is in its row.

The archive is a folder, or an address that fsspec understands (``s3://…``, with its own package and
credentials). In a folder a file is written beside its place, brought to the disk and then renamed,
so a part is there whole or not at all; other places take a file whole by themselves. A file of a
name that is there already is replaced. Only the account that writes a folder can read it, for it
holds who bought what.
"""

import os
from io import BytesIO
from pathlib import Path

import fsspec
import polars as pl

from training.data.archive_rows import ROWS, STORED_MS
from training.errors import UnreadableFile

_PARTS = "day=*/part-*.parquet"
_LOCAL = "file://"


def write(url: str, rows: pl.DataFrame, *, name: str) -> None:
    """Write rows under ``name``, a file for each day on which the store took any.

    Raises:
        OSError: It could not be written; files of some days may be there.
        ImportError: fsspec lacks what it needs for such an address.
        ValueError: Or does not know the kind.
    """
    stored = pl.from_epoch(STORED_MS, time_unit="ms").dt.date()
    by_day = rows.with_columns(day=stored).partition_by("day", as_dict=True, include_key=False)
    for (day,), part in by_day.items():
        packed = BytesIO()
        part.write_parquet(packed)
        path = f"day={day}/part-{name}.parquet"
        folder = _folder(url)
        if folder is None:
            with fsspec.open(f"{url.rstrip('/')}/{path}", "wb") as file:
                file.write(packed.getbuffer())
        else:
            _put(folder, path, packed)


def clear(url: str, *, name: str) -> None:
    """Remove what a writing of ``name`` that was broken off has left beside its files."""
    folder = _folder(url)
    if folder is not None:
        for rest in folder.glob(f"day=*/.part-{name}.*"):
            rest.unlink(missing_ok=True)


def read(url: str) -> pl.LazyFrame:
    """Return all rows of the archive, some of them perhaps twice; none where there is no archive.

    Raises:
        UnreadableFile: A file is damaged, or the place cannot be read.
    """
    folder = _folder(url)
    try:
        if _is_file(url):
            raise UnreadableFile(
                "the archive's address is that of a file; expected a folder, in which workers have "
                "written; check CARTERA_ARCHIVE_URL, and name a file of purchases as PURCHASES"
            )
        frames = _near(folder) if folder is not None else _far(url)
    except (OSError, ImportError, ValueError) as problem:
        raise UnreadableFile(
            f"the archive cannot be read ({type(problem).__name__}: {problem}); expected a folder, "
            "or an address that fsspec understands; check CARTERA_ARCHIVE_URL"
        ) from problem
    return pl.concat([ROWS.to_frame(eager=False), *frames], how="diagonal")


def _near(folder: Path) -> list[pl.LazyFrame]:
    parts = sorted(folder.glob(_PARTS))
    for part in parts:
        try:
            pl.read_parquet_schema(part)
        except (pl.exceptions.PolarsError, OSError) as problem:
            raise _damaged(str(part)) from problem
    if not parts:
        return []
    return [
        pl.scan_parquet(
            parts,
            schema=ROWS,
            glob=False,
            hive_partitioning=False,
            missing_columns="insert",
            extra_columns="ignore",
        )
    ]


def _far(url: str) -> list[pl.LazyFrame]:
    system, root = fsspec.url_to_fs(url)
    frames = []
    for part in sorted(system.glob(f"{root.rstrip('/')}/{_PARTS}")):
        try:
            frames.append(pl.read_parquet(BytesIO(system.cat_file(part))).lazy())
        except pl.exceptions.PolarsError as problem:
            raise _damaged(str(part)) from problem
    return frames


def _folder(url: str) -> Path | None:
    """Return the folder, where the archive is one."""
    if url.startswith(_LOCAL):
        return Path(url.removeprefix(_LOCAL))
    return None if "://" in url else Path(url)


def _is_file(url: str) -> bool:
    folder = _folder(url)
    if folder is not None:
        return folder.is_file()
    system, root = fsspec.url_to_fs(url)
    return bool(system.isfile(root))


def _put(archive: Path, place: str, packed: BytesIO) -> None:
    path = archive / place
    archive.parent.mkdir(parents=True, exist_ok=True)
    for folder in (archive, path.parent):
        folder.mkdir(mode=0o700, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(beside, "wb", opener=_private) as file:
            file.write(packed.getbuffer())
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise
    for folder in path.parents[:3]:
        _sync(folder)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _sync(folder: Path) -> None:
    """Bring a folder's names to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _damaged(part: str) -> UnreadableFile:
    return UnreadableFile(
        f"{part} of the archive is damaged; expected a whole Parquet file; bring it back from a "
        "backup, or move it away and do without its events"
    )
