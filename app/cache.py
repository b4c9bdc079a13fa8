"""Copies of releases on this machine's disk: mapped, so that workers share their memory.

    DATA_DIR/cache/<namespace>/<version>.bin    the bundle
    DATA_DIR/cache/<namespace>/<version>.json   its manifest; written when it begins to serve

A file is written under another name and renamed, so what has its name is whole; it is checked
against the manifest all the same whenever it is opened, since disks forget. A server that starts
while the store is away serves what served last.

Workers that each fetched a copy would map the copy that the next one's replaced, and share
nothing; so whoever fetches holds a lock on the folder, which ends with its process.
"""

import fcntl
import mmap
import os
import re
import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from models.artifacts import bundle
from models.artifacts.manifest import Manifest
from models.asked import Query
from models.errors import ArtifactCorrupt, ArtifactError
from models.item_to_item import similar
from models.loaded import Loaded
from models.recommend import recommend
from models.shaping.rules import parse

BUNDLE = "bundle.bin"
N_KEPT = 3
"""The current release and the previous two."""
ABANDONED_S = 600.0
"""A file that nobody has written to for so long, and that has no name yet, will never have one."""

_VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", re.ASCII)


class Cache:
    """The release files of one namespace. Every method blocks: call it from a thread."""

    def __init__(self, data_dir: Path, namespace: str) -> None:
        """Prepare; nothing is written yet."""
        self._folder = data_dir / "cache" / namespace
        self._hopeless: dict[bytes, str] = {}
        """Manifests whose bundle is what they say and cannot be used, with the reason."""

    def tidy(self) -> None:
        """Remove what workers that were killed have left half written."""
        oldest = time.time() - ABANDONED_S
        for path in self._folder.glob(".*"):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def lock(self) -> int | None:
        """Return the open lock of whoever may fetch, to be closed, or None while another has it."""
        self._folder.mkdir(parents=True, exist_ok=True)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(folder)
            return None
        except OSError:  # a disk that knows no locks: each worker fetches for itself
            return folder
        return folder

    def load(self, text: bytes) -> Loaded | None:
        """Return the release of the manifest ``text``, or None where its bundle is not here.

        A bundle that fails its checksum is not here either: it is fetched again. One that passes
        and cannot be used is removed, and refused unread from then on.

        Raises:
            ArtifactError: The manifest or what it announces cannot be used.
        """
        if text in self._hopeless:
            raise ArtifactCorrupt(self._hopeless[text])
        manifest = checked_manifest(text)
        path = self._path(manifest.version, ".bin")
        if not path.is_file() or path.stat().st_size != manifest.files[BUNDLE].n_bytes:
            return None
        with path.open("rb") as file:
            content = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        try:
            manifest.files[BUNDLE].check(BUNDLE, content)
        except ArtifactCorrupt:
            return None
        try:
            return _warmed(Loaded.from_arrays(manifest, bundle.unpack(content)))
        except ArtifactError as problem:
            self._hopeless[text] = str(problem)
            path.unlink(missing_ok=True)
            raise

    def begin(self) -> IO[bytes]:
        """Return a new file to write a bundle into; ``finish`` gives it its name."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return NamedTemporaryFile(dir=self._folder, prefix=".", delete=False)

    def finish(self, path: Path, manifest: Manifest) -> None:
        """Check the written bundle at ``path`` and give it its name.

        Raises:
            ArtifactCorrupt: What was written is not what the manifest says.
        """
        if not path.stat().st_size:
            raise ArtifactCorrupt(f"{BUNDLE} is empty; publish the release again")
        with (
            path.open("rb") as file,
            mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as mapped,
            memoryview(mapped) as content,
        ):
            manifest.files[BUNDLE].check(BUNDLE, content)
        path.replace(self._path(manifest.version, ".bin"))

    def served(self, text: bytes) -> None:
        """Note that the release of this manifest serves from now on; remove the oldest others."""
        path = self._path(checked_manifest(text).version, ".json")
        path.parent.mkdir(parents=True, exist_ok=True)
        with NamedTemporaryFile(dir=path.parent, prefix=".", delete=False) as file:
            written = Path(file.name)
            try:
                file.write(text)
                file.flush()
                written.replace(path)
            except OSError:
                written.unlink(missing_ok=True)
                raise
        for old in self._latest()[N_KEPT:]:
            old.with_suffix(".bin").unlink(missing_ok=True)
            old.unlink(missing_ok=True)

    def manifests(self) -> list[bytes]:
        """Return the manifests of what served here, the latest first."""
        found = []
        for path in self._latest():
            with suppress(FileNotFoundError):
                found.append(path.read_bytes())
        return found

    def _latest(self) -> list[Path]:
        """Return the manifests' files, the latest first; another worker may be removing some."""
        ages: list[tuple[int, Path]] = []
        for path in self._folder.glob("[!.]*.json"):
            with suppress(FileNotFoundError):
                ages.append((path.stat().st_mtime_ns, path))
        return [path for _, path in sorted(ages, reverse=True)]

    def _path(self, version: str, suffix: str) -> Path:
        return self._folder / f"{version}{suffix}"


def checked_manifest(text: bytes) -> Manifest:
    """Read a manifest whose version may name a file and which announces a bundle.

    Raises:
        ArtifactError: It cannot be used.
    """
    manifest = Manifest.from_json(text)
    if not _VERSION.fullmatch(str(manifest.version)):
        raise ArtifactCorrupt("the release's version is not a plain word; publish it again")
    if BUNDLE not in manifest.files:
        raise ArtifactCorrupt(
            f"release {manifest.version} announces no {BUNDLE}; train and publish again"
        )
    return manifest


def _warmed(loaded: Loaded) -> Loaded:
    """Answer once, so that no customer waits for what is computed at first use."""
    recommend(loaded, Query())
    if len(loaded.catalogue):
        first = Query(context=loaded.catalogue.ids.rows_of([loaded.catalogue.ids.id_of(0)]))
        recommend(loaded, first)
        similar(loaded, first)
        recommend(loaded, Query(filter=parse({"eq": ["category", ""]})))
        recommend(loaded, Query(searched="-a-"))
    return loaded
