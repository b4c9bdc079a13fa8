"""Events come in their order, and come again until they are acknowledged."""

from collections.abc import Iterator

import pytest
import redis

from models.artifacts.keys import GROUP, Keys
from tests.training.near_line.feeding import Store
from training.errors import StoreError
from training.near_line.streams import Moment, Streams

pytestmark = pytest.mark.store


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    with redis.Redis.from_url(store_url) as client:
        yield client


@pytest.fixture
def keys(namespace: str) -> Keys:
    return Keys(namespace)


@pytest.fixture
def streams(store: Store, keys: Keys) -> Streams:
    return Streams(store, keys)


def fed(store: Store, keys: Keys, shard: int, *events: bytes) -> list[bytes]:
    return [store.xadd(keys.events(shard), {"e": event}) for event in events]


def test_events_that_came_before_there_was_a_worker_are_read(
    store: Store, keys: Keys, streams: Streams
) -> None:
    ids = fed(store, keys, 3, b"one", b"two")

    streams.prepare({3, 4})
    streams.prepare({3, 4})
    entries = streams.new({3, 4}, wait_ms=1)

    assert entries == [(3, ids[0], b"one"), (3, ids[1], b"two")]
    assert streams.new({3, 4}, wait_ms=1) == []


def test_what_was_read_and_not_acknowledged_comes_again(
    store: Store, keys: Keys, streams: Streams
) -> None:
    ids = fed(store, keys, 3, b"one", b"two")
    streams.prepare({3, 4})
    streams.new({3, 4}, wait_ms=1)
    store.xack(keys.events(3), GROUP, ids[0])

    again = [streams.unacknowledged({3, 4}) for _ in range(2)]

    assert again == [[(3, ids[1], b"two")]] * 2


def test_what_the_stream_has_no_more_comes_without_its_event(
    store: Store, keys: Keys, streams: Streams
) -> None:
    ids = fed(store, keys, 3, b"one")
    streams.prepare({3})
    streams.new({3}, wait_ms=1)
    store.xdel(keys.events(3), ids[0])

    (entry,) = streams.unacknowledged({3})

    assert entry == (3, ids[0], None)


def test_an_entry_says_when_it_was_stored(store: Store, keys: Keys, streams: Streams) -> None:
    store.xadd(keys.events(3), {"e": b"one"}, id="1795176000000-7")
    streams.prepare({3})

    (entry,) = streams.new({3}, wait_ms=1)

    assert entry.stored_ms == 1_795_176_000_000


def test_a_stream_without_workers_is_an_error_in_words(streams: Streams) -> None:
    with pytest.raises(StoreError, match="NOGROUP"):
        streams.new({3}, wait_ms=1)


def test_no_shards_have_no_events(streams: Streams) -> None:
    assert streams.new(set(), wait_ms=1) == streams.unacknowledged(set()) == []


def test_a_visitor_is_waited_for_until_all_that_was_before_is_acknowledged(
    store: Store, keys: Keys, streams: Streams
) -> None:
    moments = [Moment(3, ms, who) for ms in (99, 100, 101) for who in ("v-1", "v-2")]
    id_ = store.xadd(keys.events(3), {"e": b'{"anonymous_id":"v-1"}'}, id="100-5")

    without_group = streams.waiting(moments)
    streams.prepare({3, 4})
    unread = streams.waiting([*moments, Moment(4, 100, "v-1")])
    streams.new({3}, wait_ms=1)
    pending = streams.waiting(moments)
    store.xack(keys.events(3), GROUP, id_)

    waiting = {Moment(3, 100, "v-1"), Moment(3, 101, "v-1"), Moment(3, 101, "v-2")}
    assert without_group == unread == pending == waiting
    assert streams.waiting(moments) == set()
