"""A worker gets on: whatever a page sends, a store forgets or another shard has still to do."""

from collections.abc import Iterator
from dataclasses import replace

import orjson
import pytest
import redis

from models.artifacts.event import JOINED, Event, Line
from models.artifacts.keys import N_SHARDS, Keys, shard_of
from models.artifacts.recommendation_id import code
from models.counted import Field, field
from models.errors import ArtifactCorrupt
from models.renewal import renewed
from tests import shop
from tests.training.near_line.feeding import (
    CALM,
    DAY,
    NOON_MS,
    POISON,
    QUICK,
    Feeding,
    Store,
    dead,
    unlearned,
    wait_until_learned,
    working,
)
from training.near_line import effects
from training.near_line.current import Current
from training.near_line.effects import Learning
from training.near_line.reading import Reading
from training.near_line.streams import Entry
from training.processes import wait_for
from training.publish import Releases

pytestmark = pytest.mark.store
_AT = f"{NOON_MS:012x}"
LIST = f"{_AT[:8]}-{_AT[8:]}-7abc-8abc-abcd{code('r1'):04x}{code('home'):04x}"
BEER = (Line(item_id="beer", price=2.0),)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(store_url: str, namespace: str) -> Keys:
    shop.publish(store_url, namespace, shop.tiny(margins=True))
    return Keys(namespace)


def did(name: str, n: int, **rest: object) -> Event:
    told: dict[str, object] = {"items": BEER, "source": "backend"} | rest
    return Event(event=name, event_id=f"{name} {n}", at_ms=NOON_MS + n, **told)  # type: ignore[arg-type]


def orders(store: Store, keys: Keys) -> int:
    counts = [store.hgetall(keys.attribution(shard)) for shard in range(N_SHARDS)]
    found = [(orjson.loads(name), int(n)) for some in counts for name, n in some.items()]
    return sum(n for name, n in found if name[-1] == "orders")


def joining(feeding: Feeding, n_visitors: int) -> None:
    """Visitors of many shards follow a list, log in as customers of others, and buy."""
    for n in range(n_visitors):
        who = {"anonymous_id": f"v-{n}"}
        feeding.feed(did("view_item_list", n, recommendation_id=LIST, **who))
        feeding.feed(did("select_item", n, recommendation_id=LIST, **who))
        feeding.feed(did(JOINED, n, customer_id=f"cu-{n}", **who))
        feeding.feed(did("purchase", n, customer_id=f"cu-{n}", currency="EUR", joined=True, **who))


def test_orders_of_joined_visitors_are_credited_from_a_backlog_too(
    store: Store, keys: Keys, store_url: str
) -> None:
    joining(Feeding(store, keys), 150)

    with working(store_url, keys.namespace):
        wait_until_learned(store, keys, limit_s=5)

    assert orders(store, keys) == 150


def test_a_visitors_shard_that_gets_nowhere_is_not_waited_for_without_end(
    store: Store, keys: Keys, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "LONGEST_WAIT_S", 0.3)
    monkeypatch.setattr(effects, "MAX_TRIES", 10**9)
    Feeding(store, keys).feed_poison("v-1")
    joining(Feeding(store, keys), 2)

    with working(store_url, keys.namespace):
        assert wait_for(lambda: unlearned(store, keys) == 1, limit_s=5)

    assert orders(store, keys) == 2


def test_an_event_that_cannot_be_counted_is_put_aside_and_others_of_its_shard_are_learned(
    store: Store, keys: Keys, store_url: str
) -> None:
    shard = shard_of("ana")
    impressions = field(Field(DAY, "home", "r1", "", "impressions"))
    store.hset(keys.attribution(shard), impressions, 2**63 - 1)
    feeding = Feeding(store, keys)
    ana = {"customer_id": "ana"}
    feeding.feed(did("view_item", 0, **ana))
    feeding.feed(did("view_item_list", 1, recommendation_id=LIST, **ana))
    feeding.feed(did("purchase", 2, recommendation_id=LIST, currency="EUR", **ana))

    with working(store_url, keys.namespace):
        wait_until_learned(store, keys)

    ((event, reason),) = dead(store, keys, shard).values()
    assert b"view_item_list 1" in event
    assert reason.startswith(b"NOT_COUNTED")
    assert orders(store, keys) == 1
    assert store.hexists(keys.live_of_customer("ana"), "r")


@pytest.mark.slow
def test_a_worker_whose_leases_end_while_it_works_gets_on_with_less_at_a_time(
    store: Store, keys: Keys, store_url: str
) -> None:
    """Of 24 events each takes 15 ms; after 150 ms the shards are anybody's."""
    timing, n = replace(QUICK, lease_ms=150), 0

    def slowly(*_: object, **__: object) -> None:
        nonlocal n
        n += 1
        wait_for(lambda: False, limit_s=0.015)

    feeding = Feeding(store, keys)
    whose = [f"c-{i}" for i in range(20_000) if shard_of(f"c-{i}") == 7][:24]
    for i, who in enumerate(whose):
        feeding.feed(did("view_item", i, customer_id=who))

    with (
        working(store_url, keys.namespace, timing=timing, renew=slowly),
        working(store_url, keys.namespace, timing=timing, renew=slowly),
    ):
        wait_until_learned(store, keys, limit_s=10)

    assert n >= 24


def test_tries_are_forgotten_when_the_store_took_the_event_and_not_before(
    store: Store, keys: Keys
) -> None:
    learning = Learning(
        reading=Reading(events=store, releases=store, keys=keys),
        current=Current(Releases(store, keys)),
        renew=renewed,
    )
    entry = Entry(7, b"1-0", POISON)

    worked = [learning.work_out([entry]) for _ in range(effects.MAX_TRIES + 1)]
    learning.applied(worked[-1].of_shards)
    anew = learning.work_out([entry])

    n_dead = [len(one.of_shards[7].dead) for one in [*worked, anew]]
    assert n_dead == [0] * (effects.MAX_TRIES - 1) + [1, 1, 0]


def test_what_was_read_but_not_tried_does_not_count_as_a_try(
    store: Store, keys: Keys, store_url: str
) -> None:
    """A hundred times the event came while nothing could be read; then it fails once."""
    n = 0

    def fails_once(*_: object, **__: object) -> None:
        nonlocal n
        n += 1
        if n == 1:
            raise ArtifactCorrupt("for a moment")

    Feeding(store, keys).feed(did("view_item", 0, customer_id="ana"))
    stream = keys.events(shard_of("ana"))
    store.xgroup_create(stream, "workers", id="0")
    store.xreadgroup("workers", "worker", {stream: ">"})
    for _ in range(100):
        store.xreadgroup("workers", "worker", {stream: "0"})

    with working(store_url, keys.namespace, timing=CALM, renew=fails_once):
        wait_until_learned(store, keys)

    assert n == 2
    assert dead(store, keys, shard_of("ana")) == {}
