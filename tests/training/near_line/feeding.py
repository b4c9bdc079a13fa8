"""Events for workers: put where the ingest script puts them, and the totals that come of them."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import numpy as np

from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.event import JOINED, Event, Feedback, Line
from models.artifacts.keys import ENTRY, GROUP, N_SHARDS, Keys, shard_of
from models.artifacts.live_state import LiveState, entry
from models.artifacts.recommendation_id import code
from models.loaded import Loaded
from models.renewal import renewed
from tests import shop
from training.near_line.effects import Renew
from training.near_line.turn import Timing
from training.processes import wait_for
from training.worker import Worker

Store = Any
"""A client of redis-py, whose answers have no useful types."""

QUICK = Timing(lease_ms=500, wait_ms=5, again_ms=20, follow_ms=20)
"""As a worker works, fifty times as fast."""
CALM = replace(QUICK, lease_ms=3000)
DAY_MS = 86_400_000
NOON_MS = time.time_ns() // 1_000_000 // DAY_MS * DAY_MS - DAY_MS // 2
"""Yesterday's, for what is too old counts nothing."""
DAY = datetime.fromtimestamp(NOON_MS / 1000, UTC).date().isoformat()
POISON = b"no event"
JOINING = 0.2


@dataclass(slots=True)
class Feeding:
    """Puts events into the streams of one namespace, and their lines into live states."""

    store: Store
    keys: Keys
    n_fed: int = 0
    _lines: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))

    def feed(self, event: Event) -> None:
        if event.customer_id is not None:
            whose, live = event.customer_id, self.keys.live_of_customer(event.customer_id)
        else:
            whose = event.anonymous_id or ""
            live = self.keys.live_of_visitor(whose)
        pipeline = self.store.pipeline()
        pipeline.xadd(self.keys.events(shard_of(whose)), {ENTRY: event.pack()})
        if line := entry(event):
            self._lines[live].append(line)
            pipeline.hset(live, "e", b"\n".join(self._lines[live][-50:]))
            pipeline.expire(live, 1000)
        pipeline.execute()
        self.n_fed += 1

    def feed_poison(self, whose: str, packed: bytes = POISON) -> None:
        self.store.xadd(self.keys.events(shard_of(whose)), {ENTRY: packed})
        self.n_fed += 1


def unlearned(store: Store, keys: Keys) -> int:
    """How many events nobody has acknowledged yet, read or not."""
    pipeline = store.pipeline(transaction=False)
    for shard in range(N_SHARDS):
        pipeline.xinfo_groups(keys.events(shard))
        pipeline.xpending(keys.events(shard), GROUP)
        pipeline.xlen(keys.events(shard))
    found = pipeline.execute(raise_on_error=False)
    n = 0
    for groups, pending, n_entries in zip(found[::3], found[1::3], found[2::3], strict=True):
        if isinstance(groups, Exception):
            n += n_entries if isinstance(n_entries, int) else 0
        elif not groups:
            n += n_entries
        else:
            n += pending["pending"] + n_entries - (groups[0]["entries-read"] or 0)
    return n


def wait_until_learned(store: Store, keys: Keys, *, limit_s: float = 20) -> None:
    assert wait_for(lambda: unlearned(store, keys) == 0, limit_s=limit_s), unlearned(store, keys)


def totals(store: Store, keys: Keys) -> dict[str, object]:
    """Everything that workers have written of events, but for when and in which order."""
    found: dict[str, object] = {}
    for shard in range(N_SHARDS):
        for name, value in store.hgetall(keys.attribution(shard)).items():
            if int(value):
                found[f"{shard} {name.decode()}"] = int(value)
        for zset in (keys.carts(shard), keys.browsed(shard)):
            if noted := store.zrange(zset, 0, -1, withscores=True):
                found[zset.partition(":")[2]] = noted
        for entry_id, told in dead(store, keys, shard).items():
            found[f"{shard} {entry_id!r}"] = told
    for key in store.scan_iter(f"{keys.namespace}:*:live:*", count=1000):
        found[key.decode().partition(":")[2]] = store.hmget(key, "t", "r")
    return found


def dead(store: Store, keys: Keys, shard: int) -> dict[bytes, tuple[bytes, bytes]]:
    """What was put aside: event and reason, by the entry that brought it."""
    entries = store.xrange(keys.dead(shard))
    return {told[b"entry"]: (told[b"e"], told[b"reason"]) for _, told in entries}


def copied(store: Store, keys: Keys, to: Keys) -> None:
    """Put the same events, with the same ids, and the same live states into another namespace."""
    for shard in range(N_SHARDS):
        for id_, fields in store.xrange(keys.events(shard)):
            store.xadd(to.events(shard), fields, id=id_)
    for key in store.scan_iter(f"{keys.namespace}:*:live:*", count=1000):
        events = store.hget(key, "e")
        if events is not None:
            store.hset(to.namespace + ":" + key.decode().partition(":")[2], "e", events)


@contextmanager
def working(
    url: str, namespace: str, *, timing: Timing = CALM, renew: Renew = renewed
) -> Iterator[Worker]:
    """A worker in a thread, until the block ends; then it hands over."""
    ended = threading.Event()
    with closing(Worker(url=url, namespace=namespace, timing=timing, renew=renew)) as worker:
        thread = threading.Thread(target=worker.run, args=(ended.is_set,))
        thread.start()
        try:
            yield worker
        finally:
            ended.set()
            thread.join()


def counting(
    loaded: Loaded,
    *,
    record: CustomerRecord | None,
    history: History | None,
    live: LiveState,
    now_ms: int,
) -> CustomerRecord:
    """Make a record that says how much had happened when it was made."""
    numbers = [len(live.events), now_ms % 1000, 0 if record is None else 1]
    return CustomerRecord(
        vector=np.array(numbers, dtype=np.float16),
        rows=np.array([], dtype=np.int32),
        reasons=np.array([], dtype=np.uint8),
        scores=np.array([], dtype=np.float32),
    )


def shopping(seed: int = 7) -> Iterator[Event]:
    """What 30 customers and visitors without end do: lists, clicks, orders, refunds, noes, joins.

    Of ten visitors at a time one turns out to be a customer now and then, and another comes.
    """
    rng, n, n_joined = random.Random(seed), 0, 0
    customers = [*(f"c-{i}" for i in range(28)), "ana", "ben"]
    while True:
        n += 1
        visitors = [f"v-{n_joined + i}" for i in range(10)]
        yield from _visit(rng.choice([*customers, *visitors]), n, rng)
        if rng.random() < JOINING:
            yield from _joined(visitors[0], rng.choice(customers), n, rng)
            n_joined += 1


def _joined(visitor: str, customer: str, n: int, rng: random.Random) -> Sequence[Event]:
    """A visitor is shown something, follows it, logs in, and buys it."""
    item, at_ms = rng.choice(shop.ITEMS), NOON_MS + n * 1000 + 500
    list_ = _list(at_ms, "product")

    def event(name: str, **rest: object) -> Event:
        return Event(
            event=name, event_id=f"{n} {name} joining", at_ms=at_ms, source="backend",
            anonymous_id=visitor, **rest,  # type: ignore[arg-type]
        )  # fmt: skip

    lines = (Line(item_id=item, price=1.25),)
    return [
        event("view_item_list", items=lines, recommendation_id=list_),
        event("select_item", items=lines, recommendation_id=list_),
        event(JOINED, customer_id=customer),
        event("purchase", customer_id=customer, joined=True, items=lines, currency="EUR"),
    ]


def _visit(who: str, n: int, rng: random.Random) -> Sequence[Event]:
    whose = {"anonymous_id": who} if who.startswith("v-") else {"customer_id": who}
    items, at_ms = rng.sample(shop.ITEMS, 3), NOON_MS + n * 1000
    list_ = _list(at_ms, rng.choice(["home", "cart"]))

    def event(name: str, after_ms: int, lines: Sequence[str], **rest: object) -> Event:
        told = [Line(item_id=item, price=1.25, quantity=2) for item in lines]
        return Event(
            event=name, event_id=f"{n} {name}", at_ms=at_ms + after_ms, source="page",
            items=tuple(told), **whose, **rest,  # type: ignore[arg-type]
        )  # fmt: skip

    order = {"currency": "EUR", "transaction_id": f"t-{n}"}
    visit = [
        event("view_item_list", 0, items, recommendation_id=list_),
        event("select_item", 1, items[:1], recommendation_id=list_),
        event("purchase", 2, [*items[:2], "salt"], **order),
        event("add_to_cart", 3, items[1:2]),
        replace(event("purchase", 3, items[:1], confirms=True, **order), source="backend"),
        replace(event("refund", 4, items[:1], **order), source=rng.choice(["page", "backend"])),
        event("feedback", 5, items[2:], feedback=Feedback(kind="not_interested")),
    ]
    return visit[: rng.randint(1, len(visit))]


def _list(at_ms: int, placement: str) -> str:
    time = f"{at_ms:012x}"
    return f"{time[:8]}-{time[8:]}-7abc-8abc-abcd{code('r1'):04x}{code(placement):04x}"
