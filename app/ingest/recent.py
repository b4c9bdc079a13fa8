"""What the store has taken in the last seconds, so that it can be told again after it died.

A store that forces its file out every second answers before it has even written, as long as the
disk is busy with the second before: for up to two seconds. Killed then, it forgets what it has
answered for: with a slow disk more than a quarter of all events, measured. A replica that takes
over may lack the last moments too. Whoever was told that an event is kept will not send it again;
so we do, when another process answers in the store's place. What was not lost is a duplicate.

They are kept packed, so that the garbage collector need not look through them.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence

KEPT_S = 5.0
MAX_BYTES = 64 * 1024 * 1024
"""Some 40,000 events a second for five seconds; more than a process can take."""


class Recent:
    """Entries of the spool that need not go there, as yet."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: deque[tuple[float, tuple[bytes, ...], int]] = deque()
        self._n_bytes = 0

    def note(self, entries: Sequence[bytes]) -> None:
        """Keep entries for some seconds; time stands still where nothing is noted."""
        now_s, n_bytes = self._clock(), sum(map(len, entries))
        self._kept.append((now_s, tuple(entries), n_bytes))
        self._n_bytes += n_bytes
        while self._kept[0][0] < now_s - KEPT_S or self._n_bytes > MAX_BYTES:
            self._n_bytes -= self._kept.popleft()[2]

    def take(self) -> list[bytes]:
        """Return what is kept, oldest first, and keep it no longer."""
        taken = [entry for _, entries, _ in self._kept for entry in entries]
        self._kept.clear()
        self._n_bytes = 0
        return taken
