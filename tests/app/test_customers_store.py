"""The coalescing reader and its breaker, on a real store."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis

from app.customers import Customers
from app.deadline import within
from app.store import StoreAway
from models.artifacts.keys import Keys, shard_of
from training.embedded import EmbeddedStore

pytestmark = [pytest.mark.anyio, pytest.mark.alone]
TIMEOUT_S = 0.1


@asynccontextmanager
async def reading(url: str, namespace: str, timeout_s: float = 1.0) -> AsyncIterator[Customers]:
    customers = Customers(url, Keys(namespace), timeout_s=timeout_s, patience_s=10 * timeout_s)
    await customers.start()
    try:
        yield customers
    finally:
        await customers.stop()


def put(url: str, namespace: str, customer_id: str, record: bytes, history: bytes) -> None:
    shard = shard_of(customer_id)
    with redis.Redis.from_url(url) as store:
        store.hset(Keys(namespace).records("r1", shard), customer_id, record)
        store.hset(Keys(namespace).histories("r1", shard), customer_id, history)


def pid(store: EmbeddedStore) -> int:
    with redis.Redis.from_url(store.url) as connection:
        return int(connection.info("server")["process_id"])


async def eventually(condition: "object", limit_s: float) -> float:
    """Wait until ``condition()`` holds and return how long that took."""
    started = time.monotonic()
    while not await condition():  # type: ignore[operator]
        assert time.monotonic() - started < limit_s
        await asyncio.sleep(0.01)
    return time.monotonic() - started


async def test_each_of_many_readers_gets_their_own(store_url: str, namespace: str) -> None:
    names = [f"c-{n} ü \r\n$3" for n in range(300)]
    for name in names:
        put(store_url, namespace, name, b"record " + name.encode(), b"history " + name.encode())

    async with reading(store_url, namespace) as customers:
        found = await asyncio.gather(
            *(customers.read(name, "r1", history=n % 2 == 0) for n, name in enumerate(names))
        )

    for n, (name, packed) in enumerate(zip(names, found, strict=True)):
        assert packed.record == b"record " + name.encode()
        assert packed.history == (b"history " + name.encode() if n % 2 == 0 else None)


async def test_readers_that_come_together_share_a_pipeline(
    own_store: EmbeddedStore, namespace: str
) -> None:
    """Over one connection at a time: however many read, no more than two connections are open."""
    async with reading(own_store.url, namespace) as customers:
        await asyncio.gather(*(customers.read(f"c-{n}", "r1", history=False) for n in range(500)))
        with redis.Redis.from_url(own_store.url) as store:
            n_clients = len(store.client_list())

    assert n_clients <= 3  # two of ours, and the one that counts


async def test_whoever_is_unknown_is_none(store_url: str, namespace: str) -> None:
    async with reading(store_url, namespace) as customers:
        packed = await customers.read("nobody", "r1", history=True)

    assert packed.record is None
    assert packed.history is None


async def test_a_cancelled_reader_spoils_nobody_elses_answer(
    store_url: str, namespace: str
) -> None:
    put(store_url, namespace, "ana", b"ana's", b"")
    async with reading(store_url, namespace) as customers:
        impatient = asyncio.ensure_future(customers.read("ben", "r1", history=True))
        patient = asyncio.ensure_future(customers.read("ana", "r1", history=False))
        await asyncio.sleep(0)
        impatient.cancel()

        assert (await patient).record == b"ana's"
        assert (await customers.read("ana", "r1", history=False)).record == b"ana's"


async def test_without_a_store_reading_fails_at_once(namespace: str, tmp_path: Path) -> None:
    async with reading(f"unix://{tmp_path}/nothing.sock", namespace) as customers:
        started = time.monotonic()
        with pytest.raises(StoreAway):
            await customers.read("ana", "r1", history=False)

    assert time.monotonic() - started < 0.05


@pytest.mark.faults
async def test_a_frozen_store_opens_the_breaker_within_a_second_and_closes_it_on_return(
    own_store: EmbeddedStore, namespace: str
) -> None:
    process = pid(own_store)
    async with reading(own_store.url, namespace, TIMEOUT_S) as customers:

        async def reads() -> bool:
            try:
                await customers.read("ana", "r1", history=False)
            except StoreAway:
                return False
            return True

        async def is_away() -> bool:
            await reads()
            return customers.away

        assert await reads()
        os.kill(process, signal.SIGSTOP)
        try:
            opened_s = await eventually(is_away, limit_s=1)
            started = time.monotonic()
            assert not await reads()
            refused_s = time.monotonic() - started
        finally:
            os.kill(process, signal.SIGCONT)
        back_s = await eventually(reads, limit_s=5)

    assert opened_s < 1
    assert refused_s < 0.05
    assert back_s < 2


@pytest.mark.faults
async def test_a_store_that_is_loading_or_asks_for_a_password_counts_as_away(
    own_store: EmbeddedStore, namespace: str
) -> None:
    async with reading(own_store.url, namespace) as customers:
        with redis.Redis.from_url(own_store.url) as store:
            store.config_set("requirepass", "s3cret")
            store.client_kill_filter(_type="normal", skipme=True)

            async def refused() -> bool:
                try:
                    await customers.read("ana", "r1", history=False)
                except StoreAway:
                    return customers.away
                return False

            await eventually(refused, limit_s=5)
            store.config_set("requirepass", "")

        async def reads() -> bool:
            try:
                await customers.read("ana", "r1", history=False)
            except StoreAway:
                return False
            return True

        await eventually(reads, limit_s=5)


async def test_a_busy_loop_does_not_take_its_own_slowness_for_the_stores(
    store_url: str, namespace: str
) -> None:
    """The loop is blocked for twice the deadline right after the command was sent."""
    async with reading(store_url, namespace, TIMEOUT_S) as customers:
        asked = asyncio.ensure_future(customers.read("nobody", "r1", history=False))
        await asyncio.sleep(0)  # leaves its command
        await asyncio.sleep(0)  # a connection is called
        await asyncio.sleep(0)  # it sends
        time.sleep(2 * TIMEOUT_S)  # the block is the fault that is injected

        assert (await asked).record is None
        assert not customers.away


@pytest.mark.parametrize(
    "anyio_backend", [("asyncio", {"use_uvloop": False}), ("asyncio", {"use_uvloop": True})]
)
@pytest.mark.parametrize("n_turns", [1, 3])
async def test_nor_does_whoever_waits_for_a_busy_loops_reader(
    anyio_backend: object, store_url: str, namespace: str, n_turns: int
) -> None:
    """The loop is blocked for twice the deadline, four times, before or after the command left."""
    loop, n_blocked = asyncio.get_running_loop(), 0

    def busy() -> None:
        nonlocal n_blocked
        n_blocked += 1
        time.sleep(2 * TIMEOUT_S)  # the block is the fault that is injected
        if n_blocked < 4:
            loop.call_soon(busy)

    async with reading(store_url, namespace, TIMEOUT_S) as customers:
        asked = asyncio.ensure_future(customers.read("nobody", "r1", history=False))
        for _ in range(n_turns):
            await asyncio.sleep(0)
        busy()

        assert (await asked).record is None


@pytest.mark.faults
async def test_a_lost_connection_costs_one_read_at_most(
    own_store: EmbeddedStore, namespace: str
) -> None:
    put(own_store.url, namespace, "ana", b"ana's", b"")
    async with reading(own_store.url, namespace) as customers:

        async def both_open() -> bool:
            with redis.Redis.from_url(own_store.url) as store:
                return len(store.client_list()) == 3  # with the one that counts

        await eventually(both_open, limit_s=5)
        with redis.Redis.from_url(own_store.url) as store:
            (used, *_) = [client for client in store.client_list() if client["cmd"] == "ping"]
            store.client_kill_filter(_id=used["id"])
        found = [await read_if_any(customers) for _ in range(20)]

        assert found.count(b"ana's") >= 19  # one may have been on the lost connection
        assert not customers.away


async def read_if_any(customers: Customers) -> bytes | None:
    try:
        return (await customers.read("ana", "r1", history=False)).record
    except StoreAway:
        return None


async def test_more_readers_than_one_write_takes_are_all_answered(
    store_url: str, namespace: str
) -> None:
    put(store_url, namespace, "ana", b"ana's", b"")

    async with reading(store_url, namespace) as customers:
        found = await asyncio.gather(
            *(customers.read("ana", "r1", history=False) for _ in range(3000))
        )

    assert {packed.record for packed in found} == {b"ana's"}


@pytest.mark.faults
async def test_a_store_that_refuses_a_read_is_away_and_the_kind_is_told(
    own_store: EmbeddedStore, namespace: str
) -> None:
    told: list[str] = []
    customers = Customers(
        own_store.url, Keys(namespace), timeout_s=1.0, patience_s=1.0, failed=told.append
    )
    await customers.start()
    with redis.Redis.from_url(own_store.url) as store:
        store.execute_command("ACL", "SETUSER", "default", "-hget")
        try:
            with pytest.raises(StoreAway):
                await customers.read("ana", "r1", history=False)
        finally:
            store.execute_command("ACL", "SETUSER", "default", "+hget")
    await customers.stop()

    assert "refused" in told


async def test_a_deadline_ends_what_never_comes() -> None:
    with pytest.raises(TimeoutError):
        async with within(0.01):
            await asyncio.get_running_loop().create_future()
