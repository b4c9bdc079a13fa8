"""The release that answers now, and how the next one takes its place.

Twice a second the store is asked which version should serve. A new one is fetched in chunks into
the cache directory, by one worker of the machine for all, checked against its manifest, mapped,
put together, tried once, and swapped in by one assignment: a request takes ``loaded`` once and
keeps it to its end, so no answer mixes two releases. A release that cannot be used is refused
with its reason, and the current one goes on serving.
"""

import asyncio
import contextlib
import os
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import structlog

from app.cache import BUNDLE, Cache, checked_manifest
from app.releases import Releases
from app.store import StoreAway
from models.artifacts.keys import CHUNK_BYTES
from models.artifacts.manifest import Manifest
from models.errors import ArtifactCorrupt, ArtifactError
from models.loaded import Loaded

POLL_S = 0.5
STUCK_S = 60.0
"""A worker that fetches for longer no longer keeps others from fetching too."""
AGAIN_S = 30.0
"""A refused release is looked at again after this long: it may have been published anew."""

_LOCK_EVERY_S = 0.05
_UNFORESEEN = (OSError, ValueError, TypeError, LookupError)

log = structlog.get_logger(__name__)


class Live:
    """Holds the loaded release and renews it."""

    def __init__(
        self,
        releases: Releases,
        cache: Cache,
        *,
        swapped: Callable[[Loaded], None] = lambda _loaded: None,
        refused: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing is loaded before ``start``.

        Args:
            releases: Where new ones come from.
            cache: Where they are kept.
            swapped: Told the release that begins to serve, for the metrics.
            refused: Told of each refused release, for the metrics.
        """
        self.loaded: Loaded | None = None
        self.answered = False
        """Whether the store, when last asked, said anything."""
        self.current: str | None = None
        """The version that the store named when it last answered; an emptied one names none."""
        self._releases = releases
        self._cache = cache
        self._swapped = swapped
        self._refused = refused
        self._refusals: dict[str, tuple[str, float]] = {}
        self._task: asyncio.Task[None] | None = None
        self._stopping = False

    async def start(self) -> None:
        """Load what the store names, or what served last where the store cannot be asked."""
        await self._on_disk(self._cache.tidy)
        await self.refresh()
        if self.loaded is None:
            await self._recall()
        self._task = asyncio.create_task(self._keep_fresh())

    async def stop(self) -> None:
        """Stop looking for new releases."""
        self._stopping = True
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def refresh(self) -> None:
        """Look once; take the new release if there is one that can be used."""
        try:
            version = await self._releases.current()
            self.answered, self.current = True, version
            serving = self.loaded.version if self.loaded is not None else None
            if version is not None and version != serving and not self._is_refused(version):
                await self._take(version)
        except StoreAway:
            self.answered = False

    async def _keep_fresh(self) -> None:
        # asyncio.wait_for of Python 3.11, which redis-py uses, may lose a cancellation.
        while not self._stopping:
            await asyncio.sleep(POLL_S)
            try:
                await self.refresh()
            except Exception:  # whatever it is, the current release serves on
                log.exception("refresh failed")

    async def _take(self, version: str) -> None:
        started = time.perf_counter()
        try:
            text = await self._releases.manifest(version)
            if text is None:
                raise ArtifactCorrupt("the store names a release and holds no manifest of it")
            loaded = await asyncio.to_thread(self._cache.load, text)
            if loaded is None:
                loaded = await self._fetched(text)
            if loaded is None or loaded.version != version:
                raise ArtifactCorrupt("the manifest belongs to another release; publish it again")
        except ArtifactError as problem:
            self._refuse(version, str(problem))
            return
        except _UNFORESEEN as problem:
            self._refuse(version, f"it cannot be put together: {type(problem).__name__}: {problem}")
            return
        self._swap(loaded, started)
        await self._on_disk(self._cache.served, text)

    async def _fetched(self, text: bytes) -> Loaded | None:
        """Fetch the bundle, unless another worker of this machine did so meanwhile."""
        async with self._alone():
            loaded = await asyncio.to_thread(self._cache.load, text)
            if loaded is None:
                await self._fetch(checked_manifest(text))
                loaded = await asyncio.to_thread(self._cache.load, text)
        return loaded

    @asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        """Wait for the only right to fetch; whoever holds it for too long is stuck."""
        patience = time.monotonic() + STUCK_S
        while (lock := await asyncio.to_thread(self._cache.lock)) is None:
            if self._stopping or time.monotonic() > patience:
                break
            await asyncio.sleep(_LOCK_EVERY_S)
        try:
            yield
        finally:
            if lock is not None:
                os.close(lock)

    @staticmethod
    async def _on_disk(work: Callable[..., None], *arguments: bytes) -> None:
        """Do what is good to have done: a full disk must not stop a release from serving."""
        try:
            await asyncio.to_thread(work, *arguments)
        except OSError as problem:
            log.warning("cache not kept", problem=f"{type(problem).__name__}: {problem.strerror}")

    async def _fetch(self, manifest: Manifest) -> None:
        file = await asyncio.to_thread(self._cache.begin)
        path = Path(file.name)
        try:
            with file:
                for n in range(-(-manifest.files[BUNDLE].n_bytes // CHUNK_BYTES)):
                    chunk = await self._releases.chunk(manifest.version, n)
                    if chunk is None:
                        raise ArtifactCorrupt(f"chunk {n} of the bundle is missing; publish again")
                    await asyncio.to_thread(file.write, chunk)
            await asyncio.to_thread(self._cache.finish, path, manifest)
        finally:
            path.unlink(missing_ok=True)

    async def _recall(self) -> None:
        """Serve what served last."""
        for text in await asyncio.to_thread(self._cache.manifests):
            started = time.perf_counter()
            try:
                loaded = await asyncio.to_thread(self._cache.load, text)
            except (ArtifactError, *_UNFORESEEN) as problem:
                log.warning("cached release refused", reason=str(problem))
                continue
            if loaded is not None:
                self._swap(loaded, started)
                return

    def _swap(self, loaded: Loaded, started: float) -> None:
        self.loaded = loaded
        self._refusals.clear()
        self._swapped(loaded)
        log.info(
            "release loaded",
            release=loaded.version,
            items=len(loaded.catalogue),
            load_ms=round((time.perf_counter() - started) * 1000, 1),
        )

    def _is_refused(self, version: str) -> bool:
        _, at = self._refusals.get(version, ("", -AGAIN_S))
        return time.monotonic() - at < AGAIN_S

    def _refuse(self, version: str, reason: str) -> None:
        before, _ = self._refusals.get(version, ("", 0.0))
        self._refusals[version] = (reason, time.monotonic())
        if reason != before:
            self._refused()
            log.error("release refused", release=version, reason=reason)
