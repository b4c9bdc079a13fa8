"""What shards count is added to the sums once, whoever dies, and every reader sees all of it."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any

import pytest
import redis

from app.attributed import Attributed
from models.artifacts.keys import Keys
from models.counted import MOST_OF_A_DAY, Field, field
from models.results import NAME, is_count
from tests.training.near_line.feeding import Store
from training import store_calls
from training.near_line import folding
from training.near_line.folding import DAYS_KEPT, Folding

pytestmark = pytest.mark.store
TODAY = datetime.now(UTC).date()
COUNTED = Field(TODAY.isoformat(), "home", "r1", "", "clicks")
CLICKS = field(COUNTED).decode()
SHARDS = (0, 17, 255)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as store:
        yield store


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)


def count(store: Store, keys: Keys) -> None:
    for shard in SHARDS:
        store.hincrby(keys.attribution(shard), CLICKS, 1)


def sums(store: Store, keys: Keys) -> dict[bytes, int]:
    told: Any = store.hgetall(keys.attributed)
    return {name: int(n) for name, n in told.items() if is_count(name)}


def left(store: Store, keys: Keys) -> int:
    """How much is not in the sums; beside it each shard keeps the number of what was added last."""
    own: int = sum(store.exists(keys.attribution(shard)) for shard in SHARDS)
    aside: int = sum(max(0, store.hlen(keys.adding(shard)) - 1) for shard in SHARDS)
    return own + aside


def test_what_shards_have_counted_is_added_up(store: Store, keys: Keys) -> None:
    ours = Folding(store, keys, every_s=0)
    count(store, keys)
    count(store, keys)

    assert ours.turn() == 3
    count(store, keys)
    assert (ours.turn(), ours.turn()) == (3, 0)

    assert sums(store, keys) == {CLICKS.encode(): 9}
    assert left(store, keys) == 0


def test_between_two_times_a_turn_does_nothing(store: Store, keys: Keys) -> None:
    ours = Folding(store, keys, every_s=3600)
    ours.turn()
    count(store, keys)

    assert ours.turn() == 0


@pytest.mark.faults
@pytest.mark.parametrize("is_done", [False, True], ids=["before", "after"])
def test_whoever_dies_at_any_step_leaves_each_count_to_be_added_once(
    store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch, is_done: bool
) -> None:
    n_steps, n_counted = 0, 0
    while True:
        count(store, keys)
        n_counted += 3
        with monkeypatch.context() as patched:
            patched.setattr(folding, "asked", _dying(n_steps, is_done=is_done))
            try:
                Folding(store, keys, every_s=0).turn()
                break
            except KeyboardInterrupt:
                n_steps += 1
        count(store, keys)
        n_counted += 3
        for _ in range(2):
            Folding(store, keys, every_s=0).turn()
        assert sums(store, keys) == {CLICKS.encode(): n_counted}, n_steps

    assert n_steps == 6
    assert sums(store, keys) == {CLICKS.encode(): n_counted}


def _dying(n_steps: int, *, is_done: bool) -> Callable[..., Any]:
    really, steps = store_calls.asked, iter(range(100))

    def asked(command: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401
        is_last = next(steps) == n_steps
        if is_last and not is_done:
            raise KeyboardInterrupt
        told = really(command, *arguments)
        if is_last:
            raise KeyboardInterrupt
        return told

    return asked


@pytest.mark.anyio
async def test_a_reader_sees_all_that_was_counted_while_it_is_added_up(
    store: Store, store_url: str, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.attributed.FRESH_S", 0.0)
    monkeypatch.setattr("app.attributed._TIMES", 100)
    ended = Event()

    def fold() -> None:
        with redis.Redis.from_url(store_url) as own:
            ours = Folding(own, keys, every_s=0)
            while not ended.wait(0.05):
                ours.turn()

    reader = Attributed(store_url, keys, told=lambda _: None)
    folder = Thread(target=fold)
    folder.start()
    try:
        seen = []
        for _ in range(15):
            count(store, keys)
            seen.append((await reader.counts())[COUNTED])
    finally:
        ended.set()
        folder.join()
        await reader.stop()

    assert seen == [3 * n for n in range(1, 16)]


def test_whoever_slept_through_anothers_turns_adds_nothing_twice(
    store: Store, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept, awake = (Folding(store, keys, every_s=0) for _ in range(2))
    count(store, keys)
    aside = slept._set_aside()
    for _ in range(2):
        awake.turn()
        count(store, keys)
    awake.turn()
    monkeypatch.setattr(slept, "_set_aside", lambda: aside)

    slept.turn()

    assert sums(store, keys) == {CLICKS.encode(): 9}


def test_numbers_rise_though_the_clock_goes_back(store: Store, keys: Keys) -> None:
    ours, ahead = Folding(store, keys, every_s=0), 9_000_000_000_000_000
    store.hset(keys.adding(3), NAME, ahead)
    store.hset(keys.attributed, "s003", ahead)
    store.hincrby(keys.attribution(3), CLICKS, 5)

    ours.turn()

    assert sums(store, keys) == {CLICKS.encode(): 5}
    assert store.hget(keys.adding(3), NAME) == str(ahead + 1).encode()


def test_a_sum_that_would_be_too_large_loses_nothing_and_keeps_no_other_shard_waiting(
    store: Store, keys: Keys
) -> None:
    revenue = field(COUNTED._replace(currency="EUR", what="revenue")).decode()
    ours = Folding(store, keys, every_s=0)
    store.hset(keys.attributed, revenue, 2**63 - 10)
    store.hset(keys.attribution(0), mapping={CLICKS: 7, revenue: 100})
    store.hset(keys.attribution(17), mapping={CLICKS: 7, revenue: 1})

    n = ours.turn()
    before = sums(store, keys)
    store.hset(keys.attributed, revenue, 0)
    ours.turn()

    assert n == 1
    assert before == {CLICKS.encode(): 7, revenue.encode(): 2**63 - 9}
    assert sums(store, keys) == {CLICKS.encode(): 14, revenue.encode(): 100}


def test_of_a_day_so_many_numbers_are_told_apart_and_no_more(store: Store, keys: Keys) -> None:
    ours, n = Folding(store, keys, every_s=0), MOST_OF_A_DAY + 50
    for shard in SHARDS:
        names = [field(COUNTED._replace(placement=f"{shard}-{i}")) for i in range(n)]
        store.hset(keys.attribution(shard), mapping=dict.fromkeys(names, 1))

    ours.turn()
    ours.turn()

    found = sums(store, keys)
    assert len(found) == MOST_OF_A_DAY + 1
    assert found[field(COUNTED.among_others)] == 3 * n - MOST_OF_A_DAY


def test_days_are_dropped_when_they_are_old(store: Store, keys: Keys) -> None:
    for n in (DAYS_KEPT, DAYS_KEPT + 1):
        day = (TODAY - timedelta(days=n)).isoformat()
        store.hset(keys.attributed, mapping={field(COUNTED._replace(day=day)): 1, f"n{day}": 1})
    store.hset(keys.attributed, "s003", 1)

    Folding(store, keys, every_s=0).turn()

    kept = (TODAY - timedelta(days=DAYS_KEPT)).isoformat()
    assert {*store.hkeys(keys.attributed)} == {
        field(COUNTED._replace(day=kept)), f"n{kept}".encode(), b"s003",
    }  # fmt: skip
