"""A visitor who turned out to be a customer is that customer at once, and no longer if undone."""

from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app import identities, identity_scripts
from app.scripts import Script, Scripts
from app.settings import ServerSettings
from models.artifacts.event import JOINED, PARTED, Event
from models.artifacts.keys import Keys, shard_of
from models.artifacts.live_state import FIELDS, LiveState
from tests.app.holders import Headers

ANAS = "/customers/ana/identities"
VISITOR = {"anonymous_id": "v-1"}
THEN = 1_780_000_000
"""In seconds since 1970."""


@pytest.fixture
def store(settings: ServerSettings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.redis_url) as store:
        yield store


@pytest.fixture
def keys(settings: ServerSettings) -> Keys:
    return Keys(settings.namespace)


def happened(client: TestClient, **told: object) -> None:
    response = client.post("/events", json={"event": "view_item"} | told)
    assert response.status_code == 202, response.text


def refused_item(client: TestClient, item_id: str, **whose: str) -> None:
    said = {"kind": "not_interested", "about": {"item_id": item_id}} | whose
    response = client.post("/feedback", json=said)
    assert response.status_code == 202, response.text


def joined(client: TestClient, path: str = ANAS, headers: Headers | None = None) -> int:
    return client.post(path, json=VISITOR, headers=headers).status_code


def parted(client: TestClient, path: str = f"{ANAS}/v-1", headers: Headers | None = None) -> int:
    return client.delete(path, headers=headers).status_code


def state(store: redis.Redis, key: str) -> LiveState:
    fields: Any = store.hmget(key, FIELDS)
    return LiveState.unpack(fields)


def events_of(store: redis.Redis, keys: Keys, subject: str, *names: str) -> list[Event]:
    entries: Any = store.xrange(keys.events(shard_of(subject)))
    events = [Event.unpack(fields[b"e"]) for _, fields in entries]
    return [event for event in events if event.event in names]


def test_what_a_visitor_did_is_the_customers_in_order_of_time(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    happened(asking, customer_id="ana", items=[{"item_id": "milk"}], timestamp=THEN + 1)
    happened(asking, **VISITOR, items=[{"item_id": "bread"}], timestamp=THEN + 2)
    happened(asking, **VISITOR, items=[{"item_id": "tea"}], timestamp=THEN)

    assert joined(asking) == 204

    (first, second, third) = state(store, keys.live_of_customer("ana")).events
    assert (first.item_ids, first.origin) == (["tea"], "v-1")
    assert (second.item_ids, second.origin) == (["milk"], None)
    assert (third.item_ids, third.origin) == (["bread"], "v-1")


def test_what_a_visitor_said_and_hid_is_the_customers(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    asking.post("/feedback", json=VISITOR | {"kind": "satisfaction", "value": 2})
    refused_item(asking, "milk", **VISITOR)
    refused_item(asking, "tea", customer_id="ana")

    joined(asking)

    ana = state(store, keys.live_of_customer("ana"))
    assert [(said.kind, said.value, said.origin) for said in ana.feedback] == [
        ("satisfaction", 2, "v-1")
    ]
    assert set(ana.hidden) == {"milk", "tea"}


def test_the_stream_is_told_once_however_often_the_same_is_sent(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    happened(asking, **VISITOR, items=[{"item_id": "tea"}])

    assert [joined(asking) for _ in range(3)] == [204, 204, 204]

    (told,) = events_of(store, keys, "ana", JOINED)
    assert (told.customer_id, told.anonymous_id, told.source) == ("ana", "v-1", "backend")
    assert len(state(store, keys.live_of_customer("ana")).events) == 1


def test_a_visitors_later_events_are_the_customers(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    joined(asking)

    happened(asking, **VISITOR, items=[{"item_id": "tea"}])

    (event,) = events_of(store, keys, "ana", "view_item")
    assert (event.customer_id, event.anonymous_id, event.joined) == ("ana", "v-1", True)
    (line,) = state(store, keys.live_of_customer("ana")).events
    assert (line.item_ids, line.origin) == (["tea"], "v-1")


def test_of_many_visitors_the_last_fifty_are_named(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    key = keys.live_of_customer("ana")
    store.hset(key, mapping={f"i:v-{n}": n for n in range(100, 160)})
    store.hset(keys.live_of_visitor("v-100"), "j", "ana")

    joined(asking)

    fields: Any = store.hkeys(key)
    names = {name for name in fields if name.startswith(b"i:")}
    assert names == {b"i:v-1", *(b"i:v-%d" % n for n in range(111, 160))}
    assert parted(asking, f"{ANAS}/v-100") == 204


def test_a_visitor_of_one_customer_cannot_become_anothers(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    joined(asking)

    response = asking.post("/customers/ben/identities", json=VISITOR)

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert state(store, keys.live_of_visitor("v-1")).joined == "ana"
    assert not store.exists(keys.live_of_customer("ben"))


@pytest.mark.parametrize("refusing", ["ana", "v-1"])
def test_what_either_refused_is_refused(
    asking: TestClient, store: redis.Redis, keys: Keys, refusing: str
) -> None:
    for field, id_ in (("customer_id", "ana"), ("anonymous_id", "v-1")):
        happened(asking, **{field: id_}, consent={"personalization": refusing != id_})

    joined(asking)

    assert not state(store, keys.live_of_customer("ana")).may_personalize


def test_what_a_customer_decided_stands_beside_what_a_visitor_told(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    decided = {"consent": {"ads": True}}
    asking.put("/customers/ana/preferences", json=decided, headers={"If-Match": "*"})
    happened(asking, **VISITOR, consent={"ads": False, "sale_opt_out": True})

    joined(asking)

    consent = orjson.loads(store.hget(keys.live_of_customer("ana"), "k") or b"")
    assert consent["decided"]["ads"] is True
    assert consent["told"]["ads"] is False
    assert consent["told"]["sale_opt_out"] is True


def test_no_more_than_the_last_fifty_events_stand_in_a_live_state(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    for who in ({"customer_id": "ana"}, VISITOR):
        views = [
            {"event": "view_item", "items": [{"item_id": "tea"}], "timestamp": at, **who}
            for at in range(THEN, THEN + 40)
        ]
        asking.post("/events", json={"events": views})

    joined(asking)

    events = state(store, keys.live_of_customer("ana")).events
    times = [event.at_ms for event in events]
    assert len(events) == 50
    assert times == sorted(times)
    assert times[-1] == (THEN + 39) * 1000


def test_undoing_takes_back_what_came_from_the_visitor_and_nothing_else(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    asking.post("/feedback", json=VISITOR | {"kind": "satisfaction", "value": 1})
    refused_item(asking, "milk", **VISITOR)
    happened(asking, **VISITOR, items=[{"item_id": "tea"}])
    happened(asking, customer_id="ana", items=[{"item_id": "bread"}])
    refused_item(asking, "wine", customer_id="ana")
    joined(asking)
    happened(asking, **VISITOR, items=[{"item_id": "jam"}])
    store.hset(keys.live_of_customer("ana"), "r", b"v\nrecord")

    assert parted(asking) == 204

    ana = state(store, keys.live_of_customer("ana"))
    assert [event.item_ids for event in ana.events] == [["bread"]]
    assert ana.feedback == []
    assert set(ana.hidden) == {"wine"}
    assert ana.renewed is None
    assert state(store, keys.live_of_visitor("v-1")).joined is None
    (told,) = events_of(store, keys, "ana", PARTED)
    assert (told.customer_id, told.anonymous_id) == ("ana", "v-1")


def test_after_an_undoing_the_visitors_events_are_their_own_again(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    happened(asking, **VISITOR, items=[{"item_id": "tea"}])
    joined(asking)
    parted(asking)

    happened(asking, **VISITOR, items=[{"item_id": "jam"}])

    assert [event.joined for event in events_of(store, keys, "v-1", "view_item")][-1] is False
    visitor = state(store, keys.live_of_visitor("v-1"))
    assert [event.item_ids for event in visitor.events] == [["tea"], ["jam"]]
    assert joined(asking, "/customers/ben/identities") == 204


def test_there_is_nothing_to_undo_where_nobody_was_joined(asking: TestClient) -> None:
    joined(asking)

    assert parted(asking, "/customers/ben/identities/v-1") == 404
    assert (parted(asking), parted(asking)) == (204, 404)


def test_a_joined_visitor_is_never_forgotten_and_a_parted_one_is(
    asking: TestClient, store: redis.Redis, keys: Keys
) -> None:
    happened(asking, **VISITOR, items=[{"item_id": "tea"}])

    joined(asking)
    while_joined = store.ttl(keys.live_of_visitor("v-1"))
    customers = store.ttl(keys.live_of_customer("ana"))
    parted(asking)

    assert while_joined == -1
    assert 0 < customers <= 30 * 86_400
    assert 0 < store.ttl(keys.live_of_visitor("v-1")) <= 30 * 86_400


class Crashing(Scripts):
    """A server that dies before a script."""

    def __init__(self, scripts: Scripts, before: Script) -> None:
        self._scripts, self._before = scripts, before

    async def run(self, script: Script, *told: Any) -> Any:  # noqa: ANN401
        if script is self._before:
            raise KeyboardInterrupt
        return await self._scripts.run(script, *told)


@pytest.mark.anyio
async def test_a_crash_between_the_steps_is_mended_by_the_same_call(
    settings: ServerSettings, store: redis.Redis, keys: Keys
) -> None:
    scripts = Scripts(settings.redis_url, timeout_s=1.0)
    who: dict[str, Any] = {"customer_id": "ana", "anonymous_id": "v-1", "source": "backend"}
    viewed = b'["view_item",5,["tea"],null,null]'
    store.hset(keys.live_of_visitor("v-1"), "e", viewed)
    before_join = Crashing(scripts, identity_scripts.TAKE_IN)
    before_part = Crashing(scripts, identity_scripts.GIVE_BACK)
    try:
        with pytest.raises(KeyboardInterrupt):
            await identities.join(before_join, keys, **who)
        assert not state(store, keys.live_of_customer("ana")).events
        await identities.join(scripts, keys, **who)
        assert len(state(store, keys.live_of_customer("ana")).events) == 1

        with pytest.raises(KeyboardInterrupt):
            await identities.part(before_part, keys, **who)
        await identities.part(scripts, keys, **who)
        assert not state(store, keys.live_of_customer("ana")).events
    finally:
        await scripts.stop()

    names = [event.event for event in events_of(store, keys, "ana", JOINED, PARTED)]
    assert names == [JOINED, PARTED]
