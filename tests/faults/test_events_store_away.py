"""While the store does not take events, they are kept or refused, and lists go on."""

import os
import resource
import signal
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from models.artifacts.keys import Keys
from tests import shop
from tests.app.ingest.happening import Store
from tests.app.serving import Load
from tests.faults.crew import Crew, Ledger, crew
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]
NAMESPACE = "away"
LISTS = ["/recommend?customer_id=ana&limit=3", "/recommend?limit=3"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("away")


@pytest.fixture(scope="module")
def own_store(folder: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(folder / "store") as store:
        yield store


@pytest.fixture(scope="module")
def served(own_store: EmbeddedStore, folder: Path) -> Iterator[Crew]:
    shop.publish(own_store.url, NAMESPACE, shop.tiny())
    with crew(
        own_store.url, namespace=NAMESPACE, data_dir=folder / "served", n_workers=1
    ) as served:
        yield served


@pytest.fixture
def held(own_store: EmbeddedStore) -> Iterator[Store]:
    store = Store(own_store.url, NAMESPACE)
    yield store
    store.client.close()


def spooled(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*.spool") if path.stat().st_size]


def check(ledger: Ledger, load: Load, held: Store) -> None:
    stored = Counter(one["event_id"] for one in held.packed())
    assert set(ledger.taken) - set(stored) == set()
    assert {event_id: n for event_id, n in stored.items() if n > 1} == {}
    assert load.failures == []
    assert {seen.status for seen in load.seen} == {200}


def test_what_comes_while_the_store_is_frozen_is_stored_once_when_it_thaws(
    served: Crew, held: Store, folder: Path
) -> None:
    pid = held.client.info("server")["process_id"]
    with Load(served.live, LISTS) as load, Ledger(served.live) as ledger:
        assert wait_for(lambda: len(ledger.taken) > 20, limit_s=10)
        os.kill(pid, signal.SIGSTOP)
        try:
            frozen, n_before = time.monotonic(), len(ledger.taken)
            assert wait_for(lambda: time.monotonic() - frozen > 2, limit_s=5)
            n_while_frozen = len(ledger.taken) - n_before
            assert spooled(folder)
        finally:
            os.kill(pid, signal.SIGCONT)
        assert wait_for(lambda: not spooled(folder), limit_s=10)

    assert n_while_frozen > 50
    assert ledger.statuses == {202}
    check(ledger, load, held)


def test_paused_writes_hold_up_no_reads_and_lose_no_events(
    served: Crew, held: Store, folder: Path
) -> None:
    with Load(served.live, LISTS[:1]) as load, Ledger(served.live) as ledger:
        assert wait_for(lambda: len(ledger.taken) > 20, limit_s=10)
        held.client.client_pause(60_000, all=False)
        paused, n_before = time.monotonic(), len(ledger.taken)
        assert wait_for(lambda: len(ledger.taken) - n_before > 50, limit_s=10)
        while_paused = load.since(paused)
        held.client.client_unpause()
        assert wait_for(lambda: not spooled(folder), limit_s=10)

    late = [seen for seen in while_paused if seen.body["level"] != 0]
    assert len(late) <= max(2, len(while_paused) // 50)
    check(ledger, load, held)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit others' files")
def test_where_nothing_can_be_kept_events_are_refused_lists_go_on_and_it_clears_by_itself(
    served: Crew, held: Store, folder: Path
) -> None:
    """No file of the server may grow: its spool has no more room than on a full disk."""
    server = served.workers[0].pid
    held.client.config_set("maxmemory", "1mb")
    with Load(served.live, LISTS) as load, Ledger(served.live) as ledger:
        resource.prlimit(server, resource.RLIMIT_FSIZE, (100, resource.RLIM_INFINITY))
        assert wait_for(lambda: 503 in ledger.statuses, limit_s=10)
        n_refused_from = len(ledger.taken)
        refused = load.since(0)
        assert wait_for(lambda: len(load.since(0)) > len(refused) + 50, limit_s=10)
        n_taken = len(ledger.taken) - n_refused_from

        resource.prlimit(server, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        assert wait_for(lambda: len(ledger.taken) > n_refused_from, limit_s=10)
        held.client.config_set("maxmemory", "0")
        assert wait_for(lambda: not spooled(folder), limit_s=10)

    assert n_taken == 0
    assert ledger.statuses <= {202, 503}
    check(ledger, load, held)


def test_metrics_tell_what_was_spooled_and_replayed(served: Crew, own_store: EmbeddedStore) -> None:
    told = {
        line.split()[0]: float(line.split()[1])
        for line in served.live.get("/metrics")[1].decode().splitlines()
        if line.startswith(("cartera_events", "cartera_spool"))
    }

    with redis.Redis.from_url(own_store.url) as client:
        n_stored = sum(client.xlen(Keys(NAMESPACE).events(shard)) for shard in range(256))
    assert 0 < told["cartera_events_replayed_total"] <= told["cartera_events_spooled_total"]
    assert told["cartera_spool_bytes"] == 0
    assert told['cartera_events_total{outcome="accepted"}'] >= n_stored > 100
