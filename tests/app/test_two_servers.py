"""What holds when two servers of a shop answer at once."""

import contextlib
import http.client
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import orjson
import pytest

from tests import shop
from tests.app.serving import Live, live

EMAIL = {"channels": {"email": True}}


@pytest.fixture(scope="module")
def two(store_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Live]]:
    """Two servers of one shop, in processes of their own."""
    namespace = f"test-{uuid.uuid4().hex}"
    shop.publish(store_url, namespace, shop.tiny())
    folders = [tmp_path_factory.mktemp(name) for name in ("one", "other")]
    settings: Any = {"namespace": namespace, "redis_timeout_ms": 5000, "request_timeout_ms": 9000}
    with (
        live(store_url, data_dir=folders[0], **settings) as one,
        live(store_url, data_dir=folders[1], **settings) as other,
    ):
        yield [one, other]


def items(answer: dict[str, Any]) -> list[str]:
    return [item["item_id"] for item in answer["items"]]


def sent(server: Live, method: str, path: str, body: object) -> int:
    """The status of what a server answers."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    headers = {"Content-Type": "application/json", "If-Match": "*"}
    with contextlib.closing(connection):
        connection.request(method, path, orjson.dumps(body), headers)
        return connection.getresponse().status


def told(server: Live, path: str) -> dict[str, Any]:
    status, body = server.get(path)
    assert status == 200, body
    return dict(orjson.loads(body))


@pytest.mark.slow
def test_two_servers_at_once_never_exceed_a_cap(two: list[Live]) -> None:
    cap = EMAIL | {"frequency": [{"channel": "email", "at_most": 2, "per": "week"}]}
    assert sent(two[0], "PUT", "/customers/ana/preferences", cap) == 200
    path = "/recommend?customer_id=ana&placement=email"

    with ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda place: told(two[place % 2], path), range(50)))

    assert sum(bool(answer["items"]) for answer in answers) == 2
    refused = [answer["suppressed"]["reason"] for answer in answers if not answer["items"]]
    assert refused == ["frequency-cap"] * 48


@pytest.mark.slow
def test_what_one_server_is_told_the_other_knows_at_once(two: list[Live]) -> None:
    one, other = two
    path = "/recommend?customer_id=ben"
    ben = {"customer_id": "ben"}
    answers = [told(other, path)]

    for said in (
        {"kind": "not_interested", "about": {"item_id": "beer"}},
        {"kind": "complaint", "value": "opened"},
        {"kind": "complaint", "value": "resolved"},
    ):
        assert sent(one, "POST", "/feedback", ben | said) == 202
        answers.append(told(other, path))
    refusing = {"consent": {"personalization": False}}
    assert sent(one, "PUT", "/customers/ben/preferences", refusing) == 200
    answers.append(told(other, path))

    assert ["beer" in items(answer) for answer in answers[:2]] == [True, False]
    content = [answer.get("service", {}).get("content") for answer in answers]
    assert content == [None, None, "apology", None, None]
    assert [answer["personalized"] for answer in answers] == [True] * 4 + [False]
