"""The release that serves, followed as it changes.

Loading one takes seconds where a shop is large, and a worker that is silent that long loses its
shards. So it is loaded beside the work, which goes on with the release before.
"""

from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from math import isfinite

import structlog

from models.artifacts.recommendation_id import code
from models.errors import ArtifactError
from models.loaded import Loaded
from training.errors import StoreError
from training.publish import Releases

log = structlog.get_logger(__name__)


class Current:
    """The current release of one namespace."""

    def __init__(self, releases: Releases) -> None:
        """Load nothing yet."""
        self._releases = releases
        self._loading: tuple[str, Future[Loaded]] | None = None
        self._loader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="release")
        self._refused: str | None = None
        self.loaded: Loaded | None = None
        """None until there is one."""
        self.codes: Mapping[int, str] = {}
        """Every published version, by its code in a recommendation id."""
        self.is_known = False
        """Whether it is known what serves: before that no event should be learned, for it would be
        learned without a release."""

    def follow(self) -> None:
        """Look which release serves, and begin to load it, or take what has been loaded.

        A release that cannot be read is refused, in words on the log, until another one serves.

        Raises:
            StoreError: The store did not answer.
        """
        if self._loading is not None:
            self._take(*self._loading)
            return
        version = self._releases.current()
        if version is None or version in (self._refused, self._version):
            self.is_known = True
            return
        self._loading = version, self._loader.submit(self._releases.loaded, version)

    def stop(self) -> None:
        """Wait for nothing that is still being loaded."""
        self._loader.shutdown(wait=False, cancel_futures=True)

    def margin(self, item_id: str) -> float | None:
        """Return the share of an item's price that the shop earns; None where that is unknown."""
        if self.loaded is None:
            return None
        catalogue = self.loaded.catalogue
        row = catalogue.ids.row_of(item_id)
        if row is None:
            return None
        price, margin = float(catalogue.price[row]), float(catalogue.margin[row])
        return margin / price if isfinite(margin) and isfinite(price) and price > 0 else None

    @property
    def _version(self) -> str | None:
        return self.loaded.version if self.loaded is not None else None

    def _take(self, version: str, loading: Future[Loaded]) -> None:
        if not loading.done():
            return
        self._loading = None
        try:
            self.loaded = loading.result()
        except StoreError:
            return  # it may have been dropped meanwhile; the next look tells
        except ArtifactError as problem:
            self._refused, self.is_known = version, True
            log.error("release refused", release=version, reason=str(problem))
            return
        self._refused, self.is_known = None, True
        self.codes = {code(name): name for name in self._releases.manifests()} | {
            code(version): version
        }
        log.info("release loaded", release=version, items=len(self.loaded.catalogue))
