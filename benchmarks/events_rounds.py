"""Rounds of ``benchmarks.events``: events over HTTP, and the same bytes straight into the store."""

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import redis
from rich.console import Console

from benchmarks.closed_loop import CONNECTIONS, round_of
from benchmarks.served import KEPT, cartera, store
from benchmarks.servers import SERVER_CORE, Running, ask, pinned
from models.artifacts.event import Event, Line
from models.artifacts.keys import N_SHARDS, Keys, shard_of
from training.processes import wait_for

SCRIPT = Path(__file__).parent / "wrk" / "events.lua"
SEED = 7
NAMESPACE = "events"
N_CUSTOMERS, N_ITEMS, N_BODIES, N_ENTRIES = 100_000, 5_000, 2_000, 20_000
KINDS = ("view_item", "view_item", "view_item_list", "add_to_cart")
WAYS = {"1 event": (1, 1), "50 of one customer": (50, 1), "50 of as many": (50, 50)}
"""Events of a body, and customers among them."""
MANY = f"over {CONNECTIONS}"
CEILINGS = {
    "XADD × 1": (1, 1),
    f"XADD × 1 {MANY}": (1, CONNECTIONS),
    f"XADD × {CONNECTIONS}": (CONNECTIONS, 1),
    "XADD × 50": (50, 1),
    f"XADD × 50 {MANY}": (50, CONNECTIONS),
}
"""Entries of a pipeline, and connections that have one under way at a time."""
FORCED = ("everysec", "always")
"""When the store forces its file out."""
Figures = dict[str, list[float]]
Entry = tuple[str, bytes]
"""A stream and a packed event."""


def _by_forced() -> dict[str, Figures]:
    return {forced: {} for forced in FORCED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one run found: by when the store forces its file out, then by way, a figure a round."""

    per_s: Mapping[str, Figures] = field(default_factory=_by_forced)
    """Events, or entries."""
    cpu_us: Mapping[str, Figures] = field(default_factory=_by_forced)
    """Of the server, an event."""
    p99_ms: Mapping[str, Figures] = field(default_factory=_by_forced)
    """Of a request."""
    counts: dict[str, int] = field(default_factory=dict)
    """Requests that failed, and what became of all events."""

    def note(self, forced: str, way: str, figures: Mapping[str, float]) -> None:
        """Add a round's figures."""
        for name, figure in figures.items():
            getattr(self, name)[forced].setdefault(way, []).append(figure)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a run loads."""

    client: redis.Redis
    server: Running
    bodies: Mapping[str, Path]
    entries: Iterator[Entry]
    seconds: int

    def round(self, way: str, n: int) -> tuple[dict[str, float], int]:
        """Load one way for some seconds; return its figures, and how many requests failed."""
        if way in CEILINGS:
            return {"per_s": self._appended(*CEILINGS[way])}, 0
        n_events, _ = WAYS[way]
        done = round_of(self.server, self.bodies[way], seconds=self.seconds, begin=n, script=SCRIPT)
        return {
            "per_s": done.per_s * n_events,
            "cpu_us": done.cpu_us / n_events,
            "p99_ms": done.p99_ms,
        }, done.failed

    def _appended(self, n_together: int, n_connections: int) -> float:
        """Append entries, on each connection a pipeline after the other; return how many a second.

        A thread has a connection, for redis-py is faster so than with asyncio.
        """
        with pinned((SERVER_CORE,)), ThreadPoolExecutor(n_connections) as threads:
            began = time.perf_counter()
            appending = [
                threads.submit(self._append, n_together, began + self.seconds)
                for _ in range(n_connections)
            ]
            n = sum(done.result() for done in appending)
            return n / (time.perf_counter() - began)

    def _append(self, n_together: int, until: float) -> int:
        n = 0
        while time.perf_counter() < until:
            with self.client.pipeline(transaction=False) as pipeline:
                for stream, packed in islice(self.entries, n_together):
                    pipeline.xadd(stream, {"e": packed})
                n += len(pipeline.execute())
        return n


def measured(*, n_rounds: int, seconds: int, out: Console) -> Found:
    """Load the server and the store in turns, in an order drawn anew for each round."""
    rng, found, n, n_failed = np.random.default_rng(SEED), Found(), 0, 0
    with (
        store() as url,
        redis.Redis.from_url(url) as client,
        cartera("events", url, namespace=NAMESPACE, answers=_is_up) as server,
    ):
        bench = Bench(
            client=client,
            server=server,
            bodies={way: written(way, rng) for way in WAYS},
            entries=cycle(entries(N_ENTRIES, rng)),
            seconds=seconds,
        )
        for forced in FORCED:
            client.config_set("appendfsync", forced)
            for _ in range(n_rounds):
                for way in rng.permutation([*WAYS, *CEILINGS]).tolist():
                    n += 1
                    figures, failed = bench.round(way, n)
                    found.note(forced, way, figures)
                    n_failed += failed
            out.print(f"{n_rounds} rounds with appendfsync {forced} done")
        found.counts.update({"failed": n_failed} | _counts(client, server))
    return found


def written(way: str, rng: np.random.Generator) -> Path:
    """Write the bodies of one way, a line each, with @ for the part of an id that is to come."""
    n_events, n_customers = WAYS[way]
    lines = []
    for _ in range(N_BODIES):
        customers = rng.integers(N_CUSTOMERS, size=n_customers)
        said = [_said(customers[n % n_customers], rng) for n in range(n_events)]
        lines.append(orjson.dumps({"events": said}))
    KEPT.mkdir(parents=True, exist_ok=True)
    path = KEPT / f"events-{n_events}-{n_customers}.txt"
    path.write_bytes(b"\n".join(lines) + b"\n")
    return path


def entries(n: int, rng: np.random.Generator) -> Sequence[Entry]:
    """Return what the server makes of ``n`` such events: as many bytes, in as many streams."""
    keys, now_ms = Keys("ceiling"), time.time_ns() // 1_000_000
    found = []
    for number in range(n):
        said = _said(int(rng.integers(N_CUSTOMERS)), rng)
        customer_id, (line,) = said["customer_id"], said["items"]
        event = Event(
            event=said["event"],
            event_id=f"100-{10_000_000 + number}",
            at_ms=now_ms,
            source="backend",
            customer_id=customer_id,
            session_id=said["session_id"],
            items=(Line(**line),),
            currency=said["currency"],
            placement=said["placement"],
        )
        found.append((keys.events(shard_of(customer_id)), event.pack()))
    return found


def _said(customer: int, rng: np.random.Generator) -> dict[str, Any]:
    return {
        "event": KINDS[rng.integers(len(KINDS))],
        "event_id": "@",
        "customer_id": f"c-{customer:08d}",
        "session_id": f"s-{customer:08d}",
        "items": [{"item_id": f"p-{rng.integers(N_ITEMS):06d}", "price": 2.5}],
        "currency": "EUR",
        "placement": "home",
    }


def _is_up(port: int) -> bool:
    status, _ = ask(port, "/livez")
    return status == 200


def _counts(client: redis.Redis, server: Running) -> dict[str, int]:
    """Return what the server says that it took, and what the store holds, when all is in it."""
    told: dict[str, int] = {}

    def is_settled() -> bool:
        _, text = ask(server.port, "/metrics")
        told.update(
            (name.decode(), int(float(n)))
            for name, n in re.findall(rb"^cartera_(\w+(?:{[^}]*})?) (\S+)$", text, re.MULTILINE)
            if name.startswith((b"events", b"spool"))
        )
        return not told["spool_bytes"]

    wait_for(is_settled, limit_s=60)
    keys, n_stored, ids = Keys(NAMESPACE), 0, set()
    for shard in range(N_SHARDS):
        stream: Any = client.xrange(keys.events(shard))
        n_stored += len(stream)
        ids |= {orjson.loads(entry[b"e"])["event_id"] for _, entry in stream}
    n_taken = told['events_total{outcome="accepted"}']
    return {
        "taken": n_taken,
        "missing": max(n_taken - len(ids), 0),
        "stored twice": n_stored - len(ids),
        "put on disk": told["events_spooled_total"],
    }
