"""Releases of the tiny shop on disk, and whether a store holds one of them whole."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import redis

from models.artifacts.keys import CHUNK_BYTES, N_SHARDS, Keys, shard_of
from models.artifacts.manifest import Manifest
from tests import shop
from training import release
from training.publish import Releases


def written(folder: Path, version: str, *, n_customers: int = 3) -> Path:
    """Write release ``version`` and return its directory; its customers are c-0, c-1, …"""
    made = shop.tiny(version)
    record, history = made.customers["ana"]
    release.write(
        folder / version,
        made.loaded,
        (
            (f"c-{n}", replace(record, scores=record.scores * (n + 1)), history)
            for n in range(n_customers)
        ),
    )
    return folder / version


@contextmanager
def namespace_of(url: str, namespace: str) -> Iterator[Releases]:
    """Give the releases of a namespace, and leave nothing of it behind."""
    with redis.Redis.from_url(url) as store:
        try:
            yield Releases(store, Keys(namespace))
        finally:
            if left := keys_of(store, namespace):
                store.unlink(*left)


def keys_of(store: redis.Redis, namespace: str) -> set[str]:
    return {key.decode() for key in store.scan_iter(f"{namespace}:*", count=1000)}


def expected_keys(
    keys: Keys, folders: Iterable[Path], *, chunk_bytes: int = CHUNK_BYTES
) -> set[str]:
    """Every key that a store with these releases holds, and no other."""
    expected = {keys.current, keys.releases}
    folders = list(folders)
    if len(folders) > 1:
        expected.add(keys.served)
    for folder in folders:
        manifest = release.manifest_of(folder)
        n_chunks = -(-manifest.files[release.BUNDLE].n_bytes // chunk_bytes)
        expected |= {keys.chunk(manifest.version, n) for n in range(n_chunks)}
        for id_, _, _ in release.customers_of(folder):
            expected.add(keys.records(manifest.version, shard_of(id_)))
            expected.add(keys.histories(manifest.version, shard_of(id_)))
    return expected


def holds(releases: Releases, folder: Path) -> bool:
    """Whether the store has the release in ``folder``, every byte of it."""
    store, keys, version = releases.store, releases.keys, folder.name
    manifest = store.hget(keys.releases, version)
    if manifest != release.manifest_of(folder).to_json():
        return False
    digest, n = sha256(), 0
    while chunk := store.get(keys.chunk(version, n)):
        digest.update(chunk)  # type: ignore[arg-type]  # no awaitable: the client is synchronous
        n += 1
    if digest.hexdigest() != Manifest.from_json(manifest).files[release.BUNDLE].sha256:
        return False
    customers = {id_.encode(): (record, history)
                 for id_, record, history in release.customers_of(folder)}  # fmt: skip
    found: dict[object, object] = {}
    for shard in range(N_SHARDS):
        records = store.hgetall(keys.records(version, shard))
        histories = store.hgetall(keys.histories(version, shard))
        found |= {id_: (records[id_], histories[id_]) for id_ in records}
    return found == customers
