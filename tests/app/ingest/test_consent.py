"""Whoever refuses is obeyed at once: the strictest word that is known counts."""

import orjson
import pytest

from app.ingest.ingest import Ingest
from models.artifacts.event import Consent
from tests.app.ingest.happening import NOW_MS, ORDER, Store, event

pytestmark = [pytest.mark.anyio, pytest.mark.store]
ANA = {"customer_id": "ana"}


def known(held: Store, customer_id: str = "ana") -> dict[str, dict[str, object]]:
    packed = held.client.hget(held.keys.live_of_customer(customer_id), "k")
    assert isinstance(packed, bytes)
    consent: dict[str, dict[str, object]] = orjson.loads(packed)
    return consent


async def test_without_analytics_an_event_is_nobodys(ingest: Ingest, held: Store) -> None:
    secret = "secret"
    sent = event(
        customer_id=secret,
        anonymous_id=secret,
        session_id=secret,
        search_term=secret,
        properties={"name": secret},
        consent=Consent(analytics=False),
        **ORDER | {"transaction_id": secret},
    )

    taken = [await ingest.accept([sent]) for _ in range(2)]

    assert taken == [[True], [False]]
    (stored,) = held.packed()
    assert secret not in str(stored)
    assert (stored["event"], stored["value"]) == ("purchase", 3.0)
    assert not held.customer(secret).events


async def test_a_word_against_analytics_holds_for_the_events_that_follow(
    ingest: Ingest, held: Store
) -> None:
    await ingest.accept([event(**ANA, consent=Consent(analytics=False))])

    taken = await ingest.accept([event(**ANA)])

    assert taken == [True]
    assert ["customer_id" in one for one in held.packed()] == [False, False]
    assert not held.customer("ana").events


async def test_without_personalization_a_live_state_knows_the_refusal_alone(
    ingest: Ingest, held: Store
) -> None:
    await ingest.accept([event(**ANA, consent=Consent(personalization=False))])
    await ingest.accept([event(**ANA)])

    live = held.customer("ana")
    assert (live.events, live.may_personalize) == ([], False)
    assert [one.customer_id for one in held.events()] == ["ana", "ana"]
    assert [one.consent.personalization for one in held.events()] == [False, False]


async def test_the_last_word_told_counts(ingest: Ingest, held: Store) -> None:
    await ingest.accept([event(**ANA, consent=Consent(personalization=False))])
    await ingest.accept([event(**ANA, consent=Consent(personalization=True), at_ms=NOW_MS + 1)])

    assert held.customer("ana").may_personalize
    assert len(held.customer("ana").events) == 1


async def test_an_older_word_that_comes_late_does_not_count(ingest: Ingest, held: Store) -> None:
    await ingest.accept([event(**ANA, consent=Consent(personalization=False))])
    await ingest.accept([event(**ANA, consent=Consent(personalization=True), at_ms=NOW_MS - 1)])

    assert not held.customer("ana").may_personalize
    assert not held.customer("ana").events


async def test_a_word_on_one_matter_leaves_the_others(ingest: Ingest, held: Store) -> None:
    await ingest.accept([event(**ANA, consent=Consent(personalization=False))])
    gpc = Consent(ads=False, sale_opt_out=True, gpp="DBAA")
    await ingest.accept([event(**ANA, consent=gpc, at_ms=NOW_MS + 1)])

    assert known(held)["told"] == {
        "personalization": False,
        "ads": False,
        "sale_opt_out": True,
        "at": NOW_MS + 1,
    }


async def test_what_the_customer_decided_cannot_be_told_away(ingest: Ingest, held: Store) -> None:
    decided = {"personalization": False, "ads": False}
    held.client.hset(held.keys.live_of_customer("ana"), "k", orjson.dumps({"decided": decided}))

    await ingest.accept([event(**ANA, consent=Consent(personalization=True, ads=True))])

    (stored,) = held.events()
    assert (stored.consent.personalization, stored.consent.ads) == (False, False)
    assert known(held)["decided"] == decided
    assert known(held)["told"] == {"personalization": True, "ads": True, "at": NOW_MS}
    assert not held.customer("ana").may_personalize


async def test_what_was_decided_is_not_taken_for_told(ingest: Ingest, held: Store) -> None:
    key = held.keys.live_of_customer("ana")
    held.client.hset(key, "k", orjson.dumps({"decided": {"personalization": False}}))
    await ingest.accept([event(**ANA)])
    held.client.hset(key, "k", orjson.dumps({"decided": {"personalization": True}}))

    await ingest.accept([event(**ANA)])

    assert len(held.customer("ana").events) == 1


async def test_who_decided_against_analytics_is_nobody(ingest: Ingest, held: Store) -> None:
    held.client.hset(
        held.keys.live_of_customer("ana"), "k", orjson.dumps({"decided": {"analytics": False}})
    )
    sent = event(**ANA)

    taken = [await ingest.accept([sent]) for _ in range(2)]

    assert taken == [[True], [False]]
    (stored,) = held.events()
    assert (stored.customer_id, stored.consent.analytics) == (None, False)


@pytest.mark.parametrize("event_id", ["1", None])
async def test_refusers_do_not_use_up_each_others_ids(
    ingest: Ingest, held: Store, event_id: str | None
) -> None:
    own = {} if event_id is None else {"event_id": event_id}
    refused = Consent(analytics=False)

    taken = await ingest.accept([event(anonymous_id=name, consent=refused, **own) for name in "ab"])

    assert taken == [True, True]
    assert len(held.events()) == 2


async def test_a_word_is_heard_though_the_event_is_nobodys(ingest: Ingest, held: Store) -> None:
    await ingest.accept([event(**ANA, consent=Consent(analytics=False))])
    await ingest.accept([event(**ANA, consent=Consent(personalization=False), at_ms=NOW_MS + 1)])

    assert not held.customer("ana").may_personalize


@pytest.mark.parametrize("matter", ["personalization", "analytics"])
async def test_of_an_event_of_both_either_may_refuse(
    ingest: Ingest, held: Store, matter: str
) -> None:
    refused = {"told": {matter: False, "at": NOW_MS - 1}}
    held.client.hset(held.keys.live_of_visitor("v"), "k", orjson.dumps(refused))
    sent = event(**ANA, anonymous_id="v")

    taken = [await ingest.accept([sent]) for _ in range(2)]

    assert taken == [[True], [False]]
    (stored,) = held.events()
    assert getattr(stored.consent, matter) is False
    assert stored.is_nobodys == (matter == "analytics")
    assert not held.customer("ana").events
    assert held.customer("ana").may_personalize


@pytest.mark.parametrize("analytics", [None, False])
async def test_a_word_of_both_is_heard_of_both(
    ingest: Ingest, held: Store, analytics: bool | None
) -> None:
    refused = Consent(personalization=False, analytics=analytics)

    await ingest.accept([event(**ANA, anonymous_id="v", consent=refused)])

    assert not held.customer("ana").may_personalize
    assert not held.visitor("v").may_personalize


async def test_an_event_of_both_is_stored_once_though_one_refuses_meanwhile(
    ingest: Ingest, held: Store
) -> None:
    sent = event(**ANA, anonymous_id="v")
    await ingest.accept([sent])
    refused = {"told": {"analytics": False, "at": NOW_MS}}
    held.client.hset(held.keys.live_of_visitor("v"), "k", orjson.dumps(refused))

    assert await ingest.accept([sent]) == [False]
    assert held.events() == [sent]
