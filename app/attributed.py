"""What lists have brought, as near-line workers counted it: read seldom, and not for requests.

Sums stand in one hash, and in two of each shard what is not in it yet. All are read, over a
connection of their own, and kept for some seconds, however many ask. If something was added to the
sums meanwhile, they are read again.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.deadline import within
from app.store import StoreAway
from models.artifacts.keys import N_SHARDS, Keys
from models.counted import Field, read
from models.errors import ArtifactCorrupt
from models.results import marks, summed

FRESH_S = 5.0
_ANSWER_S = 2.0
_AT_ONCE = 32
"""Shards in one pipeline, so that nobody else's request waits for all of them."""
_TIMES = 3
"""Adding takes a moment in half a minute: twice in a row is chance, three times does not happen."""
_BOTH = "return {redis.call('HGETALL', KEYS[1]), redis.call('HGETALL', KEYS[2])}"

log = structlog.get_logger(__name__)


class Attributed:
    """The counts of one namespace."""

    def __init__(
        self, url: str, keys: Keys, *, told: Callable[[Mapping[Field, int]], None]
    ) -> None:
        """Prepare; nothing connects yet.

        Args:
            url: The store that holds the events.
            keys: Of the namespace.
            told: Told the counts whenever they have been read, for the metrics.
        """
        self._keys = keys
        self._told = told
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_ANSWER_S,
            socket_timeout=_ANSWER_S,
        )
        self._counts: Mapping[Field, int] = {}
        self._read_s = float("-inf")
        self._alone = asyncio.Lock()
        self._refreshing: asyncio.Task[None] | None = None

    async def counts(self) -> Mapping[Field, int]:
        """Return the counts of all shards together, at most five seconds old.

        Raises:
            StoreAway: The store did not answer in time.
        """
        async with self._alone:
            if time.monotonic() - self._read_s > FRESH_S:
                self._counts = await self._fresh()
                self._read_s = time.monotonic()
                self._told(self._counts)
        return self._counts

    async def refresh(self, *, patience_s: float) -> None:
        """Have the metrics told, but wait no longer for it than ``patience_s``."""
        if self._refreshing is None or self._refreshing.done():
            self._refreshing = asyncio.create_task(self._refresh())
        await asyncio.wait([self._refreshing], timeout=patience_s)

    async def stop(self) -> None:
        """Let go of the connection."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            await asyncio.gather(self._refreshing, return_exceptions=True)
        await self._redis.aclose()

    async def _refresh(self) -> None:
        try:
            await self.counts()
        except StoreAway:
            log.debug("attribution not read; the store does not answer")

    async def _fresh(self) -> Mapping[Field, int]:
        try:
            for _ in range(_TIMES):
                before = await self._sums()
                shards = await self._shards()
                sums = await self._sums()
                if marks(before) == marks(sums):
                    break
        except (RedisError, OSError, TimeoutError) as problem:
            raise StoreAway from problem
        # beside the loop: a hostile page can make it some 100,000 numbers
        return await asyncio.to_thread(lambda: _understood(summed(sums, shards)))

    async def _sums(self) -> dict[bytes, bytes]:
        async with within(_ANSWER_S):
            told: Any = await self._redis.hgetall(self._keys.attributed)
        return dict(told)

    async def _shards(self) -> list[tuple[dict[bytes, bytes], dict[bytes, bytes]]]:
        found = []
        for begin in range(0, N_SHARDS, _AT_ONCE):
            async with within(_ANSWER_S), self._redis.pipeline(transaction=False) as pipeline:
                for shard in range(begin, begin + _AT_ONCE):
                    keys = self._keys.attribution(shard), self._keys.adding(shard)
                    pipeline.eval(_BOTH, 2, *keys)
                found += [
                    (_pairs(counts), _pairs(aside)) for counts, aside in await pipeline.execute()
                ]
        return found


def _pairs(told: list[bytes]) -> dict[bytes, bytes]:
    return dict(zip(told[::2], told[1::2], strict=True))


def _understood(sums: Mapping[bytes, int]) -> Mapping[Field, int]:
    """Read the names of what is counted; those of a newer worker may say nothing to us."""
    counts: dict[Field, int] = {}
    n_unread = 0
    for name, n in sums.items():
        try:
            counts[read(name)] = n
        except ArtifactCorrupt:
            n_unread += 1
    if n_unread:
        log.warning("counts of attribution that are not ours", fields=n_unread)
    return counts
