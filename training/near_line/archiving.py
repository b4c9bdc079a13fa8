"""The archive, and the sums of what is counted, beside the work: events do not wait for a file."""

import threading

import redis
import structlog

from models.artifacts.keys import Keys
from training.data.archive import Archiver
from training.errors import StoreError
from training.near_line.folding import Folding

_LOOK_EVERY_S = 1.0
_LAST_S = 10.0

log = structlog.get_logger(__name__)


class Archiving:
    """A thread that writes the archive, if no other worker does, and adds up what is counted."""

    def __init__(self, store: redis.Redis, keys: Keys, url: str) -> None:
        """Prepare; the store is its own, and closed by ``stop``."""
        self._store = store
        self._archiver = Archiver(store, keys, url)
        self._folding = Folding(store, keys)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="archive", daemon=True)
        self._failing = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """Let a file that is being written be ended, but wait no longer than ten seconds for it.

        What it leaves undone then, another worker does again.
        """
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_S)
        self._store.close()

    def _go_round(self) -> None:
        while not self._ended.wait(_LOOK_EVERY_S):
            try:
                n = self._archiver.turn()
                self._folding.turn()
            except StoreError as problem:
                self._fail(str(problem))
            except Exception as problem:  # noqa: BLE001  # the archive must not end with one fault
                self._fail(type(problem).__name__)
            else:
                self._failing = False
                if n:
                    log.info("events archived", events=n)

    def _fail(self, reason: str) -> None:
        if not self._failing:
            log.error("the archive was not written; trying again", reason=reason)
        self._failing = True
