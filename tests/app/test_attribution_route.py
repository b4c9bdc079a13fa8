"""``/attribution`` and the metrics tell what workers have counted, of all shards."""

from collections.abc import Iterator
from typing import Any

import pytest
import redis

from app.settings import ServerSettings
from models.artifacts.keys import Keys
from models.counted import Field, What, field
from models.credit import UNIT
from tests.app.conftest import Serve, got, started
from tests.app.holders import Holders, bearer
from training.embedded import EmbeddedStore
from training.processes import wait_for


@pytest.fixture
def store(settings: ServerSettings) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(settings.redis_url) as store:
        yield store


def count(
    store: redis.Redis, settings: ServerSettings, what: What, n: int, **where: object
) -> None:
    told: dict[str, Any] = {
        "day": "2026-11-22",
        "placement": "home",
        "release": "r1",
        "currency": "",
    } | where
    shard = told.pop("shard", 0)
    key = Keys(settings.namespace).attribution(shard)
    store.hincrby(key, field(Field(**told, what=what)).decode(), n)


def test_the_counts_of_all_shards_are_told_together(
    store: redis.Redis, settings: ServerSettings, serve: Serve
) -> None:
    count(store, settings, "impressions", 60, shard=0)
    count(store, settings, "impressions", 40, shard=255)
    count(store, settings, "clicks", 10, shard=7, day="2026-11-23")
    count(store, settings, "orders", 2)
    count(store, settings, "revenue", 12 * UNIT, currency="EUR")
    count(store, settings, "margin", 3 * UNIT, currency="EUR")
    count(store, settings, "provisional_revenue", 2 * UNIT, currency="EUR")

    (told,) = got(serve(), "/attribution")["results"]

    assert told.pop("click_rate")["value"] == 0.1
    assert told.pop("order_rate")["value"] == 0.02
    assert told == {
        "placement": "home",
        "release": "r1",
        "impressions": 100,
        "clicks": 10,
        "orders": 2,
        "money": [{"currency": "EUR", "revenue": 12.0, "margin": 3.0, "provisional_revenue": 2.0}],
    }


def test_days_that_are_named_count_alone(
    store: redis.Redis, settings: ServerSettings, serve: Serve
) -> None:
    for day in (21, 22, 23):
        count(store, settings, "impressions", day, day=f"2026-11-{day}")

    told = got(serve(), "/attribution?since=2026-11-22&until=2026-11-22")

    assert (told["since"], told["until"]) == ("2026-11-22", "2026-11-22")
    assert [one["impressions"] for one in told["results"]] == [22]


def test_before_anything_was_counted_nothing_is_told(serve: Serve) -> None:
    assert got(serve(), "/attribution")["results"] == []


def test_counts_that_are_not_ours_are_left_out(
    store: redis.Redis, settings: ServerSettings, serve: Serve
) -> None:
    store.hincrby(Keys(settings.namespace).attribution(3), "something else", 5)
    count(store, settings, "impressions", 1)

    assert len(got(serve(), "/attribution")["results"]) == 1


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("since=2026-11-23&until=2026-11-22", ""),
        ("since=5", "/since"),
        ("since=2026-11-22T00:00:00Z", "/since"),
        ("from=2026-11-22", ""),
        ("since=yesterday", "/since"),
        ("until=2026-13-01", "/until"),
    ],
)
def test_days_that_are_none_are_refused(serve: Serve, query: str, pointer: str) -> None:
    response = serve().get(f"/attribution?{query}")

    assert response.status_code == 422
    assert [fault["pointer"] for fault in response.json()["errors"]] == [pointer]


def test_metrics_tell_the_same(store: redis.Redis, settings: ServerSettings, serve: Serve) -> None:
    count(store, settings, "clicks", 3)
    count(store, settings, "revenue", 5 * UNIT // 2, currency="EUR")
    asking = serve()

    got(asking, "/attribution")
    lines = asking.get("/metrics").text.splitlines()

    assert 'cartera_attributed{placement="home",release="r1",what="clicks"} 3.0' in lines
    money = 'currency="EUR",placement="home",release="r1",what="revenue"'
    assert f"cartera_attributed_money{{{money}}} 2.5" in lines


def test_whoever_asks_for_metrics_has_them_read(
    store: redis.Redis, settings: ServerSettings, serve: Serve
) -> None:
    count(store, settings, "clicks", 3)
    asking = serve()

    def are_told() -> bool:
        return "cartera_attributed{" in asking.get("/metrics").text

    assert wait_for(are_told, limit_s=5)


def test_it_is_for_whoever_may_see_metrics(serve: Serve, settings: ServerSettings) -> None:
    holders = Holders(settings.redis_url, settings.namespace)
    metrics, events = holders.secret("metrics"), holders.secret("events")
    client = serve()

    statuses = [
        client.get("/attribution", headers=sent).status_code
        for sent in ({}, bearer(events), bearer(metrics))
    ]

    assert statuses == [401, 403, 200]


@pytest.mark.faults
def test_where_the_store_is_away_it_says_so_and_metrics_go_on(
    own_store: EmbeddedStore, settings: ServerSettings
) -> None:
    with started(settings.model_copy(update={"redis_url": own_store.url})) as client:
        own_store.stop()

        response = client.get("/attribution")
        metrics = client.get("/metrics")

    assert (response.status_code, response.json()["code"]) == (503, "not-ready")
    assert metrics.status_code == 200


def test_a_busy_page_asks_the_store_once(
    store: redis.Redis, settings: ServerSettings, serve: Serve
) -> None:
    asking = serve()
    count(store, settings, "impressions", 1)
    first = got(asking, "/attribution")
    count(store, settings, "impressions", 1)

    assert got(asking, "/attribution") == first
