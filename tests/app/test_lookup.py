"""What a bidder is told of one person. Ana and Ben are known, and Cleo, who never bought."""

import time
from collections.abc import Iterator

import pytest
import redis
from starlette.testclient import TestClient

from app import lookup
from models.artifacts import customer_profile
from models.artifacts.keys import Keys
from models.consent import tcf
from models.customer.segments import Standing
from tests import known, shop
from tests.app.conftest import Serve
from tests.app.looked_up import (
    ANAS_GROUPS,
    BENS_GROUPS,
    PATH,
    Bidding,
    asked,
    outcomes,
    told,
)
from training.embedded import EmbeddedStore


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a busy machine; the deadline has tests of its own."""
    monkeypatch.setattr(lookup, "DEADLINE_S", 5.0)


@pytest.fixture
def bidding(store_url: str, namespace: str) -> Iterator[Bidding]:
    shop.publish(store_url, namespace, shop.tiny())
    with redis.Redis.from_url(store_url) as store:
        bidding = Bidding(store, Keys(namespace))
        for customer_id in ("ana", "ben", "cleo"):
            bidding.consents(customer_id)
        yield bidding


def test_groups_and_audiences_are_told_in_the_words_of_openrtb(
    bidding: Bidding, serve: Serve
) -> None:
    first, second = bidding.audience(3), bidding.audience(4)
    bidding.member("ana", "3=7 4=93")

    response = asked(serve(), "ana")

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.json() == {
        "user": {
            "data": [
                {
                    "id": "cartera",
                    "name": "Cartera",
                    "segment": [
                        {"id": "tier", "value": "high"},
                        {"id": "stage", "value": "client"},
                        {"id": "segment", "value": "champions"},
                        {"id": "portfolio", "value": "portfolio-1"},
                        {"id": second, "value": "93"},
                        {"id": first, "value": "7"},
                    ],
                }
            ]
        }
    }


def test_who_is_not_known_is_told_nothing_of(bidding: Bidding, serve: Serve) -> None:
    client = serve()

    response = asked(client, "nobody", "v-1")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["Cache-Control"] == "private, no-store"
    assert told(client, "nobody", "ana", "v-1") == ANAS_GROUPS


def test_groups_that_are_not_known_are_not_told(bidding: Bidding, serve: Serve) -> None:
    nothing = customer_profile.pack(known.profile(Standing()))
    bidding.know("dan", nothing)
    bidding.consents("dan")
    client = serve()

    assert told(client, "cleo") == [("stage", "prospect")]
    assert told(client, "dan") == []


def test_a_visitor_who_was_joined_is_told_of_as_the_customer(
    bidding: Bidding, serve: Serve
) -> None:
    client = serve()
    before = told(client, "v-1")

    joined = client.post("/customers/ana/identities", json={"anonymous_id": "v-1"})

    assert (before, joined.status_code) == ([], 204)
    assert told(client, "v-1") == ANAS_GROUPS
    assert told(client, "v-1", "ana") == ANAS_GROUPS
    assert client.delete("/customers/ana/identities/v-1").status_code == 204
    assert told(client, "v-1") == []


def test_of_names_that_contradict_the_first_says_the_groups(bidding: Bidding, serve: Serve) -> None:
    for build in (3, 4, 5):
        bidding.audience(build)
    bidding.member("ana", "3=7 4=93")
    bidding.member("ben", "3=50 5=60")
    bidding.visitor("v-ben", j=b"ben")
    client = serve()

    fits = [
        ("aud_0000000000000004", "93"),
        ("aud_0000000000000005", "60"),
        ("aud_0000000000000003", "50"),
    ]

    assert told(client, "ana", "ben") == [*ANAS_GROUPS, *fits]
    assert told(client, "v-ben", "ana") == [*BENS_GROUPS, *fits]


def test_of_many_audiences_the_hundred_that_fit_best_are_told(
    bidding: Bidding, serve: Serve
) -> None:
    for build in range(120):
        bidding.audience(build)
    bidding.member("ana", " ".join(f"{build}={build % 101}" for build in range(120)))

    segments = told(serve(), "ana")

    fits = [int(fit) for id_, fit in segments if id_.startswith("aud_")]
    assert fits == sorted((build % 101 for build in range(120)), reverse=True)[:100]


def test_what_took_too_long_after_it_was_read_is_not_told(
    bidding: Bidding, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = serve()
    before = told(client, "ana")

    def slow(packed: bytes) -> Standing:
        time.sleep(0.06)
        return customer_profile.standing(packed)

    monkeypatch.setattr(lookup, "standing", slow)
    monkeypatch.setattr(lookup, "DEADLINE_S", 0.05)
    late = told(client, "ana")

    assert before == ANAS_GROUPS
    assert late == []
    assert outcomes(client)["late"] == 1


def test_members_of_a_build_that_no_audience_names_are_not_told_of(
    bidding: Bidding, serve: Serve
) -> None:
    current = bidding.audience(3)
    bidding.audience(4, expires_ms=1)
    bidding.member("ana", "2=99 3=1 4=98")

    assert told(serve(), "ana") == [*ANAS_GROUPS, (current, "1")]


def test_who_was_erased_is_told_nothing_of(bidding: Bidding, serve: Serve) -> None:
    bidding.audience(3)
    bidding.member("ana", "3=7")
    client = serve()
    before = told(client, "ana")

    bidding.erase("ana")

    assert before
    assert told(client, "ana") == []


def test_twenty_names_are_read_and_each_once(bidding: Bidding, serve: Serve) -> None:
    names = [f"n-{n}" for n in range(18)]

    assert told(serve(), *names, "ana", "ana") == ANAS_GROUPS


def test_a_store_of_its_own_for_what_customers_do(
    bidding: Bidding, own_store: EmbeddedStore, serve: Serve, namespace: str
) -> None:
    client = serve(events_redis_url=own_store.url)
    before = told(client, "ana")

    with redis.Redis.from_url(own_store.url) as store:
        Bidding(store, Keys(namespace)).consents("ana")

    assert before == []
    assert told(client, "ana") == ANAS_GROUPS
    own_store.stop()
    assert told(client, "ana") == []
    assert outcomes(client)["away"] == 1


@pytest.mark.parametrize("field", ["k", "j", "p", "visitor", "profile"])
def test_what_is_damaged_is_told_nothing_of(bidding: Bidding, serve: Serve, field: str) -> None:
    live = bidding.keys.live_of_customer("ana")
    if field in ("k", "p"):
        bidding.store.hset(live, field, "{")
    elif field == "j":
        bidding.visitor("ana", j=b"\xff")
    elif field == "visitor":
        bidding.visitor("ana", k=b"[]")
    else:
        bidding.know("ana", b"CP\x01")
    client = serve()

    assert told(client, "ana") == []
    assert "cartera_corrupt_records_total 1.0" in client.get("/metrics").text


def test_a_key_of_the_wrong_type_is_told_nothing_of(bidding: Bidding, serve: Serve) -> None:
    live = bidding.keys.live_of_customer("ana")
    bidding.store.delete(live)
    bidding.store.set(live, "in the way")

    assert told(serve(), "ana") == []


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/ids"),
        ({"ids": []}, "/ids"),
        ({"ids": [f"c-{n}" for n in range(21)]}, "/ids"),
        ({"ids": "ana"}, "/ids"),
        ({"ids": ["a\x00b"]}, "/ids/0"),
        ({"ids": ["ana", ""]}, "/ids/1"),
        ({"ids": ["ana"], "customer_id": "ana"}, "/customer_id"),
        ({"ids": ["ana"], "consent": 1}, "/consent"),
        ({"ids": ["ana"], "consent": "C" * 8193}, "/consent"),
        ({"ids": ["ana"], "regs": {"gdpr": 2}}, "/regs/gdpr"),
        ({"ids": ["ana"], "regs": {"gdpr": "1"}}, "/regs/gdpr"),
        ({"ids": ["ana"], "regs": {"coppa": True}}, "/regs/coppa"),
        ({"ids": ["ana"], "regs": {"gpp_sid": [7, "8"]}}, "/regs/gpp_sid/1"),
        ({"ids": ["ana"], "regs": {"dsa": {}}}, "/regs/dsa"),
        ({"ids": ["ana"], "regs": {"ext": {"gdpr": 2}}}, "/regs/ext/gdpr"),
        ({"ids": ["ana"], "regs": {"ext": {str(n): n for n in range(51)}}}, "/regs/ext"),
    ],
)
def test_a_bad_body_is_refused(client: TestClient, body: object, pointer: str) -> None:
    response = client.post(PATH, json=body)

    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_the_example_gives_consent_to_what_it_takes(client: TestClient) -> None:
    schemas = client.get("/openapi.json").json()["components"]["schemas"]
    (example,) = schemas["LookupRequest"]["examples"]

    assert tcf.permits(example["consent"], now_ms=1_794_000_000_000)


def test_no_name_stands_in_the_log_or_the_metrics(
    bidding: Bidding, serve: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    client = serve()
    bidding.consents("unmistakable", consent=[])

    asked(client, "unmistakable", "ana", consent="unmistakable")
    asked(client, "unmistakable", "ana")
    metrics = client.get("/metrics").text
    client.__exit__()

    logged = "".join(capfd.readouterr())
    assert "/segments/lookup" in logged
    assert "unmistakable" not in logged + metrics
