import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter

import numpy as np
import pytest

from benchmarks import open_loop
from benchmarks.alarm import Alarm

pytestmark = pytest.mark.alone
REQUEST = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
Handle = Callable[[int, asyncio.StreamWriter], "asyncio.Future[None] | None"]


@contextmanager
def serving(answer: Callable[[int], bytes], *, delay_s: Callable[[int], float]) -> Iterator[int]:
    """Answer the n-th request with ``answer(n)`` after ``delay_s(n)``; nothing closes a door."""
    ready = threading.Event()
    told: dict[str, object] = {}

    async def main() -> None:
        n_seen = 0

        async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal n_seen
            try:
                while await reader.readuntil(b"\r\n\r\n"):
                    n, n_seen = n_seen, n_seen + 1
                    await asyncio.sleep(delay_s(n))
                    if not answer(n):
                        break
                    writer.write(answer(n))
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            finally:
                writer.close()

        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        told["port"] = server.sockets[0].getsockname()[1]
        told["loop"], told["end"] = asyncio.get_running_loop(), asyncio.Event()
        ready.set()
        await told["end"].wait()  # type: ignore[attr-defined]
        server.close()

    thread = threading.Thread(target=asyncio.run, args=(main(),))
    thread.start()
    ready.wait()
    try:
        yield int(str(told["port"]))
    finally:
        told["loop"].call_soon_threadsafe(told["end"].set)  # type: ignore[attr-defined]
        thread.join()


def test_constant_arrivals_are_equally_far_apart() -> None:
    times = open_loop.schedule(100, 1, arrivals="constant", rng=np.random.default_rng(1))

    assert times.size == 100
    assert np.allclose(np.diff(times), 0.01)


def test_poisson_arrivals_vary_as_much_as_their_mean() -> None:
    times = open_loop.schedule(1000, 20, arrivals="poisson", rng=np.random.default_rng(1))

    gaps = np.diff(times)

    assert gaps.mean() == pytest.approx(0.001, rel=0.03)
    assert gaps.std() == pytest.approx(0.001, rel=0.03)


def test_a_stall_counts_for_every_request_that_was_due_in_it() -> None:
    times = np.arange(30) / 100

    with serving(lambda _: ANSWER, delay_s=lambda n: 0.3 if n == 0 else 0) as port:
        seen = open_loop.run(port, [REQUEST], times, connections=1)

    waited = (300 - 10 * np.arange(30)).clip(min=0)
    assert (seen.latency_ms >= waited - 1).all()
    assert seen.n_errors == 0


def test_every_answer_is_counted_once_and_one_in_a_hundred_is_kept() -> None:
    times = np.arange(250) / 2000

    with serving(lambda _: ANSWER, delay_s=lambda _: 0) as port:
        seen = open_loop.run(port, [REQUEST], times, connections=4)

    assert (seen.latency_ms.size, seen.n_errors, dict(seen.statuses)) == (250, 0, {200: 250})
    assert [(n, status, body) for n, status, body in sorted(seen.kept)] == [
        (0, 200, b"hi"),
        (100, 200, b"hi"),
        (200, 200, b"hi"),
    ]


def test_broken_connections_are_errors_and_are_opened_again() -> None:
    times = np.arange(40) / 200

    with serving(lambda n: b"" if n % 10 == 0 else ANSWER, delay_s=lambda _: 0) as port:
        seen = open_loop.run(port, [REQUEST], times, connections=2)

    assert (seen.n_errors, seen.latency_ms.size) == (4, 36)


def test_other_statuses_are_errors() -> None:
    refused = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"

    with serving(lambda n: refused if n < 3 else ANSWER, delay_s=lambda _: 0) as port:
        seen = open_loop.run(port, [REQUEST], np.arange(10) / 100, connections=1)

    assert (seen.n_errors, dict(seen.statuses)) == (3, {503: 3, 200: 7})


def test_nobody_listening_is_said_at_once() -> None:
    with serving(lambda _: ANSWER, delay_s=lambda _: 0) as port:
        pass

    with pytest.raises(OSError):  # noqa: PT011  # what the system calls it differs
        open_loop.run(port, [REQUEST], np.arange(3) / 100, connections=1)


def test_an_alarm_never_rings_early() -> None:
    async def rung_after_s() -> float:
        loop, rung = asyncio.get_running_loop(), asyncio.Event()
        alarm = Alarm(loop, rung.set)
        at = perf_counter() + 0.0123
        alarm.set(at)
        await rung.wait()
        alarm.close()
        return perf_counter() - at

    assert 0 <= asyncio.run(rung_after_s()) < 0.5
