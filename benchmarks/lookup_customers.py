"""Customers whom a bidder may be told of: their profiles, consent and audiences, as all is stored.

Each has consented to ads and is in five of eight audiences; profiles stand in the fabricated
release, the rest where near-line workers and servers would have written it.
"""

import time
from base64 import b64encode
from collections.abc import Iterator

import numpy as np
import orjson
import redis

from benchmarks.fabricated_names import customer_id
from models.artifacts.audience import Asked, Built, Stands
from models.artifacts.customer_profile import PROFILE, pack
from models.artifacts.keys import Keys, shard_of
from models.customer.segments import Segment, Stage
from models.customer.value import Tier

N_KNOWN = 20_000
N_AUDIENCES, N_OF_EACH = 8, 5
_UPDATED = (time.time_ns() // 100_000_000) << 36
TCF = (
    f"CO4VThZ{b64encode(_UPDATED.to_bytes(9), b'-_')[:6].decode()}"
    "ADABBENAzCgAP_AAEOAAAAAAwwAgAEABhAAgAgAAA.YAAAAAAAAAA"
)
"""Consent to ten purposes, as a consent manager wrote it, but for when it was last updated: now."""
_BLOCK = 1000
_CONSENT = orjson.dumps({"told": {}, "decided": {"personalization": True, "ads": True}})


def consenting(url: str, namespace: str, *, version: str) -> None:
    """Write ``N_KNOWN`` customers into a release, what they said, and what they are members of."""
    keys, rng = Keys(namespace), np.random.default_rng(7)
    with redis.Redis.from_url(url) as store:
        _audiences(store, keys)
        for begin in range(0, N_KNOWN, _BLOCK):
            pipeline = store.pipeline(transaction=False)
            for row in range(begin, begin + _BLOCK):
                id_ = customer_id(row)
                shard = shard_of(id_)
                pipeline.hset(keys.profiles(version, shard), id_, _profile(rng))
                pipeline.hset(keys.live_of_customer(id_), "k", _CONSENT)
                pipeline.hset(keys.memberships(shard), id_, _memberships(rng))
            pipeline.execute()


def bodies(n_ids: int, *, n: int, rng: np.random.Generator) -> Iterator[bytes]:
    """Yield ``n`` lookups of ``n_ids`` customers each, with consent to be read."""
    for _ in range(n):
        rows = rng.choice(N_KNOWN, n_ids, replace=False).tolist()
        yield orjson.dumps(
            {"ids": [customer_id(row) for row in rows], "consent": TCF, "regs": {"gdpr": 1}}
        )


def _profile(rng: np.random.Generator) -> bytes:
    made = np.zeros(1, dtype=PROFILE)
    for name, codes in (("tier", Tier), ("stage", Stage), ("segment", Segment)):
        made[name] = rng.integers(1, len(codes))
    made["portfolio"] = rng.integers(1, 7)
    made["category"] = -1
    return pack(made[0])


def _memberships(rng: np.random.Generator) -> bytes:
    builds = sorted(rng.choice(N_AUDIENCES, N_OF_EACH, replace=False).tolist())
    return b" ".join(b"%d=%d" % (build + 1, rng.integers(101)) for build in builds)


def _audiences(store: redis.Redis, keys: Keys) -> None:
    """Write audiences that are ready, as far as servers read them."""
    asked = Asked(type="lookalike", created_ms=1, created_by="")
    stands = Stands(status="ready", at_ms=1)
    for n in range(1, N_AUDIENCES + 1):
        id_ = f"aud_{n:016x}"
        built = Built(build=n, release="r", members=N_KNOWN, chunks=0, at_ms=1)
        for field, part in (("asked", asked), ("stands", stands), ("built", built)):
            store.hset(keys.audience(id_), field, part.pack())
        store.zadd(keys.audience_ids, {id_: n})
    store.incr(keys.audience_changes)
