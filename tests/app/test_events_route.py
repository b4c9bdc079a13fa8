"""``POST /events``: what is taken, what is refused, and what is told of it."""

from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

from app.strict import loads
from tests.app.conftest import Serve
from tests.app.stored import Stored
from training.embedded import EmbeddedStore


def view(event_id: str, **more: object) -> dict[str, object]:
    return {"event": "view_item", "event_id": event_id, "anonymous_id": "v-1", **more}


@pytest.fixture
def client(serve: Serve) -> TestClient:
    return serve()


@pytest.fixture
def stored(store_url: str, namespace: str) -> Stored:
    return Stored(store_url, namespace)


def told(response: Any) -> dict[str, Any]:  # noqa: ANN401
    assert response.status_code == 202, response.text
    return dict(response.json())


def refused(response: Any) -> tuple[int, str]:  # noqa: ANN401
    return response.status_code, response.json()["code"]


def test_an_event_is_accepted_once(client: TestClient, stored: Stored) -> None:
    first = client.post("/events", json=view("e-1"))
    again = client.post("/events", json=view("e-1"))

    assert told(first) == {"accepted": 1, "duplicates": 0, "rejected": []}
    assert told(again) == {"accepted": 0, "duplicates": 1, "rejected": []}
    assert first.headers["cache-control"] == "private, no-store"
    assert [event.event_id for event in stored.of("v-1")] == ["e-1"]


def test_the_same_bytes_without_an_id_are_one_event(client: TestClient) -> None:
    one = {"event": "view_item", "anonymous_id": "v-1", "items": [{"item_id": "p-77"}]}
    other = one | {"items": [{"item_id": "p-78"}]}

    answers = [told(client.post("/events", json=sent)) for sent in (one, one, other)]

    assert [answer["accepted"] for answer in answers] == [1, 0, 1]


def test_the_same_events_at_another_time_are_other_events(client: TestClient) -> None:
    body = {"client_id": "v-1", "events": [{"name": "view_cart", "params": {}}]}
    earlier, later = (body | {"timestamp_micros": at * 1_000_000} for at in (1_717e6, 1_718e6))

    answers = [told(client.post("/events", json=sent)) for sent in (earlier, later, earlier)]

    assert [answer["accepted"] for answer in answers] == [1, 1, 0]


def test_the_second_of_two_events_with_one_id_is_a_duplicate(client: TestClient) -> None:
    answer = told(client.post("/events", json={"events": [view("e-1"), view("e-1")]}))

    assert answer == {"accepted": 1, "duplicates": 1, "rejected": []}


def test_exactly_the_bad_events_of_a_body_are_rejected(client: TestClient, stored: Stored) -> None:
    events = [view(f"e-{n}") for n in range(6)]
    events[1]["items"] = [{"item_id": "p-77", "quantity": 0}]
    events[4] = {"event": "search", "timestamp": "2024-06-01T12:00:00", "anonymous_id": "v-1"}

    answer = told(client.post("/events", json={"events": [*events, 7]}))

    assert (answer["accepted"], answer["duplicates"]) == (4, 0)
    assert [(one["index"], one["pointer"], one["code"]) for one in answer["rejected"]] == [
        (1, "/events/1/items/0/quantity", "out-of-range"),
        (4, "/events/4/timestamp", "naive-time"),
        (6, "/events/6", "not-an-object"),
    ]
    assert [event.event_id for event in stored.of("v-1")] == ["e-0", "e-2", "e-3", "e-5"]


def test_where_all_are_bad_nothing_is_accepted(client: TestClient, stored: Stored) -> None:
    bad = [view("e-1", value=-1, currency="EUR"), view("e-2", surprise=1)]

    response = client.post("/events", json={"events": bad})

    assert refused(response) == (422, "validation")
    assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [
        ("/events/0/value", "out-of-range"),
        ("/events/1/surprise", "unknown-field"),
    ]
    assert stored.of("v-1") == []


def test_500_events_are_taken_and_501_are_not(client: TestClient) -> None:
    events = [{"event": "view_cart", "anonymous_id": f"v-{n}"} for n in range(501)]

    assert told(client.post("/events", json={"events": events[:500]}))["accepted"] == 500
    assert refused(client.post("/events", json={"events": events})) == (422, "validation")


@pytest.mark.parametrize("kind", ["text/plain", "text/plain;charset=UTF-8", "Text/Plain"])
def test_plain_text_is_read_as_json(client: TestClient, kind: str) -> None:
    response = client.post(
        "/events", content=orjson.dumps(view("e-1")), headers={"content-type": kind}
    )

    assert told(response)["accepted"] == 1


def test_a_page_may_object_to_the_sale_of_data_in_a_header(
    client: TestClient, stored: Stored
) -> None:
    consent = {"ads": True, "personalization": True}

    client.post("/events", json=view("e-1", consent=consent), headers={"Sec-GPC": "1"})

    (event,) = stored.of("v-1")
    assert (event.consent.ads, event.consent.sale_opt_out) == (False, True)
    assert event.consent.personalization is True


@pytest.mark.slow
def test_a_store_that_cannot_keep_it_is_no_202(serve: Serve, own_store: EmbeddedStore) -> None:
    client = serve(redis_url=own_store.url, spool_mb=0)
    own_store.stop()

    response = client.post("/events", json=view("e-1"))

    assert refused(response) == (503, "not-durable")
    assert response.headers["retry-after"]


@pytest.mark.parametrize("kind", ["text/plain", "application/json"])
@pytest.mark.parametrize("content", [b"[" * 9, b'{"a":1,"a":2}', b'{"events":[]}', b"7"])
def test_no_body_is_parsed_twice(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, kind: str, content: bytes
) -> None:
    parsed = []

    def counting(body: bytes) -> Any:  # noqa: ANN401
        parsed.append(body)
        return loads(body)

    for place in ("app.hot", "app.strict", "app.events.body"):
        monkeypatch.setattr(f"{place}.loads", counting)

    response = client.post("/events", content=content, headers={"content-type": kind})

    assert response.status_code in {400, 422}
    assert parsed == [content]
