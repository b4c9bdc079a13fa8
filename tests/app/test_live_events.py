"""What happens at one server is in the very next list of another.

Two processes share nothing but the store: events go to the first, lists are asked of the second.
Ana's list is butter, milk, bread, jam; with bread go butter and jam, with beer wine.
"""

import http.client
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
import redis

from models.artifacts.keys import Keys
from tests import shop
from tests.app.serving import Live, live
from training.embedded import EmbeddedStore

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Two:
    """Two servers on one store."""

    told: Live
    asked: Live

    def tell(self, path: str, body: dict[str, Any]) -> None:
        """Tell the first server something, which it must accept."""
        connection = http.client.HTTPConnection("127.0.0.1", self.told.port, timeout=10)
        headers = {"Content-Type": "application/json"}
        try:
            connection.request("POST", path, orjson.dumps(body), headers)
            response = connection.getresponse()
            answer = response.read()
        finally:
            connection.close()
        assert response.status == 202, answer

    def event(self, event: str, *items: str, **rest: object) -> None:
        lines = [{"item_id": item} for item in items]
        self.tell("/events", {"event": event, "items": lines} | rest)

    def ask(self, **asked: object) -> dict[str, Any]:
        """Return the answer of the second server."""
        status, body = self.asked.get("/recommend?" + urlencode(asked))
        assert status == 200, body
        return dict(orjson.loads(body))

    def items(self, **asked: object) -> list[str]:
        return [item["item_id"] for item in self.ask(**asked)["items"]]


@contextmanager
def two(url: str, namespace: str, folder: Path, **settings: object) -> Iterator[Two]:
    for name in ("told", "asked"):
        (folder / name).mkdir()
    shared = {"namespace": namespace, "redis_timeout_ms": 500} | settings
    with (
        live(url, data_dir=folder / "told", **shared) as told,  # type: ignore[arg-type]
        live(url, data_dir=folder / "asked", **shared) as asked,  # type: ignore[arg-type]
    ):
        yield Two(told, asked)


@pytest.fixture(scope="module")
def shared(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Two, str]]:
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    with two(store_url, namespace, tmp_path_factory.mktemp("two")) as servers:
        yield servers, namespace


@pytest.fixture
def servers(shared: tuple[Two, str], store_url: str) -> Two:
    """Both servers; nothing has happened to Ana yet."""
    found, namespace = shared
    with redis.Redis.from_url(store_url) as store:
        store.delete(Keys(namespace).live_of_customer("ana"))
    return found


@pytest.fixture
def visitor() -> str:
    return f"v-{uuid.uuid4().hex}"


ANA = {"customer_id": "ana"}


def test_a_look_raises_what_goes_with_the_item(servers: Two) -> None:
    before = servers.items(limit=4, **ANA)

    servers.event("view_item", "beer", **ANA)

    assert "wine" not in before
    assert "wine" in servers.items(limit=4, **ANA)


def test_what_is_in_the_cart_leaves_and_comes_back_when_taken_out(servers: Two) -> None:
    before = servers.items(limit=4, **ANA)

    servers.event("add_to_cart", "milk", **ANA)
    carted = servers.items(limit=4, **ANA)
    servers.event("remove_from_cart", "milk", **ANA)

    assert "milk" in before
    assert "milk" not in carted
    assert servers.items(limit=4, **ANA) == before


def test_a_purchase_leaves_and_comes_back_when_it_is_given_back(servers: Two) -> None:
    before = servers.items(limit=4, **ANA)
    money: dict[str, Any] = {"value": 3, "currency": "EUR", **ANA}

    servers.event("purchase", "butter", transaction_id=f"t-{uuid.uuid4().hex}", **money)
    bought = servers.items(limit=4, **ANA)
    servers.event("refund", "butter", transaction_id=f"t-{uuid.uuid4().hex}", **money)

    assert before[0] == "butter"
    assert "butter" not in bought
    assert servers.items(limit=4, **ANA) == before


def test_what_is_not_interesting_is_hidden_and_its_like_moves_down(servers: Two) -> None:
    before = servers.ask(limit=4, **ANA)["items"]

    about = {"item_id": "butter"}
    servers.tell("/feedback", {"kind": "not_interested", "about": about, **ANA})

    after = servers.ask(limit=4, **ANA)["items"]
    milk = {item["item_id"]: item["score"] for item in before}["milk"]
    assert "butter" not in [item["item_id"] for item in after]
    assert {item["item_id"]: item["score"] for item in after}["milk"] < milk


def test_a_search_steers(servers: Two) -> None:
    before = servers.items(limit=3, **ANA)

    servers.event("search", search_term="Drinks", **ANA)

    after = servers.ask(limit=3, explain="true", **ANA)["items"]
    assert not {"beer", "wine"} & set(before)
    assert {"searched"} <= {item["reason"] for item in after}
    assert {"beer", "wine"} & {item["item_id"] for item in after}


def test_whoever_refuses_is_no_longer_known(servers: Two) -> None:
    before = servers.ask(**ANA)

    servers.event("view_item", "beer", consent={"personalization": False}, **ANA)

    after = servers.ask(**ANA)
    assert (before["level"], before["personalized"]) == (0, True)
    assert (after["level"], after["personalized"], after["degraded"]) == (3, False, False)
    assert servers.ask(item_ids="beer", **ANA)["level"] == 2


def test_a_visitors_list_follows_the_session(servers: Two, visitor: str) -> None:
    who = {"anonymous_id": visitor}
    before = servers.ask(**who)

    servers.event("view_item", "beer", **who)
    looked = servers.ask(**who)
    servers.event("add_to_cart", "beer", **who)

    assert before["level"] == 3
    assert (looked["level"], looked["personalized"]) == (2, False)
    assert looked["items"][0]["item_id"] == "wine"
    assert "beer" not in servers.items(**who)


def test_the_explanation_names_what_was_looked_at(servers: Two, visitor: str) -> None:
    servers.event("view_item", "beer", anonymous_id=visitor)

    first = servers.ask(anonymous_id=visitor, explain="true")["items"][0]

    assert first["item_id"] == "wine"
    assert first["reason"] == "goes-with"
    assert first["explanation"]["evidence"] == {"item_id": "beer"}
    assert first["explanation"]["text"].endswith("which you looked at")


def test_one_visitors_events_are_not_anothers(servers: Two, visitor: str) -> None:
    servers.event("view_item", "beer", anonymous_id=visitor)

    assert servers.ask(anonymous_id=f"{visitor}-other")["level"] == 3


def test_events_in_a_store_of_their_own_are_in_the_next_list_too(
    store_url: str, own_store: EmbeddedStore, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    apart = {"events_redis_url": own_store.url}

    with two(store_url, namespace, tmp_path, **apart) as servers:
        servers.event("purchase", "butter", value=3, currency="EUR", **ANA)
        bought = servers.ask(**ANA)
        own_store.stop()
        without = servers.ask(**ANA)

    assert "butter" not in [item["item_id"] for item in bought["items"]]
    assert (bought["level"], bought["degraded"]) == (0, False)
    assert (without["level"], without["degraded"]) == (0, True)
