"""Who refuses is not known by what they did; nor, in trouble, whoever may have refused.

Ana's list is butter, milk, bread, jam; Ben's beer, wine.
"""

from collections.abc import Iterator

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from models.artifacts.keys import Keys, shard_of
from tests import shop
from tests.app.conftest import Serve
from tests.app.lives import ASKED, Lives, how, refused
from tests.faults.proxy import Link
from training.embedded import EmbeddedStore

MADE = shop.tiny()


@pytest.fixture
def lives(own_store: EmbeddedStore, namespace: str) -> Iterator[Lives]:
    shop.publish(own_store.url, namespace, MADE)
    with redis.Redis.from_url(own_store.url) as store:
        yield Lives(store, Keys(namespace))


@pytest.fixture
def client(serve: Serve, own_store: EmbeddedStore, lives: Lives) -> TestClient:
    return serve(redis_url=own_store.url)


def test_a_refusal_is_remembered_while_the_store_is_away(
    client: TestClient, lives: Lives, own_store: EmbeddedStore
) -> None:
    lives.customer("ana", k=refused())
    in_health = how(client, ASKED)

    own_store.stop()

    assert in_health == {"level": 3, "degraded": False, "personalized": False}
    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}


def test_a_refusal_is_remembered_while_only_the_store_of_events_is_away(
    serve: Serve, store_url: str, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(store_url, namespace, MADE)
    with redis.Redis.from_url(own_store.url) as store:
        Lives(store, Keys(namespace)).customer("ana", k=refused())
    client = serve(redis_url=store_url, events_redis_url=own_store.url)
    in_health = how(client, ASKED)

    own_store.stop()

    assert in_health == {"level": 3, "degraded": False, "personalized": False}
    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}


def test_who_is_not_known_to_allow_it_is_not_known_while_the_store_of_events_is_away(
    serve: Serve, store_url: str, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(store_url, namespace, MADE)
    client = serve(redis_url=store_url, events_redis_url=own_store.url)
    in_health = how(client, ASKED)

    own_store.stop()

    assert in_health == {"level": 0, "degraded": False, "personalized": True}
    assert how(client, ASKED) == {"level": 0, "degraded": True, "personalized": True}
    bens = "/recommend?customer_id=ben"
    assert how(client, bens) == {"level": 3, "degraded": True, "personalized": False}
    assert how(client, f"{bens}&item_ids=beer")["level"] == 2


def test_a_record_that_came_without_what_happened_is_not_used_later_either(
    serve: Serve, own_store: EmbeddedStore, store_url: str, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, MADE)
    with Link(store_url) as link:
        client = serve(redis_url=own_store.url, events_redis_url=link.url)
        link.be("reset")
        how(client, ASKED)
        own_store.stop()

        assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}


@pytest.mark.parametrize("consent", [{"personalization": False}, {"analytics": False}])
def test_a_refusal_that_the_store_has_not_heard_of_holds_in_memory(
    client: TestClient, own_store: EmbeddedStore, consent: dict[str, bool]
) -> None:
    in_health = how(client, ASKED)
    own_store.stop()
    event = {"event": "view_item", "customer_id": "ana", "anonymous_id": "v-1"}
    refusing = event | {"consent": consent | {"personalization": False}}

    taken = client.post("/events", json=refusing)

    assert (taken.status_code, in_health["level"]) == (202, 0)
    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}


def test_a_refusal_holds_until_the_store_has_heard_of_it(
    client: TestClient, lives: Lives, own_store: EmbeddedStore
) -> None:
    """The event lies on disk while the store that answers does not take it."""
    stream = lives.keys.events(shard_of("ana"))
    lives.store.set(stream, "in the way")

    told = {"event": "view_item", "customer_id": "ana", "consent": {"personalization": False}}
    taken = client.post("/events", json=told)

    assert taken.status_code == 202
    assert how(client, ASKED) == {"level": 3, "degraded": False, "personalized": False}


def test_what_is_decided_is_not_what_was_remembered(
    client: TestClient, own_store: EmbeddedStore
) -> None:
    in_health = how(client, ASKED)
    path = "/customers/ana/preferences"
    tag = client.get(path).headers["ETag"]
    decided = {"consent": {"personalization": False}}
    put = client.put(path, json=decided, headers={"If-Match": tag})

    own_store.stop()

    assert (in_health["level"], put.status_code) == (0, 200)
    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}


def test_a_joined_visitor_who_refuses_is_not_answered_as_the_customer(
    client: TestClient, lives: Lives
) -> None:
    lives.visitor("v-1", j=b"ana", k=refused())

    assert how(client, "/recommend?anonymous_id=v-1")["personalized"] is False
    assert how(client, ASKED)["personalized"] is True


def test_a_refusal_that_is_withdrawn_brings_the_customer_back(
    client: TestClient, lives: Lives
) -> None:
    lives.customer("ana", k=refused())
    assert how(client, ASKED)["personalized"] is False

    lives.customer("ana", k=orjson.dumps({"told": {"personalization": True}}))

    assert how(client, ASKED) == {"level": 0, "degraded": False, "personalized": True}


@pytest.mark.parametrize("analytics", [True, False])
def test_a_joined_visitor_who_refuses_refuses_for_the_customer(
    client: TestClient, lives: Lives, analytics: bool
) -> None:
    client.post("/customers/ana/identities", json={"anonymous_id": "v-1"})
    in_health = how(client, "/recommend?anonymous_id=v-1")
    words = {"personalization": False, "analytics": analytics}
    told = {"event": "view_item", "anonymous_id": "v-1"}

    client.post("/events", json=told | {"consent": words})
    later = told | {"event": "search", "search_term": "wine"}
    taken = client.post("/events", json=later)

    assert (in_health["personalized"], taken.status_code) == (True, 202)
    for path in (ASKED, "/recommend?anonymous_id=v-1"):
        assert how(client, path)["personalized"] is False
    assert not lives.store.hexists(lives.keys.live_of_visitor("v-1"), "e")
