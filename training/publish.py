"""A release into Redis, and which one serves.

Records are written under the new release's keys, read back and counted, and last ``current`` moves
by compare and swap; the same script lists the release, so that whatever is listed has served. Who
dies on the way leaves the old release serving. A publisher stamps ``ns:publishing`` as long as it
works; what is stamped no more is removed by a later publisher. A stamp that has gone tells its
owner that the records went with it, and the swap demands the stamp.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import redis
from redis.client import Pipeline

from models.artifacts.keys import CHUNK_BYTES, N_SHARDS, Keys, shard_of
from models.artifacts.manifest import Manifest
from training import release
from training.errors import StoreError
from training.manifests import Manifests
from training.release import Packed

N_PREVIOUS = 2
BATCH = 4000
"""Customers written and read back together: 6 MB. Few of a shard would cost a command each."""
ABANDONED_S = 3600
"""A publisher that has written nothing for an hour is dead."""

_SWAP = """
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return now end
if ARGV[3] ~= '' then
    if redis.call('HDEL', KEYS[3], ARGV[2]) == 0 then return false end
    redis.call('HSET', KEYS[2], ARGV[2], ARGV[3])
elseif redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then
    return false
end
redis.call('SET', KEYS[1], ARGV[2])
redis.call('LREM', KEYS[4], 0, ARGV[2])
if ARGV[4] == '' and now ~= '' and now ~= ARGV[2] then
    redis.call('LREM', KEYS[4], 0, now)
    redis.call('LPUSH', KEYS[4], now)
end
return ARGV[2]
"""
"""What serves afterwards; nothing where the release is not there. A manifest lists a new one. What
served until then is remembered, unless it is what was rolled back from."""


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

    def manifests(self) -> Manifests:
        """Return every published release's manifest."""
        found: Any = self._asked(self.store.hgetall, self.keys.releases)
        return Manifests({version.decode(): text for version, text in found.items()})

    def publish(
        self,
        folder: Path,
        *,
        before: str | None = None,
        step: Callable[[int], None] = lambda _done: None,
    ) -> None:
        """Write a release, read it back, and let it serve.

        Args:
            folder: A release that ``training.release.write`` finished.
            before: The version that must serve until then, "" for none; not given: the one that
                serves now.
            step: Told how many customers are written.

        Raises:
            ArtifactError: The release is damaged; nothing was written.
            StoreError: The store refused, holds something else than was written, or another
                release began to serve meanwhile. The release that served still serves, and what
                was written is dropped.
        """
        manifest = release.load(folder).manifest
        version = manifest.version
        before = (self.current() or "") if before is None else before
        self._sweep()
        self._asked(self.store.hset, self.keys.publishing, version, int(time.time()))
        try:
            self._write_bundle(manifest, folder / release.BUNDLE)
            with closing(release.customers_of(folder)) as customers:
                n = self._write_customers(version, customers, step)
            self._expect_whole(manifest, n)
            now = self._swap(before, version, manifest.to_json())
            if now is None:
                raise _gone(version)
            if now != version:
                raise _overtaken(now, before, f"`cartera publish {folder}` publishes it again")
        except StoreError:
            with suppress(StoreError):  # a full store, above all, needs its memory back
                self._drop_unpublished(version, n_chunks=_n_chunks(manifest))
            raise
        with suppress(StoreError):  # it serves; the next one prunes as well
            self._prune()

    def promote(self, version: str) -> None:
        """Let a published release serve."""
        self._promote(version, before=self.current() or "")

    def rollback(self) -> str:
        """Let the release that served before the current one serve; return its version.

        Once more goes one further back; what was rolled back from can still be promoted.
        """
        current, served = self.current(), self._served()
        if not served:
            raise StoreError(
                f"no release served before {current or 'the first'}; "
                "`cartera releases list` shows what there is"
            )
        self._promote(served[0], before=current or "", back="back")
        return served[0]

    def _promote(self, version: str, *, before: str, back: str = "") -> None:
        now = self._swap(before, version, back=back)
        if now is None:
            raise StoreError(
                f"release {version} is not published; expected one of: "
                f"{', '.join(self._versions()) or 'none yet'}; publish it with `cartera publish`"
            )
        if now != version:
            raise _overtaken(now, before, f"`cartera releases promote {version}` promotes it")

    def _versions(self) -> list[str]:
        """Every published version, oldest first, whether we can read its manifest or not."""
        found: Any = self._asked(self.store.hkeys, self.keys.releases)
        return sorted(version.decode() for version in found)

    def _served(self) -> list[str]:
        """What served before the current release, the latest first."""
        found: Any = self._asked(self.store.lrange, self.keys.served, 0, -1)
        return [version.decode() for version in found]

    def _write_bundle(self, manifest: Manifest, path: Path) -> None:
        digest = sha256()
        with path.open("rb") as file:
            for n, chunk in enumerate(iter(lambda: file.read(CHUNK_BYTES), b"")):
                self._renew(manifest.version)
                key = self.keys.chunk(manifest.version, n)
                self._asked(self.store.set, key, chunk)
                digest.update(self._asked(self.store.get, key) or b"")
        if digest.hexdigest() != manifest.files[release.BUNDLE].sha256:
            raise StoreError(
                f"the store gave back another bundle than was written of {manifest.version}; "
                "check its memory and disk, then publish again"
            )

    def _write_customers(
        self, version: str, customers: Iterator[Packed], step: Callable[[int], None]
    ) -> int:
        done = 0
        for batch in iter(lambda: list(islice(customers, BATCH)), []):
            self._renew(version)
            hashes = self._hashes(version, batch)
            pipeline = self.store.pipeline(transaction=False)
            for key, fields in hashes.items():
                pipeline.hset(key, mapping=fields)
                pipeline.hmget(key, list(fields))
            answers = self._asked(pipeline.execute)
            if answers[1::2] != [list(fields.values()) for fields in hashes.values()]:
                raise StoreError(
                    f"the store gave back other records than were written of {version}; "
                    "check its memory and disk, then publish again"
                )
            done += len(batch)
            step(done)
        return done

    def _hashes(self, version: str, batch: Iterable[Packed]) -> dict[str, dict[Any, Any]]:
        hashes: dict[str, dict[Any, Any]] = {}
        by_shard = sorted((shard_of(id_), id_, *packed) for id_, *packed in batch)
        for shard, customers in groupby(by_shard, key=itemgetter(0)):
            _, ids, records, histories = zip(*customers, strict=True)
            hashes[self.keys.records(version, shard)] = dict(zip(ids, records, strict=True))
            hashes[self.keys.histories(version, shard)] = dict(zip(ids, histories, strict=True))
        return hashes

    def _renew(self, version: str) -> None:
        """Say that this publisher is at work, if nobody has removed what it wrote."""
        if self._asked(self.store.hset, self.keys.publishing, version, int(time.time())):
            raise _gone(version)

    def _expect_whole(self, manifest: Manifest, n_customers: int) -> None:
        """Count what the store has, for it may have restarted empty or evicted something."""
        version, n_chunks = manifest.version, _n_chunks(manifest)
        pipeline = self.store.pipeline(transaction=False)
        for n in range(n_chunks):
            pipeline.strlen(self.keys.chunk(version, n))
        for shard in range(N_SHARDS):
            pipeline.hlen(self.keys.records(version, shard))
            pipeline.hlen(self.keys.histories(version, shard))
        answers = self._asked(pipeline.execute)
        chunks, customers = answers[:n_chunks], answers[n_chunks:]
        found = sum(chunks), sum(customers[::2]), sum(customers[1::2])
        if found != (manifest.files[release.BUNDLE].n_bytes, n_customers, n_customers):
            raise StoreError(
                f"the store holds {found[0]:,} bytes of models, {found[1]:,} records and "
                f"{found[2]:,} histories of {version}, where those of {n_customers:,} customers "
                "were written; check that it keeps what it is given, then publish again"
            )

    def _swap(
        self, before: str, version: str, manifest: bytes = b"", *, back: str = ""
    ) -> str | None:
        keys = self.keys.current, self.keys.releases, self.keys.publishing, self.keys.served
        told = before, version, manifest, back
        answer: Any = self._asked(self.store.eval, _SWAP, len(keys), *keys, *told)
        return None if answer is None else str(answer.decode())

    def _prune(self) -> None:
        """Drop all but the current release and the two that served before it."""
        for version in self._versions():
            self._drop(version)
        self._asked(self.store.ltrim, self.keys.served, 0, N_PREVIOUS - 1)

    def _sweep(self) -> None:
        """Drop what publishers left who died."""
        started: Any = self._asked(self.store.hgetall, self.keys.publishing)
        for name, at in started.items():
            if time.time() - int(at) > ABANDONED_S:
                self._drop_unpublished(name.decode())

    def _drop_unpublished(self, version: str, *, n_chunks: int = 0) -> None:
        if version not in self._versions():
            self._drop(version, n_chunks=n_chunks)
        self._asked(self.store.hdel, self.keys.publishing, version)

    def _drop(self, version: str, *, n_chunks: int = 0) -> None:
        """Drop a release at once or not at all, or keys would be left that nobody knows of.

        What serves at that moment, or served just before, is left alone. It may have ``n_chunks``
        chunks; more are looked for.
        """
        while self._asked(self.store.exists, self.keys.chunk(version, n_chunks)):
            n_chunks += 1

        def drop(pipeline: Pipeline) -> None:
            kept: list[Any] = [pipeline.get(self.keys.current)]
            kept += pipeline.lrange(self.keys.served, 0, N_PREVIOUS - 1)
            pipeline.multi()
            if version.encode() in kept:
                return
            pipeline.hdel(self.keys.releases, version)
            pipeline.hdel(self.keys.publishing, version)
            for n in range(n_chunks):
                pipeline.unlink(self.keys.chunk(version, n))
            for shard in range(N_SHARDS):
                pipeline.unlink(self.keys.records(version, shard))
                pipeline.unlink(self.keys.histories(version, shard))

        self._asked(self.store.transaction, drop, self.keys.current, self.keys.served)

    def _asked(self, command: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401  # redis-py's answers have no useful type
        try:
            return command(*arguments)
        except redis.RedisError as problem:
            raise StoreError(
                f"the store did not answer as expected ({type(problem).__name__}: {problem}); "
                "check that it runs, has memory left and accepts writes, then try again"
            ) from problem


def _n_chunks(manifest: Manifest) -> int:
    return -(-manifest.files[release.BUNDLE].n_bytes // CHUNK_BYTES)


def _gone(version: str) -> StoreError:
    return StoreError(
        f"what was written of {version} is gone again: the store was emptied, or another publisher "
        "published it too or took this one for dead; publish it again if it does not serve"
    )


def _overtaken(now: str, before: str, remedy: str) -> StoreError:
    found = f"release {now} began to serve meanwhile" if now else "no release serves any more"
    return StoreError(f"{found}, where {before or 'none'} was expected; {remedy}")
