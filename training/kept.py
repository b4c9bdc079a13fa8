"""A child process that is started again when it dies: at once, and ever later if it keeps dying."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from training.errors import StoreError

_SETTLED_AFTER_S = 10.0
_LONGEST_PAUSE_S = 5.0

log = structlog.get_logger(__name__)


@dataclass(slots=True, kw_only=True)
class Kept:
    """One child, tended by calling ``tend`` several times a second."""

    name: str
    alive: Callable[[], bool]
    start: Callable[[], object]
    """May raise ``StoreError``; that counts as a death."""
    deaths: int = 0
    """In a row; a child that has lived for ten seconds begins anew."""
    _running_since_s: float | None = None
    _start_at_s: float = -math.inf

    def tend(self, now_s: float) -> None:
        """Start the child if it is dead and its pause is over; ``now_s`` is a steady clock's."""
        if self.alive():
            if self._running_since_s is None:
                self._running_since_s = now_s
            return
        if self._running_since_s is not None:
            settled = now_s - self._running_since_s >= _SETTLED_AFTER_S
            self._running_since_s = None
            self._count_death(now_s, reason="died", forget=settled)
        if now_s >= self._start_at_s:
            try:
                self.start()
            except StoreError as error:
                self._count_death(now_s, reason=str(error), forget=False)
            else:
                self._running_since_s = now_s

    def _count_death(self, now_s: float, *, reason: str, forget: bool) -> None:
        self.deaths = 1 if forget else self.deaths + 1
        pause_s = 0.0 if self.deaths == 1 else min(2.0 ** (self.deaths - 3), _LONGEST_PAUSE_S)
        self._start_at_s = now_s + pause_s
        log.warning("will be started again", child=self.name, reason=reason, pause_s=pause_s)
