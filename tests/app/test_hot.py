"""Whichever way a hot request goes, the answer is the same."""

import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
import redis
from httpx2 import Response
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from app import lookup
from app.access import Access
from app.asked import RecommendQuery
from app.errors import NotDurable
from app.guard import Guard
from app.ingest.ingest import Ingest
from app.limits import Limits
from app.main import create_app, create_server
from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests import shop
from tests.app.looked_up import Bidding
from tests.models.consent.writing import tc_string

IDS = ["ana", "ben", "nobody", "", " ana", "a\x00b", "ü", "x" * 257, "milk", "beer", "a b&c=d%"]
WORDS = st.sampled_from([*IDS, "home", "HOME", "10", "0", "-1", "101", "1e1", "0.5", "1.0", "2"])
SWITCHES = st.sampled_from(["true", "false", "True", "1", ""])
CHOICES = st.sampled_from(["any", "new_only", "0.5", "1", "2", "relevance", "profit", "nan"])
NAMES = [*RecommendQuery.model_fields, "filter", "nonesuch"]
VALUES = st.one_of(WORDS, SWITCHES, CHOICES)
QUERIES = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=6)
PLAIN = st.fixed_dictionaries(
    {},
    optional={
        "customer_id": st.sampled_from(["ana", "ben", "nobody"]),
        "placement": st.sampled_from(["home", "cart"]),
        "limit": st.integers(1, 100).map(str),
        "item_ids": st.sampled_from(["milk", "bread"]),
        "category": st.sampled_from(["dairy", "bread", "nonesuch"]),
        "diversity": st.sampled_from(["0", "0.3", "1"]),
        "novelty": st.sampled_from(["any", "new_only", "0.5"]),
        "explain": st.sampled_from(["true", "false"]),
    },
).map(lambda asked: list(asked.items()))
ANYTHING = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-1, 101),
    st.floats(0, 2),
    VALUES,
    st.lists(WORDS, max_size=3),
    st.just({"eq": ["category", "dairy"]}),
    st.just({"eq": ["nonesuch", 1]}),
)
BODIES = st.one_of(
    st.dictionaries(st.sampled_from(NAMES), ANYTHING, max_size=5).map(orjson.dumps),
    ANYTHING.map(orjson.dumps),
    st.sampled_from([b"", b"{", b'{"limit":1,"limit":2}', b'{"limit":NaN}', b"\xff", b"{}"]),
)


EVENTS = st.lists(
    st.fixed_dictionaries(
        {"event": st.sampled_from(["view_item", "purchase", "Custom", "", 7])},
        optional={
            "anonymous_id": st.sampled_from(["v-1", "", "x" * 257]),
            "customer_id": st.sampled_from(["ana", "a\x00b"]),
            "event_id": st.sampled_from(["e-1", "e-2", True]),
            "value": st.sampled_from([1, -1, "1"]),
            "currency": st.sampled_from(["EUR", "eur", "XXX"]),
            "timestamp": st.sampled_from([1717236000, "2024-06-01T10:00:00Z", "2024-06-01", 9e16]),
            "surprise": st.none(),
        },
    ),
    min_size=1,
    max_size=3,
)
EVENT_BODIES = st.one_of(
    EVENTS.map(lambda events: orjson.dumps({"events": events})),
    EVENTS.map(orjson.dumps),
    EVENTS.map(lambda events: orjson.dumps(events[0])),
    EVENTS.map(lambda events: orjson.dumps(events[0] | {"key": "pk_1"})),
    st.sampled_from([b"", b"{", b"{}", b"[]", b"7", b'{"events":[]}', b'{"events":7}', b"\xff"]),
    BODIES,
)


SIGNALS = st.fixed_dictionaries(
    {},
    optional={
        "consent": st.sampled_from([None, "", "C", tc_string({1, 3, 4}), 5]),
        "gpp": st.sampled_from([None, "DBAA", "DBABLA~BVQqAAAAAgA.QA", "DBABM"]),
        "regs": st.sampled_from([None, {}, {"coppa": 1.0}, {"gdpr": 0, "gpp_sid": [-1]}, {"x": 1}]),
    },
)
LOOKUP_BODIES = st.one_of(
    st.builds(
        lambda ids, signals: orjson.dumps({"ids": ids} | signals),
        st.lists(st.sampled_from(["ana", "ben", "nobody", "", "ü"]), max_size=4),
        SIGNALS,
    ),
    BODIES,
)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether a lookup is in time is not a matter of the way it goes."""
    monkeypatch.setattr(lookup, "DEADLINE_S", 5.0)


@pytest.fixture(scope="module")
def ways(
    store_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[TestClient, TestClient]]:
    """The server as it is, and the same without its hot way; each has a namespace of its own."""
    each = []
    for _ in range(2):
        namespace = f"test-{uuid.uuid4().hex}"
        shop.publish(store_url, namespace, shop.tiny())
        with redis.Redis.from_url(store_url) as store:
            Bidding(store, Keys(namespace)).consents("ana")
        each.append(
            ServerSettings(
                redis_url=store_url,
                namespace=namespace,
                data_dir=tmp_path_factory.mktemp("ways"),
                redis_timeout_ms=500,
            )
        )
    app = create_app(each[1])
    server = app.state.server
    cold = Access(Guard(Limits(app), server=server), seen=server.seen)
    both = create_server(each[0])
    with (
        TestClient(both, base_url="http://localhost", client=("127.0.0.1", 1)) as hot_client,
        TestClient(cold, base_url="http://localhost", client=("127.0.0.1", 1)) as cold_client,
    ):
        yield hot_client, cold_client


def told(response: Response) -> tuple[int, dict[str, str], Any]:
    """Return all of an answer but what is new in each."""
    if response.status_code == 204:
        return response.status_code, dict(response.headers), response.content
    body = response.json()
    for unique in ("recommendation_id", "instance"):
        body.pop(unique, None)
    headers = dict(response.headers)
    headers.pop("content-length")
    return response.status_code, headers, body


@given(asked=st.one_of(QUERIES, PLAIN))
def test_a_query_is_answered_alike_on_both_ways(
    ways: tuple[TestClient, TestClient], asked: list[tuple[str, str]]
) -> None:
    path = "/recommend?" + urlencode(asked)

    hot, cold = (told(way.get(path)) for way in ways)

    assert hot == cold


@given(body=BODIES, query=st.sampled_from(["", "", "", "?limit=1", "?"]))
def test_a_body_is_answered_alike_on_both_ways(
    ways: tuple[TestClient, TestClient], body: bytes, query: str
) -> None:
    hot, cold = (
        told(
            way.post(
                f"/recommend{query}", content=body, headers={"Content-Type": "application/json"}
            )
        )
        for way in ways
    )

    assert hot == cold


@settings(deadline=None)  # it writes to the store
@given(
    body=EVENT_BODIES,
    kind=st.sampled_from(["application/json", "text/plain", "text/html"]),
    query=st.sampled_from(["", "", "", "?limit=1"]),
)
def test_events_are_answered_alike_on_both_ways(
    ways: tuple[TestClient, TestClient], body: bytes, kind: str, query: str
) -> None:
    hot, cold = (
        told(way.post(f"/events{query}", content=body, headers={"Content-Type": kind}))
        for way in ways
    )

    assert hot == cold


@settings(deadline=None)  # a hundred turns of a slow machine are slow
@given(body=LOOKUP_BODIES, query=st.sampled_from(["", "", "", "?limit=1"]))
def test_lookups_are_answered_alike_on_both_ways(
    ways: tuple[TestClient, TestClient], body: bytes, query: str
) -> None:
    hot, cold = (
        told(
            way.post(
                f"/segments/lookup{query}",
                content=body,
                headers={"Content-Type": "application/json"},
            )
        )
        for way in ways
    )

    assert hot == cold


def test_a_refusal_by_the_store_is_not_asked_for_twice(
    ways: tuple[TestClient, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    async def refusing(_ingest: Ingest, events: object) -> list[bool]:
        asked.append(events)
        raise NotDurable

    monkeypatch.setattr(Ingest, "accept", refusing)

    answers = [told(way.post("/events", json={"event": "x", "anonymous_id": "v"})) for way in ways]

    assert answers[0] == answers[1]
    assert answers[0][0] == 503
    assert len(asked) == 2


@pytest.mark.parametrize("method", ["PUT", "DELETE", "HEAD", "OPTIONS"])
def test_another_method_is_refused_alike_on_both_ways(
    ways: tuple[TestClient, TestClient], method: str
) -> None:
    hot, cold = (way.request(method, "/recommend") for way in ways)

    assert (hot.status_code, hot.headers["allow"]) == (cold.status_code, cold.headers["allow"])


def test_a_hot_request_never_reaches_the_framework(
    ways: tuple[TestClient, TestClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unreachable(*_: object) -> None:
        raise AssertionError("the framework was asked")

    monkeypatch.setattr("fastapi.routing.APIRouter.__call__", unreachable, raising=False)
    monkeypatch.setattr("starlette.routing.Router.__call__", unreachable)

    statuses = [
        ways[0].get("/recommend?customer_id=ana&category=dairy").status_code,
        ways[0].post("/recommend", json={"customer_id": "ana", "limit": 2}).status_code,
        ways[0].post("/events", json={"event": "search", "customer_id": "ana"}).status_code,
        ways[0].post("/segments/lookup", json={"ids": ["ana"]}).status_code,
    ]

    assert statuses == [200, 200, 202, 200]


def test_a_body_of_two_kinds_is_refused_on_both_ways(ways: tuple[TestClient, TestClient]) -> None:
    kinds = [("Content-Type", "text/plain"), ("Content-Type", "application/json")]

    statuses = [way.post("/recommend", content=b"{}", headers=kinds).status_code for way in ways]

    assert statuses == [415, 415]
