"""What a store may say that is no answer: unasked, refused, or nonsense."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from app.customers import Customers
from app.store import StoreAway
from models.artifacts.keys import Keys
from tests.app.saying import eventually, saying

pytestmark = pytest.mark.anyio
PUSH = b">2\r\n$6\r\nMOVING\r\n$1\r\n1\r\n"
PONG = b"+PONG\r\n"


def answer(command: list[bytes]) -> bytes:
    """Answer as a store whose every record is the customer's name."""
    if command[0] == b"HELLO":
        return b"%1\r\n$5\r\nproto\r\n:3\r\n"
    if command[0] == b"HGET":
        return b"$%d\r\n%b\r\n" % (len(command[2]), command[2])
    if command[0] == b"HMGET":
        return b"*6\r\n" + 6 * b"$-1\r\n"
    return PONG if command[0] == b"PING" else b"+OK\r\n"


@asynccontextmanager
async def reading(url: str) -> AsyncIterator[Customers]:
    customers = Customers(url, Keys("shop"), timeout_s=0.5, patience_s=0.5)
    await customers.start()
    try:
        yield customers
    finally:
        await customers.stop()


async def test_what_the_store_tells_unasked_shifts_nobodys_answer() -> None:
    def says(command: list[bytes]) -> bytes:
        return PUSH + answer(command) if command[0] == b"HGET" else answer(command)

    async with saying(says) as url, reading(url) as customers:
        names = [f"c-{n}" for n in range(50)]
        found = await asyncio.gather(*(customers.read(name, "r1", history=False) for name in names))

    assert [packed.record for packed in found] == [name.encode() for name in names]


async def test_what_comes_after_the_last_answer_is_nobodys() -> None:
    """A reply too many would be the next reader's, and theirs the one's after."""

    def says(command: list[bytes]) -> bytes:
        return answer(command) + (b"$4\r\nbens\r\n" if command[0] == b"HMGET" else b"")

    async with saying(says) as url, reading(url) as customers:
        names = [f"c-{n}" for n in range(10)]
        found = []
        for name in names:
            with suppress(StoreAway):
                found.append((name, (await customers.read(name, "r1", history=False)).record))

    assert found
    assert all(record == name.encode() for name, record in found)


async def test_nonsense_for_an_answer_is_a_store_that_is_away_until_it_talks_sense() -> None:
    sober = False

    def says(command: list[bytes]) -> bytes:
        return answer(command) if sober or command[0] != b"HGET" else b"no protocol at all\r\n"

    async with saying(says) as url, reading(url) as customers:
        for _ in range(2):
            with pytest.raises(StoreAway):
                await customers.read("ana", "r1", history=False)
        sober = True
        await eventually(lambda: not customers.away)

        assert (await customers.read("ana", "r1", history=False)).record == b"ana"


async def test_whoever_refuses_reads_is_not_asked_without_a_pause() -> None:
    connections = 0

    def says(command: list[bytes]) -> bytes:
        nonlocal connections
        connections += command[0] == b"PING"
        return b"-MOVED 1 127.0.0.1:1\r\n" if command[0] == b"HGET" else answer(command)

    async with saying(says) as url, reading(url) as customers:
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() - began < 0.5:
            with pytest.raises(StoreAway):
                await customers.read("ana", "r1", history=False)
            await asyncio.sleep(0)

    assert connections <= 2 + 2 * 6  # two connections, a try each 100 ms


async def test_reads_that_wait_for_room_are_refused_when_the_server_stops() -> None:
    silent = [b"HGET", b"HMGET"]

    def says(command: list[bytes]) -> bytes:
        return b"" if command[0] in silent else answer(command)

    async with saying(says) as url:
        customers = Customers(url, Keys("shop"), timeout_s=5, patience_s=10)
        await customers.start()
        waiting = [
            asyncio.ensure_future(customers.read(f"c-{n}", "r1", history=False))
            for n in range(1500)
        ]
        await asyncio.sleep(0)
        await customers.stop()

        async with asyncio.timeout(5):
            found = await asyncio.gather(*waiting, return_exceptions=True)

    assert all(isinstance(one, StoreAway) for one in found)


async def test_whoever_was_passed_over_for_too_long_is_refused_unsent() -> None:
    """Two connections take 1,024 reads each and answer late; the rest have no patience left."""
    n_asked = 0
    begun = asyncio.Event()

    async def late(command: list[bytes]) -> bytes:
        nonlocal n_asked
        if command[0] == b"HGET":
            n_asked += 1
            await begun.wait()
        return answer(command)

    async with saying(late) as url:
        customers = Customers(url, Keys("shop"), timeout_s=5, patience_s=5)
        await customers.start()
        asked = [
            asyncio.ensure_future(customers.read(f"c-{n}", "r1", history=False))
            for n in range(2500)
        ]
        await eventually(lambda: n_asked == 2)  # one a connection; the others wait behind it
        begun.set()
        found = await asyncio.gather(*asked, return_exceptions=True)
        await customers.stop()

    assert n_asked == 2048
    assert sum(isinstance(one, StoreAway) for one in found) == 2500 - 2048
