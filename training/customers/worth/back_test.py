"""Moments of the past played again: which forecast would have been best, and how far off.

At each cut the candidates learn from the orders before it and foretell the window after it. The
last window before now is never foretold by a model that has seen it; and nothing here looks beyond
now. Which candidates are mixed, and in what shares, is decided by

    error = mean over customers of |foretold - spent|  +  |mean foretold - mean spent| / 4

as a share of the mean spent, averaged over the cuts. The first part alone would prefer whoever
foretells too little, wherever most customers spend nothing; the second is an error that all
customers share, and that every sum shows. Its weight was chosen at earlier moments of three public
shops, where a quarter foretold best, and a half or none hardly worse.

Shares are found greedily, a tenth at a time: the candidate that helps most is added until nothing
helps, so that one clear winner stays alone.

Source: Caruana et al., "Ensemble Selection from Libraries of Models", ICML 2004.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from training.customers.worth.past import DAYS_PER_WEEK, Next, Then, following, then
from training.customers.worth.seen import Seen
from training.customers.worth.spend_models import SpendModels
from training.data.orders import Orders
from training.errors import NothingToLearn
from training.fit.repeat_buying import Numbers

WINDOW_WEEKS = 12.0
"""How far forecasts are judged, where history is at least three times as long."""
LEAST_WINDOW_WEEKS = 2.0
CUTS = (1.0, 1.25, 1.5)
"""How many windows ago."""
SUM_COUNTS = 0.25
PARTS = 10
"""A mix is made of so many equal parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """One moment, what was foretold then, and what came."""

    moment: Then
    models: SpendModels
    seen: Seen
    foretold: Mapping[str, Numbers]
    """Spend of the window, by candidate."""
    came: Next


def window_weeks(history: float) -> float:
    """Return how far forecasts are judged with so many days of history; 0 where it is too short."""
    weeks = min(WINDOW_WEEKS, history / DAYS_PER_WEEK / 3)
    return weeks if weeks >= LEAST_WINDOW_WEEKS else 0.0


def play(orders: Orders, *, ago: float, weeks: float, seed: int) -> Cut:
    """Play one moment again.

    Args:
        orders: Of today.
        ago: Days; more than 0, and less than the history has.
        weeks: The window of the models, which may be shorter than ``ago``.
        seed: Where chance begins.

    Raises:
        NothingToLearn: Nobody had come back by then.
    """
    moment = then(orders, ago)
    models = SpendModels.fit(moment.orders, weeks=weeks, seed=seed)
    seen = Seen.of(moment.orders, weeks=weeks)
    came = following(orders, moment, weeks * DAYS_PER_WEEK)
    return Cut(moment=moment, models=models, seen=seen, foretold=models.spend(seen), came=came)


def back_test(
    orders: Orders, *, weeks: float, seed: int, step: Callable[[str], None]
) -> tuple[Cut, ...]:
    """Play the cuts, the latest first; those at which nothing could be learned are left out.

    Args:
        orders: Of today.
        weeks: The window, at most a third of history.
        seed: Where chance begins; each cut has one of its own.
        step: Told what is being done.
    """
    played: list[Cut] = []
    for place, windows in enumerate(CUTS):
        ago = windows * weeks * DAYS_PER_WEEK
        step(f"back-test of value, {ago / DAYS_PER_WEEK:.0f} weeks ago")
        try:
            cut = play(orders, ago=ago, weeks=weeks, seed=seed + place)
        except NothingToLearn:
            continue
        if cut.came.spend.any():
            played.append(cut)
    return tuple(played)


def error(foretold: Numbers, spent: Numbers) -> float:
    """Return the error that decides, as a share of the mean spent."""
    off = foretold - spent
    return float((np.abs(off).mean() + SUM_COUNTS * abs(off.mean())) / spent.mean())


def errors(cuts: Sequence[Cut]) -> dict[str, float]:
    """Return the mean error of each candidate that every cut has, the best first."""
    found = {name: mean_error(cuts, {name: 1.0}) for name in _names(cuts)}
    return dict(sorted(found.items(), key=lambda one: one[1]))


def shares(cuts: Sequence[Cut], *, among: Sequence[str]) -> dict[str, float]:
    """Return the mix with the lowest error, the largest share first.

    Args:
        cuts: At least one.
        among: Which candidates may be mixed; others, and those that some cut lacks, may not.
    """
    names = [name for name in _names(cuts) if name in among]
    parts: list[str] = []
    best: tuple[float, list[str]] | None = None
    for _ in range(PARTS):
        trial = min(([*parts, name] for name in names), key=lambda mix: mean_error(cuts, _mix(mix)))
        parts = trial
        reached = mean_error(cuts, _mix(parts))
        if best is None or reached < best[0]:
            best = reached, parts
    assert best is not None
    return _mix(best[1])


def mixed(foretold: Mapping[str, Numbers], mix: Mapping[str, float]) -> Numbers:
    """Return the mean of some candidates' forecasts."""
    return np.asarray(sum(share * foretold[name] for name, share in mix.items()), np.float64)


def _mix(parts: Sequence[str]) -> dict[str, float]:
    counts = {name: parts.count(name) for name in dict.fromkeys(parts)}
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    return {name: count / len(parts) for name, count in ordered}


def _names(cuts: Sequence[Cut]) -> list[str]:
    return [name for name in cuts[0].foretold if all(name in cut.foretold for cut in cuts)]


def mean_error(cuts: Sequence[Cut], mix: Mapping[str, float]) -> float:
    """Return the error of a mix, a mean over the cuts."""
    return float(np.mean([error(mixed(cut.foretold, mix), cut.came.spend) for cut in cuts]))
