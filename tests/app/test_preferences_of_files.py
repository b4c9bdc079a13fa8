"""What a file of the shop said of ads stands until the customer says something of them."""

from typing import Any

import orjson
import pytest
import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from tests.app.test_preferences import NOTHING, put


@pytest.mark.parametrize("the_files", [True, False])
@pytest.mark.parametrize("body", [{}, {"consent": {"ads": None, "analytics": True}}])
def test_what_a_file_said_of_ads_outlasts_a_put_that_says_nothing_of_them(
    asking: TestClient, settings: ServerSettings, body: dict[str, Any], the_files: bool
) -> None:
    written = {"decided": {"ads": the_files, "ads_by": "file"}}
    key = Keys(settings.namespace).live_of_customer("ana")
    with redis.Redis.from_url(settings.redis_url, decode_responses=True) as store:
        store.hset(key, "k", orjson.dumps(written))

        put(asking, body)
        put(asking, body)

        decided = orjson.loads(store.hget(key, "k") or "")["decided"]
    assert (decided["ads"], decided["ads_by"]) == (the_files, "file")
    assert decided["analytics"] == body.get("consent", {}).get("analytics")


@pytest.mark.parametrize("theirs", [True, False])
def test_what_a_customer_says_of_ads_replaces_what_a_file_said_and_may_be_taken_back(
    asking: TestClient, settings: ServerSettings, theirs: bool
) -> None:
    key = Keys(settings.namespace).live_of_customer("ana")
    with redis.Redis.from_url(settings.redis_url, decode_responses=True) as store:
        store.hset(key, "k", '{"decided":{"ads":true,"ads_by":"file"}}')

        put(asking, {"consent": {"ads": theirs}})
        said = orjson.loads(store.hget(key, "k") or "")["decided"]
        put(asking, {})
        after = orjson.loads(store.hget(key, "k") or "")["decided"]

    assert said["ads"] is theirs
    assert "ads_by" not in said
    assert after == NOTHING["consent"]
