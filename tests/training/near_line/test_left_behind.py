"""Who last did what with a cart, and looked at an item: noted of known customers, and forgotten."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis

from models.artifacts.event import JOINED, NOTHING_SAID, Consent, Event, Line
from models.artifacts.keys import Keys, shard_of
from models.artifacts.live_state import TTL_S
from tests.training.near_line.feeding import (
    DAY_MS,
    NOON_MS,
    Feeding,
    Store,
    wait_until_learned,
    working,
)
from training.near_line.applying import N_FORGOTTEN, Applying, Effects
from training.near_line.streams import Streams

pytestmark = pytest.mark.store
SHARD, WORD = 3, "ours"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)


def note(store: Store, keys: Keys, carts: dict[str, int]) -> None:
    """Have an event applied of which nothing else comes."""
    store.set(keys.lease(SHARD), WORD)
    ids = [store.xadd(keys.events(SHARD), {"e": b"event"})]
    streams = Streams(store, keys)
    streams.prepare({SHARD})
    streams.new({SHARD}, wait_ms=1)
    effects = Effects(acknowledged=ids, carts=carts)
    assert Applying(store, keys).apply({SHARD: effects}, {SHARD: WORD}) == {SHARD: 1}


def noted(store: Store, key: str) -> dict[str, int]:
    return {id_.decode(): int(at_ms) for id_, at_ms in store.zrange(key, 0, -1, withscores=True)}


def did(event: str, after_ms: int, **rest: object) -> Event:
    return Event(
        event=event,
        event_id=f"{event} {after_ms}",
        at_ms=NOON_MS + after_ms,
        source="page",
        items=(Line(item_id="milk"),),
        **rest,  # type: ignore[arg-type]
    )


def learned(store: Store, keys: Keys, store_url: str, *events: Event) -> None:
    feeding = Feeding(store, keys)
    for event in events:
        feeding.feed(event)
    with working(store_url, keys.namespace):
        wait_until_learned(store, keys)


def test_the_latest_time_stands_in_whatever_order_they_come(store: Store, keys: Keys) -> None:
    note(store, keys, {"ann": NOON_MS})
    note(store, keys, {"ann": NOON_MS - 1, "bob": NOON_MS + 1})

    assert noted(store, keys.carts(SHARD)) == {"ann": NOON_MS, "bob": NOON_MS + 1}


def test_who_did_nothing_for_30_days_is_forgotten(store: Store, keys: Keys) -> None:
    now_ms = time.time_ns() // 1_000_000
    old = {f"old-{n}": now_ms - 31 * DAY_MS - n for n in range(N_FORGOTTEN + 10)}
    store.zadd(keys.carts(SHARD), old)

    note(store, keys, {"ann": now_ms - 29 * DAY_MS})
    n_first = store.zcard(keys.carts(SHARD))
    note(store, keys, {"ann": now_ms - 31 * DAY_MS, "bob": now_ms - 31 * DAY_MS})

    assert n_first == 11
    assert noted(store, keys.carts(SHARD)) == {"ann": now_ms - 29 * DAY_MS}
    assert TTL_S - 2 <= store.ttl(keys.carts(SHARD)) <= TTL_S


def test_carts_and_looks_of_known_customers_are_noted_and_nothing_else(
    store: Store, keys: Keys, store_url: str
) -> None:
    ana: dict[str, object] = {"customer_id": "ana"}
    learned(
        store, keys, store_url,
        did("add_to_cart", 1, **ana), did("remove_from_cart", 4, **ana),
        did("view_cart", 3, **ana), did("view_item", 2, **ana), did("select_item", 5, **ana),
        did("purchase", 8, **ana), did("view_item_list", 9, **ana),
        did("begin_checkout", 6, customer_id="cleo"),
        did("add_to_cart", 7, anonymous_id="v-1"),
    )  # fmt: skip

    assert noted(store, keys.carts(shard_of("ana"))) == {"ana": NOON_MS + 4}
    assert noted(store, keys.browsed(shard_of("ana"))) == {"ana": NOON_MS + 5}
    assert noted(store, keys.carts(shard_of("cleo"))) == {"cleo": NOON_MS + 6}
    assert noted(store, keys.carts(shard_of("v-1"))) == {}


def test_of_who_refuses_to_be_known_by_what_they_do_nothing_is_noted(
    store: Store, keys: Keys, store_url: str
) -> None:
    refusing = did("add_to_cart", 1, customer_id="ana", consent=Consent(personalization=False))
    nobodys = replace(refusing, customer_id=None, event_id="another", consent=NOTHING_SAID)

    learned(store, keys, store_url, refusing, nobodys)

    assert noted(store, keys.carts(shard_of("ana"))) == {}


def test_what_a_visitor_did_is_noted_of_the_customer_they_turn_out_to_be(
    store: Store, keys: Keys, store_url: str
) -> None:
    feeding = Feeding(store, keys)
    feeding.feed(did("add_to_cart", 1, anonymous_id="v-1"))
    feeding.feed(did("view_item", 2, anonymous_id="v-1"))
    lines = store.hget(keys.live_of_visitor("v-1"), "e")
    store.hset(keys.live_of_customer("ana"), "e", lines)  # as a join takes them in

    learned(store, keys, store_url, did(JOINED, 9, customer_id="ana", anonymous_id="v-1"))

    assert noted(store, keys.carts(shard_of("ana"))) == {"ana": NOON_MS + 1}
    assert noted(store, keys.browsed(shard_of("ana"))) == {"ana": NOON_MS + 2}
