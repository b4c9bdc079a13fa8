"""Streams of events as servers leave them, and what the archive made of them."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import polars as pl
import redis

from models.artifacts.event import JOINED, Event, Line
from models.artifacts.keys import ENTRY, GROUP, N_SHARDS, Keys, shard_of
from training.data import archive_files
from training.data.archive import Archiver
from training.data.archive_read import read
from training.data.archive_rows import Entry, rows

NOON_MS = 1_795_348_800_000
"""2026-11-22 at noon, in UTC."""
DAY_MS = 86_400_000


def event(event_id: str, **told: object) -> Event:
    """An event of a backend; what is given replaces what stands here.

    Where it ``is_bare``, it is what a server stores of one whose subject refuses to be counted.
    """
    is_bare = told.pop("is_bare", False)
    said = {"event": "view_item", "at_ms": NOON_MS, "source": "backend", "customer_id": "c-1"}
    whole = Event(**{"event_id": event_id, **said, **told})  # type: ignore[arg-type]
    if not is_bare:
        return whole
    return replace(whole, customer_id=None, anonymous_id=None, transaction_id=whole.order)


def purchase(
    transaction_id: str | None, *item_ids: str, event_id: str | None = None, **told: object
) -> Event:
    """A purchase of one of each item at 2 EUR."""
    lines = tuple(Line(item_id=item_id, price=2.0) for item_id in item_ids)
    said = {"event": "purchase", "items": lines, "currency": "EUR"}
    return event(event_id or f"{transaction_id}-e", transaction_id=transaction_id, **said | told)


def put(
    store: redis.Redis, keys: Keys, events: Iterable[Event], *, stored_ms: int | None = None
) -> None:
    """Store events, each on its subject's shard, with the group of the workers there.

    ``stored_ms`` is the store's clock, if it is not to be its own.
    """
    with store.pipeline(transaction=False) as pipeline:
        for n, one in enumerate(events, 1):
            id_ = "*" if stored_ms is None else f"{stored_ms}-{n}"
            stream = keys.events(shard_of(one.customer_id or one.anonymous_id or one.event_id))
            pipeline.xgroup_create(stream, GROUP, id="0", mkstream=True)
            pipeline.xadd(stream, {ENTRY: one.pack()}, id=id_)
        pipeline.execute(raise_on_error=False)


def acknowledge(store: redis.Redis, keys: Keys) -> None:
    """Do as workers that have applied everything."""
    for stream in streams(store, keys):
        told: Any = store.xreadgroup(GROUP, "w", {stream: ">"})
        for _, entries in told or []:
            store.xack(stream, GROUP, *(id_ for id_, _ in entries))


def streams(store: redis.Redis, keys: Keys) -> list[str]:
    names = [keys.events(shard) for shard in range(N_SHARDS)]
    with store.pipeline(transaction=False) as pipeline:
        for name in names:
            pipeline.exists(name)
        return [name for name, is_there in zip(names, pipeline.execute(), strict=True) if is_there]


def ids_of(store: redis.Redis, stream: str) -> list[bytes]:
    entries = cast(list[tuple[bytes, dict[bytes, bytes]]], store.xrange(stream))
    return [id_ for id_, _ in entries]


def n_in_streams(store: redis.Redis, keys: Keys) -> int:
    return sum(store.xlen(name) for name in streams(store, keys))


def archiver(store: redis.Redis, keys: Keys, url: object) -> Archiver:
    """An archiver that does not wait between files."""
    return Archiver(store, keys, str(url), every_s=0)


def archive(store: redis.Redis, keys: Keys, url: object, events: Sequence[Event]) -> None:
    """Store events and bring them into the archive."""
    put(store, keys, events)
    ours = archiver(store, keys, url)
    while ours.turn():
        pass


def rows_of(url: object) -> pl.DataFrame:
    return archive_files.read(str(url)).collect()


def ids_in(url: object) -> list[str]:
    """Ids of all archived events, as often as they are there."""
    return sorted(rows_of(url)["event_id"].to_list())


def files_in(url: Path) -> list[str]:
    return sorted(str(path.relative_to(url)) for path in url.rglob("*") if path.is_file())


def written(url: object, *events: Event, stored_ms: int = NOON_MS) -> str:
    """Put events into an archive without a store, in their order; return its address."""
    entries = [
        Entry(shard_of(one.customer_id or one.anonymous_id or ""), f"{stored_ms}-{n}", one.pack())
        for n, one in enumerate(events, 1)
    ]
    archive_files.write(str(url), rows(entries), name=f"{stored_ms}")
    return str(url)


def visitor(visitor_id: str = "v-1") -> dict[str, Any]:
    """Whose an event is that names a visitor only."""
    return {"customer_id": None, "anonymous_id": visitor_id}


def joined(customer_id: str, visitor_id: str = "v-1", name: str = JOINED) -> Event:
    """A visitor turned out to be a customer, or did not."""
    return event(
        f"{name}-{customer_id}-{visitor_id}",
        event=name,
        customer_id=customer_id,
        anonymous_id=visitor_id,
    )


def bought(
    folder: Path, *events: Event, stored_ms: int = NOON_MS
) -> list[tuple[str | None, str, float, float | None]]:
    """Customer, item, quantity and price of each line that events teach."""
    lines = read(written(folder, *events, stored_ms=stored_ms)).purchases
    return lines.select("customer_id", "item_id", "quantity", "price").rows()
