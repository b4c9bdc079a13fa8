"""Events of a visitor who turned out to be a customer are that customer's."""

from pathlib import Path

import orjson
import pytest

from app.ingest.ingest import Ingest
from models.artifacts.event import Consent, Event
from models.artifacts.live_state import Happened
from tests.app.ingest.happening import NOW_MS, ORDER, Store, event, eventually, taking

pytestmark = [pytest.mark.anyio, pytest.mark.store]


@pytest.fixture
def joined(held: Store) -> Store:
    held.client.hset(held.keys.live_of_visitor("v"), "j", "ana")
    return held


async def test_an_event_of_a_joined_visitor_is_stored_as_the_customers(
    ingest: Ingest, joined: Store
) -> None:
    taken = await ingest.accept([event(anonymous_id="v"), event(anonymous_id="w")])

    assert taken == [True, True]
    assert sorted((one.customer_id or "", one.joined) for one in joined.events()) == [
        ("", False),
        ("ana", True),
    ]
    assert joined.customer("ana").events == [Happened("view_item", NOW_MS, ["milk"], None, "v")]


async def test_the_visitors_own_session_goes_on_too(ingest: Ingest, joined: Store) -> None:
    await ingest.accept([event(anonymous_id="v")])
    await eventually(lambda: bool(joined.visitor("v").events))

    assert [one.item_ids for one in joined.visitor("v").events] == [["milk"]]
    assert joined.visitor("v").joined == "ana"
    assert joined.client.ttl(joined.keys.live_of_visitor("v")) == -1


async def test_an_event_from_before_the_join_is_not_stored_again_after_it(
    ingest: Ingest, held: Store
) -> None:
    sent = event(anonymous_id="v")
    await ingest.accept([sent])
    held.client.hset(held.keys.live_of_visitor("v"), "j", "ana")

    assert await ingest.accept([sent]) == [False]
    assert len(held.events()) == 1


async def test_an_event_that_comes_again_after_the_join_was_undone_is_a_duplicate(
    ingest: Ingest, joined: Store
) -> None:
    sent = event(anonymous_id="v")
    await ingest.accept([sent])
    await eventually(lambda: bool(joined.visitor("v").events))
    joined.client.hdel(joined.keys.live_of_visitor("v"), "j")

    assert await ingest.accept([sent]) == [False]


async def test_what_the_customer_has_refused_holds_for_the_visitor(
    ingest: Ingest, joined: Store
) -> None:
    joined.client.hset(
        joined.keys.live_of_customer("ana"),
        "k",
        orjson.dumps({"decided": {"analytics": False}}),
    )

    assert await ingest.accept([event(anonymous_id="v")]) == [True]
    (stored,) = joined.events()
    assert (stored.customer_id, stored.anonymous_id, stored.joined) == (None, None, False)


async def test_what_the_visitor_refuses_holds_for_the_customer(
    ingest: Ingest, joined: Store
) -> None:
    await ingest.accept([event(anonymous_id="v", consent=Consent(personalization=False))])

    assert not joined.customer("ana").may_personalize
    assert not joined.customer("ana").events


@pytest.mark.parametrize("analytics", [None, False])
async def test_what_the_visitor_refused_holds_for_what_they_do_after(
    joined: Store, store_url: str, namespace: str, tmp_path: Path, analytics: bool | None
) -> None:
    refused = Consent(personalization=False, analytics=analytics)
    async with taking(store_url, namespace, tmp_path) as ingest:
        await ingest.accept([event(anonymous_id="v", consent=refused)])
        await ingest.accept([event(anonymous_id="v", at_ms=NOW_MS + 1)])

    assert [one.is_nobodys for one in joined.events()] == [analytics is False] * 2
    assert [one.consent.personalization for one in joined.events()] == [False, False]
    for live in (joined.customer("ana"), joined.visitor("v")):
        assert (live.may_personalize, live.events) == (False, [])


async def test_what_the_visitor_refused_before_holds_though_the_customer_allows_it(
    joined: Store, store_url: str, namespace: str, tmp_path: Path
) -> None:
    refused = {"told": {"personalization": False, "at": NOW_MS - 1}}
    joined.client.hset(joined.keys.live_of_visitor("v"), "k", orjson.dumps(refused))

    async with taking(store_url, namespace, tmp_path) as ingest:
        await ingest.accept([event(anonymous_id="v")])

    assert joined.customer("ana").may_personalize
    assert (joined.customer("ana").events, joined.visitor("v").events) == ([], [])


@pytest.mark.parametrize(("source", "loosens"), [("page", False), ("backend", True)])
async def test_a_visitors_page_can_refuse_for_the_customer_and_not_allow(
    ingest: Ingest, joined: Store, source: str, loosens: bool
) -> None:
    said = {"consent": Consent(personalization=False), "customer_id": "ana"}
    await ingest.accept([event(**said)])

    allowed = Consent(personalization=True)
    await ingest.accept([event(anonymous_id="v", source=source, consent=allowed, at_ms=NOW_MS + 1)])

    assert joined.customer("ana").may_personalize is loosens
    assert joined.events()[-1].consent.personalization is loosens


async def test_the_customers_own_page_may_allow_again(ingest: Ingest, held: Store) -> None:
    ana = {"customer_id": "ana"}
    await ingest.accept([event(**ana, consent=Consent(personalization=False))])

    await ingest.accept([event(**ana, consent=Consent(personalization=True), at_ms=NOW_MS + 1)])

    assert held.customer("ana").may_personalize


async def test_an_order_of_a_joined_visitors_page_is_told_once(
    ingest: Ingest, joined: Store
) -> None:
    def bought() -> Event:
        return event(**ORDER, anonymous_id="v")

    taken = [await ingest.accept([bought()]) for _ in range(2)]

    assert taken == [[True], [False]]
