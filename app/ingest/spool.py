"""What the store could not take yet, on disk: forced out before anybody is told that it was kept.

What many requests leave at a time is written and forced out together, in a thread, for a disk may
take its time. The files are those of ``app.ingest.files``.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import structlog

from app.ingest import frames
from app.ingest.files import Files, Held

_PATIENCE_S = 2.0
"""The longest that a request waits for the disk."""

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


class NotKept(Exception):
    """There is no room, or the disk does not take it."""


class Spool:
    """Entries on disk, of one namespace."""

    def __init__(
        self,
        folder: Path,
        *,
        max_bytes: int,
        changed: Callable[[int], None] = lambda _n_bytes: None,
    ) -> None:
        """Prepare; nothing is written before there is something to keep.

        Args:
            folder: Where the files are.
            max_bytes: What they may have together, of all processes.
            changed: Told what they have together, whenever that has changed.
        """
        self._files = Files(folder, max_bytes=max_bytes)
        self._changed = changed
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="spool")
        self._waiting: list[tuple[bytes, asyncio.Future[bool]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def keep(self, entries: Sequence[bytes]) -> None:
        """Have entries on disk, all or none.

        Raises:
            NotKept: There is no room, or the disk refused, or it was too slow to wait for.
        """
        kept: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._waiting.append((b"".join([frames.framed(entry) for entry in entries]), kept))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        try:
            async with asyncio.timeout(_PATIENCE_S):
                if await kept:
                    return
        except TimeoutError:
            log.warning("spool is slow", waited_s=_PATIENCE_S)
        raise NotKept

    async def take(self, after: str) -> Held | None:
        """Return a file to replay, be it the own one of before; None where there is none.

        The next in turn behind the name ``after``, so that one that stays keeps up no other.
        """
        return await self._in_thread(partial(self._files.take, after))

    async def read(self, held: Held, n_most: int) -> tuple[list[bytes], int]:
        """Read on in a file that was taken; see ``frames.read``."""
        return await self._in_thread(partial(frames.read, held.file, n_most))

    async def remove(self, held: Held, *, is_damaged: bool) -> None:
        """Remove a file that is in the store; set it aside where a part of it is damaged."""
        remove = partial(self._files.remove, held, is_damaged=is_damaged)
        self._changed(await self._in_thread(remove))

    async def leave(self, held: Held) -> None:
        """Leave a file for later."""
        await self._in_thread(held.file.close)

    async def stop(self) -> None:
        """Let go of the own file, once what waits is written."""
        if self._committing is not None:
            await self._committing
        await self._in_thread(self._files.close_own)
        self._thread.shutdown()

    async def _in_thread(self, work: Callable[[], Answer]) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _commit(self) -> None:
        try:
            while self._waiting:
                together, self._waiting = self._waiting, []
                contents = [content for content, _ in together]
                kept, n_bytes = await self._in_thread(partial(self._files.append, contents))
                self._changed(n_bytes)
                for (_, answer), is_kept in zip(together, kept, strict=True):
                    if not answer.done():
                        answer.set_result(is_kept)
        finally:
            self._committing = None
