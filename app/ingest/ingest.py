"""Takes events for requests: into the store, or on disk while the store does not take them."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from app.errors import NotDurable
from app.ingest.lua import DUPLICATE
from app.ingest.operation import Operation, operations
from app.ingest.recent import Recent
from app.ingest.replay import Replay, written
from app.ingest.spool import NotKept, Spool
from app.ingest.writer import Writer
from app.metrics import Metrics
from app.scripts import Scripts
from models.artifacts.event import Consent, Event
from models.artifacts.keys import Keys

PATIENCE_S = 1.0
"""The longest that events wait for their turn while the store answers: to put them on disk costs
more, and the very next answer would not know of them."""


class Ingest:
    """Where events go in."""

    def __init__(
        self,
        scripts: Scripts,
        keys: Keys,
        *,
        folder: Path,
        max_bytes: int,
        metrics: Metrics,
        refused: Callable[[Event, Consent], None] = lambda _event, _said: None,
    ) -> None:
        """Prepare; nothing is written before there is something to keep.

        Args:
            scripts: Of the store that holds the events; no one else's, for they are stopped with
                this.
            keys: The shop's keys.
            folder: Where events are put while the store does not take them.
            max_bytes: The room that they have there.
            metrics: Told how many there are.
            refused: As ``Writer`` has it; told before the event is accepted.
        """
        self._scripts = scripts
        self._writer = Writer(scripts, keys, refused=refused)
        self._spool = Spool(folder, max_bytes=max_bytes, changed=metrics.spool_bytes)
        self._recent = Recent()
        self._replay = Replay(self._spool, self._writer, self._recent, replayed=metrics.replayed)
        self._metrics = metrics
        self._retelling: set[asyncio.Task[None]] = set()
        scripts.when_replaced(self._retell)

    async def start(self) -> None:
        """Begin to bring into the store what is on disk."""
        await self._scripts.start()
        self._replay.start()

    async def stop(self) -> None:
        """Let go of the files; what they hold stays for the next server."""
        await self._replay.stop()
        await asyncio.gather(*self._retelling, return_exceptions=True)
        await self._writer.stop()
        if self._writer.away and (entries := self._recent.take()):
            with suppress(NotKept):  # they were stored; only a store that dies just now loses them
                await self._spool.keep(entries)
        await self._spool.stop()
        await self._scripts.stop()

    async def accept(self, events: Sequence[Event]) -> list[bool]:
        """Keep events, so that neither this process nor the store can lose them by dying.

        Returns:
            For each event whether it is new; False where it was accepted before, or is the same as
            one before it. What goes on disk because the store is away counts as new: whether it
            is turns out when it is stored.

        Raises:
            NotDurable: Some of the events could not be kept. Others may have been stored by then:
                whoever sends the same again, with the same ids, is told that those are duplicates.
        """
        asked = [one for place, event in enumerate(events) for one in operations(place, event)]
        outcomes = await self._writer.write(asked)
        left = [one for one, outcome in zip(asked, outcomes, strict=True) if outcome is None]
        if left:
            await self._keep(left)
        self._recent.note(
            [written(one) for one, said in zip(asked, outcomes, strict=True) if said is not None]
        )
        is_new = [True] * len(events)
        for one, outcome in zip(asked, outcomes, strict=True):
            if outcome == DUPLICATE:
                is_new[one.place] = False
        n_new = sum(is_new)
        self._metrics.events(n_accepted=n_new, n_duplicates=len(events) - n_new)
        return is_new

    async def _keep(self, left: Sequence[Operation]) -> None:
        try:
            await self._spool.keep([written(one) for one in left])
        except NotKept as problem:
            raise NotDurable from problem
        self._metrics.spooled(len({one.place for one in left}))

    def _retell(self) -> None:
        """Tell a store that has died what it may have lost."""
        retelling = asyncio.create_task(self._replay.again(self._recent.take()))
        self._retelling.add(retelling)
        retelling.add_done_callback(self._retelling.discard)
