"""An order counts once, however many tell of it; a backend's word stands above a page's."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from app.ingest.ingest import Ingest
from app.ingest.lua import ORPHANED_MS
from models.artifacts.event import Consent, Event, Feedback, Line, order_digest
from models.artifacts.keys import shard_of
from tests.app.ingest.happening import ORDER, Store, event, eventually

pytestmark = [pytest.mark.anyio, pytest.mark.store]


CLAIM = f"purchase:{order_digest('t-1')}"
ANA = {"customer_id": "ana"}
REFUSED = {"consent": Consent(analytics=False)}


def paged(**said: object) -> Event:
    return event(**ORDER | {"customer_id": "ana"} | said)


def elsewhere(**said: object) -> Event:
    return event(**ORDER | {"anonymous_id": "v"} | said)


def backed(**said: object) -> Event:
    return event(**ORDER | {"customer_id": "ana", "source": "backend"} | said)


def told(held: Store) -> list[tuple[str, bool]]:
    return sorted((one.source, one.confirms) for one in held.events())


async def test_a_backends_copy_confirms_a_pages(ingest: Ingest, held: Store) -> None:
    taken = [await ingest.accept([one]) for one in (paged(), backed())]

    assert taken == [[True], [True]]
    assert told(held) == [("backend", True), ("page", False)]


async def test_a_confirmed_order_stands_in_the_live_state_once(ingest: Ingest, held: Store) -> None:
    for one in (paged(), backed()):
        await ingest.accept([one])

    assert [one.event for one in held.customer("ana").events] == ["purchase"]


async def test_an_order_that_a_page_makes_up_takes_nothing_from_whoever_made_it(
    ingest: Ingest, held: Store
) -> None:
    made_up, own, true = elsewhere(value=9999.0), paged(), backed()

    taken = [await ingest.accept([one]) for one in (made_up, own, true)]

    assert taken == [[True], [True], [True]]
    assert told(held) == [("backend", True), ("page", False), ("page", False)]


async def test_a_backends_copy_of_what_only_anothers_page_has_told_is_its_customers_order(
    ingest: Ingest, held: Store
) -> None:
    taken = [await ingest.accept([one]) for one in (elsewhere(), backed(), backed())]

    assert taken == [[True], [True], [False]]
    (stored,) = [one for one in held.events() if one.source == "backend"]
    assert (stored.confirms, stored.contested) == (False, True)
    assert [one.event for one in held.customer("ana").events] == ["purchase"]


async def test_a_backend_confirms_what_the_visitor_told_whom_it_names_too(
    ingest: Ingest, held: Store
) -> None:
    taken = [await ingest.accept([one]) for one in (elsewhere(), backed(anonymous_id="v"))]

    assert taken == [[True], [True]]
    assert told(held) == [("backend", True), ("page", False)]


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_backend_confirms_what_a_joined_visitor_told(
    ingest: Ingest, held: Store, when: str
) -> None:
    def join() -> None:
        held.client.hset(held.keys.live_of_visitor("v"), "j", "ana")
        held.client.hset(held.keys.live_of_customer("ana"), "i:v", 1)

    if when == "before":
        join()
    await ingest.accept([elsewhere()])
    if when == "after":
        join()
    await ingest.accept([backed()])

    assert told(held) == [("backend", True), ("page", False)]


@pytest.mark.parametrize("copy", [paged, elsewhere])
async def test_a_pages_copy_after_a_backends_is_a_duplicate(
    ingest: Ingest, held: Store, copy: Callable[[], Event]
) -> None:
    taken = [await ingest.accept([one]) for one in (backed(), copy())]

    assert taken == [[True], [False]]
    assert told(held) == [("backend", False)]


@pytest.mark.parametrize("copy", [paged, backed])
async def test_a_second_copy_of_the_same_side_is_a_duplicate(
    ingest: Ingest, held: Store, copy: Callable[[], Event]
) -> None:
    taken = [await ingest.accept([one]) for one in (paged(), copy(), copy(), copy())]

    assert taken == [[True], [copy is backed], [False], [False]]


async def test_each_copy_may_come_again(ingest: Ingest, held: Store) -> None:
    first, second = paged(), backed()

    taken = [await ingest.accept([one]) for one in (first, first, second, second, first)]

    assert taken == [[True], [False], [True], [False], [False]]
    assert told(held) == [("backend", True), ("page", False)]


async def test_a_page_that_guesses_a_backends_id_does_not_keep_its_copy_out(
    ingest: Ingest, held: Store
) -> None:
    forged = paged(event_id="1", value=9999.0)

    taken = [await ingest.accept([one]) for one in (forged, backed(event_id="1"))]

    assert taken == [[True], [True]]
    assert [one.value for one in held.events() if one.source == "backend"] == [3.0]


async def test_a_refund_of_an_order_is_another_claim(ingest: Ingest, held: Store) -> None:
    taken = [await ingest.accept([one]) for one in (backed(), backed(event="refund"))]

    assert taken == [[True], [True]]
    assert sorted(one.event for one in held.events()) == ["purchase", "refund"]


async def test_a_view_that_names_a_transaction_claims_nothing(ingest: Ingest, held: Store) -> None:
    taken = [await ingest.accept([one]) for one in (backed(event="view_item"), backed())]

    assert taken == [[True], [True]]
    assert told(held) == [("backend", False)] * 2


async def test_copies_of_one_request_count_as_if_they_came_one_by_one(
    ingest: Ingest, held: Store
) -> None:
    taken = await ingest.accept([paged(), paged(), backed(), backed()])

    assert taken == [True, False, True, False]


async def test_of_many_copies_at_once_one_is_taken(
    ingest: Ingest, held: Store, tmp_path: Path
) -> None:
    """Those that come while it is not yet sure that the first is stored wait for that on disk."""
    taken = await asyncio.gather(*(ingest.accept([backed()]) for _ in range(50)))
    await eventually(lambda: not list((tmp_path / "spool").glob("*")))

    assert [True] in taken
    assert told(held) == [("backend", False)]


async def test_a_claim_whose_process_died_keeps_no_other_copy_out(
    ingest: Ingest, held: Store, tmp_path: Path
) -> None:
    """The order is claimed, and the event was not stored; ten seconds later that is given up."""
    stream = held.keys.events(shard_of("ana"))
    held.client.set(stream, "in the way")
    await ingest.accept([backed()])
    for file in (tmp_path / "spool").glob("*"):
        file.unlink()
    held.client.delete(stream)
    key = held.keys.order(CLAIM)
    held.client.pexpire(key, held.client.pttl(key) - ORPHANED_MS)

    taken = [await ingest.accept([one]) for one in (paged(), backed(), backed())]

    assert taken == [[True], [True], [False]]
    assert told(held) == [("backend", True), ("page", False)]


async def test_a_claim_is_held_for_seven_days(ingest: Ingest, held: Store) -> None:
    await ingest.accept([backed()])

    assert 7 * 86_400 - 60 < held.client.ttl(held.keys.order(CLAIM)) <= 7 * 86_400


async def test_nobodys_order_counts_once_too(ingest: Ingest, held: Store) -> None:
    taken = [await ingest.accept([paged(**REFUSED)]) for _ in range(2)]

    assert taken == [[True], [False]]
    assert [one.transaction_id for one in held.events()] == [order_digest("t-1")]


async def test_copies_of_nobodys_order_are_told_to_be_one(ingest: Ingest, held: Store) -> None:
    sent = [paged(**REFUSED), backed(**REFUSED), backed(**REFUSED), elsewhere(**REFUSED)]

    taken = [await ingest.accept([one]) for one in sent]

    assert taken == [[True], [True], [False], [False]]
    assert {one.order for one in held.events()} == {order_digest("t-1")}
    assert "t-1" not in str(held.packed())


async def test_nobodys_order_says_nothing_that_others_lack(ingest: Ingest, held: Store) -> None:
    secret = "secret"
    lines = (Line(item_id="milk", coupon=secret),)
    words = Feedback(kind="complaint", value="opened", text=secret)
    consent = Consent(analytics=False, tcf=secret, gpp=secret)

    await ingest.accept(
        [
            paged(event_id=secret, items=lines, consent=consent),
            event(event="feedback", event_id=secret, **ANA, feedback=words, consent=consent),
        ]
    )

    assert len(held.events()) == 2
    assert secret not in str(held.packed())
