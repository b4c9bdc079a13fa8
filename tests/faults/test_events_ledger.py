"""What was answered for is stored, and once: however the store and the servers die."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import shop
from tests.app.ingest.happening import Store
from tests.app.serving import Load
from tests.faults.crew import Crew, Ledger, crew
from training.embedded import EmbeddedStore
from training.errors import StoreError
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]
N_KILLS = 20
NAMESPACE = "ledger"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("ledger")


@pytest.fixture(scope="module")
def own_store(folder: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(folder) as store:
        yield store


@pytest.fixture(scope="module")
def served(own_store: EmbeddedStore, folder: Path) -> Iterator[Crew]:
    shop.publish(own_store.url, NAMESPACE, shop.tiny())
    with crew(
        own_store.url, namespace=NAMESPACE, data_dir=folder / "served", n_workers=2
    ) as served:
        yield served


@pytest.fixture
def held(own_store: EmbeddedStore) -> Iterator[Store]:
    store = Store(own_store.url, NAMESPACE)
    yield store
    store.client.close()


def kill(folder: Path) -> None:
    """Kill the store in whatever it does."""
    os.kill(int((folder / "store" / "store.pid").read_text()), signal.SIGKILL)


def start_again(store: EmbeddedStore, held: Store) -> None:
    def started() -> bool:
        with suppress(StoreError):  # what it had begun to save is still being ended
            return store.ensure_running()
        return False

    assert wait_for(started, limit_s=5)
    assert wait_for(lambda: answers(held), limit_s=10)


def answers(held: Store) -> bool:
    with suppress(Exception):
        return bool(held.client.ping())
    return False


def is_replayed(folder: Path) -> bool:
    return not list(folder.rglob("*.spool"))


def check(ledger: Ledger, held: Store) -> None:
    stored = Counter(one["event_id"] for one in held.packed())
    assert len(ledger.taken) > 200
    assert set(ledger.taken) - set(stored) == set()
    assert {event_id: n for event_id, n in stored.items() if n > 1} == {}
    assert ledger.statuses <= {202, 503}


def test_whatever_was_answered_for_is_stored_once_though_the_store_is_killed_again_and_again(
    own_store: EmbeddedStore, served: Crew, held: Store, folder: Path
) -> None:
    rng = random.Random(7)
    with (
        Load(served.live, ["/recommend?customer_id=ana&limit=3"]) as load,
        Ledger(served.live) as ledger,
    ):
        for _ in range(N_KILLS):
            time.sleep(rng.uniform(0, 0.2))  # a random point is what this is about
            kill(folder)
            start_again(own_store, held)
    assert wait_for(lambda: is_replayed(folder), limit_s=10)

    check(ledger, held)
    assert load.failures == []
    assert {seen.status for seen in load.seen} == {200}


def test_whatever_was_answered_for_is_stored_once_though_servers_are_killed_too(
    own_store: EmbeddedStore, served: Crew, held: Store, folder: Path
) -> None:
    rng = random.Random(8)
    with Ledger(served.live) as ledger:
        for _ in range(2):
            n_taken = len(ledger.taken)
            kill(folder)
            assert wait_for(lambda n=n_taken: len(ledger.taken) > n + 50, limit_s=10)  # type: ignore[misc]
            served.kill_one()  # with what it has on disk
            time.sleep(rng.uniform(0, 0.2))
            start_again(own_store, held)
    assert wait_for(lambda: is_replayed(folder), limit_s=20)

    check(ledger, held)
