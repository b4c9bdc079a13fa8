"""What fabricated customers did a moment ago: live states for the load mix.

A customer in five is in the middle of a visit of up to eight events within the hour: mostly looks,
now and then a search or something put into the cart, and one visit in twenty-odd has just ended
with a purchase. They are
written as servers write them, and read with every request for that customer.
"""

import time
from collections.abc import Iterator

import numpy as np
import orjson
import redis

from benchmarks.fabricated import Fabricated
from benchmarks.fabricated_names import N_CATEGORIES, category_name, customer_id, item_id
from models.artifacts.keys import Keys

SHARE = 0.2
MAX_EVENTS = 8
SEED = 11
MINUTE_MS = 60_000
_BLOCK = 1000
_EVENTS = ("view_item", "add_to_cart", "search", "purchase")
_OFTEN = (0.87, 0.07, 0.05, 0.01)


def happen(url: str, made: Fabricated, *, namespace: str) -> int:
    """Write the live states of a fabricated release's customers; return how many have one.

    Which customers, and what they did, is the same in every run; it ends now.
    """
    rng = np.random.default_rng([SEED, made.n_customers])
    keys, now_ms = Keys(namespace), int(time.time() * 1000)
    lively = np.flatnonzero(rng.random(made.n_customers) < SHARE)
    with redis.Redis.from_url(url) as store:
        for begin in range(0, lively.size, _BLOCK):
            pipeline = store.pipeline(transaction=False)
            for row in lively[begin : begin + _BLOCK].tolist():
                lines = b"\n".join(_visit(made.n_items, now_ms=now_ms, rng=rng))
                pipeline.hset(keys.live_of_customer(customer_id(row)), "e", lines)
            pipeline.execute()
    return int(lively.size)


def _visit(n_items: int, *, now_ms: int, rng: np.random.Generator) -> Iterator[bytes]:
    """Yield a visit's events as a live state has them, oldest first."""
    n = int(rng.integers(1, MAX_EVENTS + 1))
    events = rng.choice(len(_EVENTS), n, p=_OFTEN)
    for nth, event in enumerate(events.tolist()):
        at_ms = now_ms - (n - nth) * MINUTE_MS
        items, term = [item_id(int(rng.integers(n_items)))], None
        if _EVENTS[event] == "search":
            items, term = [], category_name(int(rng.integers(N_CATEGORIES)))
        yield orjson.dumps([_EVENTS[event], at_ms, items, term, None])
