"""Whoever builds an audience dies at any moment: it is built once, whole, and nothing is left."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from models.artifacts.keys import Keys
from tests import shop
from tests.training.audiences.asking import (
    Store,
    ask,
    at_work,
    build,
    builders_of,
    delete,
    found,
    is_tidy,
    marked,
    members,
    ready,
)
from tests.training.audiences.crowd import EVENING, WINE, crowd
from training.audiences import standing
from training.processes import wait_for

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
N_DEATHS = 100
WORKER = """
import sys
from tests.training.audiences.asking import QUICK
from training.worker import Worker
Worker(url=sys.argv[1], namespace=sys.argv[2], audiences=QUICK).run(lambda: False)
"""


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(store_url: str, namespace: str) -> Keys:
    shop.publish(store_url, namespace, crowd())
    return Keys(namespace)


@contextmanager
def worker(url: str, keys: Keys) -> Iterator["subprocess.Popen[bytes]"]:
    """A worker in a process of its own, which the block kills."""
    process = subprocess.Popen(
        [sys.executable, "-c", WORKER, url, keys.namespace],
        cwd=ROOT, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_builders_that_are_killed_again_and_again_leave_one_whole_build(
    store: Store, keys: Keys, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing, "KEPT_MS", 0)
    high = ask(store, keys, type="group", group="high")
    wine = ask(store, keys, type="rule", rule={"eq": ["bought_item", "wine"]})
    command = "-m", "tests.faults.dying_builders", store_url, keys.namespace, high, wine

    dying = subprocess.run(
        [sys.executable, *command, str(N_DEATHS), "7"],
        cwd=ROOT, check=False, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"}, timeout=120,
    )  # fmt: skip
    for audience_id in (high, wine, None):
        build(store_url, keys, audience_id)

    assert dying.returncode == 0
    assert int(store.get(keys.audience_builds)) > N_DEATHS / 2
    assert members(store, keys, high) == EVENING[::-1]
    assert members(store, keys, wine) == WINE[::-1]
    assert sorted(map(len, marked(store, keys).values())) == [len(WINE), len(EVENING)]
    assert is_tidy(store, keys)
    delete(store, keys, high)
    build(store_url, keys, None)
    assert [*marked(store, keys).values()] == [{*WINE}]
    assert is_tidy(store, keys)


def test_a_worker_that_is_killed_takes_its_builder_along_and_another_builds(
    store: Store, keys: Keys, store_url: str
) -> None:
    audience_id = ask(store, keys, type="group", group="high")

    with worker(store_url, keys) as first:
        assert wait_for(lambda: bool(builders_of(audience_id)), limit_s=20)
        first.kill()
        assert wait_for(lambda: not builders_of(audience_id), limit_s=5)
    held = store.exists(keys.audience_building)
    with worker(store_url, keys):
        audience = ready(store, keys, audience_id)
        assert wait_for(lambda: is_tidy(store, keys), limit_s=5)

    assert held == 1
    assert audience.built is not None
    assert marked(store, keys) == {audience.built.build: {*EVENING}}


def test_a_builder_that_is_killed_is_replaced_by_its_worker(
    store: Store, keys: Keys, store_url: str
) -> None:
    audience_id = ask(store, keys, type="group", group="high")

    def is_reading() -> bool:
        audience = found(store, keys, audience_id)
        return audience is not None and audience.stands.step != ""

    with at_work(store_url, keys):
        assert wait_for(is_reading, limit_s=20)
        (builder,) = builders_of(audience_id)
        os.kill(builder, signal.SIGKILL)
        audience = ready(store, keys, audience_id)

    assert audience.built is not None
    assert marked(store, keys) == {audience.built.build: {*EVENING}}
    assert is_tidy(store, keys)
