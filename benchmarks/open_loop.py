"""Requests at a fixed schedule, whatever the server does: latency as customers feel it.

Customers do not wait for one another. A generator that does, as a closed loop, asks less just while
the server is slow, and so leaves out the waits that matter ("coordinated omission"). Here every
request has its time beforehand, by a Poisson process or at equal distances, and its latency is
counted from that time, also where no connection was free and the request had to wait for one.

It must itself be cheap, on the same machine as the server: requests are bytes made beforehand,
answers are only measured by their ``Content-Length``, and one in a hundred is kept for whoever
checks it. What delay remains on our side is measured too.

Source: Gil Tene, "How NOT to Measure Latency", 2013; Schroeder, Wierman and Harchol-Balter, "Open
Versus Closed: A Cautionary Tale", NSDI 2006.
"""

import asyncio
import gc
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Literal, cast

import numpy as np
import uvloop
from numpy.typing import NDArray

from benchmarks.alarm import Alarm

CONNECTIONS = 64
KEPT_EVERY = 100
DRAIN_S = 5.0
"""How long the last answers are waited for."""
AGAIN_S = 0.1

Times = NDArray[np.float64]
Arrivals = Literal["poisson", "constant"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What came of one schedule."""

    latency_ms: Times
    """Of each answer that was 200, from its intended time."""
    late_ms: Times
    """How much later each request left than its time and a free connection allowed: our delay."""
    kept: Sequence[tuple[int, int, bytes]]
    """Of some answers: the request's place, status and body."""
    n_errors: int
    """Other statuses, broken connections, and answers that did not come in time."""
    statuses: Mapping[int, int]
    """How often which came; 0 is a broken connection."""
    intended_s: float
    """When the last request should have left, in seconds from the start."""
    seconds: float
    """When the last answer had come, or was given up."""


def schedule(rate: float, seconds: float, *, arrivals: Arrivals, rng: np.random.Generator) -> Times:
    """Return the intended times, in seconds from the start, ascending.

    Args:
        rate: Requests a second, above 0.
        seconds: For how long.
        arrivals: ``poisson``, as independent customers come, or ``constant``, at equal distances.
        rng: Draws the arrivals.
    """
    if arrivals == "constant":
        return np.arange(0, seconds, 1 / rate)
    times = np.cumsum(rng.exponential(1 / rate, size=int(rate * seconds * 1.2) + 100))
    return np.asarray(times[times < seconds])


def run(
    port: int,
    requests: Sequence[bytes],
    times: Times,
    *,
    host: str = "127.0.0.1",
    connections: int = CONNECTIONS,
) -> Seen:
    """Send requests at their times and return what came back.

    Args:
        port: Where the server listens.
        requests: Whole HTTP/1.1 requests, taken round and round.
        times: Intended times, ascending, in seconds from the start; at least one.
        host: The server's address.
        connections: Kept alive; a request without a free one waits, and its wait counts.

    Raises:
        OSError: Nobody listens.
    """
    gc.collect()
    gc.disable()  # its pauses would count as the server's
    try:
        return uvloop.run(_Load(requests, times).run(host, port, connections))
    finally:
        gc.enable()


class _Load:
    """One run: which requests are due, sent and answered."""

    def __init__(self, requests: Sequence[bytes], times: Times) -> None:
        self._requests = requests
        self._at: list[float] = times.tolist()
        self._latency: list[float] = []
        self._late: list[float] = []
        self._statuses: Counter[int] = Counter()
        self._kept: list[tuple[int, int, bytes]] = []
        self._free: list[_Connection] = []
        self._n_due = self._n_sent = self._n_answered = self._n_errors = 0
        self._done = asyncio.Event()
        self._reopening: set[asyncio.Task[None]] = set()

    async def run(self, host: str, port: int, connections: int) -> Seen:
        loop = asyncio.get_running_loop()
        self._place = host, port
        for _ in range(connections):
            await loop.create_connection(lambda: _Connection(self), host, port)
        self._began = perf_counter() + 0.05
        self._alarm = Alarm(loop, self._ring)
        self._alarm.set(self._began + self._at[0])
        with suppress(TimeoutError):
            await asyncio.wait_for(self._done.wait(), self._at[-1] + DRAIN_S)
        self._done.set()
        self._alarm.close()
        seconds = perf_counter() - self._began
        for task in self._reopening:
            task.cancel()
        for connection in self._free:
            connection.close()
        return Seen(
            latency_ms=np.array(self._latency) * 1000,
            late_ms=np.array(self._late) * 1000,
            kept=self._kept,
            n_errors=self._n_errors + len(self._at) - self._n_answered,
            statuses=self._statuses,
            intended_s=self._at[-1],
            seconds=seconds,
        )

    def _ring(self) -> None:
        """Send what is due, and come back for what is next."""
        now = perf_counter() - self._began
        while self._n_due < len(self._at) and self._at[self._n_due] <= now:
            self._n_due += 1
        while self._free and self._n_sent < self._n_due:
            self._send(self._free.pop(), now)
        if self._n_due < len(self._at):
            self._alarm.set(self._began + self._at[self._n_due])

    def _send(self, connection: "_Connection", now: float) -> None:
        n = self._n_sent
        self._n_sent += 1
        self._late.append(now - max(self._at[n], connection.free_since))
        connection.send(n, self._requests[n % len(self._requests)])

    def freed(self, connection: "_Connection") -> None:
        """Take a connection back, or use it again at once."""
        connection.free_since = perf_counter() - self._began if self._n_due else 0.0
        if self._n_sent < self._n_due:
            self._send(connection, connection.free_since)
        else:
            self._free.append(connection)

    def answered(self, n: int, status: int, body: bytes | None) -> None:
        """Note an answer."""
        self._statuses[status] += 1
        if status == 200:
            self._latency.append(perf_counter() - self._began - self._at[n])
        else:
            self._n_errors += 1
        if body is not None:
            self._kept.append((n, status, body))
        self._n_answered += 1
        if self._n_answered == len(self._at):
            self._done.set()

    def lost(self, connection: "_Connection", n: int | None) -> None:
        """Note a broken connection, its request if it had one, and open another."""
        if connection in self._free:
            self._free.remove(connection)
        if self._done.is_set():
            return
        if n is not None:
            self.answered(n, 0, None)
        task = asyncio.get_running_loop().create_task(self._reopen())
        self._reopening.add(task)
        task.add_done_callback(self._reopening.discard)

    async def _reopen(self) -> None:
        while not self._done.is_set():
            try:
                await asyncio.get_running_loop().create_connection(
                    lambda: _Connection(self), *self._place
                )
            except OSError:
                await asyncio.sleep(AGAIN_S)
            else:
                return


class _Connection(asyncio.Protocol):
    """One request at a time."""

    _transport: asyncio.WriteTransport

    def __init__(self, load: _Load) -> None:
        self._load = load
        self._n: int | None = None
        self._received = b""
        self._left = -1
        self._status = 0
        self.free_since = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.WriteTransport, transport)
        self._load.freed(self)

    def send(self, n: int, request: bytes) -> None:
        self._n, self._received, self._left = n, b"", -1
        self._transport.write(request)

    def close(self) -> None:
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._n is None:
            return
        kept = self._n % KEPT_EVERY == 0
        if self._left < 0:
            self._received += data
            end = self._received.find(b"\r\n\r\n") + 4
            if end < 4:
                return
            self._status, length = _head(self._received[:end])
            self._left = length - (len(self._received) - end)
            if kept:
                self._received = self._received[end:]
        else:
            self._left -= len(data)
            if kept:
                self._received += data
        if self._left <= 0:
            n, self._n = self._n, None
            self._load.answered(n, self._status, self._received if kept else None)
            self._load.freed(self)

    def connection_lost(self, _exc: Exception | None) -> None:
        n, self._n = self._n, None
        self._load.lost(self, n)


def _head(head: bytes) -> tuple[int, int]:
    """Return status and length of the body; without ``Content-Length`` there is none."""
    place = head.lower().find(b"content-length:")
    length = int(head[place + 15 : head.find(b"\r\n", place)]) if place >= 0 else 0
    return int(head[9:12]), length
