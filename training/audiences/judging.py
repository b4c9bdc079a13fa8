"""How well seeds are told from other customers, and how far chance reaches in that.

    AUC    P(a seed scores higher than another customer), a tie counting half
    lift   how many times more of the seeds than of all customers are among the best 5 %

Seeds may count by value, and of the others only some may have been looked at, each of whom stands
for several. The interval is Wilson's, of as many seeds as would have the variance that DeLong's
gives: it stays between 0 and 1, and stays an interval where every seed is ahead of everybody.

Sources: DeLong, DeLong and Clarke-Pearson, "Comparing the Areas under Two or More Correlated ROC
Curves", Biometrics 1988; Wilson, "Probable Inference, the Law of Succession, and Statistical
Inference", JASA 1927.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask

BEST = 0.05
Z = 1.959964
"""Of 95 %."""

Scores = NDArray[np.floating]
Counts = NDArray[np.float64]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure and its interval of 95 %."""

    value: float
    interval: Interval

    @property
    def error(self) -> float:
        """The standard error, as the interval has it."""
        low, high = self.interval
        return (high - low) / (2 * Z)


def auc(scores: Scores, is_seed: Mask, counts: Counts) -> Figure:
    """Return the area under the ROC curve.

    Args:
        scores: Shape ``(n,)``.
        is_seed: Shape ``(n,)``; some are, and some are not.
        counts: Shape ``(n,)``: how much each counts, above 0.
    """
    seeds, others = scores[is_seed], scores[~is_seed]
    of_seeds, of_others = counts[is_seed], counts[~is_seed]
    ahead = _share_below(seeds, others, of_others)
    behind = 1 - _share_below(others, seeds, of_seeds)
    value = float(np.average(ahead, weights=of_seeds))
    variance = _variance(ahead - value, of_seeds) + _variance(behind - value, of_others)
    n = min(_effective(of_seeds), _effective(of_others))
    if variance > 0:
        n = value * (1 - value) / variance
    return Figure(value=value, interval=_wilson(value, n))


def lift(scores: Scores, is_seed: Mask, counts: Counts, stands_for: Counts) -> Figure:
    """Return the lift at 5 %.

    Args:
        scores: Shape ``(n,)``; of equal ones each is as good as another.
        is_seed: Shape ``(n,)``; some are, and some are not.
        counts: Shape ``(n,)``: how much each seed counts, above 0.
        stands_for: Shape ``(n,)``: of how many customers each was drawn.
    """
    found, place = np.unique(-scores, return_inverse=True)
    of_all = np.bincount(place, weights=stands_for, minlength=found.size)
    of_seeds = np.bincount(place, weights=counts * is_seed, minlength=found.size)
    reached = np.concatenate([[0], np.cumsum(of_all)]) / of_all.sum()
    gained = np.concatenate([[0], np.cumsum(of_seeds)]) / of_seeds.sum()
    share = float(np.interp(BEST, reached, gained))
    low, high = _wilson(share, _effective(counts[is_seed]))
    return Figure(value=share / BEST, interval=(low / BEST, high / BEST))


def _share_below(ours: Scores, theirs: Scores, counts: Counts) -> Counts:
    """Return what share of theirs is below each of ours, equals counting half."""
    order = np.argsort(theirs, kind="stable")
    reached = np.concatenate([[0], np.cumsum(counts[order])])
    below = reached[np.searchsorted(theirs[order], ours, side="left")]
    upto = reached[np.searchsorted(theirs[order], ours, side="right")]
    return np.asarray((below + upto) / 2 / reached[-1])


def _variance(apart: Counts, counts: Counts) -> float:
    """Return the variance of a mean, of what its parts are apart from it."""
    return float((counts**2 @ apart**2) / counts.sum() ** 2)


def _effective(counts: Counts) -> float:
    """Return how many that count alike say as much (Kish)."""
    return float(counts.sum() ** 2 / (counts**2).sum())


def _wilson(share: float, n: float) -> Interval:
    centre = share + Z**2 / (2 * n)
    reach = Z * np.sqrt(share * (1 - share) / n + Z**2 / (4 * n**2))
    whole = 1 + Z**2 / n
    return max(0.0, float((centre - reach) / whole)), min(1.0, float((centre + reach) / whole))
