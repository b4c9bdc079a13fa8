"""Audiences are built beside the work of a worker, one at a time, and by one worker."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager

import pytest
import structlog

from models.artifacts.event import Event, Line
from models.artifacts.keys import Keys
from tests import shop
from tests.training.audiences.asking import (
    QUICK,
    Store,
    ask,
    at_work,
    build,
    builders_of,
    delete,
    found,
    frozen_while_building,
    is_tidy,
    members,
    ready,
    status,
)
from tests.training.audiences.crowd import EVENING, crowd
from tests.training.near_line.feeding import NOON_MS, Feeding, wait_until_learned
from training.audiences.patience import MAX_DEATHS
from training.processes import wait_for
from training.worker import Worker

pytestmark = pytest.mark.slow


@contextmanager
def working(url: str, keys: Keys) -> Iterator[None]:
    """A whole worker in a thread, until the block ends."""
    ended = threading.Event()
    with closing(Worker(url=url, namespace=keys.namespace, audiences=QUICK)) as worker:
        thread = threading.Thread(target=worker.run, args=(ended.is_set,))
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


def test_two_workers_build_each_audience_once_the_oldest_first(
    store: Store, published: Keys, store_url: str
) -> None:
    ids = [ask(store, published, type="group", group="high", size=n) for n in (1, 2)]
    for age, audience_id in enumerate(ids):
        store.zadd(published.audience_ids, {audience_id: age})

    with at_work(store_url, published), at_work(store_url, published):
        built = [ready(store, published, audience_id).built for audience_id in ids]
        assert wait_for(lambda: not store.exists(published.audience_building), limit_s=5)

    assert [one.build for one in built if one is not None] == [1, 2]
    assert [one.members for one in built if one is not None] == [1, 2]
    assert store.get(published.audience_builds) == b"2"
    assert is_tidy(store, published)


def test_a_build_keeps_no_event_waiting(store: Store, published: Keys, store_url: str) -> None:
    feeding = Feeding(store, published)
    audience_id = ask(store, published, type="group", group="high")

    with working(store_url, published):
        with frozen_while_building(audience_id):
            event = Event(
                event="view_item", event_id="1", at_ms=NOON_MS, source="page", customer_id="c-001",
                items=(Line(item_id="beer", price=2.0),),
            )  # fmt: skip
            feeding.feed(event)
            wait_until_learned(store, published)
            while_frozen = status(store, published, audience_id)
        ready(store, published, audience_id)

    assert while_frozen in ("queued", "building")


def test_an_audience_is_refreshed_with_the_release_and_another_is_not(
    store: Store, keys: Keys, store_url: str
) -> None:
    shop.publish(store_url, keys.namespace, crowd(n=300))
    refreshed = ask(store, keys, type="group", group="high", refresh=True)
    left = ask(store, keys, type="group", group="high")

    def release_of(audience_id: str) -> str:
        audience = found(store, keys, audience_id)
        return audience.built.release if audience is not None and audience.built is not None else ""

    for audience_id in (refreshed, left):
        build(store_url, keys, audience_id)
    shop.publish(store_url, keys.namespace, crowd("r2", n=30))
    with at_work(store_url, keys):
        assert wait_for(lambda: release_of(refreshed) == "r2", limit_s=10)
        assert wait_for(lambda: not store.exists(keys.audience_building), limit_s=5)

    assert release_of(left) == "r1"
    assert members(store, keys, refreshed) == [id_ for id_ in EVENING if id_ < "c-030"][::-1]


def test_an_audience_that_has_expired_is_gone_with_all_that_it_had(
    store: Store, published: Keys, store_url: str
) -> None:
    expires_ms = time.time_ns() // 1_000_000 + 300
    audience_id = ask(store, published, type="group", group="high", expires_ms=expires_ms)
    build(store_url, published, audience_id)

    with at_work(store_url, published):
        assert wait_for(lambda: found(store, published, audience_id) is None, limit_s=10)
        assert wait_for(lambda: store.hlen(published.audience_written) == 0, limit_s=10)

    assert is_tidy(store, published)


def test_a_build_that_nobody_wants_any_more_ends_at_once(
    store: Store, published: Keys, store_url: str
) -> None:
    unwanted = ask(store, published, type="group", group="high")

    with at_work(store_url, published):
        with frozen_while_building(unwanted):
            delete(store, published, unwanted)
            assert wait_for(lambda: not builders_of(unwanted), limit_s=2)
        wanted = ask(store, published, type="group", group="high", size=5)
        ready(store, published, wanted)

    assert is_tidy(store, published)


def test_a_worker_that_ends_leaves_its_build_to_the_next_at_once(
    store: Store, published: Keys, store_url: str
) -> None:
    audience_id = ask(store, published, type="group", group="high")

    with ExitStack() as until_then, at_work(store_url, published):
        until_then.enter_context(frozen_while_building(audience_id))
    with_nobody = status(store, published, audience_id), store.exists(published.audience_building)
    with at_work(store_url, published):
        audience = ready(store, published, audience_id)

    assert with_nobody == ("queued", 0)
    assert audience.built is not None
    assert is_tidy(store, published)


def test_a_build_that_dies_again_and_again_fails_in_words(
    store: Store, published: Keys, store_url: str
) -> None:
    audience_id = ask(store, published, type="group", group="high")
    killed: set[int] = set()

    def is_over() -> bool:
        for builder in builders_of(audience_id):
            os.kill(builder, signal.SIGKILL)
            killed.add(builder)
        return status(store, published, audience_id) == "failed"

    with structlog.testing.capture_logs() as lines, at_work(store_url, published):
        assert wait_for(is_over, limit_s=10)
        assert wait_for(lambda: is_tidy(store, published), limit_s=10)

    audience = found(store, published, audience_id)
    assert audience is not None
    assert len(killed) == MAX_DEATHS
    assert audience.stands.detail.startswith(f"its build died {MAX_DEATHS} times")
    assert "audience failed" in {line["event"] for line in lines}


def test_a_shop_without_a_release_has_its_audiences_wait_for_it(
    store: Store, keys: Keys, store_url: str
) -> None:
    audience_id = ask(store, keys, type="group", group="high")

    with at_work(store_url, keys):
        assert wait_for(lambda: not store.exists(keys.audience_building), limit_s=5)
        before = status(store, keys, audience_id)
        shop.publish(store_url, keys.namespace, crowd(n=30))
        ready(store, keys, audience_id)

    assert before == "queued"
