"""Brings into the store what is on disk, whoever left it there, once the store takes it again.

An entry keeps its event's id, so one that was stored before, its reply lost, is not stored again.
A file is removed when all of it is stored; one that is replayed in part begins anew. What the store
refuses while it takes what came with it goes into another file, for later.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import structlog

from app.ingest.files import Held
from app.ingest.lua import STORED, TOLD
from app.ingest.operation import Operation, of_word, operations
from app.ingest.recent import Recent
from app.ingest.spool import NotKept, Spool
from app.ingest.writer import Writer
from models.artifacts.event import Event
from models.errors import ArtifactCorrupt

_LOOK_EVERY_S = 0.2
_REST_S = 1.0
"""After a file that the store did not take."""
_N_TOGETHER = 200
_EVENT, _WORD = b"e", TOLD.encode()

log = structlog.get_logger(__name__)


def written(one: Operation) -> bytes:
    """Return an operation as an entry of the spool."""
    if one.packed and one.event is one.as_came:
        return _EVENT + one.packed
    return (_WORD if one.mode == TOLD else _EVENT) + one.as_came.pack()


def _read(place: int, entry: bytes) -> Sequence[Operation]:
    event = Event.unpack(entry[1:])
    return (of_word(place, event),) if entry[:1] == _WORD else operations(place, event)


@dataclass(slots=True)
class _Outcome:
    """What became of a part of a file."""

    n_stored: int = 0
    """Events that were not in the store before."""
    n_damaged: int = 0
    refused: list[bytes] = field(default_factory=list)


class Replay:
    """Looks for files and replays them, in the background."""

    def __init__(
        self, spool: Spool, writer: Writer, recent: Recent, *, replayed: Callable[[int], None]
    ) -> None:
        """Prepare.

        Args:
            spool: Where the files are.
            writer: Where they go.
            recent: Told what the store has taken.
            replayed: Told how many events were brought into the store, as they are.
        """
        self._spool = spool
        self._writer = writer
        self._recent = recent
        self._replayed = replayed
        self._stopping = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._last = ""

    def start(self) -> None:
        """Begin to look."""
        self._running = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End after what is under way."""
        self._stopping.set()
        if self._running is not None:
            await self._running

    async def _run(self) -> None:
        while not self._stopping.is_set():
            is_well = True
            try:
                await self._writer.look()
                is_well = self._writer.away or await self._once()
            except Exception:  # whatever it is, what is on disk must not stay there
                log.exception("replay failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S if is_well else _REST_S):
                    await self._stopping.wait()

    async def _once(self) -> bool:
        """Replay one file, if there is one; return False where the store did not take it."""
        held = await self._spool.take(self._last)
        if held is None:
            return True
        self._last = held.path.name
        try:
            return await self._replay(held)
        finally:
            await self._spool.leave(held)

    async def _replay(self, held: Held) -> bool:
        whole = _Outcome()
        while True:
            entries, n_damaged = await self._spool.read(held, _N_TOGETHER)
            part = await self._stored(entries)
            if self._stopping.is_set() or (entries and len(part.refused) == len(entries)):
                return False
            whole.n_stored += part.n_stored
            whole.n_damaged += n_damaged + part.n_damaged
            whole.refused += part.refused
            if not entries:
                return await self._end(held, whole)

    async def _end(self, held: Held, whole: _Outcome) -> bool:
        if whole.refused:
            log.warning("the store has not taken all of the spool", n_left=len(whole.refused))
            try:
                await self._spool.keep(whole.refused)
            except NotKept:
                return False
        if whole.n_damaged:
            log.error("a part of the spool is damaged", n_damaged=whole.n_damaged)
        await self._spool.remove(held, is_damaged=whole.n_damaged > 0)
        log.info("spool replayed", n_stored=whole.n_stored)
        return not whole.refused

    async def again(self, entries: Sequence[bytes]) -> None:
        """Bring into the store what it may have lost, or else have it on disk.

        What can be brought to neither is lost if the store has lost it; the log says how much.
        """
        n_neither = 0
        for first in range(0, len(entries), _N_TOGETHER):
            part = await self._stored(entries[first : first + _N_TOGETHER])
            try:
                if part.refused:
                    await self._spool.keep(part.refused)
            except NotKept:
                n_neither += len(part.refused)
        if n_neither:
            log.error("neither the store nor the spool takes again what was stored", n=n_neither)

    async def _stored(self, entries: Sequence[bytes]) -> _Outcome:
        """Bring entries into the store, as far as it takes them."""
        outcome = _Outcome()
        asked: list[Operation] = []
        for place, entry in enumerate(entries):
            try:
                asked += _read(place, entry)
            except ArtifactCorrupt:
                outcome.n_damaged += 1
        done = await self._writer.write(asked)
        left = {one.place for one, said in zip(asked, done, strict=True) if said is None}
        outcome.refused = [entries[place] for place in sorted(left)]
        outcome.n_stored = sum(
            said == STORED and one.mode != TOLD for one, said in zip(asked, done, strict=True)
        )
        self._recent.note([entry for place, entry in enumerate(entries) if place not in left])
        self._replayed(outcome.n_stored)
        return outcome
