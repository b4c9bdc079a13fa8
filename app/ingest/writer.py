"""Brings events into the store: a script for each shard, all of a request in one pipeline.

Most events are stored at once. One of a visitor who is a customer now, or of somebody who has
refused more than the event says, comes back unstored with the reason, and is sent once more as
what it then is. An order is claimed first, on the shard of its own id (``app.ingest.orders``).
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from app.ingest.lua import DUPLICATE, STORE, STORED, STRICTER, TOLD
from app.ingest.operation import Operation
from app.ingest.orders import Orders, Placed, replies
from app.scripts import Call, Scripts
from models.artifacts.event import Consent, Event
from models.artifacts.keys import N_SHARDS, Keys

_WEEK_MS = 7 * 86_400_000
_MOST_ROUNDS = 4
"""A visitor's event, their customer's, and each once more as the strictest consent has it."""


class Writer:
    """Stores the operations of requests."""

    def __init__(
        self,
        scripts: Scripts,
        keys: Keys,
        *,
        refused: Callable[[Event, Consent], None] = lambda _event, _said: None,
    ) -> None:
        """Prepare.

        Args:
            scripts: Of the store that holds the events.
            keys: The shop's keys.
            refused: Told each event that refuses to have its subject known, or told of for ads,
                and what it said itself, whether it was stored or not, but for duplicates.
        """
        self._scripts = scripts
        self._keys = keys
        self._refused = refused
        self._orders = Orders(scripts, keys)
        self._fixed = lru_cache(2 * N_SHARDS)(self._fixed_keys)
        self._echoing: set[asyncio.Task[Any]] = set()

    @property
    def away(self) -> bool:
        """Whether the store does not answer."""
        return self._scripts.away

    async def look(self) -> None:
        """See whether it does."""
        await self._scripts.look()

    async def write(self, asked: Sequence[Operation]) -> list[int | None]:
        """Do what is asked.

        Returns:
            For each operation ``STORED`` or ``DUPLICATE``; None where the store has not taken it,
            or has not said so in time. The same may be asked again.
        """
        outcomes: list[int | None] = [None] * len(asked)
        placed = list(enumerate(asked))
        claims = any(one.claim is not None for one in asked)
        if not claims:
            await self._rounds(placed, outcomes)
        else:
            free, busy = await self._orders.claimed(placed, outcomes)
            await self._store_orders(free, outcomes)
            if busy:  # often with one before it in the same request, which is stored by now
                free, _ = await self._orders.claimed(busy, outcomes)
                await self._store_orders(free, outcomes)
        for n, one in placed:
            if outcomes[n] is None and one.refuses:  # be it that its order could not be claimed
                self._refused(one.event, one.consent)
        return outcomes

    async def stop(self) -> None:
        """Wait for what is under way."""
        await asyncio.gather(*self._echoing, return_exceptions=True)

    async def _store_orders(self, left: list[Placed], outcomes: list[int | None]) -> None:
        await self._rounds(left, outcomes)
        await self._orders.settle([one for n, one in left if outcomes[n] is not None])

    async def _rounds(self, left: list[Placed], outcomes: list[int | None]) -> None:
        for _ in range(_MOST_ROUNDS):
            if not left:
                break
            left = await self._round(left, outcomes)

    async def _round(self, asked: list[Placed], outcomes: list[int | None]) -> list[Placed]:
        """Send what is asked once; return what is to be sent again as something else."""
        shards: dict[int, list[Placed]] = {}
        for n, one in asked:
            shards.setdefault(one.shard, []).append((n, one))
        now_ms = time.time_ns() // 1_000_000
        calls = [self._call(shard, ones, now_ms) for shard, ones in shards.items()]
        again: list[Placed] = []
        said_of = await replies(self._scripts, STORE, calls)
        for ones, reply in zip(shards.values(), said_of, strict=True):
            for (n, one), said in zip(ones, reply or [None] * len(ones), strict=True):
                if isinstance(said, list):
                    refused, customer_id = said
                    again.append((n, one.joined(customer_id.decode(), refused)))
                elif said is not None and said >= STRICTER:
                    again.append((n, one.stricter(said - STRICTER)))
                else:
                    outcomes[n] = said
                if one.refuses and said != DUPLICATE:
                    self._refused(one.event, one.consent)
        self._echo(
            [
                one
                for n, one in asked
                if outcomes[n] == STORED and one.event.joined and one.mode != TOLD
            ]
        )
        return again

    def _echo(self, stored: list[Operation]) -> None:
        """Tell visitors' own states what was stored for their customers, as far as it goes."""
        if stored:
            echoing = asyncio.create_task(self._round([(0, one.echo()) for one in stored], [None]))
            self._echoing.add(echoing)
            echoing.add_done_callback(self._echoing.discard)

    def _call(self, shard: int, ones: Sequence[Placed], now_ms: int) -> Call:
        keys = [*self._fixed(shard, now_ms // _WEEK_MS)]
        numbers: dict[str | None, int] = {None: 0}
        args: list[bytes | str | int] = [now_ms]
        for _, one in ones:
            key = one.key(self._keys)
            if key is not None and key not in numbers:
                numbers[key] = len(numbers)
                keys.append(key)
            args += one.arguments(numbers[key])
        return keys, args

    def _fixed_keys(self, shard: int, week: int) -> tuple[str, ...]:
        return (
            self._keys.events(shard),
            self._keys.seen(shard, week),
            self._keys.seen(shard, week - 1),
        )
