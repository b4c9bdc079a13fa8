"""Near-line learning: within a second, what a customer does is in their record.

    cartera worker ── leases of shards; any number of workers share them
      ├── reads events out of the shards' streams        training.near_line.streams
      ├── works out what they change                     training.near_line.effects
      ├── changes it and acknowledges, in one script     training.near_line.applying
      ├── writes the archive, if no other worker does    training.data.archive
      └── has audiences built, if no other worker does   training.audiences

A worker keeps nothing between two turns but its leases and the release. So kill -9 at any moment
loses nothing and doubles nothing: the events that it had read come again, to whoever has the shard
next, within seconds. SIGTERM and Ctrl-C end the turn and hand the shards over at once.
"""

import time
from collections.abc import Callable
from contextlib import closing, suppress

import redis
import structlog
from redis.backoff import NoBackoff
from redis.retry import Retry

from models import renewal
from models.artifacts.keys import Keys
from training.audiences.foreman import Pace
from training.audiences.jobs import Jobs
from training.endings import endings_noted
from training.errors import StoreError
from training.near_line.applying import MAX_DEAD, Applying
from training.near_line.archiving import Archiving
from training.near_line.current import Current
from training.near_line.effects import Learning, Renew
from training.near_line.leases import Leases
from training.near_line.reading import Reading
from training.near_line.streams import Streams
from training.near_line.turn import Done, Timing, Turns
from training.publish import Releases

_CONNECT_S = 1.0
_ANSWER_S = 5.0
_CHUNK_S = 30.0
"""A store that also serves may take its time for a bundle."""
_TOGETHER_S = 0.02
"""Events that come within this are learned together: turns cost more than events do."""
_AGAIN_S = 0.2
_TELL_EVERY_S = 10.0

log = structlog.get_logger(__name__)


class Worker:
    """One worker; ``run`` it, in one thread."""

    def __init__(
        self,
        *,
        url: str,
        events_url: str | None = None,
        namespace: str = "cartera",
        archive: str | None = None,
        audiences: Pace | None = None,
        timing: Timing = Timing(),  # noqa: B008  # frozen
        renew: Renew = renewal.renewed,
    ) -> None:
        """Prepare; nothing connects yet.

        Args:
            url: The store of releases and records, checked.
            events_url: The store of events; the same one where it is not given.
            namespace: First part of every key.
            archive: Folder or URL where events are kept for good; without it nowhere.
            audiences: How often to look for audiences that are to be built; without it none are.
            timing: How long what takes.
            renew: Makes a renewed record.
        """
        keys = Keys(namespace)
        self._stores = [_store(url, answer_s=_CHUNK_S), _store(url), _store(events_url or url)]
        bundles, records, events = self._stores
        self._current = Current(Releases(bundles, keys))
        self._leases = Leases(events, keys, lease_ms=timing.lease_ms)
        reading = Reading(events=events, releases=records, keys=keys)
        self._turns = Turns(
            leases=self._leases,
            streams=Streams(events, keys),
            learning=Learning(reading=reading, current=self._current, renew=renew),
            applying=Applying(events, keys),
            timing=timing,
        )
        self._archiving: Archiving | None = None
        if archive is not None:
            self._archiving = Archiving(_store(events_url or url, answer_s=_CHUNK_S), keys, archive)
        self._jobs: Jobs | None = None
        if audiences is not None:
            self._jobs = Jobs(
                releases=Releases(_store(url), keys),
                store=_store(events_url or url),
                urls=(url, events_url or url),
                pace=audiences,
            )
        self._told_s = time.monotonic()
        self._failing = False

    @property
    def release(self) -> str | None:
        """The version that records are renewed for; None without one."""
        return self._current.loaded.version if self._current.loaded is not None else None

    def run(self, ended: Callable[[], bool]) -> None:
        """Learn until ``ended`` says that it is enough, then hand the shards over.

        A store that fails is tried again until then, and said once.
        """
        log.info("worker started")
        if self._archiving is not None:
            self._archiving.start()
        if self._jobs is not None:
            self._jobs.start()
        while not ended():
            began_s = time.monotonic()
            if self._turn():
                time.sleep(max(0.0, began_s + _TOGETHER_S - time.monotonic()))
            self._tell(every_s=_TELL_EVERY_S)
        self._hand_over()

    def close(self) -> None:
        """Let go of the stores, and of nothing else: leases end by themselves."""
        if self._jobs is not None:
            self._jobs.stop()
        if self._archiving is not None:
            self._archiving.stop()
        self._current.stop()
        for store in self._stores:
            store.close()

    def _turn(self) -> int:
        try:
            n = self._turns.turn()
        except StoreError as problem:
            if not self._failing:
                log.warning("the store fails; trying again until it does not", reason=str(problem))
            self._failing = True
            self._turns.start_over()
            time.sleep(_AGAIN_S)
            return 0
        if self._failing:
            log.info("the store answers again")
        self._failing = False
        return n

    def _tell(self, *, every_s: float) -> None:
        done, now_s = self._turns.done, time.monotonic()
        if now_s - self._told_s < every_s:
            return
        self._told_s = now_s
        if done == Done():
            return
        log.info(
            "events applied",
            events=done.applied,
            records=done.renewed,
            longest_ms=done.longest_ms,
            dead=done.dead,
            **({"faults": dict(done.faults)} if done.faults else {}),
        )
        if done.dead:
            log.warning(
                "events put aside that nobody could apply; of a shard the last are kept",
                dead=done.dead,
                kept=MAX_DEAD,
            )
        self._turns.done = Done()

    def _hand_over(self) -> None:
        with suppress(StoreError):  # the leases end by themselves
            self._leases.give_up()
        self._tell(every_s=0)
        log.info("worker ended")


def run(*, url: str, events_url: str | None, namespace: str, archive: str) -> None:
    """Learn, and have audiences built, until SIGTERM, Ctrl-C or SIGHUP; from the main thread.

    Args:
        url: The store of releases and records, checked.
        events_url: The store of events; the same one where it is not given.
        namespace: First part of every key.
        archive: Folder or URL where events are kept for good.
    """
    made = Worker(
        url=url, events_url=events_url, namespace=namespace, archive=archive, audiences=Pace()
    )
    with endings_noted() as endings, closing(made) as worker:
        worker.run(lambda: bool(endings))


def _store(url: str, *, answer_s: float = _ANSWER_S) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        retry=Retry(NoBackoff(), 0),  # what ran, if an answer is lost, the events themselves tell
        socket_connect_timeout=_CONNECT_S,
        socket_timeout=answer_s,
    )
