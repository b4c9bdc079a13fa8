"""What a customer feels, on five levels; unknown is a level of its own, never invented.

Whoever rates, answers or complains has said something; whoever gives things back has shown it. All
of it fades with a half-life of ``HALF_LIFE_DAYS``, so that each piece of evidence ``j`` weighs
``w_j = WEIGHTS[kind] · 2 ** (-age / HALF_LIFE_DAYS)``, and their mood is the weighted mean

    mood = Σ w_j says_j / Σ w_j        rounded to the next level, halves upwards

where a rating or an answer says what it is, 1 to 5, a complaint says 1, and a day of returns says 2
where there is one to every two orders or more: rarer ones tell nothing. Then silence: who has
neither bought nor said anything for ``SILENT`` times their usual days between orders is a level
lower, where they had one. Unknown is who has ``Σ w_j`` up to ``LEAST``: who has only bought, who
has once given something back, and who said something too long ago (an answer is forgotten after two
half-lives, a rating after one).

What they say to the server moves the level at once, on top of the release's (``level_now``): that
level counts as one answer given today, and each piece of live feedback as above. Thanks say 5, with
the weight of a day of returns, so that politeness alone makes nobody's mood known. A complaint that
was resolved says 3, from the day it was: no grievance, no praise. One that was not does not fade,
and whoever waits for it is dissatisfied at best, whatever else they said.

The weights are ours, set so that each sentence above is true; no public set says better.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from math import floor
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

HALF_LIFE_DAYS = 180.0
"""After how many days what a customer said weighs half."""
WEIGHTS: Mapping[str, float] = {
    "satisfaction": 1.0,  # asked about the shop
    "complaint": 1.0,
    "rating": 0.5,  # of one item
    "return": 0.25,  # it may have been the size
    "thanks": 0.25,  # it may have been habit
}
COMPLAINT_SAYS = 1.0
RESOLVED_SAYS = 3.0
THANKS_SAY = 5.0
RETURN_SAYS = 2.0
TELLING_RETURNS = 0.5
"""From how many days with returns to an order on they tell anything."""
LEAST = 0.25
"""Nobody's satisfaction is known by evidence of this weight, or of less: a rating half a year old,
a day of returns."""
DAY_MS = 86_400_000
SILENT = 4.0
"""From how many times their usual days between orders on a customer's silence tells."""


class Satisfaction(IntEnum):
    """How satisfied a customer is, as far as they have let us know."""

    UNKNOWN = 0
    COMPLETELY_DISSATISFIED = 1
    DISSATISFIED = 2
    NEUTRAL = 3
    SATISFIED = 4
    COMPLETELY_SATISFIED = 5


class Spoken(Protocol):
    """Something that a customer said, as events have it."""

    @property
    def kind(self) -> str:
        """What it is: a rating, a complaint and so on."""

    @property
    def at_ms(self) -> int:
        """When, in milliseconds since 1970."""

    @property
    def value(self) -> int | str | None:
        """1 to 5, or ``opened`` or ``resolved``, or nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Sums of what customers have said and shown; every column of shape ``(n_customers,)``."""

    weight: NDArray[np.float64]
    """``Σ w_j`` of ratings, answers and complaints."""
    said: NDArray[np.float64]
    """``Σ w_j says_j`` of the same."""
    return_weight: NDArray[np.float64]
    """``Σ w_j`` of the days with returns."""
    return_days: NDArray[np.integer]
    """How many days with returns there are, however old."""
    orders: NDArray[np.integer]
    """Days with orders, however old; 0 of who never bought."""
    silence: NDArray[np.floating]
    """Days since they last bought or said anything / their usual days between orders; nan where
    the usual days are not known, which tells nothing."""


def decay(age_days: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return what is left of evidence: 1 when new, half after every ``HALF_LIFE_DAYS``."""
    return np.exp2(-age_days.astype(np.float64) / HALF_LIFE_DAYS)


def levels(evidence: Evidence) -> NDArray[np.uint8]:
    """Return the ``Satisfaction`` of each customer, as the head of this module has it."""
    is_telling = evidence.return_days >= TELLING_RETURNS * evidence.orders
    return_weight = np.where(is_telling, evidence.return_weight, 0.0)
    weight = evidence.weight + return_weight
    says = evidence.said + return_weight * RETURN_SAYS
    is_known = weight > LEAST
    mood = np.divide(says, weight, out=np.ones_like(weight), where=is_known)
    level = np.floor(mood + 0.5) - (evidence.silence >= SILENT)
    level = np.maximum(level, Satisfaction.COMPLETELY_DISSATISFIED)
    return np.where(is_known, level, Satisfaction.UNKNOWN).astype(np.uint8)


def level_now(level: Satisfaction, said: Sequence[Spoken], *, now_ms: int) -> Satisfaction:
    """Return the level of a customer who has said something lately.

    Live feedback always counts on top: what a release was trained on too then counts in both, in
    the same direction, until it leaves the live state.

    Args:
        level: The release's; unknown counts for nothing.
        said: In any order. Each resolution is of the oldest complaint that is open; kinds that say
            nothing of a mood are left out.
        now_ms: What was said later, by a clock that is fast, is of now.
    """
    closed, still_open = _complaints(said)
    heard = [(1.0, float(level))] if level is not Satisfaction.UNKNOWN else []
    heard += [(WEIGHTS["complaint"], COMPLAINT_SAYS)] * still_open
    heard += [
        (WEIGHTS[kind] * _left_of(now_ms - at_ms), says)
        for kind, at_ms, says in [*_opinions(said), *closed]
    ]
    weight = sum(one for one, _ in heard)
    if weight <= LEAST:
        return Satisfaction.UNKNOWN
    mood = Satisfaction(floor(sum(one * says for one, says in heard) / weight + 0.5))
    return min(mood, Satisfaction.DISSATISFIED) if still_open else mood


def _left_of(age_ms: int) -> float:
    return float(2.0 ** (-max(age_ms, 0) / DAY_MS / HALF_LIFE_DAYS))


def _opinions(said: Iterable[Spoken]) -> Iterable[tuple[str, int, float]]:
    for one in said:
        if one.kind == "thanks":
            yield one.kind, one.at_ms, THANKS_SAY
        elif one.kind in ("rating", "satisfaction") and isinstance(one.value, int):
            yield one.kind, one.at_ms, float(one.value)


def _complaints(said: Iterable[Spoken]) -> tuple[list[tuple[str, int, float]], int]:
    """Return the complaints that were resolved, each from then on, and how many are open."""
    closed, n_open = [], 0
    complaints = (one for one in said if one.kind == "complaint")
    for at_ms, value in sorted((one.at_ms, str(one.value)) for one in complaints):
        if value == "resolved":
            closed.append(("complaint", at_ms, RESOLVED_SAYS))
        n_open = max(n_open + (1 if value == "opened" else -1), 0)
    return closed, n_open
