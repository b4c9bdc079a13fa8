"""Customers of the tiny shop who leave something behind, and the feeds that tell of them."""

import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import redis
from starlette.testclient import TestClient

from app.settings import ServerSettings
from models.artifacts.keys import Keys, shard_of
from tests.training.near_line.feeding import wait_until_learned, working

CARTS, BROWSED = "/feeds/abandoned-carts", "/feeds/browse-abandonment"


def hours_ago_ms(hours: float) -> int:
    return time.time_ns() // 1_000_000 - int(hours * 3_600_000)


def ago(hours: float) -> str:
    return (datetime.now(UTC) - timedelta(hours=hours)).isoformat()


@dataclass(frozen=True, slots=True)
class Leaving:
    """A server and a worker."""

    client: TestClient
    settings: ServerSettings

    def did(self, event: str, *items: str, hours_ago: float = 2.0, **rest: object) -> None:
        """Tell the server what somebody did: Ana, where nobody else is named."""
        told: dict[str, object] = {
            "event": event,
            "items": [{"item_id": item} for item in items],
            "timestamp": ago(hours_ago),
        }
        whose = {} if "anonymous_id" in rest else {"customer_id": "ana"}
        self.post("/events", told | whose | rest)

    def post(self, path: str, body: dict[str, Any]) -> None:
        response = self.client.post(path, json=body)
        assert response.status_code in (202, 204), response.text

    def decides(self, customer_id: str = "ana", **preferences: Any) -> None:  # noqa: ANN401  # as the route takes
        """Have a customer decide; mail is welcome unless they say otherwise."""
        path = f"/customers/{customer_id}/preferences"
        body = {"channels": {"email": True}} | preferences
        response = self.client.put(path, json=body, headers={"If-Match": "*"})
        assert response.status_code == 200, response.text

    def learn(self) -> None:
        """Let a worker learn what the server was told."""
        url, namespace = self.settings.redis_url, self.settings.namespace
        with redis.Redis.from_url(url) as store, working(url, namespace):
            wait_until_learned(store, Keys(namespace))

    def note(self, *customer_ids: str, at_ms: int, shard: int | None = None) -> None:
        """Note when customers had to do with their carts, as a worker does."""
        keys = Keys(self.settings.namespace)
        with redis.Redis.from_url(self.settings.redis_url) as store:
            pipeline = store.pipeline(transaction=False)
            for id_ in customer_ids:
                pipeline.zadd(keys.carts(shard_of(id_) if shard is None else shard), {id_: at_ms})
            pipeline.execute()

    def ask(self, feed: str = CARTS, **asked: str | float) -> dict[str, Any]:
        """Return one page."""
        response = self.client.get(feed, params={"channel": "email", **asked})
        assert response.status_code == 200, response.text
        assert response.headers["cache-control"] == "private, no-store"
        return dict(response.json())

    def every(self, feed: str = CARTS, **asked: str | float) -> tuple[list[str], Counter[str]]:
        """Return who is on all pages, and how many are suppressed for which reason."""
        found: list[str] = []
        suppressed: Counter[str] = Counter()
        cursor: dict[str, str] = {}
        for _ in range(1000):
            page = self.ask(feed, **asked, **cursor)
            found += [customer["customer_id"] for customer in page["customers"]]
            for one in page["suppressed"]:
                suppressed[one["reason"]] += one["customers"]
            if page["next_cursor"] is None:
                return found, suppressed
            cursor = {"cursor": page["next_cursor"]}
        raise AssertionError("the pages do not end")
