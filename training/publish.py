"""A release into Redis, and which one serves.

Records are written under the new release's keys, read back and counted, and last ``current`` moves
by compare and swap; the same script lists the release, so that whatever is listed has served. Who
dies on the way leaves the old release serving. A publisher stamps ``ns:publishing`` as long as it
works; what is stamped no more is removed by a later publisher. A stamp that has gone tells its
owner that the records went with it, and the swap demands the stamp.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import redis
from redis.client import Pipeline

from models.artifacts import bundle
from models.artifacts.keys import Keys
from models.artifacts.manifest import Manifest
from models.loaded import Loaded
from training import release
from training.errors import StoreError
from training.manifests import Manifests
from training.release_in_store import Counts, InStore, n_chunks
from training.store_calls import asked

N_PREVIOUS = 2
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
        version: Any = asked(self.store.get, self.keys.current)
        return version.decode() if version else None

    def manifests(self) -> Manifests:
        """Return every published release's manifest."""
        found: Any = asked(self.store.hgetall, self.keys.releases)
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
        what, renew = self._of(version), partial(self._renew, version)
        before = (self.current() or "") if before is None else before
        self._sweep()
        asked(self.store.hset, self.keys.publishing, version, int(time.time()))
        try:
            what.write_bundle(manifest, folder / release.BUNDLE, renew=renew)
            with closing(release.customers_of(folder)) as customers:
                written = what.write_customers(customers, renew=renew, step=step)
            with closing(release.coupons_of(folder)) as coupons:
                n_coupons = what.write_coupons(coupons, renew=renew)
            self._expect_whole(manifest, written._replace(coupons=n_coupons))
            now = self._swap(before, version, (folder / release.MANIFEST).read_bytes())
            if now is None:
                raise _gone(version)
            if now != version:
                raise _overtaken(now, before, f"`cartera publish {folder}` publishes it again")
        except StoreError:
            with suppress(StoreError):  # a full store, above all, needs its memory back
                self._drop_unpublished(version, n_chunks=n_chunks(manifest))
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
            raise self._unpublished(version)
        if now != version:
            raise _overtaken(now, before, f"`cartera releases promote {version}` promotes it")

    def loaded(self, version: str) -> Loaded:
        """Return a published release, out of the store alone.

        Raises:
            StoreError: It is not published.
            ArtifactError: It cannot be read, or the store holds something else than was written.
        """
        text: Any = asked(self.store.hget, self.keys.releases, version)
        if text is None:
            raise self._unpublished(version)
        manifest = Manifest.from_json(text)
        return Loaded.from_arrays(manifest, bundle.unpack(self._of(version).bundle(manifest)))

    def has(self, version: str) -> bool:
        """Whether a release is published, now."""
        return bool(asked(self.store.hexists, self.keys.releases, version))

    def profile(self, version: str, customer_id: str) -> bytes | None:
        """Return a customer's packed profile, or None where the release does not know them."""
        return self._of(version).profile(customer_id)

    def profiles(self, version: str) -> Iterator[dict[bytes, bytes]]:
        """Yield the packed profiles of each shard's customers by id; empty in older releases."""
        return self._of(version).profiles()

    def _of(self, version: str) -> InStore:
        return InStore(self.store, self.keys, version)

    def _unpublished(self, version: str) -> StoreError:
        return StoreError(
            f"release {version} is not published; expected one of: "
            f"{', '.join(self._versions()) or 'none yet'}; publish it with `cartera publish`"
        )

    def _versions(self) -> list[str]:
        """Every published version, oldest first, whether we can read its manifest or not."""
        found: Any = asked(self.store.hkeys, self.keys.releases)
        return sorted(version.decode() for version in found)

    def _served(self) -> list[str]:
        """What served before the current release, the latest first."""
        found: Any = asked(self.store.lrange, self.keys.served, 0, -1)
        return [version.decode() for version in found]

    def _renew(self, version: str) -> None:
        """Say that this publisher is at work, if nobody has removed what it wrote."""
        if asked(self.store.hset, self.keys.publishing, version, int(time.time())):
            raise _gone(version)

    def _expect_whole(self, manifest: Manifest, written: Counts) -> None:
        """Count what the store has, for it may have restarted empty or evicted something."""
        found = self._of(manifest.version).counts(manifest)
        expected = written._replace(n_bytes=manifest.files[release.BUNDLE].n_bytes)
        if found != expected:
            raise StoreError(
                f"the store holds {_told(found)} of {manifest.version}, where {_told(expected)} "
                "were written; check that it keeps what it is given, then publish again"
            )

    def _swap(
        self, before: str, version: str, manifest: bytes = b"", *, back: str = ""
    ) -> str | None:
        keys = self.keys.current, self.keys.releases, self.keys.publishing, self.keys.served
        told = before, version, manifest, back
        answer: Any = asked(self.store.eval, _SWAP, len(keys), *keys, *told)
        return None if answer is None else str(answer.decode())

    def _prune(self) -> None:
        """Drop all but the current release and the two that served before it."""
        for version in self._versions():
            self._drop(version)
        asked(self.store.ltrim, self.keys.served, 0, N_PREVIOUS - 1)

    def _sweep(self) -> None:
        """Drop what publishers left who died."""
        started: Any = asked(self.store.hgetall, self.keys.publishing)
        for name, at in started.items():
            if time.time() - int(at) > ABANDONED_S:
                self._drop_unpublished(name.decode())

    def _drop_unpublished(self, version: str, *, n_chunks: int = 0) -> None:
        if version not in self._versions():
            self._drop(version, n_chunks=n_chunks)
        asked(self.store.hdel, self.keys.publishing, version)

    def _drop(self, version: str, *, n_chunks: int = 0) -> None:
        """Drop a release at once or not at all, or keys would be left that nobody knows of.

        What serves at that moment, or served just before, is left alone. It may have ``n_chunks``
        chunks; more are looked for.
        """
        what = self._of(version)
        n_chunks = what.chunks(at_least=n_chunks)

        def drop(pipeline: Pipeline) -> None:
            kept: list[Any] = [pipeline.get(self.keys.current)]
            kept += pipeline.lrange(self.keys.served, 0, N_PREVIOUS - 1)
            pipeline.multi()
            if version.encode() in kept:
                return
            pipeline.hdel(self.keys.releases, version)
            pipeline.hdel(self.keys.publishing, version)
            what.unlink(pipeline, n_chunks=n_chunks)

        asked(self.store.transaction, drop, self.keys.current, self.keys.served)


def _told(counts: Counts) -> str:
    return (
        f"{counts.n_bytes:,} bytes of models, {counts.records:,} records, "
        f"{counts.histories:,} histories, {counts.profiles:,} profiles and the coupons of "
        f"{counts.coupons:,} customers"
    )


def _gone(version: str) -> StoreError:
    return StoreError(
        f"what was written of {version} is gone again: the store was emptied, or another publisher "
        "published it too or took this one for dead; publish it again if it does not serve"
    )


def _overtaken(now: str, before: str, remedy: str) -> StoreError:
    found = f"release {now} began to serve meanwhile" if now else "no release serves any more"
    return StoreError(f"{found}, where {before or 'none'} was expected; {remedy}")
