"""Scripts run once each, many in one pipeline, and say so when they could not."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress

import pytest
import redis

from app.scripts import Script, Scripts, StoreRefused
from app.store import StoreAway
from tests.faults.proxy import Link
from training.embedded import EmbeddedStore

pytestmark = pytest.mark.anyio
COUNT = Script("return redis.call('INCRBY', KEYS[1], ARGV[1])")
ECHO = Script("return {KEYS[1], ARGV[1], ARGV[2]}")


@asynccontextmanager
async def running(url: str, timeout_s: float = 1.0) -> AsyncIterator[Scripts]:
    scripts = Scripts(url, timeout_s=timeout_s)
    await scripts.start()
    try:
        yield scripts
    finally:
        await scripts.stop()


@pytest.fixture
def client(own_store: EmbeddedStore) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(own_store.url) as client:
        yield client


@pytest.mark.store
async def test_each_of_many_callers_gets_their_own(store_url: str, namespace: str) -> None:
    async with running(store_url) as scripts:
        found = await asyncio.gather(
            *(scripts.run(ECHO, [f"{namespace}:{n}"], [n, b"\r\n$3\0"]) for n in range(300))
        )

    assert found == [[f"{namespace}:{n}".encode(), b"%d" % n, b"\r\n$3\0"] for n in range(300)]


@pytest.mark.store
async def test_a_script_that_the_store_does_not_know_is_sent_in_full_and_run_once(
    store_url: str, namespace: str
) -> None:
    new = Script(f"{COUNT.text} -- {namespace}")
    async with running(store_url) as scripts:
        found = await scripts.run_each(new, [([namespace], [1])] * 200)

    assert sorted(found) == list(range(1, 201))


@pytest.mark.store
async def test_who_does_not_start_it_gets_an_answer_all_the_same(
    store_url: str, namespace: str
) -> None:
    scripts = Scripts(store_url, timeout_s=1.0)

    assert await scripts.run(COUNT, [namespace], [2]) == 2
    await scripts.stop()


@pytest.mark.store
async def test_what_a_script_may_not_do_is_refused_and_the_rest_is_done(
    store_url: str, namespace: str
) -> None:
    failures: list[str] = []
    scripts = Scripts(store_url, timeout_s=1.0, failed=failures.append)
    keys = [namespace, f"{namespace}:text", namespace]
    with redis.Redis.from_url(store_url) as client:
        client.set(keys[1], "no number")

    first, refused, last = await scripts.run_each(COUNT, [([key], [1]) for key in keys])

    assert (first, last) == (1, 2)
    assert isinstance(refused, StoreRefused)
    with pytest.raises(StoreRefused):
        await scripts.run(COUNT, [keys[1]], [1])
    assert failures == ["refused"] * 2
    await scripts.stop()


@pytest.mark.faults
async def test_while_the_store_is_frozen_callers_are_told_in_time_and_nothing_is_doubled(
    own_store: EmbeddedStore, client: redis.Redis
) -> None:
    pid = client.info("server")["process_id"]
    async with running(own_store.url, timeout_s=0.1) as scripts:
        await scripts.run(COUNT, ["n"], [1])
        os.kill(pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            for _ in range(10):
                with pytest.raises(StoreAway):
                    await scripts.run(COUNT, ["n"], [1])
            took_s = time.monotonic() - began
            is_away = scripts.away
        finally:
            os.kill(pid, signal.SIGCONT)
        async with asyncio.timeout(5):
            while scripts.away:
                await asyncio.sleep(0.01)
        n = await scripts.run(COUNT, ["n"], [1])

    assert is_away
    assert took_s < 1.0, "ten deadlines: the breaker did not open"
    assert 2 <= n <= 4, "what was sent to a frozen store may have been done, once"


@pytest.mark.faults
async def test_an_idle_server_notices_that_another_process_answers(
    own_store: EmbeddedStore, client: redis.Redis
) -> None:
    replaced: list[int] = []
    pid = client.info("server")["process_id"]
    async with running(own_store.url, timeout_s=0.5) as scripts:
        scripts.when_replaced(lambda: replaced.append(1))
        await scripts.look()
        assert replaced == []

        os.kill(pid, signal.SIGKILL)
        async with asyncio.timeout(5):
            while own_store.alive():
                await asyncio.sleep(0.01)
            own_store.ensure_running()
            while not replaced:
                await scripts.look()
                await asyncio.sleep(0.01)

    assert replaced == [1]


@pytest.mark.faults
async def test_a_link_that_broke_to_the_same_process_replaces_nothing(
    own_store: EmbeddedStore,
) -> None:
    replaced: list[int] = []
    with Link(own_store.url) as link:
        async with running(link.url, timeout_s=0.2) as scripts:
            scripts.when_replaced(lambda: replaced.append(1))
            link.be("reset")
            with pytest.raises(StoreAway):
                await scripts.run(COUNT, ["n"], [1])
            link.be("pass")
            n = 0
            async with asyncio.timeout(5):
                while not n:
                    with suppress(StoreAway):
                        n = await scripts.run(COUNT, ["n"], [1])
                    await asyncio.sleep(0.01)

    assert n == 1
    assert replaced == []
