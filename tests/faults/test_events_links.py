"""A bad link to the store, or a store that refuses: every event is kept, and stored once."""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from tests.app.ingest.happening import Store, event, eventually, taking
from tests.faults.proxy import Link, Manner
from training.embedded import EmbeddedStore

pytestmark = [pytest.mark.anyio, pytest.mark.faults]
TIMEOUT_S = 0.1
LONGEST_S = 1.5
"""Of one request, disk and a busy machine included."""


@pytest.fixture
def own_store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path) as store:
        yield store


@pytest.fixture
def held(own_store: EmbeddedStore, namespace: str) -> Iterator[Store]:
    store = Store(own_store.url, namespace)
    yield store
    store.client.close()


@pytest.mark.parametrize("manner", ["deaf", "slow", "trickling", "reset", "half_open"])
async def test_over_a_bad_link_every_event_is_kept_in_time_and_stored_once(
    manner: Manner, own_store: EmbeddedStore, held: Store, namespace: str, tmp_path: Path
) -> None:
    sent = [event(customer_id=f"c-{n}", event_id=str(n)) for n in range(8)]
    folder, took_s = tmp_path / "spool", []
    with Link(own_store.url) as link:
        async with taking(link.url, namespace, folder, timeout_s=TIMEOUT_S) as ingest:
            await ingest.accept([event(customer_id="ana", event_id="before")])
            link.be(manner)
            for one in sent:
                began = time.monotonic()
                await ingest.accept([one])
                await ingest.accept([one])
                took_s.append((time.monotonic() - began) / 2)
            link.be("pass")
            await eventually(lambda: not list(folder.glob("*")))

    assert max(took_s) < LONGEST_S
    assert held.ids() == sorted(["before", *(one.event_id for one in sent)])


@contextmanager
def full(held: Store) -> Iterator[None]:
    """Past its memory, under noeviction."""
    held.client.config_set("maxmemory", "1mb")
    yield
    held.client.config_set("maxmemory", "0")


@contextmanager
def read_only(held: Store) -> Iterator[None]:
    """A replica of nobody."""
    held.client.replicaof("127.0.0.1", 1)
    yield
    held.client.replicaof("NO", "ONE")


@contextmanager
def paused(held: Store) -> Iterator[None]:
    """Writes wait."""
    held.client.client_pause(60_000, all=False)
    yield
    held.client.client_unpause()


@contextmanager
def on_a_full_disk(held: Store) -> Iterator[None]:
    """No file of it may grow, so its append-only file cannot be written: MISCONF."""
    pid = held.client.info("server")["process_id"]
    no_more = (1, resource.RLIM_INFINITY)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, no_more)
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux can limit others' files")
@pytest.mark.parametrize("state", [full, read_only, paused, on_a_full_disk])
async def test_what_a_store_refuses_is_kept_until_it_takes_it(
    state: Callable[[Store], AbstractContextManager[None]],
    own_store: EmbeddedStore,
    held: Store,
    namespace: str,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "spool"
    async with taking(own_store.url, namespace, folder, timeout_s=TIMEOUT_S) as ingest:
        await ingest.accept([event(customer_id="ana", event_id="before")])
        with state(held):
            taken = [
                await ingest.accept([event(customer_id="ana", event_id=str(n))]) for n in range(5)
            ]
            n_spooled = sum(path.stat().st_size for path in folder.glob("*"))
        await eventually(lambda: not list(folder.glob("*")), 10)

    assert taken == [[True]] * 5
    assert n_spooled > 0
    assert held.ids() == ["0", "1", "2", "3", "4", "before"]
    assert held.client.info("stats")["evicted_keys"] == 0
