"""What customers do is in their records, in the counts, or put aside, within a moment."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
import structlog

from models.artifacts.customer_record import CustomerRecord
from models.artifacts.event import JOINED, Consent, Event, Feedback, Line
from models.artifacts.keys import GROUP, Keys, shard_of
from models.artifacts.live_state import HIDDEN_MS
from models.artifacts.recommendation_id import code
from tests import shop
from tests.training.near_line.feeding import (
    DAY,
    NOON_MS,
    POISON,
    Feeding,
    Store,
    counting,
    dead,
    totals,
    wait_until_learned,
    working,
)
from training.processes import wait_for

_AT = f"{NOON_MS:012x}"
LIST = f"{_AT[:8]}-{_AT[8:]}-7abc-8abc-abcd{code('r1'):04x}{code('home'):04x}"


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(store_url: str, namespace: str) -> Keys:
    shop.publish(store_url, namespace, shop.tiny(margins=True))
    return Keys(namespace)


@pytest.fixture
def feeding(store: Store, keys: Keys) -> Feeding:
    return Feeding(store, keys)


def did(name: str, *items: str, who: str = "ana", after: int = 0, **rest: object) -> Event:
    return Event(
        event=name, event_id=f"{who} {name} {after}", at_ms=NOON_MS + after, source="page",
        customer_id=who, items=tuple(Line(item_id=item, price=2.0) for item in items),
        **rest,  # type: ignore[arg-type]
    )  # fmt: skip


def record_of(store: Store, live_key: str) -> tuple[bytes, CustomerRecord] | None:
    found = store.hget(live_key, "r")
    if found is None:
        return None
    version, _, packed = found.partition(b"\n")
    return version, CustomerRecord.unpack(packed)


def learn(store: Store, keys: Keys, url: str) -> None:
    with working(url, keys.namespace):
        wait_until_learned(store, keys)


def test_a_purchase_renews_the_record_from_the_releases_own(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    feeding.feed(did("purchase", "beer", currency="EUR"))

    learn(store, keys, store_url)

    found = record_of(store, keys.live_of_customer("ana"))
    assert found is not None
    version, record = found
    before, _ = shop.tiny().customers["ana"]
    assert version == b"r1"
    assert record.vector[1] > before.vector[1]  # ana drinks beer now
    assert record.standing == before.standing


def test_the_record_is_what_renewing_it_by_hand_makes(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    feeding.feed(did("view_item", "wine"))
    feeding.feed(did("add_to_cart", "beer", after=1))

    with working(store_url, keys.namespace, renew=counting):
        wait_until_learned(store, keys)

    found = record_of(store, keys.live_of_customer("ana"))
    assert found is not None
    assert found[1].vector[0] == 2  # both events
    assert found[1].vector[2] == 1  # and the release's own record


@pytest.mark.parametrize(
    "event",
    [
        did("view_item_list", "beer", recommendation_id=LIST),
        did("screen_view"),
        did("feedback", "beer", feedback=Feedback(kind="rating", value=5)),
        replace(did("view_item", "beer"), customer_id=None, anonymous_id="v-1"),
        replace(did("view_item", "beer"), customer_id=None),
    ],
    ids=["shown", "weighs nothing", "a rating", "a visitor", "nobody's"],
)
def test_what_says_nothing_of_a_customer_renews_nobody(
    store: Store, keys: Keys, feeding: Feeding, store_url: str, event: Event
) -> None:
    feeding.feed(event)

    learn(store, keys, store_url)

    states = list(store.scan_iter(f"{keys.namespace}:*:live:*"))
    assert [key for key in states if store.hexists(key, "r")] == []


@pytest.mark.parametrize("name", ["view_item", "screen_view"])
def test_with_a_refusal_goes_the_renewed_record(
    store: Store, keys: Keys, feeding: Feeding, store_url: str, name: str
) -> None:
    live = keys.live_of_customer("ana")
    store.hset(live, mapping={"k": b'{"told":{"personalization":false}}', "r": b"r1\nold"})
    feeding.feed(did(name, "beer", consent=Consent(personalization=False)))

    learn(store, keys, store_url)

    assert store.hget(live, "r") is None


def test_a_customer_whom_the_release_does_not_know_gets_a_record(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    feeding.feed(did("purchase", "beer", who="new", currency="EUR"))

    learn(store, keys, store_url)

    assert record_of(store, keys.live_of_customer("new")) is not None


def test_a_record_that_cannot_be_read_counts_as_unknown(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    store.hset(keys.records("r1", shard_of("ana")), "ana", b"CR but no record")
    feeding.feed(did("purchase", "beer", currency="EUR"))

    learn(store, keys, store_url)

    assert record_of(store, keys.live_of_customer("ana")) is not None
    assert dead(store, keys, shard_of("ana")) == {}


def test_what_a_list_earned_is_counted_over_its_visitors_joining(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    for event in (
        did("view_item_list", "beer", recommendation_id=LIST),
        did("select_item", "beer", after=1, recommendation_id=LIST),
    ):
        feeding.feed(replace(event, customer_id=None, anonymous_id="v-1"))
    learn(store, keys, store_url)

    feeding.feed(did(JOINED, after=2, anonymous_id="v-1"))
    feeding.feed(did("purchase", "beer", after=3, currency="EUR", transaction_id="t"))
    learn(store, keys, store_url)

    counts = {
        name.partition(" ")[2]: n for name, n in totals(store, keys).items() if isinstance(n, int)
    }
    row = f'["{DAY}","home","r1",'
    assert counts == {
        f'{row}"","impressions"]': 1,
        f'{row}"","clicks"]': 1,
        f'{row}"","orders"]': 1,
        f'{row}"EUR","provisional_revenue"]': 20_000,
    }


def test_poison_is_put_aside_after_five_tries_while_the_rest_flows(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    shard = shard_of("ana")
    feeding.feed_poison("ana")
    feeding.feed(did("purchase", "beer", currency="EUR"))

    with working(store_url, keys.namespace):
        assert wait_for(lambda: store.hexists(keys.live_of_customer("ana"), "r"), limit_s=5)
        while_flowing = dead(store, keys, shard)
        ((first, _), *_) = store.xrange(keys.events(shard))
        deliveries = [
            told["times_delivered"]
            for told in store.xpending_range(keys.events(shard), GROUP, first, first, 1)
        ]
        wait_until_learned(store, keys)

    assert while_flowing == {}
    assert deliveries[0] < 5
    assert dead(store, keys, shard) == {
        first: (POISON, b"ArtifactCorrupt: an event's bytes are not one of ours")
    }


def test_an_event_that_cannot_be_learned_is_put_aside_with_nothing_of_it_counted(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    def fails(*_: object, **__: object) -> CustomerRecord:
        raise ZeroDivisionError("of nothing")

    feeding.feed(did("view_item_list", "beer", recommendation_id=LIST))
    feeding.feed(did("select_item", "beer", after=1, recommendation_id=LIST))

    with working(store_url, keys.namespace, renew=fails):
        wait_until_learned(store, keys)

    (told,) = dead(store, keys, shard_of("ana")).values()
    assert told[1] == b"ZeroDivisionError: of nothing"
    whats = [name.split('"')[-2] for name, n in totals(store, keys).items() if isinstance(n, int)]
    assert whats == ["impressions"]


def test_something_else_in_the_place_of_a_live_state_keeps_nobody_else_waiting(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    feeding.feed(did("view_item", "beer"))
    store.delete(keys.live_of_customer("ana"))
    store.set(keys.live_of_customer("ana"), "a string")
    feeding.feed(did("view_item", "beer", who="ben"))

    learn(store, keys, store_url)

    assert record_of(store, keys.live_of_customer("ben")) is not None
    ((_, reason),) = dead(store, keys, shard_of("ana")).values()
    assert reason == b"ArtifactCorrupt: in the place of a live state is something else"


def test_events_wait_for_the_release_that_serves_and_follow_the_next(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    live = keys.live_of_customer("ana")

    def version() -> bytes | None:
        found = record_of(store, live)
        return found[0] if found else None

    feeding.feed(did("view_item", "beer"))
    with working(store_url, keys.namespace) as worker:
        assert wait_for(lambda: version() == b"r1", limit_s=5)
        shop.publish(store_url, keys.namespace, shop.tiny("r2", turned=True))
        assert wait_for(lambda: worker.release == "r2", limit_s=5)
        feeding.feed(did("view_item", "wine", after=1))
        assert wait_for(lambda: version() == b"r2", limit_s=5)


def test_a_shop_without_a_release_has_its_events_counted(
    store: Store, store_url: str, namespace: str
) -> None:
    keys = Keys(namespace)
    Feeding(store, keys).feed(did("view_item_list", "beer", recommendation_id=LIST))
    Feeding(store, keys).feed(did("view_item", "beer", after=1))

    learn(store, keys, store_url)

    assert list(totals(store, keys).values()).count(1) == 1
    assert record_of(store, keys.live_of_customer("ana")) is None


def test_a_live_state_that_was_hidden_for_long_is_not_shortened(
    store: Store, keys: Keys, feeding: Feeding, store_url: str
) -> None:
    live = keys.live_of_customer("ana")
    feeding.feed(did("view_item", "beer"))
    store.pexpire(live, HIDDEN_MS)

    learn(store, keys, store_url)

    assert store.pttl(live) > HIDDEN_MS - 60_000


def test_the_log_names_nobody(store: Store, keys: Keys, feeding: Feeding, store_url: str) -> None:
    feeding.feed(did("purchase", "beer", who="ana-who-is-private", currency="EUR"))
    feeding.feed_poison("ana-who-is-private", b'{"customer_id":"ana-who-is-private"}')

    with structlog.testing.capture_logs() as lines:
        learn(store, keys, store_url)

    assert "worker started" in {line["event"] for line in lines}
    assert "private" not in str(lines)
