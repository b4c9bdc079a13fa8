"""What has happened since a record was made, where the record is, where it is not, and in trouble.

Ana's list is butter, milk, bread, jam; Ben's beer, wine; nobody is whom no release knows.
"""

import time
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import orjson
import pytest
import redis
from starlette.testclient import TestClient

from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import Serve, got
from tests.app.lives import ASKED, Lives, how
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


def did(*events: tuple[str, str]) -> bytes:
    now_ms = int(time.time() * 1000)
    return b"\n".join(orjson.dumps([event, now_ms, [item], None, None]) for event, item in events)


def renewed(version: str, *items: str) -> bytes:
    """Return a renewed record that lists ``items``, the first best."""
    record = replace(
        MADE.customers["ana"][0],
        rows=MADE.loaded.catalogue.ids.rows_of(items),
        reasons=np.ones(len(items), np.uint8),
        scores=np.linspace(1, 0.5, len(items), dtype=np.float32),
    )
    return version.encode() + b"\n" + record.pack()


def items(client: TestClient, path: str = ASKED) -> list[str]:
    return [item["item_id"] for item in got(client, path)["items"]]


def test_a_renewed_record_stands_for_the_releases_own(client: TestClient, lives: Lives) -> None:
    lives.customer("ana", r=renewed("r1", "jam", "wine"))

    assert items(client)[:2] == ["jam", "wine"]


def test_a_record_renewed_for_another_release_says_nothing(
    client: TestClient, lives: Lives
) -> None:
    lives.customer("ana", r=renewed("r0", "jam", "wine"))

    assert items(client) == ["butter", "milk", "bread", "jam"]


def test_a_renewed_record_makes_a_customer_known_whom_the_release_does_not_know(
    client: TestClient, lives: Lives
) -> None:
    lives.customer("nobody", r=renewed("r1", "jam", "wine"))

    path = "/recommend?customer_id=nobody&limit=2"

    assert items(client, path) == ["jam", "wine"]
    assert how(client, path) == {"level": 0, "degraded": False, "personalized": True}


def test_an_unknown_customers_events_lead_as_a_visitors_do(
    client: TestClient, lives: Lives
) -> None:
    lives.customer("nobody", e=did(("view_item", "beer")))

    assert items(client, "/recommend?customer_id=nobody")[0] == "wine"
    assert how(client, "/recommend?customer_id=nobody")["level"] == 2


def test_what_just_happened_is_remembered_while_the_store_is_away(
    client: TestClient, lives: Lives, own_store: EmbeddedStore
) -> None:
    lives.customer("ana", e=did(("purchase", "butter")))
    in_health = items(client)

    own_store.stop()

    assert "butter" not in in_health
    assert items(client) == in_health
    assert how(client, ASKED) == {"level": 1, "degraded": True, "personalized": True}


@pytest.mark.parametrize(
    "fields", [{"e": b"nonsense"}, {"h": b"[1]"}, {"k": b"{}x"}, {"r": b"r1\nCR"}]
)
def test_damaged_bytes_are_answered_as_nobodys(
    client: TestClient, lives: Lives, fields: dict[str, bytes]
) -> None:
    lives.customer("ana", **fields)
    lives.visitor("v-1", **fields)

    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}
    assert how(client, "/recommend?anonymous_id=v-1")["level"] == 3


def test_a_key_of_another_type_is_answered_as_nobodys(client: TestClient, lives: Lives) -> None:
    lives.store.set(lives.keys.live_of_customer("ana"), b"no hash")

    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}


def test_a_joined_visitor_is_answered_as_the_customer(client: TestClient, lives: Lives) -> None:
    lives.visitor("v-1", j=b"ana", e=did(("view_item", "beer")))

    path = "/recommend?anonymous_id=v-1&limit=4"

    assert items(client, path) == ["butter", "milk", "bread", "jam"]
    assert how(client, path) == {"level": 0, "degraded": False, "personalized": True}


def test_a_visitor_while_the_store_is_away_is_told_that_more_might_be_known(
    client: TestClient, own_store: EmbeddedStore
) -> None:
    in_health = how(client, "/recommend?anonymous_id=v-1")

    own_store.stop()

    assert in_health == {"level": 3, "degraded": False, "personalized": False}
    assert how(client, "/recommend?anonymous_id=v-1") == in_health | {"degraded": True}
    assert how(client, "/recommend")["degraded"] is False


def test_when_butter_is_due_again_is_read_where_nothing_else_needs_the_history(
    client: TestClient, lives: Lives
) -> None:
    """Ana buys butter every 14 days; the shop's others, were it their first, every 20."""
    ago_ms = int((time.time() - 1.7 * 86_400) * 1000)
    lives.customer("ana", e=orjson.dumps(["purchase", ago_ms, ["butter"], None, None]))

    assert items(client)[0] == "butter"


def test_a_list_of_the_callers_own_is_put_in_order_by_what_happened(
    client: TestClient, lives: Lives
) -> None:
    lives.customer("ana", e=did(("purchase", "butter")))
    wanted = {"customer_id": "ana", "items": ["butter", "milk", "jam"]}

    ranked = client.post("/rerank", json=wanted).json()["items"]

    assert [item["item_id"] for item in ranked] == ["milk", "jam", "butter"]


def test_a_renewed_record_that_does_not_fit_the_release_is_refused(
    client: TestClient, lives: Lives
) -> None:
    other = replace(MADE.customers["ana"][0], vector=np.ones(3, np.float16))
    lives.customer("ana", r=b"r1\n" + other.pack())

    assert how(client, ASKED) == {"level": 3, "degraded": True, "personalized": False}
