"""A bidder waits 8 ms and no longer: what a slow store says, or one that is away, is no answer."""

import os
import signal
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import started
from tests.app.looked_up import ANAS_GROUPS, Bidding, outcomes, told
from tests.faults.proxy import Link
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]

BUSY_S = 0.1
"""What a busy machine may add to the deadline."""


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path / "store") as store:
        yield store


@contextmanager
def serving(url: str, own_store: EmbeddedStore, folder: Path) -> Iterator[TestClient]:
    """A server with the deadlines of a real installation, which asks at ``url`` and has told."""
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(own_store.url, namespace, shop.tiny())
    with redis.Redis.from_url(own_store.url) as store:
        Bidding(store, Keys(namespace)).consents("ana")
    settings = ServerSettings(redis_url=url, namespace=namespace, data_dir=folder / "served")
    with started(settings) as client:
        assert comes_back(client)
        yield client


def pid(store: EmbeddedStore) -> int:
    with redis.Redis.from_url(store.url) as connection:
        return int(connection.info("server")["process_id"])


def quickest(client: TestClient, n: int) -> float:
    """Ask ``n`` times, of which none is told anything; return how long the quickest took."""
    took = []
    for _ in range(n):
        began = time.monotonic()
        assert told(client, "ana") == []
        took.append(time.monotonic() - began)
    return min(took)


def is_away(client: TestClient) -> bool:
    """Ask once; return whether the store has been given up by now."""
    return told(client, "ana") == [] and "away" in outcomes(client)


def comes_back(client: TestClient) -> bool:
    return wait_for(lambda: told(client, "ana") == ANAS_GROUPS, limit_s=10)


def test_a_slow_store_is_not_waited_for(own_store: EmbeddedStore, tmp_path: Path) -> None:
    with Link(own_store.url) as link, serving(link.url, own_store, tmp_path) as client:
        link.be("slow")

        assert quickest(client, 2) < BUSY_S
        assert outcomes(client).get("late", 0) >= 1
        link.be("pass")
        assert comes_back(client)


def test_a_frozen_store_is_not_waited_for(own_store: EmbeddedStore, tmp_path: Path) -> None:
    with serving(own_store.url, own_store, tmp_path) as client:
        process = pid(own_store)
        os.kill(process, signal.SIGSTOP)
        try:
            late = quickest(client, 1)
            assert wait_for(lambda: is_away(client), limit_s=5)
            away = quickest(client, 20)
        finally:
            os.kill(process, signal.SIGCONT)

        assert max(late, away) < BUSY_S
        assert outcomes(client)["away"] > 20
        assert comes_back(client)


def test_a_store_that_was_killed_is_no_answer(own_store: EmbeddedStore, tmp_path: Path) -> None:
    with serving(own_store.url, own_store, tmp_path) as client:
        os.kill(pid(own_store), signal.SIGKILL)

        assert wait_for(lambda: is_away(client), limit_s=5)
        assert quickest(client, 20) < BUSY_S
        own_store.ensure_running()
        assert comes_back(client)
