"""Who may say what happened, and where their credential stands."""

from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from tests.app.conftest import Serve
from tests.app.holders import ORIGIN, Holders, bad, bearer, page
from tests.app.stored import Stored

TEXT = {"content-type": "text/plain;charset=UTF-8"}


def view(event_id: str, **more: object) -> dict[str, object]:
    return {"event": "view_item", "event_id": event_id, "anonymous_id": "v-1", **more}


@pytest.fixture
def holders(store_url: str, namespace: str) -> Holders:
    return Holders(store_url, namespace)


@pytest.fixture
def stored(store_url: str, namespace: str) -> Stored:
    return Stored(store_url, namespace)


def told(response: Any) -> dict[str, Any]:  # noqa: ANN401
    assert response.status_code == 202, response.text
    return dict(response.json())


def refused(response: Any) -> tuple[int, str]:  # noqa: ANN401
    return response.status_code, response.json()["code"]


def test_what_a_backend_says_is_the_shops_own_word(
    holders: Holders, serve: Serve, stored: Stored
) -> None:
    secret, public = holders.secret("events"), holders.publishable()
    client = serve()

    client.post("/events", json=view("e-1"), headers=bearer(secret))
    client.post("/events", json=view("e-2"), headers=page(public))

    assert [event.source for event in stored.of("v-1")] == ["backend", "page"]


def test_a_secret_key_without_the_scope_says_nothing(holders: Holders, serve: Serve) -> None:
    headers = bearer(holders.secret("recommend"))
    client = serve()

    response = client.post("/events", json=view("e-1"), headers=headers)

    assert refused(response) == (403, "insufficient-scope")


def test_a_publishable_key_never_speaks_for_a_customer(
    holders: Holders, serve: Serve, stored: Stored
) -> None:
    headers = page(holders.publishable())
    client = serve()
    named = {"event": "view_item", "event_id": "e-2", "customer_id": "ana"}

    both = client.post("/events", json=view("e-1", customer_id="ana"), headers=headers)
    alone = client.post("/events", json=named, headers=headers)

    assert told(both)["accepted"] == 1
    (event,) = stored.of("v-1")
    assert (event.customer_id, event.anonymous_id) == (None, "v-1")
    assert alone.status_code == 422
    assert alone.json()["errors"][0]["code"] == "subject-mismatch"
    assert stored.of("ana") == []


def test_a_token_speaks_for_its_customer_and_visitor_alone(
    holders: Holders, serve: Serve, stored: Stored
) -> None:
    headers = bearer(holders.token(holders.signing(), anon="v-1"))
    client = serve()
    events = [
        {"event": "view_cart", "event_id": "e-0"},
        {"event": "view_cart", "event_id": "e-1", "user_id": "ana"},
        {"event": "view_cart", "event_id": "e-2", "anonymous_id": "v-1"},
        {"event": "view_cart", "event_id": "e-3", "customer_id": "ben"},
        {"event": "view_cart", "event_id": "e-4", "anonymous_id": "v-2"},
    ]

    answer = told(client.post("/events", json={"events": events}, headers=headers))

    assert [(one["pointer"], one["code"]) for one in answer["rejected"]] == [
        ("/events/3/customer_id", "subject-mismatch"),
        ("/events/4/anonymous_id", "subject-mismatch"),
    ]
    assert [(event.event_id, event.customer_id) for event in stored.of("ana")] == [
        ("e-0", "ana"), ("e-1", "ana"), ("e-2", "ana"),
    ]  # fmt: skip


def beacon(client: TestClient, body: object, **headers: str) -> Any:  # noqa: ANN401
    return client.post("/events", content=orjson.dumps(body), headers=TEXT | headers)


def test_the_credentials_of_a_beacon_stand_in_its_body(
    holders: Holders, serve: Serve, stored: Stored
) -> None:
    key, token = holders.publishable(), holders.token(holders.signing())
    client = serve()

    by_key = beacon(client, view("e-1", key=key), origin=ORIGIN)
    by_token = beacon(client, {"events": [{"event": "view_cart"}], "token": token})
    by_list = beacon(client, [{"key": key, "anonymous_id": "v-1"}, {"event": "gtm.js"}])

    assert [told(response)["accepted"] for response in (by_key, by_token, by_list)] == [1, 1, 1]
    assert [event.event for event in stored.of("v-1")] == ["view_item", "gtm.js"]
    assert [event.customer_id for event in stored.of("ana")] == ["ana"]
    for event in (*stored.of("v-1"), *stored.of("ana")):
        assert key.encode() not in event.pack()
        assert token.encode() not in event.pack()


def test_a_beacon_without_a_good_credential_is_refused(holders: Holders, serve: Serve) -> None:
    key = holders.publishable()
    client = serve()

    for body in (view("e-1"), view("e-1", key=key[:-1] + "x"), [{"event": "gtm.js"}]):
        assert refused(beacon(client, body)) == (401, "invalid-credentials")
    assert refused(beacon(client, view("e-1", key=key), origin="https://evil.example")) == (
        403, "insufficient-scope",
    )  # fmt: skip


def test_a_secret_key_in_a_body_is_no_credential(
    holders: Holders, serve: Serve, stored: Stored
) -> None:
    secret, key = holders.secret(), holders.publishable()
    client = serve()

    for told_by in ({"token": secret}, {"key": secret}, {"key": key, "token": secret}):
        response = beacon(client, view("e-1", **told_by))
        assert refused(response) == (401, "invalid-credentials")
    assert stored.of("v-1") == []


def test_a_body_is_not_read_for_its_events_before_it_is_known_who_sends_it(
    holders: Holders, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    holders.secret()
    client = serve()
    read: list[object] = []
    monkeypatch.setattr("app.routes.events.sent", read.append)

    for body in ([view("e-1")], {"events": [7]}, view("e-1", key="pk_wrong")):
        assert refused(beacon(client, body)) == (401, "invalid-credentials")
    assert read == []


def test_what_has_its_credential_in_its_body_is_counted_before_that_is_read(
    holders: Holders, serve: Serve
) -> None:
    key, token = holders.publishable(), holders.token(holders.signing())
    client = serve(rate_address="3/minute")

    sent = [view("e-1", key=key), view("e-2", key=key), {"event": "view_cart", "token": token}]
    assert [beacon(client, body).status_code for body in sent] == [202] * 3
    for content in (b"{", orjson.dumps(view("e-3", key=key))):
        limited = client.post("/events", content=content, headers=TEXT)
        assert refused(limited) == (429, "rate-limited")


def test_a_credential_stands_in_one_place_only(holders: Holders, serve: Serve) -> None:
    key = holders.publishable()
    client = serve()

    twice = client.post(
        "/events", content=orjson.dumps(view("e-1", key=key)), headers=TEXT | page(key)
    )
    of_json = client.post("/events", json=view("e-1", key=key), headers=page(key))

    assert refused(twice) == (422, "validation")
    assert refused(of_json) == (422, "validation")
    assert of_json.json()["errors"][0]["code"] == "unknown-field"
    assert key not in twice.text + of_json.text


def test_a_token_in_a_body_speaks_for_its_own_alone_and_for_events(
    holders: Holders, serve: Serve
) -> None:
    key, signing = holders.publishable(), holders.signing()
    own, other = (holders.token(signing, anon=visitor) for visitor in ("v-1", "v-2"))
    client = serve()

    assert told(beacon(client, view("e-1", key=key, token=own)))["accepted"] == 1
    assert refused(beacon(client, view("e-2", key=key, token=other))) == (422, "validation")
    assert refused(beacon(client, view("e-3", token=holders.token(signing, scope="offers")))) == (
        403, "insufficient-scope",
    )  # fmt: skip


def test_a_body_with_a_bad_credential_is_refused_as_its_headers_would_be(
    holders: Holders, serve: Serve
) -> None:
    credentials, client = bad(holders), serve()

    answers = [
        beacon(client, view("e-1", **{place: text.rpartition(" ")[2]}))
        for headers in credentials.values()
        for text in headers.values()
        for place in ("key", "token")
    ]

    assert len(answers) == 2 * (len(credentials) - 1)
    assert {refused(answer) for answer in answers} == {(401, "invalid-credentials")}
