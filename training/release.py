"""A release on disk: a directory that can be copied, checked and published.

    DATA_DIR/releases/NAMESPACE/VERSION/
        bundle.bin      every model of the server, as mapped arrays (models.artifacts.bundle)
        customers.bin   id, record, history and profile of each customer, end to end
        coupons.bin     id and names of coupons of each customer who redeemed any, likewise
        manifest.json   written last: a directory without it is not a release

A customer in ``customers.bin`` is four lengths (u16, u16, u32, u16) and four runs of bytes: it is
written and read as a stream, since ten million of them need not fit in memory. Before format 3 of
the manifest there were no profiles, nor their lengths. One in ``coupons.bin`` is two lengths (u16,
u32) and two runs; there is no such file where nobody redeemed anything, or a version of before
wrote the release.
"""

import mmap
import re
import shutil
import struct
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import accumulate
from pathlib import Path
from types import MappingProxyType

import orjson

from models.artifacts import bundle
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.keys import LAYOUT
from models.artifacts.manifest import FORMAT, File, Manifest
from models.errors import ArtifactCorrupt
from models.loaded import Loaded
from training.errors import UnreadableFile

BUNDLE = "bundle.bin"
CUSTOMERS = "customers.bin"
COUPONS = "coupons.bin"
MANIFEST = "manifest.json"
N_KEPT = 3
DEAD_S = 3600
"""A writer that has not touched its directory for an hour is dead."""

_VERSION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")
_LENGTHS = struct.Struct("<HHIH")
_LENGTHS_BEFORE_3 = struct.Struct("<HHI")
_LENGTHS_OF_COUPONS = struct.Struct("<HI")
Customer = tuple[str, CustomerRecord | None, History | None, bytes]
"""A customer's id, record, history and packed profile; who never bought has the last alone."""
Packed = tuple[str, bytes, bytes, bytes]
"""A customer's id, record, history and profile; empty where there is none."""
Coupons = Mapping[str, Sequence[str]]
"""Names of the coupons that each customer redeemed."""


def write(
    folder: Path,
    loaded: Loaded,
    customers: Iterable[Customer],
    *,
    coupons: Coupons = MappingProxyType({}),
    step: Callable[[int], None] = lambda _done: None,
) -> Manifest:
    """Write a release into ``folder`` and return its manifest, now with the files' checksums.

    It is written as this version of Cartera writes, whatever version ``loaded`` came from.

    Args:
        folder: Made here; its name should be the version's.
        loaded: Every model of the server.
        customers: Streamed.
        coupons: Of those of them who redeemed any.
        step: Told how many customers are written, now and then.
    """
    folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    files = {
        BUNDLE: _write(folder / BUNDLE, bundle.pack(loaded.arrays())),
        CUSTOMERS: _write(folder / CUSTOMERS, _packed(customers, step)),
    }
    if coupons:
        files[COUPONS] = _write(folder / COUPONS, _packed_coupons(coupons))
    manifest = replace(loaded.manifest, files=files, layout=LAYOUT, format=FORMAT)
    _write(folder / MANIFEST, [manifest.to_json()])
    return manifest


def _write(path: Path, pieces: Iterable[bytes]) -> File:
    digest, n_bytes = sha256(), 0
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            n_bytes += len(piece)
    return File(sha256=digest.hexdigest(), n_bytes=n_bytes)


def _packed(customers: Iterable[Customer], step: Callable[[int], None]) -> Iterator[bytes]:
    for done, (id_, record, history, profile) in enumerate(customers, start=1):
        bought = (part.pack() if part is not None else b"" for part in (record, history))
        parts = id_.encode(), *bought, profile
        yield _LENGTHS.pack(*map(len, parts)) + b"".join(parts)
        if done % 500 == 0:
            step(done)


def _packed_coupons(coupons: Coupons) -> Iterator[bytes]:
    for id_, names in coupons.items():
        parts = id_.encode(), orjson.dumps(names)
        yield _LENGTHS_OF_COUPONS.pack(*map(len, parts)) + b"".join(parts)


def manifest_of(folder: Path) -> Manifest:
    """Read a release's manifest.

    Raises:
        UnreadableFile: There is none.
        ArtifactError: It is not one this release of Cartera reads.
    """
    path = folder / MANIFEST
    if not path.is_file():
        raise UnreadableFile(
            f"{folder} holds no {MANIFEST}, so it is no release or was not finished; "
            "expected a directory under releases/ of the data directory; train again"
        )
    manifest = Manifest.from_json(path.read_bytes())
    if set(manifest.files) - {COUPONS} != {BUNDLE, CUSTOMERS}:
        raise ArtifactCorrupt(
            f"{path} does not name {BUNDLE} and {CUSTOMERS} with their checksums; train again"
        )
    return manifest


def load(folder: Path) -> Loaded:
    """Check a release's files and return its models, mapped.

    Raises:
        ArtifactError: A file is damaged; says which and how.
    """
    files = manifest_of(folder).files
    for name in files.keys() - {BUNDLE}:
        files[name].check(name, _mapped(folder / name))
    return models_of(folder)


def models_of(folder: Path) -> Loaded:
    """Check a release's bundle alone and return its models, mapped.

    Raises:
        UnreadableFile: There is no release.
        ArtifactError: The bundle or the manifest is damaged; says how.
    """
    manifest, content = manifest_of(folder), _mapped(folder / BUNDLE)
    manifest.files[BUNDLE].check(BUNDLE, content)
    return Loaded.from_arrays(manifest, bundle.unpack(content))


def _mapped(path: Path) -> memoryview:
    if not path.is_file() or not path.stat().st_size:
        raise ArtifactCorrupt(f"{path.name} is missing or empty; train and publish again")
    with path.open("rb") as file:
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def customers_of(folder: Path) -> Generator[Packed]:
    """Yield every customer of a release, in the order of writing.

    Raises:
        ArtifactCorrupt: The file ends within a customer.
    """
    lengths = _LENGTHS if manifest_of(folder).format >= 3 else _LENGTHS_BEFORE_3
    for sizes, body in _bodies(folder / CUSTOMERS, lengths):
        first, second, third = list(accumulate(sizes))[:3]
        yield body[:first].decode(), body[first:second], body[second:third], body[third:]


def coupons_of(folder: Path) -> Generator[tuple[str, bytes]]:
    """Yield each customer who redeemed coupons, and their names as JSON.

    Raises:
        ArtifactCorrupt: The file ends within a customer.
    """
    if COUPONS not in manifest_of(folder).files:
        return
    for (first, _), body in _bodies(folder / COUPONS, _LENGTHS_OF_COUPONS):
        yield body[:first].decode(), body[first:]


def _bodies(path: Path, lengths: struct.Struct) -> Iterator[tuple[tuple[int, ...], bytes]]:
    with path.open("rb") as file:
        while head := file.read(lengths.size):
            whole = len(head) == lengths.size
            sizes = lengths.unpack(head) if whole else (1,)
            body = file.read(sum(sizes))
            if len(body) != sum(sizes):
                raise ArtifactCorrupt(f"{path.name} ends within a customer; train again")
            yield sizes, body


def prune(releases: Path, keep: set[str]) -> None:
    """Remove release directories but the newest ``N_KEPT`` and those named in ``keep``.

    Directories of writers who died are removed as well. What is not named like a version is not
    ours, and stays; so does what cannot be removed.
    """
    ours = sorted(
        folder
        for folder in releases.iterdir()
        if _VERSION.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink()
    )
    finished = [folder for folder in ours if (folder / MANIFEST).is_file()]
    dead = [folder for folder in ours if folder not in finished and _is_dead(folder)]
    for folder in (*finished[:-N_KEPT], *dead):
        if folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _is_dead(unfinished: Path) -> bool:
    try:
        touched = [path.stat().st_mtime for path in (unfinished, *unfinished.iterdir())]
    except FileNotFoundError:  # another trainer is removing it
        return False
    return time.time() - max(touched) > DEAD_S
