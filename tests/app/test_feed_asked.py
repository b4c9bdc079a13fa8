"""What a feed is asked is taken exactly, or not at all."""

import re

import pytest
from starlette.testclient import TestClient

from tests.app.conftest import got
from tests.app.leaving import BROWSED, CARTS

BAD: list[tuple[str, str, str]] = [
    ("channel=", "/channel", "not-one-of"),
    ("channel=Email", "/channel", "not-one-of"),
    ("channel=post", "/channel", "not-one-of"),
    *((f"channel=email&limit={limit}", "/limit", "out-of-range") for limit in ("0", "101", "-1")),
    *((f"channel=email&limit={limit}", "/limit", "not-an-integer") for limit in ("true", "1.5")),
    *(
        (f"channel=email&{name}={value}", f"/{name}", "not-a-duration")
        for name in ("min_age", "max_age")
        for value in ("", "1h", "P", "PT", "P1DT", "P1M", "P1Y", "-PT1H", "PT1.5H", "-5", "1e3")
    ),
    ("channel=email&max_age=P31D", "/max_age", "duration-too-long"),
    ("channel=email&max_age=P30DT1S", "/max_age", "duration-too-long"),
    ("channel=email&max_age=2592001", "/max_age", "duration-too-long"),
    ("channel=email&min_age=P999W", "/min_age", "duration-too-long"),
    ("channel=email&min_age=P7D", "", "ages-reversed"),
    ("channel=email&min_age=PT2H&max_age=7200", "", "ages-reversed"),
    ("channel=email&since=2026-01-31T08:00:00", "/since", "naive-time"),
    ("channel=email&since=2026-01-31", "/since", "not-a-time"),
    ("channel=email&since=1769846400", "/since", "not-a-time"),
    ("channel=email&since=2199-01-01T00:00:00Z", "", "in-the-future"),
    *(
        (f"channel=email&currency=EUR&min_value={value}", "/min_value", code)
        for value, code in [
            ("-1", "out-of-range"), ("2e12", "out-of-range"), ("1e400", "out-of-range"),
            ("nan", "not-a-number"), ("", "not-a-number"), ("5,0", "not-a-number"),
        ]
    ),
    ("channel=email&min_value=5", "/currency", "missing-currency"),
    ("channel=email&min_value=5&currency=USD", "/currency", "other-currency"),
    ("channel=email&currency=USD", "/currency", "other-currency"),
    ("channel=email&currency=XYZ", "/currency", "not-a-currency"),
    ("channel=email&currency=eur", "/currency", "wrong-characters"),
    ("channel=email&cursor=%20", "/cursor", "wrong-characters"),
    ("channel=email&channel=sms", "/channel", "repeated"),
    ("channel=email&customer_id=ana", "", "unknown-field"),
]  # fmt: skip


@pytest.mark.parametrize(("query", "pointer", "code"), BAD)
def test_a_bad_parameter_is_named_and_not_echoed(
    client: TestClient, query: str, pointer: str, code: str
) -> None:
    for feed in (CARTS, BROWSED):
        response = client.get(f"{feed}?{query}")

        assert response.status_code == 422, response.text
        body = response.json()
        assert [(one["pointer"], one["code"]) for one in body["errors"]] == [(pointer, code)]
        value = query.rpartition("=")[2]
        assert len(value) < 4 or value not in response.text.replace("PT1H or P7D", "")


def test_a_number_of_seconds_is_not_named_as_a_way_to_write_a_time(client: TestClient) -> None:
    response = client.get(f"{CARTS}?channel=email&since=1769846400")

    (fault,) = response.json()["errors"]
    assert "a number of seconds is none" in fault["detail"]


@pytest.mark.parametrize(
    ("written", "is_one"),
    [
        ("P1D", True), ("P1DT2H3M4S", True), ("PT3M", True), ("PT2H4S", True), ("90", True),
        ("P", False), ("PT", False), ("P1DT", False), ("PT1S1M", False), ("P1W1D", False),
    ],
)  # fmt: skip
def test_the_document_takes_the_durations_that_the_route_takes(
    client: TestClient, written: str, is_one: bool
) -> None:
    operation = client.get("/openapi.json").json()["paths"][CARTS]["get"]
    (pattern,) = [
        one["schema"]["pattern"] for one in operation["parameters"] if one["name"] == "min_age"
    ]

    response = client.get(f"{CARTS}?channel=email&max_age=P30D&min_age={written}")

    assert bool(re.search(pattern, written)) is is_one
    assert (response.status_code == 200) is is_one


def test_a_feed_is_for_a_channel(client: TestClient) -> None:
    response = client.get(CARTS)

    assert response.status_code == 422
    assert [one["code"] for one in response.json()["errors"]] == ["missing"]


@pytest.mark.parametrize(
    "query",
    [
        "min_age=0&max_age=1",
        "min_age=PT90M&max_age=P30D",
        "min_age=P1DT2H3M4S&max_age=P4W",
        "max_age=PT720H",
        "since=2026-01-31T08:00:00%2B01:00",
        "min_value=0&currency=EUR",
        "currency=EUR",
        "limit=100",
    ],
)
def test_what_is_right_is_answered(client: TestClient, query: str) -> None:
    assert got(client, f"{CARTS}?channel=email&{query}") == {
        "customers": [], "suppressed": [], "next_cursor": None,
    }  # fmt: skip
