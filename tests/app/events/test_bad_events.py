"""What no event may hold, and how it is refused: in words, at its place, never with its value."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import orjson
import pytest
from starlette.testclient import TestClient

SECRET = "zq-secret-4711"
JSON = {"content-type": "application/json"}
LONG = "x" * 257
DEEP: dict[str, Any] = {"a": {"b": {"c": {"d": {}}}}}

_NO_TIMES: tuple[object, ...] = (
    "2024-06-01", "20240601T120000Z", "2024-W22-6T12:00:00Z", "2024-13-01T12:00:00Z",
    "2024-06-01T25:00:00Z", "now", "1717243200", "", True, -1, 1e17, 1e300, [1], {},
    "0000-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "2024-06-01T12:00:00+99:99",
)  # fmt: skip
BAD: list[tuple[Mapping[str, object], str, str]] = [
    ({"event": ""}, "/event", "wrong-length"),
    ({"event": None}, "/event", "not-a-text"),
    ({"event": LONG}, "/event", "wrong-length"),
    *(
        ({"event": name}, "/event", "reserved")
        for name in ("feedback", "identity_joined", "identity_parted")
    ),
    *(({"event_id": id_}, "/event_id", "not-a-text") for id_ in (7, True, ["e"])),
    *(
        ({name: value}, f"/{name}", code)
        for name in (
            "event_id", "customer_id", "user_id", "anonymous_id", "session_id", "transaction_id",
            "recommendation_id", "offer_id", "channel", "search_term",
        )
        for value, code in (
            (LONG, "wrong-length"), ("", "wrong-length"), ("a\x00b", "wrong-characters"),
            ("a\r\nb", "wrong-characters"), ("\x85", "wrong-characters"),
        )
    ),
    ({"items": [{"item_id": "a\x1bb"}]}, "/items/0/item_id", "wrong-characters"),
    ({"items": [{"item_id": LONG}]}, "/items/0/item_id", "wrong-length"),
    ({"items": [{"item_id": 7}]}, "/items/0/item_id", "not-a-text"),
    ({"items": [{"price": 1}], "currency": "EUR"}, "/items/0/item_id", "missing"),
    ({"items": [{"item_id": "p"}, 7]}, "/items/1", "not-an-object"),
    ({"items": [{"item_id": "p", "name": "x"}]}, "/items/0/name", "unknown-field"),
    ({"items": {"item_id": "p"}}, "/items", "not-a-list"),
    ({"items": [{"item_id": "p"}] * 201}, "/items", "wrong-length"),
    *(
        ({"items": [{"item_id": "p", "quantity": n}]}, "/items/0/quantity", code)
        for n, code in (
            (True, "not-a-number"), ("1", "not-a-number"), (None, "not-a-number"),
            (0, "out-of-range"), (-1, "out-of-range"), (1e30, "out-of-range"),
        )
    ),
    *(
        ({"items": [{"item_id": "p", name: n}], "currency": "EUR"}, f"/items/0/{name}", code)
        for name in ("price", "discount")
        for n, code in (
            (-0.01, "out-of-range"), (1e300, "out-of-range"), (True, "not-a-number"),
            ("1.99", "not-a-number"),
        )
    ),
    ({"items": [{"item_id": "p", "index": 1.5}]}, "/items/0/index", "not-an-integer"),
    ({"value": -1, "currency": "EUR"}, "/value", "out-of-range"),
    ({"value": 1}, "/currency", "missing-currency"),
    ({"items": [{"item_id": "p", "price": 1}]}, "/currency", "missing-currency"),
    ({"items": [{"item_id": "p", "discount": 1}]}, "/currency", "missing-currency"),
    *(
        ({"value": 1, "currency": word}, "/currency", "not-a-currency")
        for word in ("eur", "EURO", "XXX", "ZZZ", "")
    ),
    *(
        ({"timestamp": said}, "/timestamp", "naive-time")
        for said in ("2024-06-01T12:00:00", "2024-06-01 12:00:00.5")
    ),
    *(
        ({"timestamp": said}, "/timestamp", "not-a-time")
        for said in _NO_TIMES
    ),
    *(
        ({"timestamp": said}, "/timestamp", "in-the-future")
        for said in ("9999-12-31T23:59:59Z", 99_999_999_999, 99_999_999_999_999, 9.9e16)
    ),
    ({"placement": "Home page"}, "/placement", "wrong-characters"),
    ({"consent": {"ads": "yes"}}, "/consent/ads", "not-a-boolean"),
    ({"consent": {"adds": True}}, "/consent/adds", "unknown-field"),
    ({"consent": {"tcf": "a b"}}, "/consent/tcf", "wrong-characters"),
    ({"consent": True}, "/consent", "not-an-object"),
    ({"properties": []}, "/properties", "not-an-object"),
    ({"properties": {"a": "x" * 4096}}, "/properties", "too-large"),
    ({"properties": {"a": DEEP}}, "/properties", "too-deep"),
    ({"properties": {"a": [[[[[]]]]]}}, "/properties", "too-deep"),
    ({"customer_id": "ana", "user_id": "ben"}, "/user_id", "ids-differ"),
    ({"anonymous_id": None}, "/anonymous_id", "missing-subject"),
    ({"surprise": 1}, "/surprise", "unknown-field"),
    ({"key": "pk_1"}, "/key", "unknown-field"),
    ({"token": "ct1.a.b"}, "/token", "unknown-field"),
    ({"feedback": {"kind": "thanks"}}, "/feedback", "unknown-field"),
    ({"source": "backend"}, "/source", "unknown-field"),
    ({"confirms": True}, "/confirms", "unknown-field"),
]  # fmt: skip


def problem(response: Any, status: int, code: str) -> dict[str, Any]:  # noqa: ANN401
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body = dict(response.json())
    assert body["code"] == code
    return body


@pytest.mark.parametrize(("change", "pointer", "code"), BAD, ids=lambda part: repr(part)[:40])
def test_a_bad_part_of_an_event_is_pointed_at(
    client: TestClient, change: Mapping[str, object], pointer: str, code: str
) -> None:
    event = {"event": "view_item", "anonymous_id": "v-1", **change}

    body = problem(client.post("/events", json=event), 422, "validation")

    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    "good",
    [
        {"items": [{"item_id": "p"}] * 200},
        {"items": [{"item_id": "p", "quantity": 1e6, "index": 3.0}]},
        {"items": [{"item_id": "p", "quantity": 0.25, "price": 0}], "currency": "EUR"},
        {"properties": {"a": "x" * 4088}},
        {"properties": DEEP},
        {"event": "x" * 256},
        {"customer_id": "ana", "user_id": "ana"},
        {"consent": None, "items": [], "event_id": None},
        {"timestamp": 0},
    ],
    ids=lambda part: repr(part)[:40],
)
def test_what_is_just_within_the_rules_is_taken(
    client: TestClient, good: dict[str, object]
) -> None:
    event = {"event": "view_item", "anonymous_id": "v-1"} | good

    assert client.post("/events", json=event).status_code == 202


def test_a_clock_that_is_four_minutes_ahead_is_taken(client: TestClient) -> None:
    event = {"event": "view_item", "anonymous_id": "v-1", "timestamp": int(time.time()) + 240}

    assert client.post("/events", json=event).status_code == 202


def test_an_event_of_more_than_32_kib_is_refused(client: TestClient) -> None:
    large = {"client_id": "v", "events": [{"name": "x", "params": {}, "more": "x" * 32_768}]}

    body = problem(client.post("/events", json=large), 422, "validation")

    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [("/events/0", "too-large")]


@pytest.mark.parametrize(
    ("n_levels", "status", "code"), [(240, 422, "validation"), (400, 400, "malformed-json")]
)
def test_a_deep_event_is_refused(client: TestClient, n_levels: int, status: int, code: str) -> None:
    inside = b"[" * n_levels + b"]" * n_levels
    deep = b'{"event":"x","anonymous_id":"v","properties":{"a":' + inside + b"}}"

    body = problem(client.post("/events", content=deep, headers=JSON), status, code)

    assert [one["code"] for one in body["errors"]] == ["too-deep"][: status == 422]


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b'{"event":"x"',
        b'{"event":"\xff\xfe"}',
        b'{"event":"\\ud800"}',
        b'{"value":NaN}',
        b'{"value":Infinity}',
        b'{"value":1e400}',
        b'{"event":"x","event":"y"}',
        b'{"event":"x" ,"event" :"y"}',
        b'{"events":[{"event":"x","event":"y"}]}',
        b"[" * 30_000,
        b'{"a":' * 13_000,
        b"[" * 30_000 + b"]" * 30_000,
    ],
    ids=lambda sent: repr(sent[:30]),
)
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_what_is_not_strict_json_is_refused_at_once(
    client: TestClient, sent: bytes, kind: str
) -> None:
    def ask() -> Any:  # noqa: ANN401
        return client.post("/events", content=sent, headers={"content-type": kind})

    problem(ask(), 400, "malformed-json")

    assert min(_cpu_ms(ask) for _ in range(3)) < 50


def _cpu_ms(ask: Callable[[], object]) -> float:
    started = time.process_time()
    ask()
    return (time.process_time() - started) * 1000


@pytest.mark.parametrize(
    "sent",
    [
        b"7", b'"x"', b"null", b"[]", b"{}", b'{"events":[]}', b'{"events":{}}', b'{"batch":[]}',
        b'{"client_id":"v","events":[]}', b'[{"ecommerce":null}]', b'{"name":"purchase"}',
    ],
)  # fmt: skip
def test_what_is_in_nobodys_words_is_refused(client: TestClient, sent: bytes) -> None:
    body = problem(client.post("/events", content=sent, headers=JSON), 422, "validation")

    assert body["errors"][0]["code"] in {"unknown-form", "wrong-length"}


@pytest.mark.parametrize("name", ["key", "token", "surprise", "dataLayer"])
def test_an_unknown_member_of_our_envelope_is_refused(client: TestClient, name: str) -> None:
    sent = {"events": [{"event": "x", "anonymous_id": "v"}], name: "pk_1"}

    body = problem(client.post("/events", json=sent), 422, "validation")

    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [
        (f"/{name}", "unknown-field")
    ]


def test_a_bad_consent_of_the_envelope_spoils_all(client: TestClient) -> None:
    sent = {"events": [{"event": "x", "anonymous_id": "v"}], "consent": {"ads": 1}}

    body = problem(client.post("/events", json=sent), 422, "validation")

    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [
        ("/consent/ads", "not-a-boolean")
    ]


def test_too_large_a_body_is_refused_before_it_is_read(client: TestClient) -> None:
    for kind, most in (("application/json", 512 * 1024), ("text/plain", 64 * 1024)):
        headers = {"content-type": kind}
        event = b'{"event":"x","anonymous_id":"v"}'

        for n_bytes in (most + 1, 4 * most):
            for content in (event.ljust(n_bytes), iter([event.ljust(n_bytes)])):
                response = client.post("/events", content=content, headers=headers)
                body = problem(response, 413, "body-too-large")
                assert str(most) in body["detail"]
        assert client.post("/events", content=event.ljust(most), headers=headers).is_success


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"content-type": "text/html"},
        {"content-type": "text/plain; charset=latin-1"},
        {"content-type": "application/x-www-form-urlencoded"},
        {"content-type": "application/json", "content-encoding": "gzip"},
    ],
)
def test_another_kind_of_body_is_refused(client: TestClient, headers: dict[str, str]) -> None:
    response = client.post("/events", content=b"{}", headers=headers)

    problem(response, 415, "unsupported-media-type")


def test_plain_text_is_for_events_alone(client: TestClient) -> None:
    response = client.post("/recommend", content=b"{}", headers={"content-type": "text/plain"})

    problem(response, 415, "unsupported-media-type")


@pytest.mark.parametrize(
    "event",
    [
        {"event": SECRET + "\n"},
        {"timestamp": SECRET},
        {"currency": SECRET},
        {"items": SECRET},
        {"items": [{"item_id": SECRET, "quantity": SECRET}]},
        {"consent": SECRET},
        {"placement": SECRET + "!"},
        {SECRET + " x": SECRET},
        {"customer_id": SECRET, "user_id": SECRET + "2"},
    ],
)
def test_the_offending_value_is_never_told(
    client: TestClient, event: dict[str, object], capfd: pytest.CaptureFixture[str]
) -> None:
    base = {"event": "view_item", "anonymous_id": "v-1"}
    good = base | {"event_id": "e"}

    alone = client.post("/events", json=base | event)
    among = client.post(
        "/events", content=orjson.dumps({"events": [base | event, good]}), headers=JSON
    )

    assert (alone.status_code, among.status_code) == (422, 202)
    assert SECRET not in alone.text + among.text
    logged = capfd.readouterr()
    assert SECRET not in logged.out + logged.err
