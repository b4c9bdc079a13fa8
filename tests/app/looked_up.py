"""A namespace in which bidders look customers up: who consented, and who is in which audience."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
import redis
from starlette.testclient import TestClient

from models.artifacts.audience import Asked, Built, Stands
from models.artifacts.keys import Keys, shard_of

PATH = "/segments/lookup"
ALLOWED = {"decided": {"ads": True}}
ANAS_GROUPS = [
    ("tier", "high"),
    ("stage", "client"),
    ("segment", "champions"),
    ("portfolio", "portfolio-1"),
]
BENS_GROUPS = [("tier", "low"), ("stage", "first-time"), ("segment", "new")]


@dataclass(frozen=True, slots=True)
class Bidding:
    """What the store holds of one namespace."""

    store: redis.Redis
    keys: Keys

    def consents(self, customer_id: str, consent: object = None, **fields: object) -> None:
        """Write what a customer decided, ads being allowed, or what else is given."""
        live = self.keys.live_of_customer(customer_id)
        self.store.hset(live, "k", orjson.dumps(ALLOWED if consent is None else consent))
        for field, value in fields.items():
            self.store.hset(live, field, orjson.dumps(value))

    def visitor(self, anonymous_id: str, **fields: bytes) -> None:
        """Write the live state of a visitor."""
        for field, value in fields.items():
            self.store.hset(self.keys.live_of_visitor(anonymous_id), field, value)

    def audience(self, build: int, *, expires_ms: int | None = None) -> str:
        """Write an audience that is ready, before a server starts; return its id."""
        id_ = f"aud_{build:016x}"
        asked = Asked(type="rule", created_ms=1, created_by="", expires_ms=expires_ms)
        stands = Stands(status="ready", at_ms=1)
        built = Built(build=build, release="r1", members=1, chunks=0, at_ms=1)
        for field, part in (("asked", asked), ("stands", stands), ("built", built)):
            self.store.hset(self.keys.audience(id_), field, part.pack())
        self.store.zadd(self.keys.audience_ids, {id_: build})
        self.store.incr(self.keys.audience_changes)
        return id_

    def member(self, customer_id: str, packed: str) -> None:
        """Write a customer's memberships."""
        self.store.hset(self.keys.memberships(shard_of(customer_id)), customer_id, packed)

    def know(self, customer_id: str, profile: bytes) -> None:
        """Put a customer into the release that serves."""
        self.store.hset(self.keys.profiles("r1", shard_of(customer_id)), customer_id, profile)

    def erase(self, customer_id: str) -> None:
        """Take a customer out of the release that serves, as an erasure does."""
        self.store.hdel(self.keys.profiles("r1", shard_of(customer_id)), customer_id)


def asked(client: TestClient, *ids: str, **also: object) -> httpx2.Response:
    return client.post(PATH, json={"ids": ids, **also})


def told(client: TestClient, *ids: str, **also: object) -> Sequence[tuple[str, str]]:
    """Return the segments that are told of; none where the answer is 204."""
    response = asked(client, *ids, **also)
    if response.status_code == 204:
        assert response.content == b""
        return []
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    (data,) = body["user"]["data"]
    return [(segment["id"], segment["value"]) for segment in data["segment"]]


def outcomes(client: TestClient) -> dict[str, int]:
    """Return how often which outcome was counted."""
    begin = "cartera_lookups_total{outcome="
    lines = client.get("/metrics").text.splitlines()
    found = [line.removeprefix(begin).split("} ") for line in lines if line.startswith(begin)]
    return {outcome.strip('"'): int(float(n)) for outcome, n in found}
