"""Sees to it that audiences are built: starts a process for each, one at a time, and watches it.

What fails is tried again, later each time. A build whose process dies three times here (of memory,
most likely), or that was begun ten times by anybody and never ended, fails for good.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

import redis
import structlog

from models.artifacts.audience import Audience, Stands
from training.audiences.building import fail
from training.audiences.patience import MAX_DEATHS, Patience
from training.audiences.permit import Permit
from training.audiences.run import AGAIN
from training.audiences.standing import Overtaken, Standing, Unwanted, now_ms
from training.audiences.waiting import Waiting, forget, is_due, read
from training.processes import spawn
from training.publish import Releases
from training.store_calls import asked

MAX_TRIES = 10
_NONE = ""
"""Stands for an audience where none is built, and only what is of no use is taken back."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often what is done."""

    look_s: float = 1.0
    """Between two looks whether there is something to do, or whether it is still wanted."""
    watch_s: float = 0.2
    """Between two looks whether a process has ended."""
    lease_ms: int = 10_000
    """How long after the death of a worker another one may build."""
    again_s: float = 1.0
    """How long after a first failure it is tried again."""


@dataclass(slots=True, kw_only=True)
class _Running:
    """A process that builds."""

    audience_id: str
    process: "subprocess.Popen[bytes]"
    looked_s: float


class Foreman:
    """Has audiences built. Its methods raise ``StoreError`` where a store fails."""

    def __init__(
        self, *, releases: Releases, store: redis.Redis, env: Mapping[str, str], pace: Pace
    ) -> None:
        """Start nothing yet.

        Args:
            releases: Those of the namespace, in the store that has the customers.
            store: The one that has the audiences.
            env: The whole environment of the processes; it names both stores and the namespace.
            pace: How often what is done.
        """
        self._releases, self._store, self._keys = releases, store, releases.keys
        self._env, self._pace = env, pace
        self._permit = Permit(store, releases.keys, lease_ms=pace.lease_ms)
        self._patience = Patience(again_s=pace.again_s)
        self._running: _Running | None = None
        self._settled: object = None
        """How things stood when there was nothing to do."""
        self._next_s = 0.0
        """When there will be something to do all the same."""

    @property
    def is_building(self) -> bool:
        """Whether a process of ours runs."""
        return self._running is not None

    def turn(self) -> None:
        """Start what is to be done, if nothing runs and nobody else does it; else watch over it."""
        if self._running is None:
            self._look()
        else:
            self._watch(self._running)

    def end(self) -> None:
        """End what runs, and leave it to others at once."""
        if self._running is None:
            return
        audience_id = self._running.audience_id
        self._kill(self._running)
        with suppress(Overtaken, Unwanted):
            stands = self._stands(audience_id)
            if stands is not None and stands.status == "building":
                left = replace(stands, status="queued", step="", progress=0.0)
                self._standing(audience_id).tell(replace(left, tries=stands.tries - 1))
        self._permit.let_go()

    def _look(self) -> None:
        names = self._keys.audience_changes, self._keys.audience_building
        changes, holder = asked(self._store.mget, names)
        if holder is not None:
            return
        release = self._releases.current()
        if (changes, release) == self._settled and time.monotonic() < self._next_s:
            return
        if not self._permit.take():
            return
        try:
            self._begin(read(self._store, self._keys), release)
        finally:
            if self._running is None:
                self._permit.let_go()
        self._settled = (changes, release) if self._running is None else None

    def _begin(self, waiting: Waiting, release: str | None) -> None:
        """Do what takes no process, and start one for the rest, if there is any."""
        now = now_ms()
        self._patience.forget_all_but({_NONE, *(one.id for one in waiting.audiences)})
        for audience in waiting.audiences:
            if audience.has_expired(now_ms=now):
                forget(self._store, self._keys, audience.id)
        due = [one for one in waiting.audiences if is_due(one, release=release, now_ms=now)]
        ids = [one.id for one in due if not self._is_given_up(one, release)]
        ids += [_NONE] if waiting.stale(now) else []
        first = next((id_ for id_ in ids if self._patience.may_try(id_)), None)
        if first is not None:
            self._spawn(first)
            return
        moments = [time.monotonic() + (waiting.next_ms(now) - now) / 1000]
        self._next_s = min([*moments, *map(self._patience.not_before_s, ids)])

    def _is_given_up(self, audience: Audience, release: str | None) -> bool:
        """Whether an audience was begun too often; then that is said of it."""
        stands = audience.stands
        if stands.release != release or stands.tries < MAX_TRIES:
            return False
        self._fail(audience.id, f"its build was begun {stands.tries} times and never ended")
        return True

    def _spawn(self, audience_id: str) -> None:
        arguments = [self._permit.word, *([audience_id] if audience_id else [])]
        process = spawn(
            [sys.executable, "-m", "training.audiences.run", *arguments],
            death_signal=signal.SIGKILL,
            env=self._env,
        )
        now_s = time.monotonic()
        self._running = _Running(audience_id=audience_id, process=process, looked_s=now_s)

    def _watch(self, running: _Running) -> None:
        code = running.process.poll()
        if code is not None:
            self._settle(running.audience_id, code)
        elif time.monotonic() - running.looked_s >= self._pace.look_s:
            running.looked_s = time.monotonic()
            if not self._permit.renew() or not self._is_wanted(running.audience_id):
                self._kill(running)
                self._permit.let_go()

    def _kill(self, running: _Running) -> None:
        """End a process in the middle of whatever it does: it loses nothing by that."""
        running.process.kill()
        running.process.wait()
        self._running = None

    def _settle(self, audience_id: str, code: int) -> None:
        """Take note of how a process has ended."""
        self._running = None
        if code == os.EX_OK:
            self._patience.ended(audience_id)
        elif code == AGAIN:
            self._patience.failed(audience_id)
        else:
            log.error("a build died", audience=audience_id, code=code)
            if self._patience.died(audience_id) and audience_id:
                self._fail(audience_id, f"its build died {MAX_DEATHS} times")
        self._permit.let_go()

    def _fail(self, audience_id: str, what: str) -> None:
        detail = (
            f"{what}, where it should have come to an end; the worker's log says why, and where it "
            "does not, memory is short: mend that, then ask for the audience anew"
        )
        with suppress(Overtaken, Unwanted):
            fail(self._standing(audience_id), detail)

    def _standing(self, audience_id: str) -> Standing:
        return Standing(
            store=self._store, keys=self._keys, audience_id=audience_id, word=self._permit.word
        )

    def _stands(self, audience_id: str) -> Stands | None:
        packed = asked(self._store.hget, self._keys.audience(audience_id), "stands")
        return None if packed is None else Stands.unpack(packed)

    def _is_wanted(self, audience_id: str) -> bool:
        if not audience_id:
            return True
        return bool(asked(self._store.hexists, self._keys.audience(audience_id), "asked"))
