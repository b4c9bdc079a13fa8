"""Workers die at any moment, or the store does: what events change, they change once."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import pytest
import redis

from models.artifacts.keys import N_SHARDS, Keys
from tests import shop
from tests.training.near_line.feeding import (
    Feeding,
    Store,
    copied,
    counting,
    shopping,
    totals,
    wait_until_learned,
    working,
)
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
N_DEATHS = 100
MOST_FED = 4000


def replayed(url: str, keys: Keys) -> dict[str, object]:
    """The totals of the same events, learned by one worker that nothing happens to."""
    clean = Keys(f"{keys.namespace}-clean")
    shop.publish(url, clean.namespace, shop.tiny(margins=True))
    with redis.Redis.from_url(url) as store:
        copied(store, keys, clean)
        with working(url, clean.namespace, renew=counting):
            wait_until_learned(store, clean)
        return totals(store, clean)


def counted(store: Store, keys: Keys) -> int:
    """How much was counted, all in all."""
    found = (store.hvals(keys.attribution(shard)) for shard in range(N_SHARDS))
    return sum(int(n) for of_shard in found for n in of_shard)


@contextmanager
def dying(url: str, namespace: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Two workers at a time, of which a hundred die; then there is none."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.dying_workers", url, namespace, str(N_DEATHS), "7"],
        cwd=ROOT, stdout=subprocess.DEVNULL, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    yield process
    assert process.wait(60) == 0


def test_workers_that_are_killed_a_hundred_times_lose_nothing_and_double_nothing(
    store_url: str, namespace: str
) -> None:
    keys = Keys(namespace)
    shop.publish(store_url, namespace, shop.tiny(margins=True))
    with redis.Redis.from_url(store_url) as store:
        feeding, visits = Feeding(store, keys), shopping()

        with dying(store_url, namespace) as workers:
            while _lives(workers):
                if feeding.n_fed > MOST_FED:
                    continue
                for event in islice(visits, 5):
                    feeding.feed(event)
                if feeding.n_fed % 500 < 5:
                    feeding.feed_poison(f"c-{feeding.n_fed}")
        counted_by_the_dead = counted(store, keys)
        with working(store_url, namespace, renew=counting):
            wait_until_learned(store, keys)

        assert counted_by_the_dead > counted(store, keys) / 10
        assert totals(store, keys) == replayed(store_url, keys)


def _lives(process: "subprocess.Popen[bytes]") -> bool:
    """Whether it goes on, after a moment."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(0.01)
    return process.returncode is None


def test_a_store_that_is_killed_under_load_loses_nothing_and_doubles_nothing(
    tmp_path: Path, namespace: str
) -> None:
    keys = Keys(namespace)
    with EmbeddedStore(tmp_path) as own, redis.Redis.from_url(own.url) as store:
        shop.publish(own.url, namespace, shop.tiny(margins=True))
        feeding, visits = Feeding(store, keys), shopping()

        with (
            working(own.url, namespace, renew=counting),
            working(own.url, namespace, renew=counting),
        ):
            for _ in range(3):
                for event in islice(visits, 300):
                    feeding.feed(event)
                os.kill(int(store.info("server")["process_id"]), signal.SIGKILL)
                assert wait_for(lambda: not own.alive(), limit_s=5)
                own.ensure_running()
                assert wait_for(lambda: _answers(store), limit_s=5)
            wait_until_learned(store, keys)

        assert feeding.n_fed == sum(store.xlen(keys.events(shard)) for shard in range(N_SHARDS))
        assert totals(store, keys) == replayed(own.url, keys)


def _answers(store: Store) -> bool:
    try:
        return bool(store.ping())
    except redis.RedisError:
        return False
