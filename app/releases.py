"""Releases out of Redis, with more patience than requests have."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, NamedTuple

from redis.asyncio import Redis
from redis.asyncio.client import Pipeline
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from app.deadline import within
from app.store import StoreAway
from models.artifacts.keys import Keys

_ANSWER_S = 1.0
_CHUNK_S = 5.0
_N_SCANS = 4
"""Scans at a time: whoever lists members must not keep the next release waiting for a link."""


class Scanned(NamedTuple):
    """Packed profiles, and which process of the store gave them."""

    process: str
    """Another one, after a restart or a failover, goes through a hash in another order. Empty where
    the store does not say."""
    replies: list[tuple[int, dict[bytes, bytes]]]
    """Of each place where to go on, 0 at the end of the shard, and profiles by id."""


class Releases:
    """The releases of one namespace."""

    def __init__(self, url: str, keys: Keys) -> None:
        """Prepare; nothing connects yet."""
        self._keys = keys
        self._redis: Redis = Redis.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_ANSWER_S,
            socket_timeout=_CHUNK_S,
            decode_responses=False,
        )
        self._scans = asyncio.Semaphore(_N_SCANS)

    async def current(self) -> str | None:
        """Return the version that should serve, or None before the first release.

        Raises:
            StoreAway: The store did not answer in time; so do the methods below.
        """
        version = await self._within(_ANSWER_S, self._redis.get(self._keys.current))
        return version.decode("utf-8", "replace") if version is not None else None

    async def manifest(self, version: str) -> bytes | None:
        """Return the manifest of ``version``, or None where the store has none."""
        found: bytes | None = await self._within(
            _ANSWER_S, self._redis.hget(self._keys.releases, version)
        )
        return found

    async def manifests(self) -> dict[str, bytes]:
        """Return the manifests of every release that the store has."""
        found = await self._within(_ANSWER_S, self._redis.hgetall(self._keys.releases))
        return {version.decode("utf-8", "replace"): text for version, text in found.items()}

    async def chunk(self, version: str, n: int) -> bytes | None:
        """Return a chunk of the release's bundle, or None where the store has none."""
        found: bytes | None = await self._within(
            _CHUNK_S, self._redis.get(self._keys.chunk(version, n))
        )
        return found

    async def profiles(
        self, version: str, begins: Sequence[tuple[int, int]], *, together: int, patience_s: float
    ) -> Scanned | None:
        """Return some of a release's packed profiles, or None where the store has it no more.

        Args:
            version: The release.
            begins: A shard and where to go on in it, 0 at its beginning, any number of times.
            together: How many profiles to look at in each; it may become a few more.
            patience_s: The longest wait for it, in a queue of others who look and for the store.
        """
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.hexists(self._keys.releases, version)
        pipeline.info("server")
        for shard, begin in begins:
            pipeline.hscan(self._keys.profiles(version, shard), begin, count=together)
        is_there, told, *replies = await self._within(patience_s, self._in_turn(pipeline))
        return Scanned(str(told.get("run_id", "")), replies) if is_there else None

    async def stop(self) -> None:
        """Let go of the connections."""
        await self._redis.aclose()

    async def _in_turn(self, pipeline: Pipeline) -> list[Any]:
        async with self._scans:
            return await pipeline.execute()

    @staticmethod
    async def _within(limit_s: float, call: Awaitable[Any]) -> Any:  # noqa: ANN401  # a reply
        """Wait for a call, but for no longer, whatever becomes of it.

        asyncio.wait_for of Python 3.11, which redis-py uses, may lose a cancellation: the call then
        goes on until its connection has no patience left.
        """
        work = asyncio.ensure_future(call)
        work.add_done_callback(_heard)
        try:
            async with within(limit_s):
                return await asyncio.shield(work)
        except (RedisError, OSError, TimeoutError) as problem:
            raise StoreAway(type(problem).__name__) from problem
        finally:
            work.cancel()


def _heard(work: asyncio.Future[Any]) -> None:
    """Look at how a call ended, or asyncio would log that nobody did."""
    if not work.cancelled():
        work.exception()
