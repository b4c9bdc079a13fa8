"""What came of each request, told to the log and the metrics a hundred times a second.

A line and four counters cost much less when those of a moment are written together than when each
request writes its own. Nothing is left out: a failure is told at once, the rest within a hundredth
of a second, before this worker is asked for the metrics, and when it stops.
"""

import asyncio
import time
from collections import defaultdict
from contextlib import suppress
from datetime import UTC, datetime

from app import log
from app.metrics import Metrics
from app.notes import Notes

_EVERY_S = 0.01
"""Longer would be cheaper, and would hold up whoever asks at that moment by some milliseconds."""
_QUIET = frozenset({"/livez", "/readyz", "/metrics"})
"""Asked every few seconds by machines; logged at debug, unless they fail."""
_FAILED = 400


class Seen:
    """Collects what came of requests, and tells it."""

    def __init__(self, metrics: Metrics) -> None:
        """Begin with none."""
        self._metrics = metrics
        self._requests: list[tuple[str, str, int, float, float, Notes]] = []
        self._timer: asyncio.TimerHandle | None = None

    def note(self, method: str, route: str, status: int, *, seconds: float, notes: Notes) -> None:
        """Take a request that was answered.

        Args:
            method: Of HTTP.
            route: The template, never the path.
            status: Of HTTP.
            seconds: How long it took.
            notes: What else its line says.
        """
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_EVERY_S, self.tell)
        self._requests.append((method, route, status, seconds, time.time(), notes))
        if status >= _FAILED:
            self.tell()

    def tell(self) -> None:
        """Tell all that was not yet told."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        requests, self._requests = self._requests, []
        took: defaultdict[tuple[str, str, int], list[float]] = defaultdict(list)
        lines = []
        for method, route, status, seconds, at, notes in requests:
            took[method, route, status].append(seconds)
            line = {
                "event": "request",
                "method": method,
                "route": route,
                "status": status,
                "ms": round(seconds * 1000, 2),
                **notes,
                "level": "info",
                "timestamp": datetime.fromtimestamp(at, UTC),
            }
            if route in _QUIET and status < _FAILED:
                line["level"] = "debug"
            lines.append(line)
        for (method, route, status), each in took.items():
            self._metrics.requests(method, route, status, seconds=each)
        with suppress(OSError):  # a log that cannot be written to: there is nowhere to say so
            log.write(lines)
