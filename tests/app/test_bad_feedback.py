"""Feedback that breaks a rule is refused by name, and not told back."""

import time
from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.app.test_bad_input import LONG, SECRET, problem

SAID: dict[str, Any] = {"customer_id": "ana", "kind": "thanks"}
ABOUT = {"about": {"item_id": "milk"}}
BAD: list[tuple[dict[str, Any], str, str]] = [
    ({"kind": None}, "/kind", "not-one-of"),
    ({"kind": "Rating"}, "/kind", "not-one-of"),
    ({"nonesuch": 1}, "/nonesuch", "unknown-field"),
    ({"customer_id": LONG}, "/customer_id", "wrong-length"),
    ({"customer_id": "a\nb"}, "/customer_id", "wrong-characters"),
    ({"customer_id": 7}, "/customer_id", "not-a-text"),
    ({"customer_id": None}, "/customer_id", "missing-subject"),
    ({"user_id": "ben"}, "", "ids-differ"),
    ({"about": {"item_id": ""}}, "/about/item_id", "wrong-length"),
    ({"about": {"item_id": "a\x00"}}, "/about/item_id", "wrong-characters"),
    ({"about": {"item": "milk"}}, "/about/item", "unknown-field"),
    ({"about": "milk"}, "/about", "not-an-object"),
    ({"kind": "rating", "value": 4}, "/about/item_id", "missing-item"),
    ({"kind": "not_interested"}, "/about/item_id", "missing-item"),
    *(
        ({"kind": "satisfaction", "value": said}, "/value", "feedback-value")
        for said in (0, 6, -1, 4.5, True, "4", "closed", [4], 1e30)
    ),
    *(
        ({"kind": "rating", "value": said} | ABOUT, "/value", "value-of-kind")
        for said in (None, "opened")
    ),
    ({"kind": "satisfaction"}, "/value", "value-of-kind"),
    ({"kind": "complaint"}, "/value", "value-of-kind"),
    ({"kind": "complaint", "value": 1}, "/value", "value-of-kind"),
    ({"value": 5}, "/value", "value-of-kind"),
    ({"kind": "not_interested", "value": 1} | ABOUT, "/value", "value-of-kind"),
    *(({"text": said}, "/text", "wrong-length") for said in ("", "x" * 2001)),
    *(({"text": said}, "/text", "wrong-characters") for said in ("a\x00", "\x1b[31m", "\x85")),
    ({"text": 7}, "/text", "not-a-text"),
    ({"event_id": LONG}, "/event_id", "wrong-length"),
    ({"event_id": "a\tb"}, "/event_id", "wrong-characters"),
    ({"timestamp": "2026-01-31T18:04:05"}, "/timestamp", "naive-time"),
    ({"timestamp": time.time() + 3600}, "/timestamp", "in-the-future"),
    *(({"timestamp": said}, "/timestamp", "not-a-time") for said in (True, "today", -1, 1e30)),
]


@pytest.mark.parametrize(("said", "pointer", "code"), BAD)
def test_bad_feedback_is_named(
    client: TestClient, said: dict[str, Any], pointer: str, code: str
) -> None:
    body = problem(client.post("/feedback", json=SAID | said), 422, "validation")

    assert [(one["pointer"], one["code"]) for one in body["errors"]] == [(pointer, code)]


def test_no_feedback_is_told_back(client: TestClient) -> None:
    said = dict.fromkeys(("kind", "value", "timestamp", "about"), SECRET) | {
        "text": SECRET + "\x00",
        SECRET + "!": SECRET,
    }

    answer = client.post("/feedback", json=said)

    problem(answer, 422, "validation")
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("content", "kind", "status", "code"),
    [
        (b'{"kind":"thanks"', "application/json", 400, "malformed-json"),
        (b'{"kind":"thanks","kind":"thanks"}', "application/json", 400, "malformed-json"),
        (b'{"value":NaN}', "application/json", 400, "malformed-json"),
        (b'{"text":"\\ud800"}', "application/json", 400, "malformed-json"),
        (b"[" * 100_000, "application/json", 400, "malformed-json"),
        (b" " * (512 * 1024 + 1), "application/json", 413, "body-too-large"),
        (b'{"kind":"thanks"}', "text/plain", 415, "unsupported-media-type"),
    ],
)
def test_what_cannot_be_feedback_is_refused_before_it_is_read(
    client: TestClient, content: bytes, kind: str, status: int, code: str
) -> None:
    answer = client.post("/feedback", content=content, headers={"content-type": kind})

    problem(answer, status, code)
