"""Page by page, everybody who left something is told, however many they are and wherever."""

from base64 import urlsafe_b64decode

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import Serve
from tests.app.leaving import BROWSED, CARTS, Leaving, hours_ago_ms
from training.embedded import EmbeddedStore

pytestmark = pytest.mark.store
WELCOME = orjson.dumps({"channels": {"email": True}})


@pytest.fixture
def leaving(asking: TestClient, settings: ServerSettings) -> Leaving:
    return Leaving(asking, settings)


def leave(leaving: Leaving, *customer_ids: str, at_ms: int, shard: int | None = None) -> None:
    """Have customers leave beer in their carts, as servers and workers write it."""
    keys = Keys(leaving.settings.namespace)
    with redis.Redis.from_url(leaving.settings.redis_url) as store:
        pipeline = store.pipeline(transaction=False)
        for id_ in customer_ids:
            line = orjson.dumps(["add_to_cart", at_ms, ["beer"], None, None])
            pipeline.hset(keys.live_of_customer(id_), mapping={"e": line, "p": WELCOME})
        pipeline.execute()
    leaving.note(*customer_ids, at_ms=at_ms, shard=shard)


def test_pages_of_any_size_tell_everybody_once(leaving: Leaving) -> None:
    """Some in shards of their own, many in one shard, half of those at the very same moment."""
    at_ms = hours_ago_ms(2)
    scattered, together = ([f"{kind}-{n}" for n in range(60)] for kind in ("c", "d"))
    leave(leaving, *scattered, at_ms=at_ms)
    leave(leaving, *together, at_ms=at_ms, shard=7)
    for n, id_ in enumerate(together[:30]):
        leave(leaving, id_, at_ms=at_ms - n, shard=7)

    for limit in (7, 100):
        found, suppressed = leaving.every(limit=limit)
        assert sorted(found) == sorted(scattered + together)
        assert suppressed == {}


def test_a_page_goes_on_where_the_last_one_ended(leaving: Leaving) -> None:
    leave(leaving, "a", "b", "c", at_ms=hours_ago_ms(2), shard=7)

    first = leaving.ask(limit=2)
    second = leaving.ask(limit=2, cursor=first["next_cursor"])

    assert [one["customer_id"] for one in first["customers"]] == ["a", "b"]
    assert [one["customer_id"] for one in second["customers"]] == ["c"]


def test_nobody_is_left_out_when_another_of_the_same_moment_goes_away(leaving: Leaving) -> None:
    leave(leaving, "a", "b", "c", "d", at_ms=hours_ago_ms(2), shard=7)
    first = leaving.ask(limit=2)

    leave(leaving, "b", at_ms=hours_ago_ms(0), shard=7)
    second = leaving.ask(cursor=first["next_cursor"])

    assert [one["customer_id"] for one in first["customers"]] == ["a", "b"]
    assert [one["customer_id"] for one in second["customers"]] == ["a", "c", "d"]


def test_who_is_suppressed_is_counted_on_the_page_where_they_would_stand(leaving: Leaving) -> None:
    leave(leaving, "a", "b", "c", at_ms=hours_ago_ms(2), shard=7)
    leaving.decides("b", channels={"email": False})

    first = leaving.ask(limit=1)
    second = leaving.ask(limit=1, cursor=first["next_cursor"])

    assert (first["suppressed"], len(first["customers"])) == ([], 1)
    assert second["suppressed"] == [{"reason": "channel-refused", "customers": 1}]
    assert [one["customer_id"] for one in second["customers"]] == ["c"]


def test_a_cursor_says_nothing_of_whom_it_follows(leaving: Leaving) -> None:
    leave(leaving, "customer-one", "customer-two", at_ms=hours_ago_ms(2), shard=7)

    cursor = leaving.ask(limit=1)["next_cursor"]

    assert b"customer" not in urlsafe_b64decode(cursor + "==")


def test_a_cursor_is_for_what_was_asked_and_for_no_other(leaving: Leaving) -> None:
    leave(leaving, "a", "b", at_ms=hours_ago_ms(2), shard=7)
    cursor = leaving.ask(limit=1)["next_cursor"]
    last = "A" if cursor[-1] != "A" else "B"

    others = [
        (BROWSED, {"cursor": cursor}),
        (CARTS, {"cursor": cursor, "channel": "sms"}),
        (CARTS, {"cursor": cursor, "max_age": "P8D"}),
        (CARTS, {"cursor": cursor[:-8] + last * 8}),
        (CARTS, {"cursor": cursor[:-2]}),
        (CARTS, {"cursor": "A"}),
    ]

    for path, query in others:
        response = leaving.client.get(path, params={"channel": "email"} | query)
        assert response.status_code == 422, query
        (error,) = response.json()["errors"]
        assert (error["pointer"], error["code"]) == ("/cursor", "not-ours")
    assert len(leaving.ask(limit=5, cursor=cursor)["customers"]) == 1


@pytest.mark.faults
def test_without_the_store_there_is_no_feed(
    serve: Serve, own_store: EmbeddedStore, settings: ServerSettings
) -> None:
    shop.publish(own_store.url, settings.namespace, shop.tiny())
    own = settings.model_copy(update={"redis_url": own_store.url})
    leaving = Leaving(serve(redis_url=own_store.url), own)
    leave(leaving, "ana", at_ms=hours_ago_ms(2))
    before = leaving.every()

    own_store.stop()
    response = leaving.client.get(CARTS, params={"channel": "email"})

    assert before == (["ana"], {})
    assert (response.status_code, response.json()["code"]) == (503, "not-ready")
    assert response.headers["retry-after"]


@pytest.mark.faults
def test_without_the_store_of_the_records_nobody_is_told(
    serve: Serve, own_store: EmbeddedStore, settings: ServerSettings
) -> None:
    """Though the other one answers, and this worker remembers the customer."""
    shop.publish(own_store.url, settings.namespace, shop.tiny())
    client = serve(redis_url=own_store.url, events_redis_url=settings.redis_url)
    leaving = Leaving(client, settings)
    leave(leaving, "ana", at_ms=hours_ago_ms(2))
    before = leaving.every()

    own_store.stop()
    response = client.get(CARTS, params={"channel": "email"})

    assert before == (["ana"], {})
    assert (response.status_code, response.json()["code"]) == (503, "not-ready")


def test_without_a_release_there_is_no_feed(serve: Serve) -> None:
    response = serve().get(CARTS, params={"channel": "email"})

    assert (response.status_code, response.json()["code"]) == (503, "not-ready")
