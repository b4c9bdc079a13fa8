"""Each event is stored once, and its subject's live state knows it by then."""

import asyncio
from typing import Any

import pytest

from app.ingest.ingest import Ingest
from models.artifacts.event import Feedback, Line
from models.artifacts.keys import shard_of
from models.artifacts.live_state import (
    HIDDEN_MS,
    MAX_EVENT_BYTES,
    N_EVENTS,
    N_FEEDBACK,
    TTL_S,
    Happened,
    Said,
)
from tests.app.ingest.happening import NOW_MS, Store, event

pytestmark = [pytest.mark.anyio, pytest.mark.store]
DAY_S = 86_400
HIDE: dict[str, Any] = {"event": "feedback", "feedback": Feedback(kind="not_interested")}


async def test_an_event_is_in_its_subjects_stream_as_it_was_sent(
    ingest: Ingest, held: Store
) -> None:
    sent = event(customer_id="ana", value=2.5, currency="EUR", properties={"a": [1]})

    taken = await ingest.accept([sent])

    assert taken == [True]
    assert held.events() == [sent]
    assert held.client.xlen(held.keys.events(shard_of("ana"))) == 1


async def test_an_event_that_comes_again_is_a_duplicate(ingest: Ingest, held: Store) -> None:
    sent = event(customer_id="ana")

    first, *again = [await ingest.accept([sent]) for _ in range(5)]

    assert (first, again) == ([True], [[False]] * 4)
    assert held.events() == [sent]


async def test_of_equal_events_of_one_request_the_first_is_taken(
    ingest: Ingest, held: Store
) -> None:
    sent, other = event(customer_id="ana"), event(customer_id="ana")

    taken = await ingest.accept([sent, other, sent])

    assert taken == [True, True, False]
    assert held.events() == [sent, other]


async def test_of_equal_events_at_once_one_is_taken(ingest: Ingest, held: Store) -> None:
    sent = event(anonymous_id="v-1")

    taken = await asyncio.gather(*(ingest.accept([sent]) for _ in range(50)))

    assert sorted(taken) == [[False]] * 49 + [[True]]
    assert held.events() == [sent]


async def test_one_subject_cannot_use_up_anothers_ids(ingest: Ingest, held: Store) -> None:
    subjects = ({"customer_id": "ana"}, {"customer_id": "ben"}, {"anonymous_id": "ana"})

    taken = await ingest.accept([event(**subject, event_id="1") for subject in subjects])

    assert taken == [True] * 3
    assert len(held.events()) == 3


async def test_ids_are_remembered_for_more_than_seven_days(ingest: Ingest, held: Store) -> None:
    await ingest.accept([event(customer_id="ana")])

    week = NOW_MS // (7 * DAY_S * 1000)
    left_s = max(held.client.ttl(held.keys.seen(shard_of("ana"), one)) for one in (week, week + 1))

    assert 13 * DAY_S < left_s <= 14 * DAY_S


async def test_an_id_of_last_week_is_a_duplicate(ingest: Ingest, held: Store) -> None:
    sent, week = event(customer_id="ana"), NOW_MS // (7 * DAY_S * 1000)
    held.client.sadd(held.keys.seen(shard_of("ana"), week - 1), sent.digest)
    held.client.sadd(held.keys.seen(shard_of("ana"), week), sent.digest)  # a week may just end

    assert await ingest.accept([sent]) == [False]
    assert held.events() == []


async def test_a_live_state_has_what_weighs_oldest_first(ingest: Ingest, held: Store) -> None:
    ana = {"customer_id": "ana"}
    await ingest.accept([event(**ana, event="view_item_list"), event(**ana, event="own_event")])
    await ingest.accept([event(**ana, event="search", items=(), search_term="fresh milk")])
    await ingest.accept(
        [event(**ana, event="add_to_cart", items=tuple(Line(item_id=i) for i in "aba"))]
    )

    assert held.customer("ana").events == [
        Happened("search", NOW_MS, [], "fresh milk", None),
        Happened("add_to_cart", NOW_MS, ["a", "b"], None, None),
    ]


async def test_what_comes_late_stands_where_it_happened(ingest: Ingest, held: Store) -> None:
    for minute in (1, 3, 2, 0, 3):
        await ingest.accept([event(anonymous_id="v", at_ms=NOW_MS + minute)])

    assert [one.at_ms - NOW_MS for one in held.visitor("v").events] == [0, 1, 2, 3, 3]


@pytest.mark.parametrize("together", [1, 20])
async def test_a_live_state_has_the_last_events_and_feedback(
    ingest: Ingest, held: Store, together: int
) -> None:
    views = [event(customer_id="ana", at_ms=NOW_MS + n) for n in range(60)]
    said = [
        event(
            customer_id="ana",
            event="feedback",
            at_ms=NOW_MS + n,
            feedback=Feedback(kind="rating", value=n % 5 + 1),
        )
        for n in range(40)
    ]

    for first in range(0, 60, together):
        await ingest.accept(views[first : first + together] + said[first : first + together])

    live = held.customer("ana")
    assert live.events == [Happened("view_item", NOW_MS + n, ["milk"]) for n in range(10, 60)]
    assert live.feedback == [Said("rating", NOW_MS + n, n % 5 + 1) for n in range(20, 40)]
    assert (len(live.events), len(live.feedback)) == (N_EVENTS, N_FEEDBACK)


async def test_a_live_state_of_long_events_stays_small(ingest: Ingest, held: Store) -> None:
    long = tuple(Line(item_id=f"{n:064d}") for n in range(30))

    for n in range(20):
        await ingest.accept([event(customer_id="ana", items=long, at_ms=NOW_MS + n)])

    packed = held.client.hget(held.keys.live_of_customer("ana"), "e")
    assert isinstance(packed, bytes)
    assert MAX_EVENT_BYTES - 3000 < len(packed) <= MAX_EVENT_BYTES
    assert held.customer("ana").events[-1].at_ms == NOW_MS + 19


async def test_not_interested_hides_an_item_until_half_a_year_has_passed(
    ingest: Ingest, held: Store
) -> None:
    await ingest.accept([event(customer_id="ana", **HIDE)])
    await ingest.accept([event(customer_id="ana", **HIDE | {"items": (Line(item_id="123"),)})])

    live = held.customer("ana")
    assert live.hidden == {"milk": NOW_MS + HIDDEN_MS, "123": NOW_MS + HIDDEN_MS}
    assert not live.feedback


async def test_what_is_hidden_no_longer_is_forgotten_with_the_next(
    ingest: Ingest, held: Store
) -> None:
    await ingest.accept([event(customer_id="ana", **HIDE, at_ms=NOW_MS - HIDDEN_MS)])
    await ingest.accept([event(customer_id="ana", **HIDE | {"items": (Line(item_id="jam"),)})])

    assert set(held.customer("ana").hidden) == {"jam"}


async def test_a_live_state_lives_thirty_days_from_its_last_change(
    ingest: Ingest, held: Store
) -> None:
    key = held.keys.live_of_visitor("v")
    await ingest.accept([event(anonymous_id="v")])
    first_s = held.client.ttl(key)
    held.client.expire(key, 100)

    await ingest.accept([event(anonymous_id="v")])

    assert TTL_S <= first_s <= TTL_S + DAY_S
    assert TTL_S <= held.client.ttl(key) <= TTL_S + DAY_S


async def test_a_live_state_outlives_what_it_hides(ingest: Ingest, held: Store) -> None:
    key = held.keys.live_of_visitor("v")
    await ingest.accept([event(anonymous_id="v", **HIDE)])

    await ingest.accept([event(anonymous_id="v")])

    assert held.client.pttl(key) > HIDDEN_MS - 60_000


@pytest.mark.parametrize(
    ("field", "value"), [("p", b"{}"), ("k", b'{"decided":{"personalization":true}}')]
)
async def test_who_has_decided_something_is_not_forgotten(
    ingest: Ingest, held: Store, field: str, value: bytes
) -> None:
    key = held.keys.live_of_customer("ana")
    held.client.hset(key, field, value)
    held.client.expire(key, 100)

    await ingest.accept([event(customer_id="ana")])

    assert held.client.ttl(key) == -1
    assert held.client.hget(key, field) == value


async def test_what_others_keep_in_a_live_state_stays(ingest: Ingest, held: Store) -> None:
    key = held.keys.live_of_customer("ana")
    held.client.hset(key, mapping={"r": b"r1\n\0", "p": b"{}", "c": b"[]", "t": b"\1"})

    await ingest.accept([event(customer_id="ana")])

    assert held.client.hmget(key, "r", "p", "c", "t") == [b"r1\n\0", b"{}", b"[]", b"\1"]


async def test_many_subjects_of_one_request_each_have_their_own(
    ingest: Ingest, held: Store
) -> None:
    sent = [event(customer_id=f"c-{n % 100}", at_ms=NOW_MS + n) for n in range(500)]

    taken = await ingest.accept(sent)

    assert taken == [True] * 500
    assert held.ids() == sorted(one.event_id for one in sent)
    assert [one.at_ms - NOW_MS for one in held.customer("c-7").events] == [7, 107, 207, 307, 407]
