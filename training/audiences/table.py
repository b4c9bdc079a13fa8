"""All customers of a release as columns, read out of the store: what audiences are found in.

Shard after shard, the profiles say who there is; then what else is known of some at a time is asked
for, so that a store that also serves is never long at it. Bytes that cannot be used count as none:
a server that comes upon them does without them too.

A million customers with 64 factors and 30 items each are some 700 MB.
"""

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import compress

import numpy as np
import redis
import structlog
from numpy.typing import NDArray

from models.arrays import Rows
from models.artifacts import customer_columns
from models.artifacts.customer_columns import Histories, Refused
from models.artifacts.customer_profile import PROFILE
from models.artifacts.keys import N_SHARDS, Keys
from models.loaded import Loaded
from training.errors import ReleaseGone
from training.release_in_store import InStore
from training.store_calls import asked

log = structlog.get_logger(__name__)

TOGETHER = 250
"""Customers read in one round trip: half a MB, and half a millisecond of the store a command."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What every customer bought: those of customer ``i`` stand from ``begins[i]`` on."""

    begins: NDArray[np.int64]
    """Shape ``(n_customers + 1,)``."""
    rows: Rows
    """Shape ``(n_pairs,)``: rows of the catalogue."""
    times: NDArray[np.uint16]
    """Likewise: in how many orders."""
    last_day: NDArray[np.uint16]
    """Likewise: day of the latest order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Customers of one release, a row each."""

    ids: Sequence[str]
    profiles: NDArray[np.void]
    """Shape ``(n_customers,)``, dtype ``PROFILE`` of ``models.artifacts.customer_profile``."""
    vectors: NDArray[np.float16]
    """Shape ``(n_customers, n_factors)``; zeros of who has no record."""
    bought: Bought
    coupons: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    """Name of a coupon or campaign -> rows of this table that redeemed it, ascending."""


def read(
    releases_store: redis.Redis,
    keys: Keys,
    loaded: Loaded,
    *,
    progress: Callable[[float], None],
) -> Table:
    """Return all customers that a release knows: those who have a profile.

    They are in the same order whenever the release is read. Whose profile cannot be used is left
    out; other bytes that cannot be used count as none, which is logged.

    Args:
        releases_store: Where the release is; a client that gives bytes.
        keys: Of the shop.
        loaded: The release.
        progress: Told what share is read, 0 to 1, after each shard; what it raises ends the
            reading.

    Raises:
        ReleaseGone: The release is no more, or went while it was read.
        StoreError: The store did not answer.
    """
    release = InStore(releases_store, keys, loaded.version)
    gathering = _Gathering(loaded=loaded)
    for shard, profiles in enumerate(release.profiles()):
        ids = sorted(profiles)
        for begin in range(0, len(ids), TOGETHER):
            some = ids[begin : begin + TOGETHER]
            parts = _parts(releases_store, keys, loaded.version, shard=shard, ids=some)
            gathering.add(some, [profiles[id_] for id_ in some], parts)
        progress((shard + 1) / N_SHARDS)
    if not asked(releases_store.hexists, keys.releases, loaded.version):
        raise ReleaseGone(
            f"release {loaded.version} was dropped while its customers were read; start again with "
            "the one that serves now"
        )
    return gathering.table()


def _parts(
    store: redis.Redis, keys: Keys, version: str, *, shard: int, ids: list[bytes]
) -> list[list[bytes | None]]:
    """Return records, histories and coupons of some customers of a shard, None for none."""
    pipeline = store.pipeline(transaction=False)
    for key in (keys.records, keys.histories, keys.coupons):
        pipeline.hmget(key(version, shard), ids)
    found: list[list[bytes | None]] = asked(pipeline.execute)
    return found


@dataclass(slots=True, kw_only=True)
class _Gathering:
    """A table in the making: columns grow in place, where parts of them would be there twice."""

    loaded: Loaded
    ids: list[str] = field(default_factory=list)
    profiles: bytearray = field(default_factory=bytearray)
    vectors: bytearray = field(default_factory=bytearray)
    counts: bytearray = field(default_factory=bytearray)
    rows: bytearray = field(default_factory=bytearray)
    times: bytearray = field(default_factory=bytearray)
    last_day: bytearray = field(default_factory=bytearray)
    coupons: "defaultdict[str, array[int]]" = field(
        default_factory=lambda: defaultdict(lambda: array("i"))
    )
    refused: Refused = field(default_factory=Counter)

    def add(self, ids: list[bytes], profiles: list[bytes], parts: list[list[bytes | None]]) -> None:
        """Add some customers, with their records, histories and coupons."""
        summary, catalogue = self.loaded.customers, self.loaded.catalogue
        known, usable = customer_columns.profiles(
            profiles,
            n_categories=len(catalogue.categories),
            n_portfolios=summary.n_portfolios if summary is not None else 0,
            refused=self.refused,
        )
        records, histories, coupons = (list(compress(part, usable)) for part in parts)
        for row, packed in enumerate(coupons, len(self.ids)):
            for name in customer_columns.names(packed, refused=self.refused):
                self.coupons[name].append(row)
        self.ids += [id_.decode() for id_ in compress(ids, usable)]
        self.profiles += known.tobytes()
        self.vectors += customer_columns.vectors(
            records, n_factors=self.n_factors, refused=self.refused
        ).tobytes()
        bought = Histories.of(histories, n_items=len(catalogue), refused=self.refused)
        self.counts += bought.counts.tobytes()
        self.rows += bought.rows.tobytes()
        self.times += bought.times.tobytes()
        self.last_day += bought.last_day.tobytes()

    @property
    def n_factors(self) -> int:
        return int(self.loaded.collaborative.items.shape[1])

    def table(self) -> Table:
        """Return what was gathered; the columns are not copied."""
        if self.refused:
            ((reason, _),) = self.refused.most_common(1)
            log.error("customers' bytes refused", customers=self.refused.total(), reason=reason)
        counts = np.frombuffer(self.counts, np.int64)
        return Table(
            ids=self.ids,
            profiles=np.frombuffer(self.profiles, PROFILE),
            vectors=np.frombuffer(self.vectors, np.float16).reshape(-1, self.n_factors),
            bought=Bought(
                begins=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
                rows=np.frombuffer(self.rows, np.int32),
                times=np.frombuffer(self.times, np.uint16),
                last_day=np.frombuffer(self.last_day, np.uint16),
            ),
            coupons={name: np.array(rows, np.int32) for name, rows in self.coupons.items()},
        )
