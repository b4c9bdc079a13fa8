"""A bidder is told nothing of who did not allow it, whoever says so and wherever."""

import uuid
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app import lookup
from app.settings import ServerSettings
from models.artifacts.keys import Keys, shard_of
from tests import known, shop
from tests.app.conftest import Serve, started
from tests.app.looked_up import ALLOWED, ANAS_GROUPS, Bidding, outcomes, told
from tests.models.consent.writing import gpp_string, tc_string

AGREED, REFUSED = tc_string({1, 3, 4}), tc_string({1, 3})
EUROPE, NATION = gpp_string({2: AGREED}), gpp_string({7: "BVQqAAAAAgA.QA"})
OBJECTS = gpp_string({7: "BVVVVVVVVWA"})
BOTH = gpp_string({2: AGREED, 7: "BVVVVVVVVWA"})


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a busy machine; the deadline has tests of its own."""
    monkeypatch.setattr(lookup, "DEADLINE_S", 5.0)


@pytest.fixture
def bidding(store_url: str, namespace: str) -> Iterator[Bidding]:
    shop.publish(store_url, namespace, shop.tiny())
    with redis.Redis.from_url(store_url) as store:
        yield Bidding(store, Keys(namespace))


@pytest.fixture
def client(bidding: Bidding, serve: Serve) -> TestClient:
    return serve()


class Agreeing(NamedTuple):
    """A server on which Ana has consented, for tests that change nothing of hers."""

    client: TestClient
    bidding: Bidding


@pytest.fixture(scope="module")
def agreeing(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Agreeing]:
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    settings = ServerSettings(
        redis_url=store_url,
        namespace=namespace,
        data_dir=tmp_path_factory.mktemp("served"),
        redis_timeout_ms=500,
    )
    with redis.Redis.from_url(store_url) as store, started(settings) as client:
        bidding = Bidding(store, Keys(namespace))
        bidding.consents("ana")
        yield Agreeing(client, bidding)


@pytest.mark.parametrize(
    ("consent", "preferences", "is_told"),
    [
        (ALLOWED, None, True),
        (ALLOWED, {"channels": {"ad": True}}, True),
        (ALLOWED, {"channels": {"email": False}}, True),
        (ALLOWED | {"told": {"ads": True, "at": 1}}, None, True),
        (None, None, False),
        (None, {"channels": {"ad": True}}, False),
        ({"told": {"ads": True}}, None, False),
        ({"decided": {"ads": False}}, None, False),
        ({"decided": {"ads": None}}, None, False),
        ({"decided": {"personalization": True}}, None, False),
        ({"decided": {"ads": True, "personalization": False}}, None, False),
        (ALLOWED | {"told": {"ads": False}}, None, False),
        (ALLOWED | {"told": {"sale_opt_out": True}}, None, False),
        (ALLOWED | {"told": {"personalization": False}}, None, False),
        (ALLOWED, {"channels": {"ad": False}}, False),
    ],
)
def test_the_customer_decides(
    agreeing: Agreeing, consent: object, preferences: object, is_told: bool
) -> None:
    client, bidding = agreeing
    name = f"another-{uuid.uuid4().hex}"
    bidding.know(name, known.profiles()["ana"])
    if consent is not None:
        bidding.consents(name, consent)
    if preferences is not None:
        live = bidding.keys.live_of_customer(name)
        bidding.store.hset(live, "p", orjson.dumps(preferences))

    assert told(client, name) == (ANAS_GROUPS if is_told else [])


def test_what_is_put_as_preferences_counts_at_once(bidding: Bidding, client: TestClient) -> None:
    path = "/customers/ana/preferences"
    before = told(client, "ana")

    allowed = client.put(path, json={"consent": {"ads": True}}, headers={"If-Match": "*"})
    between = told(client, "ana")
    client.put(
        path, json={"consent": {"ads": False}}, headers={"If-Match": allowed.headers["ETag"]}
    )

    assert (before, between, told(client, "ana")) == ([], ANAS_GROUPS, [])


@pytest.mark.parametrize("subject", [{"customer_id": "ana"}, {"anonymous_id": "v-1"}])
@pytest.mark.parametrize("how", ["Sec-GPC", "ads", "sale_opt_out"])
def test_what_a_page_says_counts_at_once(
    bidding: Bidding, client: TestClient, subject: dict[str, str], how: str
) -> None:
    bidding.consents("ana")
    client.post("/customers/ana/identities", json={"anonymous_id": "v-1"})
    before = told(client, "v-1")
    headers = {"Sec-GPC": "1"} if how == "Sec-GPC" else {}
    said = {} if how == "Sec-GPC" else {"consent": {how: how == "sale_opt_out"}}

    taken = client.post("/events", json={"event": "view_cart", **subject, **said}, headers=headers)

    assert (before, taken.status_code) == (ANAS_GROUPS, 202)
    assert told(client, "v-1") == told(client, "ana", "v-1") == []


@pytest.mark.parametrize("also", ["ben", "nobody", "v-1"])
def test_who_refused_under_another_of_their_names_refused(
    bidding: Bidding, client: TestClient, also: str
) -> None:
    bidding.consents("ana")
    before = told(client, "ana", also)

    if also == "v-1":
        bidding.visitor("v-1", k=orjson.dumps({"told": {"sale_opt_out": True}}))
    else:
        bidding.consents(also, {"told": {"ads": False}})

    assert before == ([] if also == "ben" else ANAS_GROUPS)  # Ben is known, and has not said
    assert told(client, "ana", also) == told(client, also, "ana") == []


def test_a_refusal_counts_that_the_store_has_not_heard_of(
    bidding: Bidding, client: TestClient
) -> None:
    bidding.consents("ana")
    bidding.store.set(bidding.keys.events(shard_of("ana")), "in the way")
    refusing = {"event": "x", "customer_id": "ana", "consent": {"personalization": False}}

    taken = client.post("/events", json=refusing)

    assert taken.status_code == 202
    assert told(client, "ana") == []


@pytest.mark.parametrize(
    "signals",
    [
        {"consent": AGREED},
        {"consent": AGREED, "regs": {"gdpr": 1, "coppa": 0}},
        {"gpp": EUROPE, "regs": {"gdpr": 1, "gpp_sid": [2]}},
        {"regs": {"gdpr": 0, "us_privacy": "1YNN", "gpp": NATION, "gpp_sid": [7]}},
        {"regs": {"ext": {"gdpr": 0, "us_privacy": "1YN-", "gpp": NATION, "gpp_sid": [7]}}},
        {"regs": {"gpp": BOTH, "gpp_sid": [2]}},
        {"regs": {"gpp": BOTH, "gpp_sid": [-1]}},
        {"regs": {"ext": {"gpc": "0", "dsa": {"required": 1}}}},
        {"consent": None, "gpp": None, "regs": None},
    ],
)
def test_a_request_that_speaks_against_nothing_is_answered(
    agreeing: Agreeing, signals: dict[str, Any]
) -> None:
    assert told(agreeing.client, "ana", **signals) == ANAS_GROUPS


@pytest.mark.parametrize(
    "signals",
    [
        {"consent": REFUSED},
        {"consent": ""},
        {"consent": "nonsense"},
        {"consent": AGREED, "regs": {"coppa": 1}},
        {"regs": {"gdpr": 1}},
        {"regs": {"ext": {"gdpr": 1}}},
        {"regs": {"gdpr": 0, "ext": {"gdpr": 1}}},
        {"gpp": NATION, "regs": {"gdpr": 1}},
        {"gpp": OBJECTS},
        {"regs": {"gpp": OBJECTS}},
        {"regs": {"ext": {"gpp": OBJECTS}}},
        {"gpp": NATION, "regs": {"gpp": OBJECTS}},
        {"gpp": BOTH, "regs": {"ext": {"gpp_sid": [7]}}},
        {"gpp": NATION, "regs": {"gpp_sid": [8]}},
        {"regs": {"gpp_sid": [7]}},
        {"gpp": "DBABM"},
        {"regs": {"us_privacy": "1YYN"}},
        {"regs": {"us_privacy": "1YNN", "ext": {"us_privacy": "1YYN"}}},
        {"regs": {"ext": {"gpc": "1"}}},
        {"regs": {"ext": {"gpc": 1}}},
        {"regs": {"ext": {"gpc": "true"}}},
    ],
)
def test_a_request_that_speaks_against_it_anywhere_is_not(
    agreeing: Agreeing, signals: dict[str, Any]
) -> None:
    client = agreeing.client
    before = outcomes(client).get("refused", 0)

    assert told(client, "ana", **signals) == []
    assert outcomes(client)["refused"] == before + 1
