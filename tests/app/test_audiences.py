"""What a server knows of audiences follows the store, and outlasts it."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
import redis

from app.audiences import Audiences, Ready
from app.errors import NotReady
from models.artifacts.keys import Keys
from tests import asked_audiences as audiences
from training.embedded import EmbeddedStore

pytestmark = pytest.mark.anyio
A, B, C = (f"aud_{letter * 16}" for letter in "abc")


@asynccontextmanager
async def knowing(
    url: str, namespace: str, corrupt: list[int] | None = None
) -> AsyncIterator[Audiences]:
    found = [] if corrupt is None else corrupt
    known = Audiences(url, Keys(namespace), corrupt=lambda: found.append(1))
    await known.start()
    try:
        yield known
    finally:
        await known.stop()


@pytest.fixture
def put(store_url: str, namespace: str) -> audiences.Put:
    return audiences.Put(store_url, Keys(namespace))


@pytest.mark.store
async def test_builds_are_told_as_audiences_the_best_fit_first(
    store_url: str, namespace: str, put: audiences.Put
) -> None:
    put(audiences.lookalike(A, build=7))
    put(audiences.lookalike(B, build=8))
    put(audiences.lookalike(C, build=9))
    put(audiences.queued("aud_" + "d" * 16))

    async with knowing(store_url, namespace) as known:
        assert known.known
        assert known.ready[7] == Ready(A, None)
        assert known.of_builds({7: 50, 8: 93, 9: 93, 10: 100}) == [(B, 93), (C, 93), (A, 50)]
        assert known.of_builds({}) == []


@pytest.mark.store
@pytest.mark.slow
async def test_what_changes_is_known_within_two_seconds(
    store_url: str, namespace: str, put: audiences.Put
) -> None:
    one = audiences.lookalike(A, build=7)
    put(one)

    async with knowing(store_url, namespace) as known:
        assert one.built is not None
        put(replace(one, built=replace(one.built, build=8)))
        async with asyncio.timeout(2):
            while known.of_builds({7: 1, 8: 2}) != [(A, 2)]:
                await asyncio.sleep(0.01)


@pytest.mark.store
async def test_an_audience_that_expired_is_no_audience(
    store_url: str, namespace: str, put: audiences.Put
) -> None:
    expiring = audiences.lookalike(A, build=7)
    soon_ms = int(time.time() * 1000) + 300
    put(replace(expiring, asked=replace(expiring.asked, expires_ms=soon_ms)))

    async with knowing(store_url, namespace) as known:
        before = known.of_builds({7: 1})
        async with asyncio.timeout(2):
            while known.of_builds({7: 1}):
                await asyncio.sleep(0.01)
        read = await known.get(A)
        expired = await known.expired()

    assert before == [(A, 1)]
    assert read is None
    assert expired == [A]


@pytest.mark.store
async def test_what_was_asked_is_read_once_however_often_anything_changes(
    store_url: str, namespace: str, put: audiences.Put
) -> None:
    put(audiences.lookalike(A, build=7))
    key = Keys(namespace).audience(A)

    async with knowing(store_url, namespace) as known:
        with redis.Redis.from_url(store_url) as store:
            store.hset(key, "asked", b"not looked at again")
            store.incr(Keys(namespace).audience_changes)
        put(audiences.lookalike(B, build=8))
        await known.refresh()
        both = known.of_builds({7: 1, 8: 2})
        with redis.Redis.from_url(store_url) as store:
            store.zrem(Keys(namespace).audience_ids, A)
            store.incr(Keys(namespace).audience_changes)
        await known.refresh()

        assert both == [(B, 2), (A, 1)]
        assert known.of_builds({7: 1, 8: 2}) == [(B, 2)]


@pytest.mark.store
async def test_what_cannot_be_read_is_told_and_hides_nothing_else(
    store_url: str, namespace: str, put: audiences.Put
) -> None:
    put(audiences.lookalike(A, build=7))
    put(audiences.lookalike(B, build=8))
    with redis.Redis.from_url(store_url) as store:
        store.hset(Keys(namespace).audience(B), mapping={"built": b"{}", "asked": b"[1]"})
    corrupt: list[int] = []

    async with knowing(store_url, namespace, corrupt) as known:
        listed = [one["audience_id"] for one in await known.all_told()]
        with pytest.raises(NotReady, match="newer"):
            await known.get(B)

        assert listed == [A]
        assert known.of_builds({7: 1, 8: 1}) == [(A, 1)]
        assert len(corrupt) == 3


@pytest.mark.store
async def test_a_thousand_audiences_are_read(
    store_url: str, namespace: str, put: audiences.Put
) -> None:
    keys, one = Keys(namespace), audiences.lookalike(A)
    assert one.built is not None
    with redis.Redis.from_url(store_url) as store:
        pipeline = store.pipeline()
        for n in range(1000):
            built = replace(one.built, build=n).pack()
            fields = {"asked": one.asked.pack(), "stands": one.stands.pack(), "built": built}
            pipeline.hset(keys.audience(f"aud_{n:016x}"), mapping=fields)
            pipeline.zadd(keys.audience_ids, {f"aud_{n:016x}": n})
        pipeline.execute()

    async with knowing(store_url, namespace) as known:
        assert known.ready.keys() == {*range(1000)}
        assert [one["audience_id"] for one in await known.all_told()][:2] == [
            f"aud_{n:016x}" for n in (999, 998)
        ]


@pytest.mark.faults
@pytest.mark.slow
async def test_what_was_known_outlasts_the_store_and_an_empty_one_is_believed(
    own_store: EmbeddedStore, namespace: str
) -> None:
    audiences.Put(own_store.url, Keys(namespace))(audiences.lookalike(A, build=7))
    with redis.Redis.from_url(own_store.url) as store:
        pid = store.info("server")["process_id"]
    async with knowing(own_store.url, namespace) as known:
        os.kill(pid, signal.SIGSTOP)
        try:
            with pytest.raises(NotReady):
                await known.get(A)
            await known.refresh()
            meanwhile = known.of_builds({7: 1})
        finally:
            os.kill(pid, signal.SIGCONT)
        with redis.Redis.from_url(own_store.url) as store:
            store.flushall()
        async with asyncio.timeout(5):
            while known.ready:
                await asyncio.sleep(0.01)

    assert meanwhile == [(A, 1)]


@pytest.mark.slow
async def test_before_the_store_has_answered_nothing_is_known(namespace: str) -> None:
    async with knowing("redis://127.0.0.1:1/0", namespace) as known:
        assert not known.known
        assert known.of_builds({7: 1}) == []
