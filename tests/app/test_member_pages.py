"""The members of the tiny shop's groups, and of larger ones, page by page."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import Counter
from collections.abc import Iterable

import pytest
import redis
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from app import members
from app.cursor import Place, cursor
from app.settings import ServerSettings
from models.artifacts.customer_profile import pack
from models.artifacts.keys import Keys, shard_of
from models.customer.segments import Stage, Standing
from tests import known, shop
from tests.app.conftest import Serve, got
from training.embedded import EmbeddedStore
from training.processes import wait_for

pytestmark = pytest.mark.alone
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


def pages(client: TestClient, name: str, limit: int) -> list[list[str]]:
    """Return every page of the members of a group."""
    found, query = [], f"limit={limit}"
    for _ in range(1000):
        body = got(client, f"/segments/{name}?{query}")
        assert len(body["members"]) <= limit
        found.append(body["members"])
        if body["next_cursor"] is None:
            return found
        query = f"limit={limit}&cursor={body['next_cursor']}"
    raise AssertionError("the pages do not end")


def every(client: TestClient, name: str, limit: int) -> list[str]:
    return sorted(id_ for page in pages(client, name, limit) for id_ in page)


def test_members_come_with_a_limit_and_are_nobodys_to_keep(client: TestClient) -> None:
    response = client.get("/segments/tier-unknown?limit=2")

    assert response.json()["members"] == ["cleo"]
    assert response.json()["next_cursor"] is None
    assert response.headers["cache-control"] == "private, no-store"
    assert "etag" not in response.headers


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("champions", ["ana"]),
        ("first-time", ["ben"]),
        ("medium", []),
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


def test_a_cursor_of_before_a_restart_of_the_store_has_expired_where_it_could_leave_members_out(
    settings: ServerSettings, serve: Serve, own_store: EmbeddedStore
) -> None:
    shop.publish(own_store.url, settings.namespace, shop.tiny())
    own = settings.model_copy(update={"redis_url": own_store.url, "request_timeout_ms": 5000})
    clients = [f"c-{n:04d}" for n in range(3000)]
    put(own, clients, known.profiles()["ana"], shard=9)
    client = serve(redis_url=own_store.url, request_timeout_ms=5000)
    between = cursor(Place(shard=9), version="r1", name="client")
    within = got(client, "/segments/client?limit=1000")["next_cursor"]

    own_store.stop()
    own_store.start()
    assert wait_for(
        lambda: client.get(f"/segments/client?cursor={between}").status_code == 200, limit_s=10
    )
    response = client.get(f"/segments/client?cursor={within}")

    assert (response.status_code, response.json()["code"]) == (410, "cursor-expired")
    assert "the store was restarted" in response.json()["detail"]
    assert every(client, "client", 1000) == ["ana", *clients]


def test_no_member_is_left_out_where_the_store_enlarges_its_table_between_two_pages(
    published: ServerSettings, serve: Serve
) -> None:
    clients = [f"c-{n:04d}" for n in range(2000)]
    put(published, clients, known.profiles()["ana"], shard=9)
    client = serve()
    first = got(client, "/segments/client?limit=150")

    put(published, [f"l-{n}" for n in range(20_000)], LAPSED, shard=9)
    found, after = Counter(first["members"]), first["next_cursor"]
    while after is not None:
        body = got(client, f"/segments/client?limit=1000&cursor={after}")
        found.update(body["members"])
        after = body["next_cursor"]

    assert found.keys() == {"ana", *clients}


def test_without_a_limit_a_cursor_gives_a_hundred(published: ServerSettings, serve: Serve) -> None:
    put(published, [f"c-{n}" for n in range(300)], known.profiles()["ana"], shard=9)
    client = serve()
    after = got(client, "/segments/client?limit=1")["next_cursor"]

    assert len(got(client, f"/segments/client?cursor={after}")["members"]) == 100


def test_whoever_cannot_be_read_is_no_member_and_is_counted_and_logged_once_a_page(
    published: ServerSettings, serve: Serve
) -> None:
    torn = [f"torn-{n}" for n in range(20)]
    put(published, torn, known.profiles()["ana"][:-1] + b"?", shard=3)
    client = serve()

    with capture_logs() as captured:
        assert got(client, "/segments/high?limit=100")["members"] == ["ana"]

    (line,) = [line for line in captured if line["log_level"] == "error"]
    assert (line["event"], line["customers"]) == ("customers' bytes refused", 20)
    assert "torn" not in str(captured)
    assert "cartera_corrupt_records_total 20.0" in client.get("/metrics").text


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

    assert got(client, "/segments/client")["customers"] == 1
    assert wait_for(
        lambda: client.get("/segments/client?limit=5").json().get("code") == "not-ready", limit_s=5
    )
