"""Live states, written as the ingest script writes them, and how a list is made of them."""

from dataclasses import dataclass
from typing import Any

import orjson
import redis
from starlette.testclient import TestClient

from models.artifacts.keys import Keys
from tests.app.conftest import got

ASKED = "/recommend?customer_id=ana&limit=4"


@dataclass(frozen=True, slots=True)
class Lives:
    """The live states of one namespace."""

    store: redis.Redis
    keys: Keys

    def customer(self, customer_id: str, **fields: bytes) -> None:
        for field, value in fields.items():
            self.store.hset(self.keys.live_of_customer(customer_id), field, value)

    def visitor(self, anonymous_id: str, **fields: bytes) -> None:
        for field, value in fields.items():
            self.store.hset(self.keys.live_of_visitor(anonymous_id), field, value)


def refused() -> bytes:
    return orjson.dumps({"told": {"personalization": False}})


def how(client: TestClient, path: str) -> dict[str, Any]:
    body = got(client, path)
    return {name: body[name] for name in ("level", "degraded", "personalized")}
