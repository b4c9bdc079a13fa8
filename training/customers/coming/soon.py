"""Who comes within a time: three ways to tell, and the shop's own past says which to trust.

    everybody alike   the share of the shop's customers who came within such a time
    own rate          each by their own visits a day so far: 1 - exp(-rate x days)
    learned           logistic regression on habits (``habits``), taught by
                      earlier moments four weeks apart and what came after each

The last window that is over judges: each way was taught before it began. A more elaborate way is
trusted where its log loss is lower than that of every plainer one by more than chance explains,
counted by customers (``training.judge.ahead``).
*Everybody alike* is given, in that contest, the share that really came, which nobody knew then.

Tried and left out: boosted trees on the same habits told no better on the Complete Journey, Online
Retail and CDNOW, and took longer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.customers.coming.visits import Visits
from training.fit import calibration, logistic
from training.fit.logistic import Chances
from training.judge import chances
from training.judge.ahead import is_ahead

EVERYBODY, OWN_RATE, LEARNED = "everybody alike", "own rate", "learned"
WAYS = (EVERYBODY, OWN_RATE, LEARNED)
"""The plainest first."""
LOOK_BACK_DAYS = 28.0
"""History before a moment, without which there are no habits to look back on."""
LEAST_CASES = 20
"""With fewer, chance alone would judge."""
N_LESSONS = 4
STEP_DAYS = 28.0
"""Lessons are so far apart. Eight lessons, or steps of one week or two, taught no better."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Visitors as they were known at a moment, and when they came next."""

    columns: NDArray[np.float64]
    """Shape ``(n, n_columns)``: what a model can weigh."""
    past: Visits
    """Theirs, up to that moment."""
    next_days: NDArray[np.float64]
    """Shape ``(n,)``: to the next visit; inf where none is known."""
    customer: NDArray[np.int64]
    """Shape ``(n,)``: whose visits they are; a customer may visit several categories."""

    @property
    def size(self) -> int:
        """How many visitors."""
        return self.next_days.size


Cases = Callable[[float], Case]
"""Given how many days ago, what was known then."""
Way = Callable[[Case], Chances]
"""Given what is known, each visitor's chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The moments of a shop's history."""

    at: Cases
    days: float
    """How far it reaches back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Which way to trust for a horizon, and what it says now."""

    horizon_days: float
    name: str | None
    """One of ``WAYS``; None where none could be judged."""
    way: Way
    """Taught up to now; says nan where none could be judged."""
    choice: Mapping[str, Any]
    """For the manifest."""
    deciles: Sequence[chances.Part] = ()
    """How the way foretold the window that judged, and what came."""


def contest(past: Past, horizon_days: float) -> Verdict:
    """Choose the way to tell who comes within ``horizon_days`` from now."""
    refused = _refused(past, horizon_days)
    if refused is not None:
        choice = {"chosen": None, "why": refused}
        return Verdict(horizon_days=horizon_days, name=None, way=_unknown, choice=choice)
    held_out = past.at(horizon_days)
    came = held_out.next_days < horizon_days
    foretold = {EVERYBODY: np.full(came.size, came.mean())}
    for name in (OWN_RATE, LEARNED):
        way = teach(name, past, horizon_days, days_ago=horizon_days)
        if way is not None:
            foretold[name] = way(held_out)
    losses = {name: chances.log_losses(told, came) for name, told in foretold.items()}
    name = _chosen(losses, held_out.customer)
    way = teach(name, past, horizon_days, days_ago=0.0)
    assert way is not None  # the window that judged teaches today, and tells its way from others
    return Verdict(
        horizon_days=horizon_days,
        name=name,
        way=way,
        choice={
            "chosen": name,
            "why": _why(name, foretold, horizon_days),
            "cases": came.size,
            "came": round(float(came.mean()), 4),
            "AUC": {name: _rounded(chances.auc(told, came)) for name, told in foretold.items()},
            "log loss": {name: _rounded(loss.mean()) for name, loss in losses.items()},
            "calibration error": {
                name: _rounded(calibration.error(told.astype(np.float32), came))
                for name, told in foretold.items()
            },
        },
        deciles=chances.deciles(foretold[name], came),
    )


def teach(name: str, past: Past, horizon_days: float, *, days_ago: float) -> Way | None:
    """Return a way as it could be taught ``days_ago``; None where nothing could teach it.

    Args:
        name: One of ``WAYS``.
        past: The moments that teach: those whose windows were over by then.
        horizon_days: Length of the windows.
        days_ago: 0 is now.
    """
    if name == OWN_RATE:
        return lambda case: own_rate(case, horizon_days)
    latest, n_lessons = days_ago + horizon_days, N_LESSONS if name == LEARNED else 1
    moments = [latest + place * STEP_DAYS for place in range(n_lessons)]
    lessons = [past.at(moment) for moment in moments if moment + LOOK_BACK_DAYS <= past.days]
    if not lessons:
        return None
    came = np.concatenate([lesson.next_days < horizon_days for lesson in lessons])
    if name == EVERYBODY:
        share = (came.sum() + 1) / (came.size + 2)
        return lambda case: np.full(case.size, share)
    if came.all() or not came.any():
        return None
    learned = logistic.fit(np.concatenate([lesson.columns for lesson in lessons]), came)
    return lambda case: learned.probability(case.columns)


def own_rate(case: Case, horizon_days: float) -> Chances:
    """Return the chances of who comes at random, as often as so far (Poisson).

    Whoever came first within the horizon is held to have been known for all of it.
    """
    rate = case.past.times / np.maximum(case.past.first, horizon_days)
    return np.asarray(-np.expm1(-rate * horizon_days), dtype=np.float64)


def _unknown(case: Case) -> Chances:
    return np.full(case.size, np.nan)


def _refused(past: Past, horizon_days: float) -> str | None:
    needed = horizon_days + LOOK_BACK_DAYS
    if past.days < needed:
        return (
            f"the history reaches back {past.days:.0f} days; looking back on a window of "
            f"{horizon_days:.0f} days needs {needed:.0f}"
        )
    known = past.at(horizon_days).size
    if known < LEAST_CASES:
        return (
            f"{known} were known when the last {horizon_days:.0f} days began; judging on fewer "
            f"than {LEAST_CASES} would be chance"
        )
    return None


def _chosen(losses: Mapping[str, NDArray[np.float64]], customer: NDArray[np.int64]) -> str:
    """Return the most elaborate way that is ahead of every plainer one by more than chance."""
    names = [name for name in WAYS if name in losses]
    for place in range(len(names) - 1, 0, -1):
        gains = [losses[plainer] - losses[names[place]] for plainer in names[:place]]
        if all(is_ahead([gain], [customer]) for gain in gains):
            return names[place]
    return EVERYBODY


def _why(name: str, foretold: Mapping[str, Chances], horizon_days: float) -> str:
    place = WAYS.index(name)
    words = [f"judged on the last {horizon_days:.0f} days"]
    if place:
        words.append(f"a lower log loss, by more than chance, than {_listed(WAYS[:place])}")
    others = [way for way in WAYS[place + 1 :] if way in foretold]
    if others:
        words.append(f"{_listed(others)}: not ahead by more than chance")
    if LEARNED not in foretold:
        words.append("no earlier window could teach the learned way")
    return "; ".join(words)


def _listed(ways: Sequence[str]) -> str:
    return " and ".join(ways)


def _rounded(value: float) -> float | None:
    """Return four places; None for nan, as the AUC is where all came, or nobody."""
    return None if np.isnan(value) else round(float(value), 4)
