"""How a shop's level wanders: what no forecast from its own history can know.

From one moment of the past on, what all customers spent in each of six parts of the time since is
compared with what was foretold. How these errors scatter is how far the level goes within such a
part (in a small shop that is the chance of its customers too, and its intervals are the wider for
it). The level is taken to wander on for a season of a quarter, steps adding up as the root of their
number; over longer horizons seasons follow each other at random, and their mean is surer again::

    error over h weeks = step · √(min(h, 13) / part) · √(13 / max(h, 13))

That is an assumption, for a history of a year has seen no season twice: back-tests a few weeks
apart share theirs, and intervals learned from them alone held 64 % instead of 80 % of what
customers of Online Retail spent in the autumn that followed.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy.stats import t as students_t

from models.customer.summary import Sum
from training.fit.repeat_buying import Numbers

INSIDE = 0.8
"""How often what comes is to be inside an interval."""
SEASON_WEEKS = 13.0
PARTS = 6
"""How many parts a history since a cut is compared in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wander:
    """Steps of the level, as a logarithm."""

    step: float
    """Standard deviation of one part's error."""
    weeks: float
    """Length of a part."""
    n_parts: int
    """How many were seen, at least 2."""

    @classmethod
    def fit(cls, *, foretold: Numbers, came: Numbers, weeks: float) -> Self | None:
        """Learn from sums over customers, a number a part; None where fewer than 2 say something.

        Args:
            foretold: Shape ``(n_parts,)``.
            came: Likewise; a part in which nothing came says nothing.
            weeks: Length of a part.
        """
        told = (came > 0) & (foretold > 0)
        if told.sum() < 2:
            return None
        errors = np.log(came[told] / foretold[told])
        return cls(
            step=float(errors.std(ddof=1)),
            weeks=weeks,
            n_parts=errors.size,
        )

    def error(self, weeks: float) -> float:
        """Return how far the level is off over so many weeks, as a logarithm."""
        grown = self.step * np.sqrt(min(weeks, SEASON_WEEKS) / self.weeks)
        return float(grown * np.sqrt(SEASON_WEEKS / max(weeks, SEASON_WEEKS)))

    def times(self, weeks: float) -> float:
        """Return within which factor of what is foretold the level stays, four times in five."""
        return float(np.exp(self._quantile * self.error(weeks)))

    def around(self, expected: float, *, own: float, unfit: float, weeks: float) -> Sum:
        """Return the sum of a group and where it ends up four times in five.

        Its error has three parts: the shop's level, the chance of its customers, and how ill the
        forecast fits customers like these.

        Args:
            expected: The sum.
            own: Its customers' variances, summed.
            unfit: What ``Misfit`` says of its customers times what is expected of them, summed.
            weeks: Over which it is foretold.
        """
        if not expected:
            return Sum(expected=0.0, low=0.0, high=0.0)
        shared = self.error(weeks) ** 2 + (unfit / expected) ** 2
        times = float(np.exp(self._quantile * np.sqrt(shared + np.log1p(own / expected**2))))
        low, high = sorted((expected / times, expected * times))
        return Sum(expected=expected, low=low, high=high)

    @property
    def _quantile(self) -> float:
        return float(students_t.ppf((1 + INSIDE) / 2, self.n_parts - 1))
