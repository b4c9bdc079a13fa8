"""One release in a store: the chunks of its bundle, and its customers in four hashes a shard.

What is written is read back at once, and can be counted when all is there, for a store may restart
empty or evict something. Which release serves is decided in ``training.publish``.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import redis
from redis.client import Pipeline

from models.artifacts.keys import CHUNK_BYTES, N_SHARDS, Keys, shard_of
from models.artifacts.manifest import Manifest
from models.errors import ArtifactCorrupt
from training.errors import StoreError
from training.release import BUNDLE, Packed
from training.store_calls import asked

BATCH = 4000
"""Customers written and read back together: 7 MB. Few of a shard would cost a command each."""
N_SCANNED = 4000
"""Profiles read together: more would keep a store that also serves from answering."""

_Each = TypeVar("_Each")


class Counts(NamedTuple):
    """How much there is of a release."""

    n_bytes: int
    """Of models."""
    records: int
    histories: int
    profiles: int
    coupons: int = 0
    """Customers who redeemed any."""


@dataclass(frozen=True, slots=True)
class InStore:
    """One release, whole or not; every method raises ``StoreError`` where the store fails."""

    store: redis.Redis
    keys: Keys
    version: str

    def write_bundle(self, manifest: Manifest, path: Path, *, renew: Callable[[], None]) -> None:
        """Write the bundle at ``path`` in chunks; ``renew`` is called before each.

        Raises:
            StoreError: The store gave back something else.
        """
        digest = sha256()
        with path.open("rb") as file:
            for n, chunk in enumerate(iter(lambda: file.read(CHUNK_BYTES), b"")):
                renew()
                key = self.keys.chunk(self.version, n)
                asked(self.store.set, key, chunk)
                digest.update(asked(self.store.get, key) or b"")
        if digest.hexdigest() != manifest.files[BUNDLE].sha256:
            raise StoreError(
                f"the store gave back another bundle than was written of {self.version}; "
                "check its memory and disk, then publish again"
            )

    def write_customers(
        self, customers: Iterable[Packed], *, renew: Callable[[], None], step: Callable[[int], None]
    ) -> Counts:
        """Write customers; return how much was written, but for the models.

        Args:
            customers: Streamed; what is empty of one is not written.
            renew: Called before every ``BATCH`` of them.
            step: Told how many are written.

        Raises:
            StoreError: The store gave back something else.
        """
        written, done = [0, 0, 0], 0
        of_shard = [self.keys.customers(self.version, shard) for shard in range(N_SHARDS)]
        for batch in _batches(customers):
            renew()
            self._write(_hashes(batch, of_shard))
            _, *parts = zip(*batch, strict=True)
            written = [n + sum(map(bool, part)) for n, part in zip(written, parts, strict=True)]
            done += len(batch)
            step(done)
        return Counts(0, *written)

    def write_coupons(
        self, coupons: Iterable[tuple[str, bytes]], *, renew: Callable[[], None]
    ) -> int:
        """Write names of coupons, as ``write_customers`` does; return of how many customers."""
        written = 0
        of_shard = [(self.keys.coupons(self.version, shard),) for shard in range(N_SHARDS)]
        for batch in _batches(coupons):
            renew()
            self._write(_hashes(batch, of_shard))
            written += len(batch)
        return written

    def _write(self, hashes: dict[str, dict[Any, Any]]) -> None:
        pipeline = self.store.pipeline(transaction=False)
        for key, fields in hashes.items():
            pipeline.hset(key, mapping=fields)
            pipeline.hmget(key, list(fields))
        answers = asked(pipeline.execute)
        if answers[1::2] != [list(fields.values()) for fields in hashes.values()]:
            raise StoreError(
                f"the store gave back other records than were written of {self.version}; "
                "check its memory and disk, then publish again"
            )

    def counts(self, manifest: Manifest) -> Counts:
        """Return how much of the release the store has."""
        pipeline, chunks = self.store.pipeline(transaction=False), n_chunks(manifest)
        for n in range(chunks):
            pipeline.strlen(self.keys.chunk(self.version, n))
        for shard in range(N_SHARDS):
            for key in self._of_shard(shard):
                pipeline.hlen(key)
        answers = asked(pipeline.execute)
        customers = answers[chunks:]
        return Counts(sum(answers[:chunks]), *(sum(customers[kind::4]) for kind in range(4)))

    def _of_shard(self, shard: int) -> tuple[str, ...]:
        return *self.keys.customers(self.version, shard), self.keys.coupons(self.version, shard)

    def chunks(self, *, at_least: int) -> int:
        """Return how many chunks there are, of which ``at_least`` are taken to be there."""
        n = at_least
        while asked(self.store.exists, self.keys.chunk(self.version, n)):
            n += 1
        return n

    def unlink(self, pipeline: Pipeline, *, n_chunks: int) -> None:
        """Have ``pipeline`` drop all of it but its place among the releases."""
        for n in range(n_chunks):
            pipeline.unlink(self.keys.chunk(self.version, n))
        for shard in range(N_SHARDS):
            for key in self._of_shard(shard):
                pipeline.unlink(key)

    def bundle(self, manifest: Manifest) -> memoryview:
        """Return the bundle, checked.

        Raises:
            ArtifactCorrupt: A chunk is missing, or the store holds something else than was written.
        """
        chunks = []
        for n in range(n_chunks(manifest)):
            chunk = asked(self.store.get, self.keys.chunk(self.version, n))
            if chunk is None:
                raise ArtifactCorrupt(f"chunk {n} of the bundle is missing; publish again")
            chunks.append(chunk)
        content = memoryview(b"".join(chunks))
        manifest.files[BUNDLE].check(BUNDLE, content)
        return content

    def profile(self, customer_id: str) -> bytes | None:
        """Return the packed profile of a customer, or None where there is none."""
        key = self.keys.profiles(self.version, shard_of(customer_id))
        found: bytes | None = asked(self.store.hget, key, customer_id)
        return found

    def profiles(self) -> Iterator[dict[bytes, bytes]]:
        """Yield the packed profiles of each shard's customers by id."""
        for shard in range(N_SHARDS):
            yield self._profiles(self.keys.profiles(self.version, shard))

    def _profiles(self, key: str) -> dict[bytes, bytes]:
        cursor, found = asked(self.store.hscan, key, 0, None, N_SCANNED)
        profiles: dict[bytes, bytes] = found
        while cursor:
            cursor, found = asked(self.store.hscan, key, cursor, None, N_SCANNED)
            profiles |= found
        return profiles


def n_chunks(manifest: Manifest) -> int:
    """Return in how many chunks the bundle is kept."""
    return -(-manifest.files[BUNDLE].n_bytes // CHUNK_BYTES)


def _batches(customers: Iterable[_Each]) -> Iterator[list[_Each]]:
    left = iter(customers)
    while batch := list(islice(left, BATCH)):
        yield batch


def _hashes(
    batch: Iterable[Packed | tuple[str, bytes]], of_shard: Sequence[tuple[str, ...]]
) -> dict[str, dict[Any, Any]]:
    hashes: defaultdict[str, dict[Any, Any]] = defaultdict(dict)
    for id_, *parts in batch:
        for key, part in zip(of_shard[shard_of(id_)], parts, strict=True):
            if part:
                hashes[key][id_] = part
    return hashes
