"""One export from its beginning to its end: a page that is made whole, or all of it in parts.

Nothing is given before it is noted that it will be, and nothing is whole before it is noted what
was given. What goes wrong in between is noted too, where the store that would note it still can.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import structlog

from app.errors import NotDurable, NotReady
from app.export.audit import Audit, Entry
from app.export.blocks import TOGETHER, Block, BlockMissing, Blocks
from app.export.cursor import Place
from app.export.judging import TURN
from app.export.rows import Row, rows
from app.export.turns import Crowded, Turns
from app.export.written import Writer
from app.metrics import Metrics
from app.refusal import ApiError
from app.scripts import StoreRefused
from app.store import StoreAway
from models.artifacts.audience import Audience, Built

UNNOTED = (
    "the store does not take down who exports what, and without that nothing is given; ask again"
)
_Outcome = Literal["complete", "aborted"]
_AWAY = "the members stand in the store, which does not answer; ask again"

log = structlog.get_logger(__name__)


class Page(NamedTuple):
    """What one page holds, and where the next begins; None after the last."""

    content: bytes
    next: Place | None


@dataclass(slots=True, kw_only=True)
class Export:
    """One export, under way: it counts what it gives."""

    turns: Turns
    blocks: Blocks
    audit: Audit
    metrics: Metrics
    release: Callable[[], str]
    """The version that serves at the time."""
    audience: Audience
    built: Built
    """The members of it that are given."""
    entry: Entry
    """What is noted of its beginning."""
    writer: Writer
    export_id: str = ""
    withheld: Counter[str] = field(default_factory=Counter)
    members: int = 0
    rows: int = 0
    has_ended: bool = False

    async def begin(self) -> None:
        """Take a place among the exports of this worker, and note that it begins.

        Raises:
            NotReady: There is no place.
            NotDurable: That could not be noted, so nothing may be given.
        """
        try:
            self.turns.begin()
        except Crowded as problem:
            raise NotReady(str(problem)) from None
        try:
            self.export_id = await self.audit.write(self.entry)
        except BaseException as problem:
            self.turns.end()
            if isinstance(problem, StoreAway | StoreRefused):
                raise NotDurable(UNNOTED) from None
            raise

    async def page(self, at: Place, *, limit: int) -> Page:
        """Return what may be told of the next ``limit`` members, and end the export.

        Raises:
            NotReady: The store went away, or has the members no more, or others export too much.
            NotDurable: What was given could not be noted, so it may not be given.
        """
        failure: ApiError = NotReady(_AWAY)
        try:
            content, place, n_left = [self.writer.begin()], self._first(at), limit
            while place is not None and n_left:
                part, block = await self._part(place, most=n_left)
                content.append(part)
                n_left -= len(block.members) + block.withheld.total()
                place = block.next
            content.append(self.writer.end())
            failure = NotDurable(UNNOTED)
            await self._complete()
        except BaseException as problem:
            await self.break_off(type(problem).__name__)
            if isinstance(problem, BlockMissing | Crowded):
                raise NotReady(str(problem)) from None
            if isinstance(problem, StoreAway | StoreRefused):
                raise failure from None
            raise
        return Page(b"".join(content), place)

    async def parts(self, at: Place) -> AsyncIterator[bytes]:
        """Yield all from a place on, a block at a time, but for the last part.

        Raises:
            StoreAway: The store went away.
            StoreRefused: It answers, and cannot say.
            BlockMissing: It has the members no more, or the release.
            Crowded: Others export too much.
        """
        yield self.writer.begin()
        place = self._first(at)
        while place is not None:
            part, block = await self._part(place, most=TOGETHER)
            place = block.next
            yield part

    async def finish(self) -> bytes:
        """Note that all was given, and return the last part.

        Raises:
            StoreAway: The store did not say that it noted it.
            StoreRefused: It did not.
        """
        last = self.writer.end()
        await self._complete()
        return last

    async def break_off(self, why: str) -> None:
        """Note that it broke off, if that can be done; of one that has ended, nothing.

        Args:
            why: For the log.
        """
        if self.has_ended:
            return
        self.has_ended = True
        log.warning("export broken off", export=self.export_id, why=why, members=self.members)
        try:
            with suppress(StoreAway, StoreRefused):
                await self._note_end("aborted")
        finally:
            self._count("aborted")

    async def _complete(self) -> None:
        await self._note_end("complete")
        self.has_ended = True
        self._count("complete")

    def _first(self, at: Place) -> Place | None:
        return at if at.chunk < self.built.chunks else None

    async def _part(self, place: Place, *, most: int) -> tuple[bytes, Block]:
        """Return the bytes of the next block, counted, and the block, once it is their turn."""
        async with self.turns.turn():
            block = await self.blocks.read(
                self.audience,
                self.built,
                place,
                most=most,
                release=self.release(),
                format_=self.entry.format,
            )
            return await self._written(block), block

    async def _written(self, block: Block) -> bytes:
        """Count a block and return its bytes; others have their turn in between."""
        found: list[Row] = []
        for begin in range(0, len(block.members), TURN):
            found += rows(block.members[begin : begin + TURN], self.entry.format)
            await asyncio.sleep(0)
        self.members += len(block.members)
        self.rows += len(found)
        self.withheld.update(block.withheld)
        return self.writer.rows(found)

    async def _note_end(self, outcome: _Outcome) -> None:
        await self.audit.write(
            replace(
                self.entry,
                event="ended",
                export_id=self.export_id,
                outcome=outcome,
                members=self.members,
                rows=self.rows,
                withheld=dict(self.withheld),
            )
        )

    def _count(self, outcome: _Outcome) -> None:
        """Give the place back, and count what was given: once, however it ended."""
        self.turns.end()
        self.metrics.exported(
            self.entry.format, outcome, n_members=self.members, withheld=self.withheld
        )
