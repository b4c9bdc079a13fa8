"""Exactly one worker has a shard, and all shards are somebody's."""

from collections.abc import Iterator
from itertools import chain

import pytest
import redis

from models.artifacts.keys import N_SHARDS, Keys
from tests.training.near_line.feeding import Store
from training.near_line.leases import Leases, part_of
from training.processes import wait_for

pytestmark = pytest.mark.store

LONG_MS, SHORT_MS = 60_000, 50


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)


@pytest.mark.parametrize("n_workers", [1, 2, 3, 7, 256, 300])
def test_every_shard_is_in_one_part_and_no_part_is_much_larger(n_workers: int) -> None:
    parts = [part_of(place, n_workers) for place in range(n_workers)]

    assert sorted(chain.from_iterable(parts)) == list(range(N_SHARDS))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_a_single_worker_has_every_shard(store: Store, keys: Keys) -> None:
    leases = Leases(store, keys, lease_ms=LONG_MS)

    moved = leases.renew()

    assert moved == (set(range(N_SHARDS)), set())
    assert leases.renew() == (set(), set())


def test_a_second_worker_gets_its_half_once_the_first_has_given_it_up(
    store: Store, keys: Keys
) -> None:
    one, two = (Leases(store, keys, lease_ms=LONG_MS) for _ in range(2))
    one.renew()

    two.renew()
    before = set(two.words)
    one.renew()
    two.renew()

    assert before == set()
    assert len(one.words) == len(two.words) == N_SHARDS // 2
    assert not one.words.keys() & two.words.keys()


def test_shards_that_are_handed_over_can_be_taken_at_once(store: Store, keys: Keys) -> None:
    one, two = (Leases(store, keys, lease_ms=LONG_MS) for _ in range(2))
    one.renew()

    one.give_up()
    two.renew()

    assert one.words == {}
    assert len(two.words) == N_SHARDS


def test_the_shards_of_a_worker_that_fell_silent_pass_on(store: Store, keys: Keys) -> None:
    silent, heir = (Leases(store, keys, lease_ms=SHORT_MS) for _ in range(2))
    silent.renew()

    def inherited() -> bool:
        heir.renew()
        return len(heir.words) == N_SHARDS

    assert wait_for(inherited, limit_s=5)


def test_a_worker_that_slept_learns_that_its_shards_are_anothers(store: Store, keys: Keys) -> None:
    slept, other = (Leases(store, keys, lease_ms=LONG_MS) for _ in range(2))
    slept.renew()
    store.zrem(keys.workers, slept.name)  # it was silent for too long
    other.renew()

    taken, lost = slept.renew()

    assert len(lost) == N_SHARDS
    assert taken == set()
    assert slept.words == {}


def test_a_shard_that_is_taken_again_has_another_word(store: Store, keys: Keys) -> None:
    leases = Leases(store, keys, lease_ms=LONG_MS)
    leases.renew()
    before = leases.words[0]
    store.delete(keys.lease(0))

    moved = leases.renew()

    assert moved == ({0}, {0})
    assert leases.words[0] != before


def test_while_nothing_moves_only_that_a_worker_is_there_is_written(
    store: Store, keys: Keys
) -> None:
    leases = Leases(store, keys, lease_ms=LONG_MS)
    leases.renew()
    before = store.info("persistence")["rdb_changes_since_last_save"]

    for _ in range(10):
        leases.renew()

    assert store.info("persistence")["rdb_changes_since_last_save"] - before <= 10


def test_a_lease_that_was_taken_unknown_to_its_worker_is_taken_again(
    store: Store, keys: Keys
) -> None:
    leases = Leases(store, keys, lease_ms=LONG_MS)
    leases.renew()
    leases.words.clear()  # as if no answer had come

    leases.renew()

    assert len(leases.words) == N_SHARDS
