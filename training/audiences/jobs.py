"""Audiences that wait are built, one at a time, beside the work of whoever runs this.

Every second a thread looks whether anything about audiences has changed, or another release serves.
Where there is something to do, and no other worker does it, it takes the permit and starts a
process for it (``training.audiences.run``). While that lives, the thread keeps the permit and looks
whether the audience is still wanted. If this worker is killed, the kernel kills the process (where
there is no Linux, the process ends when it next writes), the permit ends after ten seconds, and
another worker begins the build anew. A worker that ends in good order leaves it to the others at
once.
"""

import os
import threading
from contextlib import suppress

import redis
import structlog

from training.audiences.foreman import Foreman, Pace
from training.errors import StoreError
from training.publish import Releases

_LAST_S = 5.0
_ONE_CORE = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
"""What a build has of the machine; whoever sets these is heeded."""

log = structlog.get_logger(__name__)


class Jobs:
    """A thread that has audiences built."""

    def __init__(
        self, *, releases: Releases, store: redis.Redis, urls: tuple[str, str], pace: Pace
    ) -> None:
        """Prepare; the stores are its own, and closed by ``stop``.

        Args:
            releases: Those of the namespace, in the store that has the customers.
            store: The one that has the audiences.
            urls: The addresses of both, for the processes.
            pace: How often what is done.
        """
        self._stores = releases.store, store
        self._pace = pace
        env = {
            **_ONE_CORE,
            **os.environ,
            "CARTERA_REDIS_URL": urls[0],
            "CARTERA_EVENTS_REDIS_URL": urls[1],
            "CARTERA_NAMESPACE": releases.keys.namespace,
        }
        self._foreman = Foreman(releases=releases, store=store, env=env, pace=pace)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._go_round, name="audiences", daemon=True)
        self._failing = False

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End what is being built, and leave it to others; call it once, started or not."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(_LAST_S)
        for store in self._stores:
            store.close()

    def _go_round(self) -> None:
        while not self._ended.wait(self._wait_s):
            try:
                self._foreman.turn()
            except StoreError as problem:
                self._fail(str(problem))
            except Exception as problem:  # noqa: BLE001  # builds must not end with one fault
                self._fail(type(problem).__name__)
            else:
                self._failing = False
        with suppress(StoreError):  # the permit ends by itself
            self._foreman.end()

    @property
    def _wait_s(self) -> float:
        return self._pace.watch_s if self._foreman.is_building else self._pace.look_s

    def _fail(self, reason: str) -> None:
        if not self._failing:
            log.error("audiences are not looked after; trying again", reason=reason)
        self._failing = True
