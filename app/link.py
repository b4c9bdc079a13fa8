"""An open connection to Redis that answers many reads at a time.

redis-py opens and closes the connection, with the URL, TLS, password and database as it knows them;
in between its transport speaks to the protocol here instead of redis-py's streams. What requests
leave together goes out in one write, and replies are handed out in their order as they arrive: for
each a call of hiredis, where redis-py runs two coroutines and a timeout.

Every read has a deadline. A link that misses one, breaks, or is refused a read is lost for good,
with all that waits for it.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Self

import hiredis
from redis.asyncio.connection import AbstractConnection
from redis.exceptions import InvalidResponse, RedisError, ResponseError

CONNECT_S = 1.0
_LOOK_AGAIN_S = 0.001
_LOOKS = 5
"""Turns of the loop in which a reply that lay there in time is found, however busy the worker."""
_NOT_YET = object()
_PING = b"*1\r\n$4\r\nPING\r\n"


class StoreAway(Exception):
    """The store is away, or too slow to wait for."""


@dataclass(slots=True)
class Reads:
    """The reads of one request, and whoever waits for them."""

    command: bytes
    n: int
    answer: asyncio.Future[list[bytes | None]]
    due_s: float = 0.0
    """By when they must be answered, by the loop's clock, once they were sent."""
    passed_over_s: float = 0.0
    """When there first was no room for them; 0 while there was."""
    values: list[bytes | None] = field(default_factory=list)

    def refuse(self) -> None:
        """Say that there will be no answer."""
        if not self.answer.done():
            self.answer.set_exception(StoreAway())


class Link(asyncio.Protocol):
    """Sends reads and hands out the replies, until it is lost."""

    def __init__(
        self, connection: AbstractConnection, transport: asyncio.WriteTransport, *, timeout_s: float
    ) -> None:
        self.connection = connection
        self.answered: Callable[[], None] = lambda: None
        """Told whenever replies have arrived."""
        self.lost: Callable[[Link, Exception], None] = lambda _link, _problem: None
        """Told once, when the link is lost, and why."""
        self._transport = transport
        self._timeout_s = timeout_s
        self._sent: deque[Reads] = deque()
        self._replies = hiredis.Reader(protocolError=InvalidResponse, notEnoughData=_NOT_YET)
        self._timer: asyncio.TimerHandle | None = None
        self._problem: Exception | None = None
        self.loop = asyncio.get_running_loop()

    @classmethod
    async def opened(cls, connection: AbstractConnection, *, timeout_s: float) -> Self:
        """Connect, and return the link once it has answered a PING in time.

        Args:
            connection: Not connected.
            timeout_s: The deadline of a read.

        Raises:
            RedisError, OSError: There is no connection, or no answer in time.
        """
        async with asyncio.timeout(CONNECT_S):
            await connection.connect()  # type: ignore[no-untyped-call]
        writer = connection._writer  # redis-py has no public way to it
        assert writer is not None
        link = cls(connection, writer.transport, timeout_s=timeout_s)
        writer.transport.set_protocol(link)
        ping = Reads(_PING, 1, link.loop.create_future())
        link.send([ping])
        with suppress(StoreAway):
            await ping.answer
        if link._problem is not None:  # it may be lost in the same breath that brought the answer
            raise link._problem
        return link

    def __len__(self) -> int:
        """Return how many reads wait for their replies."""
        return len(self._sent)

    def send(self, together: list[Reads]) -> None:
        """Send reads in one write; a lost link refuses them."""
        if self._problem is not None:
            for reads in together:
                reads.refuse()
            return
        due_s = self.loop.time() + self._timeout_s
        for reads in together:
            reads.due_s = due_s
        self._sent.extend(together)
        self._transport.write(b"".join([reads.command for reads in together]))
        if self._timer is None:
            self._timer = self.loop.call_at(due_s, self._look)

    def data_received(self, data: bytes) -> None:
        """Hand out what has arrived; what the store tells unasked is no reply to anybody."""
        gets = self._replies.gets
        try:
            self._replies.feed(data)
            while (reply := gets()) is not _NOT_YET:
                if not isinstance(reply, hiredis.PushNotification):
                    self._hand_out(reply)
        except RedisError as problem:
            self.lose(problem)
        else:
            self.answered()

    def _hand_out(self, reply: Any) -> None:  # noqa: ANN401  # any reply of Redis
        if not self._sent:
            raise InvalidResponse("a reply to nothing that was asked")
        reads = self._sent[0]
        reads.values.append(_value(reply))
        if len(reads.values) == reads.n:
            self._sent.popleft()
            if not reads.answer.done():
                reads.answer.set_result(reads.values)

    def connection_lost(self, problem: Exception | None) -> None:
        """Give up what was asked."""
        self.lose(problem or ConnectionResetError("the store closed the connection"))

    def lose(self, problem: Exception) -> None:
        """Give up, for the first reason that is told."""
        if self._problem is not None:
            return
        self._problem = problem
        self._transport.abort()
        if self._timer is not None:
            self._timer.cancel()
        while self._sent:
            self._sent.popleft().refuse()
        self.lost(self, problem)

    def _look(self, n_left: int = _LOOKS) -> None:
        """See whether the oldest read is overdue, and has been for some turns of the loop.

        A worker that was busy for longer than the deadline finds its timer before the reply that
        lay there in time; it must not take its own slowness for the store's. Each look is a turn
        of the loop of its own, however long that turn takes.
        """
        self._timer = None
        if not self._sent:
            return
        due_s = self._sent[0].due_s
        if due_s > self.loop.time():
            self._timer = self.loop.call_at(due_s, self._look)
        elif n_left:
            self._timer = self.loop.call_later(_LOOK_AGAIN_S, self._look, n_left - 1)
        else:
            self.lose(TimeoutError("the store did not answer in time"))


def _value(reply: Any) -> bytes | None:  # noqa: ANN401  # any reply of Redis
    """Return one value; an empty one, which unpacks as damaged, for a key of the wrong type.

    Raises:
        ResponseError: The store refused.
    """
    if isinstance(reply, hiredis.HiredisError):
        if str(reply).startswith("WRONGTYPE"):
            return b""
        raise ResponseError(str(reply))
    value: bytes | None = reply
    return value
