"""Commands to the store, many requests' at a time.

Requests that arrive together share one pipeline: each leaves its commands and a future, and
whichever of a few connections is free takes them together once the event loop has run everybody
who is ready. Each pipeline has one deadline. A connection that missed it, or broke, is put aside
and must answer a PING before it is used again; while none is fit, commands fail at once instead
of waiting (the breaker is open). Nothing is sent twice: the caller has a next best answer.

A connection is mended from 100 ms after it failed, every 100 ms, so the breaker opens after at
most one deadline and closes within some 150 ms of the store's return. We left out counting
failures before opening: one missed deadline in a row of good ones costs two round trips.

We also left out a protocol of our own on redis-py's transport: measured turn by turn, a whole
answer cost the same (165 beside 172 µs, within the noise).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from typing import Any

import structlog
from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenOff
from redis.exceptions import RedisError, ResponseError
from redis.exceptions import TimeoutError as RedisTimeout

from app.deadline import within

_CONNECT_S = 1.0
_MEND_EVERY_S = 0.1
_N_CONNECTIONS = 2
_PING = b"*1\r\n$4\r\nPING\r\n"

log = structlog.get_logger(__name__)


class StoreAway(Exception):
    """The store is away, or too slow to wait for."""


@dataclass(slots=True)
class _Left:
    """The commands of one request, and whoever waits for their replies."""

    commands: bytes
    n: int
    replies: asyncio.Future[list[Any]]
    at_s: float
    """When they were left, by the loop's clock."""

    def refuse(self) -> None:
        """Say that there will be no replies, if there were none."""
        if not self.replies.done():
            self.replies.set_exception(StoreAway())


async def _nothing(_connection: AbstractConnection) -> None:
    """Ask a connection nothing more than whether it answers."""


class Store:
    """A few connections to a store, shared by all requests."""

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float,
        patience_s: float,
        most: int,
        reply: Callable[[AbstractConnection], Awaitable[Any]],
        welcome: Callable[[AbstractConnection], Awaitable[None]] = _nothing,
        failed: Callable[[str], None] = lambda _kind: None,
        breaker: Callable[[int], None] = lambda _n_open: None,
    ) -> None:
        """Prepare; nothing connects before ``start``.

        Args:
            url: Where the store is.
            timeout_s: The deadline of one pipeline.
            patience_s: The longest that commands may wait in all, for a connection and for their
                replies.
            most: Commands in one pipeline: the last of them must make the deadline too.
            reply: Reads one reply; what it raises is the connection's failure.
            welcome: Asks a connection what is to be known before it is used, once it answers.
            failed: Told the kind of each failure, for the metrics.
            breaker: Told 1 whenever the store goes away, and 0 when it is back.
        """
        self._timeout_s = min(timeout_s, patience_s)
        self._longest_wait_s = patience_s - self._timeout_s
        self._most = most
        self._reply = reply
        self._welcome = welcome
        self._failed = failed
        self._breaker = breaker
        self._pool = ConnectionPool.from_url(
            url,
            retry=Retry(NoBackoff(), 0),
            socket_connect_timeout=_CONNECT_S,
            socket_timeout=None,
            decode_responses=False,
        )
        self._tasks: list[asyncio.Task[None]] = []
        self._n_fit = self._n_busy = 0
        self._all_busy_since_s = inf
        """By the loop's clock; never, while a connection is free."""
        self._waiting: deque[_Left] = deque()
        self._free: list[asyncio.Future[None]] = []
        """What connections wait for that have nothing to do."""
        self._connected = asyncio.Event()
        self._stopping = False

    @property
    def away(self) -> bool:
        """Whether no connection is fit to be used: the breaker is open."""
        return self._n_fit == 0

    async def start(self) -> None:
        """Connect, or begin trying to; a second call does nothing."""
        if self._tasks:
            return
        self._breaker(1)
        self._tasks = [asyncio.create_task(self._keep()) for _ in range(_N_CONNECTIONS)]
        with suppress(TimeoutError):
            async with asyncio.timeout(_CONNECT_S):
                await self._connected.wait()

    async def look(self) -> None:
        """See whether the store answers, so that its death is noticed when nobody asks."""
        with suppress(StoreAway):
            replies = self.leave(_PING, 1)
            while self._free:
                self._call_one()
            await replies

    async def stop(self) -> None:
        """Let go of the connections."""
        self._stopping, self._n_fit = True, 0
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._refuse_all()

    def leave(self, commands: bytes, n: int) -> asyncio.Future[list[Any]]:
        """Leave ``n`` packed commands for the next pipeline; better not more than fit in one.

        Returns:
            Their replies.

        Raises:
            StoreAway: No connection is fit; or, by the future, no reply came in time, and whether
                the commands were carried out is not known.
        """
        if self._n_fit == 0:
            raise StoreAway
        loop = asyncio.get_running_loop()
        replies: asyncio.Future[list[Any]] = loop.create_future()
        self._waiting.append(_Left(commands, n, replies, loop.time()))
        if len(self._waiting) == 1:
            self._call_one()
        return replies

    def _call_one(self) -> None:
        """Have a free connection take what waits, if there is one."""
        if self._free:
            self._free.pop().set_result(None)

    async def _keep(self) -> None:
        """Use a connection for as long as it is fit; then mend it, and again."""
        connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
        try:
            while not self._stopping:  # see app.live: a cancellation may be lost
                try:
                    await self._connect(connection)
                    await self._use(connection)
                except (RedisError, OSError, TimeoutError) as problem:
                    self._failed(_kind(problem))
                except Exception:  # whatever it is, the store may come back
                    log.exception("connection failed")
                await connection.disconnect(nowait=True)
                await asyncio.sleep(_MEND_EVERY_S)
        finally:
            await connection.disconnect(nowait=True)

    async def _connect(self, connection: AbstractConnection) -> None:
        async with asyncio.timeout(_CONNECT_S):
            await connection.connect()  # type: ignore[no-untyped-call]
        async with within(self._timeout_s):
            await connection.send_packed_command(_PING, check_health=False)
            await connection.read_response()
            await self._welcome(connection)

    async def _use(self, connection: AbstractConnection) -> None:
        """Send what is left, until the connection fails."""
        self._gain()
        try:
            while not self._stopping:
                if not self._waiting:
                    self._all_busy_since_s = inf
                    self._free.append(asyncio.get_running_loop().create_future())
                    await self._free[-1]
                    await asyncio.sleep(0)  # the loop reads what came meanwhile, be it the end
                if await connection.can_read():
                    raise BrokenOff  # or it says what nobody asked: either way, nobody's reply
                if together := self._taken():
                    await self._exchange(connection, together)
        except Exception as problem:
            self._lose(problem)
            raise

    def _taken(self) -> list[_Left]:
        """Take what goes into one pipeline; refuse what has waited for a connection for too long.

        A request that is larger than a pipeline goes alone.
        """
        late_s = asyncio.get_running_loop().time() - self._longest_wait_s
        while self._waiting and max(self._waiting[0].at_s, self._all_busy_since_s) < late_s:
            self._waiting.popleft().refuse()
        together: list[_Left] = []
        room = self._most
        while self._waiting and (self._waiting[0].n <= room or not together):
            together.append(self._waiting.popleft())
            room -= together[-1].n
        if self._waiting:
            self._call_one()
        return together

    async def _exchange(self, connection: AbstractConnection, together: list[_Left]) -> None:
        """Send the commands, hand out the replies."""
        self._n_busy += 1
        if self._n_busy == self._n_fit:
            now_s = asyncio.get_running_loop().time()
            self._all_busy_since_s = min(self._all_busy_since_s, now_s)
        try:
            async with within(self._timeout_s):
                await connection.send_packed_command(
                    b"".join([left.commands for left in together]), check_health=False
                )
                for left in together:
                    replies = [await self._reply(connection) for _ in range(left.n)]
                    if not left.replies.done():
                        left.replies.set_result(replies)
        finally:
            self._n_busy -= 1
            for left in together:
                left.refuse()

    def _gain(self) -> None:
        self._n_fit += 1
        if self._n_fit == 1:
            self._breaker(0)
            self._connected.set()
            log.info("store answers")

    def _lose(self, problem: Exception) -> None:
        self._n_fit -= 1
        while self._free:  # whatever broke this one may have broken the others
            self._call_one()
        if self._n_fit == 0:
            self._breaker(1)
            self._refuse_all()
            log.warning("store away", problem=type(problem).__name__)

    def _refuse_all(self) -> None:
        while self._waiting:
            self._waiting.popleft().refuse()


def _kind(problem: Exception) -> str:
    if isinstance(problem, TimeoutError | RedisTimeout):
        return "timeout"
    return "refused" if isinstance(problem, ResponseError) else "connection"
