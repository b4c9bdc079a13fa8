"""What failed of late, how long to wait before it is tried again, and when that is enough."""

import time
from collections import Counter
from collections.abc import Set as AbstractSet

MAX_DEATHS = 3
LONGEST_WAIT_S = 60.0


class Patience:
    """Failures of one worker's builds, by audience."""

    def __init__(self, *, again_s: float) -> None:
        """Nothing has failed yet.

        Args:
            again_s: How long to wait before the second try; before each that follows, twice as
                long, up to a minute.
        """
        self._again_s = again_s
        self._failures: Counter[str] = Counter()
        self._deaths: Counter[str] = Counter()
        self._not_before_s: dict[str, float] = {}

    def may_try(self, audience_id: str) -> bool:
        """Whether the wait is over."""
        return self.not_before_s(audience_id) <= time.monotonic()

    def not_before_s(self, audience_id: str) -> float:
        """Return when it may be tried again, by the monotonic clock."""
        return self._not_before_s.get(audience_id, 0.0)

    def failed(self, audience_id: str) -> None:
        """Take note that a build could not go on."""
        wait_s = min(LONGEST_WAIT_S, self._again_s * 2 ** min(self._failures[audience_id], 16))
        self._failures[audience_id] += 1
        self._not_before_s[audience_id] = time.monotonic() + wait_s

    def died(self, audience_id: str) -> bool:
        """Take note that a build died; return whether that was once too often."""
        self.failed(audience_id)
        self._deaths[audience_id] += 1
        return self._deaths[audience_id] >= MAX_DEATHS

    def ended(self, audience_id: str) -> None:
        """Take note that a build has come to an end, good or bad: the next begins afresh."""
        for noted in (self._failures, self._deaths, self._not_before_s):
            noted.pop(audience_id, None)

    def forget_all_but(self, audience_ids: AbstractSet[str]) -> None:
        """Forget what is said of audiences that wait no more."""
        for audience_id in self._failures.keys() - audience_ids:
            self.ended(audience_id)
