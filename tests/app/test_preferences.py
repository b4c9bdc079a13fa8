"""What a customer decides is kept as they put it, and by nobody else meanwhile."""

from typing import Any

import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests.app.conftest import Serve
from tests.app.test_bad_input import LONG, SECRET, problem
from training.embedded import EmbeddedStore

PATH = "/customers/ana/preferences"
ANYTHING = {"If-Match": "*"}
WHOLE: dict[str, Any] = {
    "channels": {"email": True, "sms": False, "push": None, "call": None, "ad": True},
    "frequency": [
        {"channel": "email", "at_most": 2, "per": "week"},
        {"channel": None, "at_most": 0, "per": "day"},
    ],
    "quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "Europe/Madrid"},
    "topics": {"wine": False, "Käse": True},
    "consent": {"personalization": True, "analytics": None, "ads": False, "sale_opt_out": None},
}
NOTHING: dict[str, Any] = {
    "channels": {"email": None, "sms": None, "push": None, "call": None, "ad": None},
    "frequency": [],
    "quiet_hours": None,
    "topics": {},
    "consent": {"personalization": None, "analytics": None, "ads": None, "sale_opt_out": None},
}


def put(client: TestClient, body: object, headers: dict[str, str] = ANYTHING) -> Any:  # noqa: ANN401
    return client.put(PATH, json=body, headers=headers)


def test_of_who_has_decided_nothing_all_is_unknown_and_has_a_tag(asking: TestClient) -> None:
    response = asking.get(PATH)

    assert response.status_code == 200
    assert response.json() == NOTHING
    assert response.headers["cache-control"] == "private, no-store"
    assert put(asking, {}, {"If-Match": response.headers["etag"]}).status_code == 200


def test_what_was_put_is_what_is_got(asking: TestClient) -> None:
    answer = put(asking, WHOLE)

    got = asking.get(PATH)
    assert answer.status_code == 200
    assert answer.json() == got.json() == WHOLE
    assert answer.headers["etag"] == got.headers["etag"]
    assert asking.get("/customers/ben/preferences").json() == NOTHING


def test_a_put_replaces_everything(asking: TestClient) -> None:
    put(asking, WHOLE)

    put(asking, {"channels": {"sms": True}})

    channels = NOTHING["channels"] | {"sms": True}
    assert asking.get(PATH).json() == NOTHING | {"channels": channels}


def test_without_if_match_nothing_is_put(asking: TestClient) -> None:
    problem(asking.put(PATH, json=WHOLE), 428, "precondition-required")

    assert asking.get(PATH).json() == NOTHING


@pytest.mark.parametrize(
    "stale",
    [
        "",
        '"other"',
        "other",
        '"da39a3ee5e6b4b0d3255bfef95601890afd80709 "',
        '"*"',
        ',,"',
        "x" * 999,
    ],
)
def test_what_names_another_state_replaces_nothing(asking: TestClient, stale: str) -> None:
    put(asking, WHOLE)

    problem(put(asking, {}, {"If-Match": stale}), 412, "precondition-failed")

    assert asking.get(PATH).json() == WHOLE


def test_of_two_who_read_the_same_one_may_put(asking: TestClient) -> None:
    tag = asking.get(PATH).headers["etag"]

    answers = [put(asking, {"topics": {name: False}}, {"If-Match": tag}) for name in ("a", "b")]

    assert [answer.status_code for answer in answers] == [200, 412]
    assert asking.get(PATH).json()["topics"] == {"a": False}


def test_a_tag_may_be_one_of_several_but_must_be_strong(asking: TestClient) -> None:
    tag = put(asking, WHOLE).headers["etag"]

    weak = put(asking, {}, {"If-Match": f"W/{tag}"})
    several = put(asking, WHOLE, {"If-Match": f'"other", {tag}'})

    assert (weak.status_code, several.status_code) == (412, 200)


def test_whoever_has_the_preferences_is_told_so(asking: TestClient) -> None:
    tag = put(asking, WHOLE).headers["etag"]

    again = asking.get(PATH, headers={"If-None-Match": tag})

    assert (again.status_code, again.content) == (304, b"")
    put(asking, {})
    assert asking.get(PATH, headers={"If-None-Match": tag}).status_code == 200


def test_decisions_are_kept_for_good_and_beside_what_events_have_told(
    asking: TestClient, settings: ServerSettings
) -> None:
    key = Keys(settings.namespace).live_of_customer("ana")
    with redis.Redis.from_url(settings.redis_url, decode_responses=True) as store:
        store.hset(key, mapping={"k": '{"told":{"ads":false,"at":1760000000000}}', "e": "[]"})
        store.expire(key, 100)

        put(asking, WHOLE)

        assert store.ttl(key) == -1
        held: dict[str, str] = store.hgetall(key)
    assert held["e"] == "[]"
    assert '"told":{"' in held["k"]
    assert '"at":1760000000000' in held["k"]
    assert '"personalization":true' in held["k"]


@pytest.mark.parametrize(
    "customer", ["a%2Fb", "%2F%2F", "%C3%B1%20%E7%89%9B", "%7Bid%7D", "%3Fx%23"]
)
def test_an_id_of_any_characters_decides_for_itself(asking: TestClient, customer: str) -> None:
    path = f"/customers/{customer}/preferences"

    answer = asking.put(path, json=WHOLE, headers=ANYTHING)

    assert answer.status_code == 200
    assert asking.get(path).json() == WHOLE


def test_a_refusal_of_personalisation_is_in_the_very_next_answer(asking: TestClient) -> None:
    before = asking.get("/recommend?customer_id=ana").json()

    put(asking, {"consent": {"personalization": False}})

    after = asking.get("/recommend?customer_id=ana").json()
    assert (before["personalized"], after["personalized"]) == (True, False)
    put(asking, {"consent": {"personalization": True}})
    assert asking.get("/recommend?customer_id=ana").json()["personalized"]


@pytest.mark.faults
def test_what_the_store_cannot_keep_is_not_taken(serve: Serve, own_store: EmbeddedStore) -> None:
    client = serve(redis_url=own_store.url)
    own_store.stop()

    refused = put(client, WHOLE)

    assert problem(refused, 503, "not-durable")["retryable"]
    assert refused.headers["retry-after"]
    problem(client.get(PATH), 503, "not-ready")


CAP = {"at_most": 2, "per": "week"}
QUIET = WHOLE["quiet_hours"]
BAD: list[tuple[object, str, str]] = [
    ([], "", "not-an-object"),
    ({"nonesuch": 1}, "/nonesuch", "unknown-field"),
    ({"channels": {"post": True}}, "/channels/post", "unknown-field"),
    ({"channels": None}, "/channels", "not-an-object"),
    *(({"channels": {"email": said}}, "/channels/email", "not-a-boolean") for said in (1, "yes")),
    *(
        ({"frequency": [CAP | {"at_most": said}]}, "/frequency/0/at_most", code)
        for said, code in (
            (-1, "out-of-range"),
            (101, "out-of-range"),
            (1e30, "out-of-range"),
            (True, "not-an-integer"),
            (1.5, "not-an-integer"),
            ("2", "not-an-integer"),
            (None, "not-an-integer"),
        )
    ),
    ({"frequency": [CAP | {"per": "year"}]}, "/frequency/0/per", "not-one-of"),
    ({"frequency": [CAP | {"channel": "post"}]}, "/frequency/0/channel", "not-one-of"),
    ({"frequency": [{"per": "day"}]}, "/frequency/0/at_most", "missing"),
    ({"frequency": [CAP, CAP]}, "/frequency", "each-once"),
    ({"frequency": [CAP] * 19}, "/frequency", "wrong-length"),
    ({"frequency": CAP}, "/frequency", "not-a-list"),
    *(
        ({"quiet_hours": QUIET | {"from": said}}, "/quiet_hours/from", code)
        for said, code in (
            ("24:00", "wrong-characters"),
            ("9:00", "wrong-characters"),
            ("21:60", "wrong-characters"),
            ("21:00:00", "wrong-characters"),
            ("٢١:00", "wrong-characters"),
            ("21:00\n", "wrong-characters"),
            (2100, "not-a-text"),
        )
    ),
    ({"quiet_hours": QUIET | {"to": "21:00"}}, "/quiet_hours", "no-time"),
    ({"quiet_hours": {"from": "21:00", "to": "08:00"}}, "/quiet_hours/time_zone", "missing"),
    *(
        ({"quiet_hours": QUIET | {"time_zone": said}}, "/quiet_hours/time_zone", "time-zone")
        for said in (SECRET, "Mars/Phobos", "../../etc/passwd", "Europe", "UTC\x00", "right/UTC")
    ),
    ({"quiet_hours": QUIET | {"time_zone": "x" * 65}}, "/quiet_hours/time_zone", "wrong-length"),
    *(({"topics": {"wine": said}}, "/topics/wine", "not-a-boolean") for said in (None, 0, "no")),
    ({"topics": {f"t{n}": True for n in range(101)}}, "/topics", "wrong-length"),
    ({"topics": ["wine"]}, "/topics", "not-an-object"),
    ({"consent": {"personalization": "no"}}, "/consent/personalization", "not-a-boolean"),
    ({"consent": {"tcf": "x"}}, "/consent/tcf", "unknown-field"),
]


@pytest.mark.parametrize(("body", "pointer", "code"), BAD)
def test_bad_preferences_are_named_and_replace_nothing(
    client: TestClient, body: object, pointer: str, code: str
) -> None:
    answer = problem(put(client, body), 422, "validation")

    assert [(one["pointer"], one["code"]) for one in answer["errors"]] == [(pointer, code)]
    assert client.get(PATH).json() == NOTHING


@pytest.mark.parametrize("topic", ["a\x00b", "a\nb", "\x85", "", LONG])
def test_topics_that_no_category_can_be_named_are_refused(client: TestClient, topic: str) -> None:
    answer = put(client, {"topics": {topic: True}})

    problem(answer, 422, "validation")


def test_nothing_that_was_sent_is_told_back(client: TestClient) -> None:
    bad = {
        "topics": {SECRET + "!": SECRET},
        "quiet_hours": {"from": SECRET, "to": SECRET, "time_zone": SECRET},
        "frequency": [{"channel": SECRET, "at_most": SECRET, "per": SECRET}],
        "consent": SECRET,
    }

    answer = put(client, bad)

    problem(answer, 422, "validation")
    assert SECRET not in answer.text


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", {}, 400, "malformed-json"),
        (b"", {}, 400, "malformed-json"),
        (b'{"topics":{"a":true,"a":false}}', {}, 400, "malformed-json"),
        (b'{"topics":{"a":NaN}}', {}, 400, "malformed-json"),
        (b" " * (512 * 1024 + 1), {}, 413, "body-too-large"),
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported-media-type"),
        (b"{}", {"content-encoding": "gzip"}, 415, "unsupported-media-type"),
    ],
)
def test_what_cannot_be_preferences_is_refused_before_it_is_read(
    client: TestClient, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    sent = {"content-type": "application/json"} | ANYTHING | headers

    problem(client.put(PATH, content=content, headers=sent), status, code)


@pytest.mark.parametrize("method", ["post", "delete", "patch"])
def test_preferences_are_got_and_put_and_nothing_else(client: TestClient, method: str) -> None:
    response = client.request(method, PATH, json={})

    problem(response, 405, "method-not-allowed")
    assert response.headers["allow"] == "GET, PUT"
