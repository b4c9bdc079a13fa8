"""All of a shard's changes and their acknowledgement, or none of them."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from models.artifacts.keys import GROUP, Keys
from models.artifacts.live_state import TTL_S
from models.counted import MOST_OF_A_DAY, Field, field
from tests.training.near_line.feeding import Store
from training.near_line.applying import MAX_DEAD, Applying, Dead, Effects, Refused
from training.near_line.streams import Streams

pytestmark = pytest.mark.store

SHARD, WORD = 3, "ours"
CLICKS = Field("2026-11-22", "home", "r1", "", "clicks")


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)


@pytest.fixture
def live(keys: Keys) -> str:
    return f"{keys.namespace}:{{s003}}:live:c:ann"


@pytest.fixture
def effects(store: Store, keys: Keys, live: str) -> Effects:
    """What two events change, which have been read; the second is poison."""
    store.set(keys.lease(SHARD), WORD)
    ids = [store.xadd(keys.events(SHARD), {"e": event}) for event in (b"one", b"two")]
    streams = Streams(store, keys)
    streams.prepare({SHARD})
    streams.new({SHARD}, wait_ms=1)
    return Effects(
        acknowledged=ids,
        counts=Counter({CLICKS: 2}),
        live={live: {b"t": b"touches", b"r": b""}},
        dead=[Dead(ids[1], b"two", "Strange: it is")],
    )


def applied(store: Store, keys: Keys, effects: Effects, word: str = WORD) -> int:
    return Applying(store, keys).apply({SHARD: effects}, {SHARD: word})[SHARD]


def written(store: Store, keys: Keys, live: str) -> tuple[Any, ...]:
    return (
        store.hgetall(keys.attribution(SHARD)),
        store.hgetall(live),
        [told for _, told in store.xrange(keys.dead(SHARD))],
        store.xpending(keys.events(SHARD), GROUP)["pending"],
    )


def test_changes_and_acknowledgement_are_made_together(
    store: Store, keys: Keys, live: str, effects: Effects
) -> None:
    store.hset(live, mapping={"e": b"events", "r": b"renewed"})

    n = applied(store, keys, effects)

    assert n == 2
    assert written(store, keys, live) == (
        {b'["2026-11-22","home","r1","","clicks"]': b"2"},
        {b"e": b"events", b"t": b"touches"},
        [{b"e": b"two", b"reason": b"Strange: it is", b"entry": effects.acknowledged[1]}],
        0,
    )


def test_without_the_lease_nothing_is_changed(
    store: Store, keys: Keys, live: str, effects: Effects
) -> None:
    assert applied(store, keys, effects, "another's") == Refused.NOT_OURS
    assert written(store, keys, live) == ({}, {}, [], 2)


def test_an_event_does_not_overtake_one_that_another_worker_had_read(
    store: Store, keys: Keys, live: str, effects: Effects
) -> None:
    unseen = effects.acknowledged.pop(0)
    before = written(store, keys, live)

    n = applied(store, keys, effects)

    assert n == Refused.NOT_NEXT
    assert written(store, keys, live) == before

    effects.failed.append(unseen)
    assert applied(store, keys, effects) == 1


def test_what_was_acknowledged_already_changes_nothing_again(
    store: Store, keys: Keys, live: str, effects: Effects
) -> None:
    applied(store, keys, effects)
    before = written(store, keys, live)

    assert applied(store, keys, effects) == Refused.NOT_WAITING
    assert written(store, keys, live) == before


def test_of_two_events_one_of_which_was_acknowledged_none_is_applied(
    store: Store, keys: Keys, live: str, effects: Effects
) -> None:
    store.xack(keys.events(SHARD), GROUP, effects.acknowledged[1])

    assert applied(store, keys, effects) == Refused.NOT_WAITING
    assert written(store, keys, live) == ({}, {}, [], 1)


def test_where_a_count_cannot_be_raised_none_is_and_nothing_else_is_changed(
    store: Store, keys: Keys, live: str, effects: Effects
) -> None:
    store.hset(keys.attribution(SHARD), '["2026-11-22","home","r1","","orders"]', 2**63 - 1)
    before = written(store, keys, live)
    effects.counts[CLICKS._replace(what="orders")] = 1

    assert applied(store, keys, effects) == Refused.NOT_COUNTED
    counts, *rest = written(store, keys, live)
    assert counts == {**before[0], b'["2026-11-22","home","r1","","clicks"]': b"0"}
    assert tuple(rest) == before[1:]


@pytest.mark.parametrize(
    ("before_s", "after_s"),
    [(None, TTL_S), (100, TTL_S), (2 * TTL_S, 2 * TTL_S), (-1, -1)],
    ids=["new", "shorter", "longer", "for ever"],
)
def test_a_live_state_lives_as_long_as_it_would_and_no_shorter_than_usual(
    store: Store, keys: Keys, live: str, effects: Effects, *, before_s: int | None, after_s: int
) -> None:
    if before_s is not None:
        store.hset(live, "e", b"events")
    if before_s is not None and before_s > 0:
        store.expire(live, before_s)

    applied(store, keys, effects)

    assert after_s - 2 <= store.ttl(live) <= after_s


@pytest.mark.parametrize("n", [10**17 + 1, 128 * 10**15, -(2**62) - 1])
def test_large_sums_are_counted_to_the_last_part_and_taken_back_likewise(
    store: Store, keys: Keys, effects: Effects, *, n: int
) -> None:
    """Lua has no whole numbers of that size, and some stores take none with an exponent."""
    revenue, stuck = (CLICKS._replace(what=what) for what in ("revenue", "orders"))
    effects.counts[revenue] = n
    effects.counts[stuck] = 1
    store.hset(keys.attribution(SHARD), field(stuck), "no number")

    refused = applied(store, keys, effects)
    taken_back = store.hget(keys.attribution(SHARD), field(revenue))
    store.hdel(keys.attribution(SHARD), field(stuck))

    assert (refused, taken_back) == (Refused.NOT_COUNTED, b"0")
    assert applied(store, keys, effects) == 2
    assert store.hget(keys.attribution(SHARD), field(revenue)) == str(n).encode()


def test_a_shard_that_counts_too_much_counts_it_among_others(
    store: Store, keys: Keys, effects: Effects
) -> None:
    made_up = [CLICKS._replace(placement=f"p{n}") for n in range(2 * MOST_OF_A_DAY)]
    store.hset(keys.attribution(SHARD), mapping={field(one): 1 for one in made_up})
    effects.counts[made_up[0]] = 5

    applied(store, keys, effects)

    found = store.hmget(
        keys.attribution(SHARD), field(CLICKS), field(CLICKS.among_others), field(made_up[0])
    )
    assert found == [None, b"2", b"6"]


def test_of_what_was_put_aside_the_last_is_kept(store: Store, keys: Keys, effects: Effects) -> None:
    fill = "for _ = 1, ARGV[1] do redis.call('XADD', KEYS[1], '*', 'e', '') end"
    store.eval(fill, 1, keys.dead(SHARD), MAX_DEAD + 500)

    applied(store, keys, effects)

    ((_, last),) = store.xrevrange(keys.dead(SHARD), count=1)
    assert last[b"e"] == b"two"
    assert store.xlen(keys.dead(SHARD)) < MAX_DEAD + 500
