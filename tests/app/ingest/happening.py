"""Events for tests, and what the store then holds of them."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import redis

from app.ingest.ingest import Ingest
from app.metrics import Metrics
from app.scripts import Scripts
from models.artifacts.event import Event, Line
from models.artifacts.keys import N_SHARDS, Keys
from models.artifacts.live_state import FIELDS, LiveState

NOW_MS = int(time.time() * 1000)
ORDER: dict[str, Any] = {
    "event": "purchase",
    "transaction_id": "t-1",
    "value": 3.0,
    "currency": "EUR",
}


def event(**said: Any) -> Event:  # noqa: ANN401  # whatever an event may say
    """A view of milk by a page, with an id of its own, unless something else is said."""
    usual: dict[str, Any] = {
        "event": "view_item",
        "event_id": uuid.uuid4().hex,
        "at_ms": NOW_MS,
        "source": "page",
        "items": (Line(item_id="milk"),),
    }
    return Event(**usual | said)


@asynccontextmanager
async def taking(
    url: str, namespace: str, folder: Path, *, timeout_s: float = 0.5, max_bytes: int = 1_000_000
) -> AsyncIterator[Ingest]:
    """Take events as one process of the server does, until the block ends."""
    scripts = Scripts(url, timeout_s=timeout_s)
    ingest = Ingest(scripts, Keys(namespace), folder=folder, max_bytes=max_bytes, metrics=Metrics())
    await ingest.start()
    try:
        yield ingest
    finally:
        await ingest.stop()


async def eventually(condition: Callable[[], bool], limit_s: float = 5.0) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(limit_s):
        while not condition():
            await asyncio.sleep(0.01)


class Store:
    """What a namespace holds."""

    def __init__(self, url: str, namespace: str) -> None:
        self.client = redis.Redis.from_url(url)
        self.keys = Keys(namespace)

    def packed(self) -> list[dict[str, Any]]:
        """All events of all shards, as JSON has them."""
        with self.client.pipeline(transaction=False) as pipeline:
            for shard in range(N_SHARDS):
                pipeline.xrange(self.keys.events(shard))
            streams = pipeline.execute()
        return [orjson.loads(entry[b"e"]) for stream in streams for _, entry in stream]

    def events(self) -> list[Event]:
        """All events of all shards."""
        return [Event.unpack(orjson.dumps(one)) for one in self.packed()]

    def ids(self) -> list[str]:
        """The ids of all events of all shards, in order."""
        return sorted(one["event_id"] for one in self.packed())

    def live(self, key: str) -> LiveState:
        """A live state, as a request reads it."""
        return LiveState.unpack(self.client.hmget(key, [*FIELDS]))  # type: ignore[arg-type]  # bytes are not decoded

    def customer(self, customer_id: str) -> LiveState:
        """The live state of a customer."""
        return self.live(self.keys.live_of_customer(customer_id))

    def visitor(self, anonymous_id: str) -> LiveState:
        """The live state of a visitor."""
        return self.live(self.keys.live_of_visitor(anonymous_id))
