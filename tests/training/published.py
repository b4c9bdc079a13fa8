"""Releases of the tiny shop on disk, and whether a store holds one of them whole."""

import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

import orjson
import redis

from models.artifacts.keys import CHUNK_BYTES, N_SHARDS, Keys, shard_of
from models.artifacts.manifest import Manifest
from tests import shop
from training import release
from training.publish import Releases


def written(
    folder: Path,
    version: str,
    *,
    n_customers: int = 3,
    coupons: Mapping[str, Sequence[str]] = MappingProxyType({}),
) -> Path:
    """Write release ``version`` and return its directory; its customers are c-0, c-1, …"""
    made = shop.tiny(version)
    record, history = made.customers["ana"]
    profile = made.profiles["ana"]
    release.write(
        folder / version,
        made.loaded,
        (
            (f"c-{n}", replace(record, scores=record.scores * (n + 1)), history, profile)
            for n in range(n_customers)
        ),
        coupons=coupons,
    )
    return folder / version


def before_profiles(folder: Path) -> Path:
    """Rewrite a release as the version before wrote it: three lengths a customer, no profiles."""
    kept = [packed for packed in release.customers_of(folder) if packed[1]]
    customers = b"".join(
        struct.pack("<HHI", len(id_.encode()), len(record), len(history))
        + id_.encode()
        + record
        + history
        for id_, record, history, _ in kept
    )
    (folder / release.CUSTOMERS).write_bytes(customers)
    told = orjson.loads((folder / release.MANIFEST).read_bytes()) | {"format": 2}
    del told["layout"], told["intervals"]
    told["files"][release.CUSTOMERS] = {
        "sha256": sha256(customers).hexdigest(),
        "n_bytes": len(customers),
    }
    (folder / release.MANIFEST).write_bytes(orjson.dumps(told))
    return folder


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
        for id_, *packed in release.customers_of(folder):
            of_shard = keys.customers(manifest.version, shard_of(id_))
            expected |= {key for key, one in zip(of_shard, packed, strict=True) if one}
        expected |= {
            keys.coupons(manifest.version, shard_of(id_)) for id_, _ in release.coupons_of(folder)
        }
    return expected


def holds(releases: Releases, folder: Path) -> bool:
    """Whether the store has the release in ``folder``, every byte of it."""
    store, keys, version = releases.store, releases.keys, folder.name
    manifest = store.hget(keys.releases, version)
    if manifest != (folder / release.MANIFEST).read_bytes():
        return False
    digest, n = sha256(), 0
    while chunk := store.get(keys.chunk(version, n)):
        digest.update(chunk)  # type: ignore[arg-type]  # no awaitable: the client is synchronous
        n += 1
    if digest.hexdigest() != Manifest.from_json(manifest).files[release.BUNDLE].sha256:
        return False
    written: set[object] = set()
    for id_, *packed in release.customers_of(folder):
        of_shard = keys.customers(version, shard_of(id_))
        written |= {
            (key, id_.encode(), one) for key, one in zip(of_shard, packed, strict=True) if one
        }
    written |= {
        (keys.coupons(version, shard_of(id_)), id_.encode(), names)
        for id_, names in release.coupons_of(folder)
    }
    every = [key for shard in range(N_SHARDS) for key in keys.customers(version, shard)]
    every += [keys.coupons(version, shard) for shard in range(N_SHARDS)]
    asked = store.pipeline(transaction=False)
    for key in every:
        asked.hgetall(key)
    return written == {
        (key, id_, packed)
        for key, found in zip(every, asked.execute(), strict=True)
        for id_, packed in found.items()
    }
