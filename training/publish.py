"""A release into Redis, and which one serves.

Records are written under the new release's keys, read back, and ``current`` moves last, by compare
and swap: whoever dies on the way leaves the old release serving. What a dead publisher left behind
is found in ``ns:publishing`` and removed by a later one.
"""

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import redis

from models.artifacts.keys import CHUNK_BYTES, N_SHARDS, Keys, shard_of
from models.artifacts.manifest import Manifest
from training import release
from training.errors import StoreError
from training.release import Packed

N_PREVIOUS = 2
BATCH = 500
ABANDONED_S = 3600
"""A publisher that has not finished after an hour is dead."""

_SWAP = """
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
redis.call('SET', KEYS[1], ARGV[2])
return ARGV[2]
"""


@dataclass(frozen=True, slots=True)
class Releases:
    """The releases in one namespace of a store.

    Any method raises ``StoreError`` where the store does not do what it was asked.
    """

    store: redis.Redis
    keys: Keys

    def current(self) -> str | None:
        """Return the version that serves, or None before the first."""
        version: Any = self._asked(self.store.get, self.keys.current)
        return version.decode() if version else None

    def manifests(self) -> dict[str, Manifest]:
        """Return every published release's manifest, oldest first."""
        found: Any = self._asked(self.store.hgetall, self.keys.releases)
        return {version.decode(): Manifest.from_json(found[version]) for version in sorted(found)}

    def publish(self, folder: Path, *, step: Callable[[int], None] = lambda _done: None) -> None:
        """Write a release, read it back, and let it serve.

        Args:
            folder: A release that ``training.release.write`` finished.
            step: Told how many customers are written.

        Raises:
            ArtifactError: The release is damaged; nothing was written.
            StoreError: The store refused, answered something else than was written, or another
                release began to serve meanwhile. The release that served still serves.
        """
        manifest = release.load(folder).manifest
        before = self.current()
        self._sweep()
        self._asked(self.store.hset, self.keys.publishing, manifest.version, int(time.time()))
        try:
            self._write_bundle(manifest, folder / release.BUNDLE)
            self._write_customers(manifest.version, release.customers_of(folder), step)
        except StoreError:
            with suppress(StoreError):  # a full store, above all, needs its memory back
                self._drop_unpublished(manifest.version)
            raise
        self._asked(self.store.hset, self.keys.releases, manifest.version, manifest.to_json())
        self._swap(before, manifest.version)
        self._asked(self.store.hdel, self.keys.publishing, manifest.version)
        self._prune()

    def promote(self, version: str) -> None:
        """Let a published release serve."""
        self._expect_published(version)
        self._swap(self.current(), version)

    def rollback(self) -> str:
        """Let the release before the current one serve; return its version."""
        current = self.current()
        older = [version for version in self.manifests() if current and version < current]
        if not older:
            raise StoreError(
                f"no release is older than {current or 'none at all'}; "
                "`cartera releases list` shows what there is"
            )
        self._swap(current, older[-1])
        return older[-1]

    def _expect_published(self, version: str) -> None:
        versions = list(self.manifests())
        if version not in versions:
            raise StoreError(
                f"release {version} is not published; expected one of: "
                f"{', '.join(versions) or 'none yet'}; publish it with `cartera publish`"
            )

    def _write_bundle(self, manifest: Manifest, path: Path) -> None:
        digest = sha256()
        with path.open("rb") as file:
            for n, chunk in enumerate(iter(lambda: file.read(CHUNK_BYTES), b"")):
                key = self.keys.chunk(manifest.version, n)
                self._asked(self.store.set, key, chunk)
                digest.update(self._asked(self.store.get, key) or b"")
        if digest.hexdigest() != manifest.files[release.BUNDLE].sha256:
            raise StoreError(
                f"the store gave back another bundle than was written of {manifest.version}; "
                "check its memory and disk, then publish again"
            )

    def _write_customers(
        self, version: str, customers: Iterable[Packed], step: Callable[[int], None]
    ) -> None:
        done = 0
        for batch in _batched(customers, BATCH):
            shards: dict[str, dict[Any, Any]] = defaultdict(dict)
            for id_, record, history in batch:
                shard = shard_of(id_)
                shards[self.keys.records(version, shard)][id_.encode()] = record
                shards[self.keys.histories(version, shard)][id_.encode()] = history
            pipeline = self.store.pipeline(transaction=False)
            for key, fields in shards.items():
                pipeline.hset(key, mapping=fields)
                pipeline.hmget(key, list(fields))
            answers = self._asked(pipeline.execute)
            for fields, answer in zip(shards.values(), answers[1::2], strict=True):
                if answer != list(fields.values()):
                    raise StoreError(
                        f"the store gave back other records than were written of {version}; "
                        "check its memory and disk, then publish again"
                    )
            done += len(batch)
            step(done)

    def _swap(self, before: str | None, version: str) -> None:
        answer: Any = self._asked(
            self.store.eval, _SWAP, 1, self.keys.current, before or "", version
        )
        if answer.decode() != version:
            raise StoreError(
                f"release {answer.decode()} began to serve meanwhile, where {before or 'none'} was "
                f"expected; `cartera releases promote {version}` lets the new one serve"
            )

    def _prune(self) -> None:
        """Drop all but the current release, the two before it and any newer."""
        current = self.current()
        older = [version for version in self.manifests() if current and version < current]
        for version in older[:-N_PREVIOUS]:
            self._drop(version)

    def _sweep(self) -> None:
        """Drop what publishers left who died."""
        started: Any = self._asked(self.store.hgetall, self.keys.publishing)
        for name, at in started.items():
            if time.time() - int(at) > ABANDONED_S:
                self._drop_unpublished(name.decode())

    def _drop_unpublished(self, version: str) -> None:
        if version not in self.manifests():
            self._drop(version)
        self._asked(self.store.hdel, self.keys.publishing, version)

    def _drop(self, version: str) -> None:
        """Drop a release at once or not at all, or keys would be left that nobody knows of."""
        n_chunks = 0
        while self._asked(self.store.exists, self.keys.chunk(version, n_chunks)):
            n_chunks += 1
        pipeline = self.store.pipeline(transaction=True)
        pipeline.hdel(self.keys.releases, version)
        for n in range(n_chunks):
            pipeline.unlink(self.keys.chunk(version, n))
        for shard in range(N_SHARDS):
            pipeline.unlink(self.keys.records(version, shard))
            pipeline.unlink(self.keys.histories(version, shard))
        self._asked(pipeline.execute)

    def _asked(self, command: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # redis-py's answers have no useful type
        try:
            return command(*arguments)
        except redis.RedisError as problem:
            raise StoreError(
                f"the store did not answer as expected ({type(problem).__name__}: {problem}); "
                "check that it runs, has memory left and accepts writes, then try again"
            ) from problem


def _batched(customers: Iterable[Packed], n: int) -> Iterator[list[Packed]]:
    batch: list[Packed] = []
    for customer in customers:
        batch.append(customer)
        if len(batch) == n:
            yield batch
            batch = []
    if batch:
        yield batch
