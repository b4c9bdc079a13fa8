"""The spool's files. Every method blocks: call them from one thread.

    DATA_DIR/spool/<namespace>/<random>.spool      entries, as ``app.ingest.frames`` has them
    DATA_DIR/spool/<namespace>/<random>.damaged    a file in which an entry was damaged, replayed

Each process appends to a file of its own and holds its lock, which ends with the process. A file
that nobody holds is replayed by whoever takes it, then removed. A file gets its name once it is
locked, so that nobody takes it in between.

The room is that of the whole folder, whoever wrote there. A write that fails is taken back, so
that a full disk keeps nothing of what was refused.
"""

import fcntl
import itertools
import os
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A file of which this process has the lock."""

    path: Path
    file: IO[bytes]


class Files:
    """The files of one namespace, and the one that this process appends to."""

    def __init__(self, folder: Path, *, max_bytes: int) -> None:
        """Prepare; nothing is written before there is something to keep."""
        self._folder = folder
        self._max_bytes = max_bytes
        self._own: Held | None = None
        self._n_own_bytes = 0

    def append(self, contents: list[bytes]) -> tuple[list[bool], int]:
        """Write what there is room for, and force it out to the disk.

        Returns:
            For each whether it is kept, and how many bytes the folder then holds.
        """
        n_bytes = 0
        try:
            n_bytes = self.n_bytes()
            fits = _fitting(contents, room=self._max_bytes - n_bytes)
            together = b"".join(itertools.compress(contents, fits))
            if together:
                _write(self._opened(), together)
        except OSError as problem:
            log.error("spool cannot be written", problem=problem.strerror)
            self._take_back()
            return [False] * len(contents), n_bytes
        self._n_own_bytes += len(together)
        return fits, n_bytes + len(together)

    def close_own(self) -> None:
        """Let go of the own file, so that it may be taken; the next one is new."""
        if self._own is not None:
            if not self._n_own_bytes:
                self._own.path.unlink(missing_ok=True)
            self._own.file.close()
            self._own = None

    def take(self, after: str) -> Held | None:
        """Return a file that nobody holds, the next in turn behind the name ``after``."""
        self.close_own()
        paths = sorted(self._folder.glob("*.spool"), key=lambda p: (p.name <= after, p.name))
        for path in paths:
            with suppress(FileNotFoundError, BlockingIOError):  # another process was faster
                file = path.open("rb+")
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    if os.fstat(file.fileno()).st_nlink:
                        return Held(path=path, file=file)
                except BlockingIOError:
                    pass
                file.close()
        return None

    def remove(self, held: Held, *, is_damaged: bool) -> int:
        """Remove a file, or set it aside; return how many bytes the folder then holds."""
        if is_damaged:
            held.path.rename(held.path.with_suffix(".damaged"))
        else:
            held.path.unlink()
        held.file.close()
        return self.n_bytes()

    def n_bytes(self) -> int:
        """Return how many bytes the folder holds."""
        n_bytes = 0
        for path in self._folder.glob("*"):
            with suppress(FileNotFoundError):  # another process was faster
                n_bytes += path.stat().st_size
        return n_bytes

    def _opened(self) -> int:
        """Return the descriptor of the own file."""
        if self._own is None:
            _make(self._folder)
            unnamed = self._folder / f".{uuid.uuid4().hex}"
            file = os.fdopen(os.open(unnamed, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600), "rb+", 0)
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path = unnamed.with_name(f"{unnamed.name[1:]}.spool")
            unnamed.rename(path)
            _force_out(self._folder)
            self._own, self._n_own_bytes = Held(path=path, file=file), 0
        return self._own.file.fileno()

    def _take_back(self) -> None:
        """Cut off what was written in part; where even that fails, begin another file."""
        if self._own is None:
            return
        try:
            os.ftruncate(self._own.file.fileno(), self._n_own_bytes)
            os.lseek(self._own.file.fileno(), 0, os.SEEK_END)
        except OSError:
            self.close_own()


def _fitting(contents: list[bytes], *, room: int) -> list[bool]:
    """Say for each whether there is room for it beside those before it that fit."""
    fits: list[bool] = []
    for content in contents:
        fits.append(len(content) <= room)
        room -= len(content) if fits[-1] else 0
    return fits


def _write(descriptor: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _make(folder: Path) -> None:
    """Make a folder and those above it, so that a crash leaves all of them where they are."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in reversed(missing):
        _force_out(one.parent)


def _force_out(folder: Path) -> None:
    """Have the names of a folder's files on the disk too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
