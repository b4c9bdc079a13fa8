"""Customers out of Redis, for requests.

Requests that arrive together share one write: each leaves its reads and a future, and the reads go
out together once the event loop has run everybody who is ready, over the first link that is fit.
Each write has one deadline (``app.link``). A link that is lost is opened again in the background
and must answer a PING before it is used; while none is fit, reads fail at once instead of waiting
(the breaker is open). Nothing is retried: the caller has a next best answer.

A link is mended from 100 ms after it failed, every 100 ms, so the breaker opens after at most one
deadline a link and closes within some 150 ms of the store's return. We left out counting
failures before opening: one missed deadline in a row of good ones costs two round trips.
"""

import asyncio
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Any

import redis.exceptions
import structlog
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError, ResponseError

from app.link import CONNECT_S, Link, Reads, StoreAway
from app.memory import Packed
from models.artifacts.keys import N_SHARDS, Keys, shard_of

__all__ = ["Customers", "StoreAway"]

_MEND_EVERY_S = 0.1
_N_LINKS = 2
"""One that is used, and one for when it is lost."""
_MAX_READS = 1024
"""Requests on the way: the last of them must make the deadline too."""

log = structlog.get_logger(__name__)


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
            timeout_s: The deadline of one read that was sent.
            patience_s: The longest that a read may wait in all, for its turn and its answer.
            failed: Told the kind of each failure, for the metrics.
            breaker: Told 1 whenever the store goes away, and 0 when it is back.
        """
        self._keys = keys
        self._hget = lru_cache(4 * N_SHARDS)(_hget)
        self._timeout_s = min(timeout_s, patience_s)
        self._longest_wait_s = patience_s - self._timeout_s
        self._failed = failed
        self._breaker = breaker
        self._pool = ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=CONNECT_S,
            socket_timeout=None,
            decode_responses=False,
        )
        self._all: list[AbstractConnection] = []
        self._fit: list[Link] = []
        self._waiting: list[Reads] = []
        self._flushing = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = False

    @property
    def away(self) -> bool:
        """Whether no link is fit to be used: the breaker is open."""
        return not self._fit

    async def start(self) -> None:
        """Connect, or begin trying to."""
        self._all = [_connection(self._pool) for _ in range(_N_LINKS)]
        self._breaker(1)
        mending = [self._spawn(self._mend(connection)) for connection in self._all]
        await asyncio.wait(mending, timeout=CONNECT_S, return_when=asyncio.FIRST_COMPLETED)

    async def stop(self) -> None:
        """Let go of the connections."""
        self._stopping = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for link in list(self._fit):
            link.lose(StoreAway())
        self._flush()
        for connection in self._all:
            await connection.disconnect(nowait=True)

    async def read(self, customer_id: str, version: str, *, history: bool) -> Packed:
        """Return what the release holds of a customer.

        Raises:
            StoreAway: The store did not answer in time.
        """
        if not self._fit:
            raise StoreAway
        shard, id_ = shard_of(customer_id), customer_id.encode()
        field = b"$%d\r\n%b\r\n" % (len(id_), id_)
        command = self._hget(self._keys.records, version, shard) + field
        if history:
            command += self._hget(self._keys.histories, version, shard) + field
        loop = self._fit[0].loop
        answer: asyncio.Future[list[bytes | None]] = loop.create_future()
        self._waiting.append(Reads(command, 2 if history else 1, answer))
        if not self._flushing:
            self._flushing = True
            loop.call_soon(self._flush)
        return Packed(*await answer)

    def _flush(self) -> None:
        """Send what waits, as far as there is room on the way."""
        self._flushing = False
        if not self._waiting:
            return
        room = _MAX_READS - len(self._fit[0]) if self._fit else 0
        together, self._waiting = self._waiting[:room], self._waiting[room:]
        if self._waiting:
            self._pass_over()
        if together:
            self._fit[0].send(together)

    def _pass_over(self) -> None:
        """Refuse what has been passed over for too long, or all where there is no link."""
        now_s = asyncio.get_running_loop().time()
        patient = []
        for reads in self._waiting:
            reads.passed_over_s = reads.passed_over_s or now_s
            if self._fit and now_s - reads.passed_over_s <= self._longest_wait_s:
                patient.append(reads)
            else:
                reads.refuse()
        self._waiting = patient

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _mend(self, connection: AbstractConnection) -> None:
        """Try until the connection answers a PING in time."""
        while not self._stopping:  # see app.live: a cancellation may be lost
            try:
                await connection.disconnect(nowait=True)
                link = await Link.opened(connection, timeout_s=self._timeout_s)
            except (RedisError, OSError, TimeoutError) as problem:
                self._failed(_kind(problem))
            except Exception:  # whatever it is, the store may come back
                log.exception("mending failed")
            else:
                self._welcome(link)
                return
            await asyncio.sleep(_MEND_EVERY_S)

    async def _mend_again(self, connection: AbstractConnection) -> None:
        """Mend, but not at once: whoever answers PING and refuses reads would be asked for ever."""
        await asyncio.sleep(_MEND_EVERY_S)
        await self._mend(connection)

    def _welcome(self, link: Link) -> None:
        if not self._fit:
            self._breaker(0)
            log.info("store answers")
        link.answered, link.lost = self._flush, self._lost
        self._fit.append(link)

    def _lost(self, link: Link, problem: Exception) -> None:
        self._fit.remove(link)
        if self._stopping:
            return
        self._failed(_kind(problem))
        if not self._fit:
            self._breaker(1)
            log.warning("store away", problem=type(problem).__name__)
        self._flush()
        self._spawn(self._mend_again(link.connection))


def _connection(pool: ConnectionPool) -> AbstractConnection:
    connection: AbstractConnection = pool.make_connection()  # type: ignore[no-untyped-call]
    return connection


def _hget(key_of: Callable[[str, int], str], version: str, shard: int) -> bytes:
    """Return the command but for its field."""
    key = key_of(version, shard).encode()
    return b"*3\r\n$4\r\nHGET\r\n$%d\r\n%b\r\n" % (len(key), key)


def _kind(problem: Exception) -> str:
    if isinstance(problem, TimeoutError | redis.exceptions.TimeoutError):
        return "timeout"
    return "refused" if isinstance(problem, ResponseError) else "connection"
