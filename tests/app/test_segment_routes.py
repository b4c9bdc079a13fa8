"""The tiny shop's customers in groups, and the members of larger groups page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable
from typing import Any

import pytest
import redis
from starlette.testclient import TestClient

from app import members
from app.cursor import Place, cursor
from app.routes.segments import PortfolioResponse, SegmentResponse, SegmentsResponse
from app.settings import ServerSettings
from models.artifacts.customer_profile import pack
from models.artifacts.keys import Keys, shard_of
from models.customer import told
from models.customer.segments import Stage, Standing
from tests import known, shop
from tests.app.conftest import Serve
from training.embedded import EmbeddedStore
from training.processes import wait_for

LAPSED = pack(known.profile(Standing(stage=Stage.LAPSED)))


@pytest.fixture
def published(settings: ServerSettings) -> ServerSettings:
    shop.publish(settings.redis_url, settings.namespace, shop.tiny())
    return settings


def put(settings: ServerSettings, ids: Iterable[str], profile: bytes, *, shard: int | None) -> None:
    """Have the store know more customers; where they all stand in one shard, it is large."""
    keys = Keys(settings.namespace)
    with redis.Redis.from_url(settings.redis_url) as store:
        pipeline = store.pipeline(transaction=False)
        for id_ in ids:
            place = shard_of(id_) if shard is None else shard
            pipeline.hset(keys.profiles("r1", place), id_, profile)
        pipeline.execute()


def get(client: TestClient, path: str) -> dict[str, Any]:
    response = client.get(path)
    assert response.status_code == 200, response.text
    return dict(response.json())


def pages(client: TestClient, name: str, limit: int) -> list[list[str]]:
    """Return every page of the members of a group."""
    found, query = [], f"limit={limit}"
    for _ in range(1000):
        body = get(client, f"/segments/{name}?{query}")
        assert len(body["members"]) <= limit
        found.append(body["members"])
        if body["next_cursor"] is None:
            return found
        query = f"limit={limit}&cursor={body['next_cursor']}"
    raise AssertionError("the pages do not end")


def every(client: TestClient, name: str, limit: int) -> list[str]:
    return sorted(id_ for page in pages(client, name, limit) for id_ in page)


def test_every_group_is_answered(client: TestClient) -> None:
    response = client.get("/segments")

    assert response.json() == told.groups(known.summary(), release="r1")
    assert response.headers["cache-control"] == "no-cache"
    assert SegmentsResponse.model_validate(response.json()).segments[0].name == "high-value"


def test_one_group_is_answered_without_its_members(client: TestClient) -> None:
    body = get(client, "/segments/high-value")

    assert body == told.group(known.summary().groups[0], known.summary(), release="r1")
    read = SegmentResponse.model_validate(body)
    assert read.model_dump(exclude_unset=True) == body


def test_the_matrix_is_answered(client: TestClient) -> None:
    body = get(client, "/portfolio")

    assert body == told.portfolio(known.summary(), release="r1")
    assert PortfolioResponse.model_validate(body).model_dump(by_alias=True) == body


@pytest.mark.parametrize("path", ["/segments", "/segments/client", "/portfolio"])
def test_whoever_has_the_answer_is_told_so(client: TestClient, path: str) -> None:
    tag = client.get(path).headers["etag"]

    again = client.get(path, headers={"If-None-Match": tag})

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)


@pytest.mark.parametrize("name", ["zq-none", "High-Value", "ñ"])
def test_a_group_that_there_is_not_is_named_so(client: TestClient, name: str) -> None:
    response = client.get(f"/segments/{name}")

    assert response.status_code == 404
    assert response.json()["code"] == "unknown-segment"
    assert name not in response.text


def test_without_a_release_there_are_no_groups_yet(serve: Serve) -> None:
    client = serve()

    for path in ("/segments", "/segments/client", "/portfolio"):
        assert client.get(path).json()["code"] == "not-ready"


def test_members_come_with_a_limit_and_are_nobodys_to_keep(client: TestClient) -> None:
    response = client.get("/segments/value-unknown?limit=2")

    assert response.json()["members"] == ["cleo"]
    assert response.json()["next_cursor"] is None
    assert response.headers["cache-control"] == "private, no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("champions", ["ana"]),
        ("first-time", ["ben"]),
        ("medium-value", []),
        ("portfolio-1", ["ana"]),
        ("portfolio-unknown", ["ben", "cleo"]),
        ("satisfaction-unknown", ["ben", "cleo"]),
    ],
)
def test_members_are_those_of_the_group(client: TestClient, name: str, expected: list[str]) -> None:
    assert every(client, name, 1) == every(client, name, 100) == expected


@pytest.mark.parametrize("limit", [7, 100, 1000])
@pytest.mark.parametrize("shard", [None, 0, 255])
def test_every_member_of_a_large_group_comes_once(
    published: ServerSettings, serve: Serve, limit: int, shard: int | None
) -> None:
    clients = [f"c-{n}" for n in range(1500)]
    put(published, clients, known.profiles()["ana"], shard=shard)
    put(published, [f"l-{n}" for n in range(1500)], LAPSED, shard=shard)

    assert every(serve(), "client", limit) == sorted(["ana", *clients])


def test_a_page_may_be_short_or_empty_though_more_follow(
    published: ServerSettings, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(members, "MOST_ROUNDS", 1)
    put(published, [f"l-{n}" for n in range(5000)], LAPSED, shard=3)
    put(published, ["late"], known.profiles()["ana"], shard=255)

    found = pages(serve(), "client", 100)

    assert [] in found[:-1]
    assert sorted(id_ for page in found for id_ in page) == ["ana", "late"]


def test_a_page_ends_when_its_time_is_up(published: ServerSettings, serve: Serve) -> None:
    """A millisecond's patience does not reach through 256 shards, at 32 in a round trip."""
    found = pages(serve(request_timeout_ms=1), "client", 100)

    assert 1 < len(found) <= 256 // 32
    assert sorted(id_ for page in found for id_ in page) == ["ana"]


def test_no_member_is_left_out_where_the_store_enlarges_its_table_between_two_pages(
    published: ServerSettings, serve: Serve
) -> None:
    clients = [f"c-{n:04d}" for n in range(2000)]
    put(published, clients, known.profiles()["ana"], shard=9)
    client = serve()
    first = get(client, "/segments/client?limit=150")

    put(published, [f"l-{n}" for n in range(20_000)], LAPSED, shard=9)
    found, after = Counter(first["members"]), first["next_cursor"]
    while after is not None:
        body = get(client, f"/segments/client?limit=1000&cursor={after}")
        found.update(body["members"])
        after = body["next_cursor"]

    assert found.keys() == {"ana", *clients}


def test_without_a_limit_a_cursor_gives_a_hundred(published: ServerSettings, serve: Serve) -> None:
    put(published, [f"c-{n}" for n in range(300)], known.profiles()["ana"], shard=9)
    client = serve()
    after = get(client, "/segments/client?limit=1")["next_cursor"]

    assert len(get(client, f"/segments/client?cursor={after}")["members"]) == 100


def test_whoever_cannot_be_read_is_no_member_and_is_counted(
    published: ServerSettings, serve: Serve
) -> None:
    put(published, ["torn"], known.profiles()["ana"][:-1] + b"?", shard=None)
    client = serve()

    assert every(client, "high-value", 10) == ["ana"]
    assert "cartera_corrupt_records_total 1.0" in client.get("/metrics").text


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=", "cursor=a.b"])
def test_a_limit_or_cursor_out_of_bounds_is_refused(client: TestClient, query: str) -> None:
    response = client.get(f"/segments/client?{query}")

    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == f"/{query.partition('=')[0]}"


def test_a_cursor_of_another_group_or_an_altered_one_is_refused(client: TestClient) -> None:
    ours = cursor(Place(shard=3), version="r1", name="client")
    packed = bytearray(urlsafe_b64decode(ours + "=="))
    packed[12] ^= 1
    altered = urlsafe_b64encode(packed).rstrip(b"=").decode()

    assert client.get(f"/segments/client?cursor={ours}").status_code == 200
    for path in (
        f"/segments/champions?cursor={ours}",
        f"/segments/client?cursor={altered}",
        f"/segments/client?cursor={ours[:-4]}",
        "/segments/client?cursor=abc",
        "/segments/client?cursor=abcde",
    ):
        response = client.get(path)
        assert response.status_code == 422
        assert [one["code"] for one in response.json()["errors"]] == ["not-ours"]


def test_a_cursor_of_another_release_has_expired(client: TestClient) -> None:
    old = cursor(Place(shard=3), version="r0", name="client")

    response = client.get(f"/segments/client?cursor={old}")

    assert response.status_code == 410
    assert response.json()["code"] == "cursor-expired"


def test_where_the_store_lost_the_release_a_cursor_has_expired_and_nobody_is_left_out(
    published: ServerSettings, serve: Serve
) -> None:
    client = serve()
    ours = cursor(Place(shard=3), version="r1", name="client")
    with redis.Redis.from_url(published.redis_url) as store:
        store.delete(Keys(published.namespace).releases)

    assert client.get(f"/segments/client?cursor={ours}").status_code == 410
    assert client.get("/segments/client?limit=5").json()["code"] == "not-ready"
    assert client.get("/segments/client").status_code == 200


def test_while_the_store_is_away_groups_are_answered_and_members_are_not(
    serve: Serve, own_store: EmbeddedStore, namespace: str
) -> None:
    shop.publish(own_store.url, namespace, shop.tiny())
    client = serve(redis_url=own_store.url)

    own_store.stop()

    assert get(client, "/segments/client")["customers"] == 1
    assert wait_for(
        lambda: client.get("/segments/client?limit=5").json().get("code") == "not-ready", limit_s=5
    )
