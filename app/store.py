"""Customers out of Redis, for requests.

Requests that arrive together share one pipeline: each leaves its reads and a future, and the
reads go out together once the event loop has run everybody who is ready, over whichever of a few
connections is free. Each pipeline has one deadline. A connection that missed it, or broke, is
put aside and must answer a PING before it is used again; while none is fit, reads fail at once
instead of waiting (the breaker is open). Nothing is retried: the caller has a next best answer.

A connection is mended in the background from 100 ms after it failed, every 100 ms, so the
breaker opens after at most one deadline and closes within some 150 ms of the store's return. We
left out counting failures before opening: one missed deadline in a row of good ones costs two
round trips.

We also left out a protocol of our own on redis-py's transport: measured turn by turn, a whole
answer cost the same (165 beside 172 µs, within the noise).
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import redis.exceptions
import structlog
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from app.deadline import within
from app.memory import Packed
from models.artifacts.keys import N_SHARDS, Keys, shard_of

_CONNECT_S = 1.0
_MEND_EVERY_S = 0.1
_N_CONNECTIONS = 2
_MAX_READS = 1024
"""Reads in one pipeline: the last of them must make the deadline too."""

log = structlog.get_logger(__name__)


class StoreAway(Exception):
    """The store is away, or too slow to wait for."""


@dataclass(slots=True)
class _Reads:
    """The reads of one request, and whoever waits for them."""

    command: bytes
    n: int
    answer: asyncio.Future[list[bytes | None]]
    passed_over_s: float = 0.0
    """When there first was no connection for them, by the loop's clock; 0 while there was."""

    def refuse(self) -> None:
        """Say that there will be no answer, if there was none."""
        if not self.answer.done():
            self.answer.set_exception(StoreAway())


class Customers:
    """Reads customers for requests, many at a time."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        *,
        timeout_s: float,
        patience_s: float,
        failed: Callable[[str], None] = lambda _kind: None,
        breaker: Callable[[int], None] = lambda _n_open: None,
    ) -> None:
        """Prepare; nothing connects before ``start``.

        Args:
            url: Where the store is.
            keys: The shop's keys.
            timeout_s: The deadline of one pipeline.
            patience_s: The longest that a read may wait in all, for a connection and its answer.
            failed: Told the kind of each failure, for the metrics.
            breaker: Told 1 whenever the store goes away, and 0 when it is back.
        """
        self._keys = keys
        self._timeout_s = min(timeout_s, patience_s)
        self._longest_wait_s = patience_s - self._timeout_s
        self._hget = lru_cache(6 * N_SHARDS)(_hget)
        self._failed = failed
        self._breaker = breaker
        self._pool = ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_CONNECT_S,
            socket_timeout=None,
            decode_responses=False,
        )
        self._all: list[AbstractConnection] = []
        self._free: list[AbstractConnection] = []
        self._n_fit = 0
        self._waiting: list[_Reads] = []
        self._flushing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def away(self) -> bool:
        """Whether no connection is fit to be used: the breaker is open."""
        return self._n_fit == 0

    async def start(self) -> None:
        """Connect, or begin trying to."""
        self._all = [_connection(self._pool) for _ in range(_N_CONNECTIONS)]
        self._breaker(1)
        mending = [self._spawn(self._mend(connection)) for connection in self._all]
        await asyncio.wait(mending, timeout=_CONNECT_S, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Let go of the connections."""
        self._stopping = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._n_fit, self._free = 0, []
        self._flush()
        for connection in self._all:
            await connection.disconnect(nowait=True)

    async def read(self, customer_id: str, version: str, *, history: bool) -> Packed:
        """Return what the release holds of a customer, to make a list of it.

        Raises:
            StoreAway: The store did not answer in time.
        """
        shard, field = shard_of(customer_id), _bulk(customer_id.encode())
        command = self._hget(self._keys.records, version, shard) + field
        if history:
            command += self._hget(self._keys.histories, version, shard) + field
        return Packed(*await self._left(command, 2 if history else 1))

    async def read_profile(self, customer_id: str, version: str) -> bytes | None:
        """Return the packed profile of a customer, or None where the release has none.

        Raises:
            StoreAway: The store did not answer in time.
        """
        hget = self._hget(self._keys.profiles, version, shard_of(customer_id))
        (packed,) = await self._left(hget + _bulk(customer_id.encode()), 1)
        return packed

    def _left(self, command: bytes, n: int) -> asyncio.Future[list[bytes | None]]:
        """Leave ``n`` reads for the next pipeline."""
        if self._n_fit == 0:
            raise StoreAway
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[bytes | None]] = loop.create_future()
        self._waiting.append(_Reads(command, n, answer))
        if not self._flushing:
            self._flushing = True
            loop.call_soon(self._flush)
        return answer

    def _flush(self) -> None:
        """Send what waits, as far as connections are free."""
        self._flushing = False
        if not self._waiting:
            return
        now_s = asyncio.get_running_loop().time()
        if not self._n_fit or 0 < self._waiting[0].passed_over_s < now_s - self._longest_wait_s:
            self._refuse_the_late(now_s - self._longest_wait_s)
        while self._waiting and self._free:
            together, self._waiting = self._waiting[:_MAX_READS], self._waiting[_MAX_READS:]
            self._spawn(self._exchange(self._free.pop(), together))
        for reads in reversed(self._waiting):
            if reads.passed_over_s:
                break
            reads.passed_over_s = now_s

    def _refuse_the_late(self, before_s: float) -> None:
        """Refuse what was passed over before a moment, or all where no connection is fit."""
        waiting, self._waiting = self._waiting, []
        for reads in waiting:
            if not self._n_fit or 0 < reads.passed_over_s < before_s:
                reads.refuse()
            else:
                self._waiting.append(reads)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _exchange(self, connection: AbstractConnection, together: list[_Reads]) -> None:
        """Send the reads, hand out the replies; a connection that fails is put aside."""
        try:
            async with within(self._timeout_s):
                await connection.send_packed_command(
                    b"".join([reads.command for reads in together]), check_health=False
                )
                for reads in together:
                    values = [await _reply(connection) for _ in range(reads.n)]
                    if not reads.answer.done():
                        reads.answer.set_result(values)
        except (RedisError, OSError, TimeoutError) as problem:
            self._n_fit -= 1
            self._failed(_kind(problem))
            if self._n_fit == 0:
                self._breaker(1)
                log.warning("store away", problem=type(problem).__name__)
            await connection.disconnect(nowait=True)
            self._spawn(self._mend(connection, after_s=_MEND_EVERY_S))
        else:
            self._free.append(connection)
        finally:
            for reads in together:
                reads.refuse()
        self._flush()

    async def _mend(self, connection: AbstractConnection, *, after_s: float = 0.0) -> None:
        """Try until the connection answers a PING in time.

        What was in use is not mended at once: a store that answers PING and refuses reads would be
        asked for ever.
        """
        await asyncio.sleep(after_s)
        while not self._stopping:  # see app.live: a cancellation may be lost
            try:
                async with asyncio.timeout(_CONNECT_S):
                    await connection.connect()  # type: ignore[no-untyped-call]
                async with within(self._timeout_s):
                    await connection.send_command("PING", check_health=False)
                    await connection.read_response()
            except (RedisError, OSError, TimeoutError) as problem:
                self._failed(_kind(problem))
            except Exception:  # whatever it is, the store may come back
                log.exception("mending failed")
            else:
                self._welcome(connection)
                return
            await connection.disconnect(nowait=True)
            await asyncio.sleep(_MEND_EVERY_S)

    def _welcome(self, connection: AbstractConnection) -> None:
        if self._n_fit == 0:
            self._breaker(0)
            log.info("store answers")
        self._n_fit += 1
        self._free.append(connection)
        self._flush()


def _connection(pool: ConnectionPool) -> AbstractConnection:
    connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
    return connection


async def _reply(connection: AbstractConnection) -> bytes | None:
    """Return one value; an empty one, which unpacks as damaged, for a key of the wrong type."""
    try:
        value: bytes | None = await connection.read_response()
    except ResponseError as problem:
        if str(problem).startswith("WRONGTYPE"):
            return b""
        raise
    return value


def _bulk(text: bytes) -> bytes:
    """Return one argument of a command."""
    return b"$%d\r\n%b\r\n" % (len(text), text)


def _hget(key_of: Callable[[str, int], str], version: str, shard: int) -> bytes:
    """Return the command but for its field."""
    key = key_of(version, shard).encode()
    return b"*3\r\n$4\r\nHGET\r\n" + _bulk(key)


def _kind(problem: Exception) -> str:
    if isinstance(problem, TimeoutError | redis.exceptions.TimeoutError):
        return "timeout"
    return "refused" if isinstance(problem, ResponseError) else "connection"
