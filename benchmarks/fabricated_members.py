"""An audience of any size, written as a worker writes it, of customers who agree to be told of.

Members are customers whom the release knows by a profile, whose live state says that they agree to
ads, and of whom two hashed identifiers are kept. One in ``ONE_IN_REFUSES`` has refused since the
audience was built. What is in a profile, nobody looks at here.
"""

from collections import defaultdict
from typing import Any

import numpy as np
import orjson
import redis

from benchmarks.fabricated_names import customer_id
from models.artifacts.audience import Asked, Built, Stands
from models.artifacts.identifiers import Identifiers
from models.artifacts.keys import Keys, shard_of
from models.artifacts.members import N_CHUNK, Members

AUDIENCE_ID = "aud_0123456789abcdef"
BUILD = 1
ONE_IN_REFUSES = 10
_BLOCK = 20_000
_SAYS = {
    True: orjson.dumps({"decided": {"ads": True}}),
    False: orjson.dumps({"decided": {"ads": False}}),
}


def write(url: str, n_members: int, *, namespace: str, release: str) -> int:
    """Write the audience; return how many of its members may be given out.

    Args:
        url: The store.
        n_members: How many.
        namespace: First part of every key.
        release: The version that serves.
    """
    keys = Keys(namespace)
    with redis.Redis.from_url(url) as store:
        for begin in range(0, n_members, _BLOCK):
            _customers(store, keys, range(begin, min(begin + _BLOCK, n_members)), release)
        n_chunks = 0
        for begin in range(0, n_members, N_CHUNK):
            rows = np.arange(begin, min(begin + N_CHUNK, n_members))
            scores = (1 - rows / n_members).astype(np.float32)
            packed = Members(ids=[customer_id(row) for row in rows.tolist()], scores=scores).pack()
            store.set(keys.audience_members(AUDIENCE_ID, BUILD, n_chunks), packed)
            n_chunks += 1
        _audience(store, keys, n_members, n_chunks, release)
    return n_members - -(-n_members // ONE_IN_REFUSES)


def _customers(store: Any, keys: Keys, rows: range, release: str) -> None:  # noqa: ANN401  # redis-py's has no useful type
    """Write what is asked of members before they are given."""
    profiles: defaultdict[int, dict[str, bytes]] = defaultdict(dict)
    identifiers: defaultdict[int, dict[str, bytes]] = defaultdict(dict)
    pipeline = store.pipeline(transaction=False)
    for row in rows:
        id_ = customer_id(row)
        shard = shard_of(id_)
        profiles[shard][id_] = b"known"
        known = Identifiers.of(emails=[f"{id_}@shop.example"], phones=[f"+1800{row:07d}"])
        identifiers[shard][id_] = known.pack()
        says = _SAYS[row % ONE_IN_REFUSES != 0]
        pipeline.hset(keys.live_of_customer(id_), "k", says)
    for shard, some in profiles.items():
        pipeline.hset(keys.profiles(release, shard), mapping=some)
        pipeline.hset(keys.identifiers(shard), mapping=identifiers[shard])
    pipeline.execute()


def _audience(store: Any, keys: Keys, n_members: int, n_chunks: int, release: str) -> None:  # noqa: ANN401  # likewise
    asked = Asked(type="rule", created_ms=1, created_by="", rule={"eq": ["tier", "high"]})
    built = Built(build=BUILD, release=release, members=n_members, chunks=n_chunks, at_ms=1)
    fields = {
        "asked": asked.pack(),
        "stands": Stands(status="ready", at_ms=1).pack(),
        "built": built.pack(),
    }
    store.hset(keys.audience(AUDIENCE_ID), mapping=fields)
    store.incr(keys.audience_changes)
