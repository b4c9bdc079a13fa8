"""`cartera worker` as an operator runs it, and as `cartera serve` does."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from models.artifacts.keys import N_SHARDS, Keys
from tests.training.near_line.feeding import Feeding, Store, shopping, wait_until_learned
from tests.training.shell import ROOT
from tests.training.supervised import free_port
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = pytest.mark.slow


@contextmanager
def running(*arguments: str, **settings: str) -> Iterator["subprocess.Popen[bytes]"]:
    """`cartera …` until the block ends; it must then end well."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        **{f"CARTERA_{name.upper()}": value for name, value in settings.items()},
    }
    process = subprocess.Popen(
        [sys.executable, "-c", "from training.cli import main; main()", *arguments],
        env=environment,
        stderr=subprocess.PIPE,
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
        assert process.returncode == 0, said.decode()


def n_leases(store: Store, keys: Keys) -> int:
    return int(store.exists(*(keys.lease(shard) for shard in range(N_SHARDS))))


def test_it_learns_archives_and_hands_its_shards_over_when_it_is_ended(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    keys, archive = Keys(namespace), tmp_path / "archive"
    with redis.Redis.from_url(store_url) as store:
        feeding, visits = Feeding(store, keys), shopping()
        for _ in range(20):
            feeding.feed(next(visits))

        with running("worker", redis_url=store_url, namespace=namespace, archive_url=str(archive)):
            wait_until_learned(store, keys)
            while_it_ran = n_leases(store, keys)
            assert wait_for(lambda: any(archive.rglob("*.parquet")), limit_s=10)

        assert while_it_ran == N_SHARDS
        assert n_leases(store, keys) == 0
        assert store.zcard(keys.workers) == 0


def test_a_server_with_its_own_store_learns_too(tmp_path: Path) -> None:
    keys = Keys("cartera")
    with running("serve", "--port", str(free_port()), data_dir=str(tmp_path)):
        store = redis.Redis.from_url(EmbeddedStore(tmp_path).url)

        def learns() -> bool:
            try:
                return n_leases(store, keys) == N_SHARDS
            except redis.RedisError:
                return False

        assert wait_for(learns, limit_s=20)
        store.close()
