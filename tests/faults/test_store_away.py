"""The store dies or freezes under load: answers go on, and get better again when it is back."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests import shop
from tests.app.serving import Live, Load, Seen, live
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]

PATHS = [
    "/recommend?customer_id=ana&limit=3",
    "/recommend?customer_id=ben&limit=3",
    "/recommend?customer_id=ana&category=drinks",
    "/recommend?limit=3",
]
IN_MEMORY = PATHS[:2]


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path / "store") as store:
        yield store


@pytest.fixture
def served(own_store: EmbeddedStore, namespace: str, tmp_path: Path) -> Iterator[Live]:
    """One worker with the deadlines of a real installation."""
    shop.publish(own_store.url, namespace, shop.tiny())
    with live(own_store.url, namespace=namespace, data_dir=tmp_path / "served") as server:
        yield server


def pid(store: EmbeddedStore) -> int:
    with redis.Redis.from_url(store.url) as connection:
        return int(connection.info("server")["process_id"])


def check_served_throughout(load: Load) -> None:
    """No failure, nothing but 200, and all but a few of them in time on a busy machine."""
    assert load.failures == []
    assert {seen.status for seen in load.seen} == {200}
    late = [seen.ms for seen in load.seen if seen.ms > 150]
    assert len(late) <= max(3, len(load.seen) // 100), late


def levels(seen: list[Seen]) -> set[int]:
    return {int(one.body["level"]) for one in seen}


def personal(load: Load, since: float) -> list[Seen]:
    return [seen for seen in load.since(since) if seen.body["level"] in (0, 1)]


def test_answers_go_on_while_the_store_is_killed_and_started_again(
    own_store: EmbeddedStore, served: Live
) -> None:
    with Load(served, PATHS) as load:
        assert wait_for(lambda: len(personal(load, 0)) > 50, limit_s=10)

        os.kill(pid(own_store), signal.SIGKILL)
        killed = time.monotonic()
        assert wait_for(lambda: len(load.since(killed + 0.5)) > 100, limit_s=10)
        while_away = load.since(killed + 0.5)

        own_store.ensure_running()
        back = time.monotonic()
        assert wait_for(lambda: 0 in levels(load.since(back)), limit_s=5)
        recovered = time.monotonic()
        assert wait_for(lambda: len(personal(load, recovered + 0.2)) > 50, limit_s=10)

    check_served_throughout(load)
    assert levels(while_away) == {1, 3}
    assert all(seen.body["degraded"] for seen in while_away if seen.body["level"] == 1)
    assert levels(personal(load, recovered + 0.2)) == {0}


def test_answers_go_on_while_the_store_is_frozen(own_store: EmbeddedStore, served: Live) -> None:
    process = pid(own_store)
    with Load(served, PATHS) as load:
        assert wait_for(lambda: len(personal(load, 0)) > 50, limit_s=10)

        os.kill(process, signal.SIGSTOP)
        try:
            frozen = time.monotonic()
            assert wait_for(lambda: time.monotonic() - frozen > 3, limit_s=5)
            while_frozen = load.since(frozen + 0.1)
        finally:
            os.kill(process, signal.SIGCONT)
        back = time.monotonic()
        assert wait_for(lambda: 0 in levels(load.since(back)), limit_s=5)

    check_served_throughout(load)
    assert len(while_frozen) > 100
    assert levels(while_frozen) == {1, 3}
    after_a_second = [seen.ms for seen in while_frozen if seen.at > frozen + 1]
    assert sorted(after_a_second)[len(after_a_second) // 2] < 20  # the breaker is open: no waiting


def test_a_store_that_comes_back_empty_does_not_make_strangers_of_customers(
    own_store: EmbeddedStore, served: Live
) -> None:
    with Load(served, IN_MEMORY) as load:
        assert wait_for(lambda: len(personal(load, 0)) > 50, limit_s=10)

        with redis.Redis.from_url(own_store.url) as store:
            store.flushall()  # a store of this test's own
        emptied = time.monotonic()
        assert wait_for(lambda: len(load.since(emptied + 1.5)) > 50, limit_s=10)

    check_served_throughout(load)
    assert levels(load.since(emptied + 1.5)) == {1}


def test_paused_writes_do_not_hold_up_reads(own_store: EmbeddedStore, served: Live) -> None:
    with Load(served, IN_MEMORY) as load:
        assert wait_for(lambda: len(personal(load, 0)) > 50, limit_s=10)

        with redis.Redis.from_url(own_store.url) as store:
            store.client_pause(2000, all=False)
        paused = time.monotonic()
        assert wait_for(lambda: len(load.since(paused)) > 100, limit_s=10)

    check_served_throughout(load)
    assert levels(load.since(paused)) == {0}


def test_a_full_store_serves_reads(own_store: EmbeddedStore, served: Live) -> None:
    with redis.Redis.from_url(own_store.url) as store:
        store.config_set("maxmemory", "1mb")

    assert wait_for(lambda: served.answers(PATHS[0], level=0), limit_s=5)
