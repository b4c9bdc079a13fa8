"""Audiences written as a worker writes them, and members who agree to be told of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import orjson
import redis

from models.artifacts.audience import Asked, Built, Stands, Status
from models.artifacts.identifiers import Identifiers
from models.artifacts.keys import Keys, shard_of
from models.artifacts.members import Members

ID = "aud_0123456789abcdef"
AGREES = {"decided": {"ads": True}}


@dataclass(frozen=True, slots=True)
class Sets:
    """The audiences of one namespace, and the customers of release ``r1``."""

    store: redis.Redis
    keys: Keys
    touched: set[str] = field(default_factory=set)
    """Every key that was written."""

    def audience(
        self,
        members: Sequence[str],
        *,
        build: int = 1,
        of_chunk: int = 5,
        status: Status = "ready",
        detail: str = "",
        audience_id: str = ID,
        expires_ms: int | None = None,
    ) -> None:
        """Write an audience, the best member first; one that is not ready has no members."""
        chunks = [members[n : n + of_chunk] for n in range(0, len(members), of_chunk)]
        for n, ids in enumerate(chunks):
            places = n * of_chunk + np.arange(len(ids))
            packed = Members(ids=ids, scores=(1 - places / 100).astype(np.float32)).pack()
            self.store.set(self._own(self.keys.audience_members(audience_id, build, n)), packed)
        asked = Asked(
            type="rule",
            created_ms=1,
            created_by="",
            rule={"eq": ["tier", "high"]},
            expires_ms=expires_ms,
        )
        stands = Stands(status=status, at_ms=1, detail=detail)
        built = Built(build=build, release="r1", members=len(members), chunks=len(chunks), at_ms=1)
        key = self._own(self.keys.audience(audience_id))
        self._own(self.keys.audience_exports(audience_id))
        self.store.hset(key, "asked", asked.pack())
        self.store.hset(key, "stands", stands.pack())
        if status == "ready":
            self.store.hset(key, "built", built.pack())
        self.store.incr(self.keys.audience_changes)

    def customers(self, ids: Iterable[str], *, consent: object = AGREES) -> None:
        """Let the release know customers who have decided this."""
        for id_ in ids:
            self.store.hset(self._own(self.keys.profiles("r1", shard_of(id_))), id_, b"known")
            self.says(id_, consent)

    def says(self, customer_id: str, consent: object) -> None:
        key = self._own(self.keys.live_of_customer(customer_id))
        self.store.hset(key, "k", orjson.dumps(consent))

    def erase(self, customer_id: str) -> None:
        """Leave nothing of a customer in the release."""
        shard = shard_of(customer_id)
        for key in (self.keys.profiles("r1", shard), self.keys.records("r1", shard)):
            self.store.hdel(key, customer_id)

    def identify(
        self, customer_id: str, *, emails: Sequence[str] = (), phones: Sequence[str] = ()
    ) -> None:
        packed = Identifiers.of(emails=emails, phones=phones).pack()
        key = self._own(self.keys.identifiers(shard_of(customer_id)))
        self.store.hset(key, customer_id, packed)

    def forget(self) -> None:
        """Leave nothing of what was written, nor of what was noted of it."""
        self.store.delete(*self.touched)
        self.touched.clear()

    def _own(self, key: str) -> str:
        self.touched.add(key)
        return key
