"""How a shop's level wanders: what no forecast from its own history can know.

From one moment of the past on, what all customers spent in each of six parts of the time since is
compared with what was foretold. How these errors scatter is how far the level goes within such a
part (in a small shop that is the chance of its customers too, and its intervals are the wider for
it). The level is taken to wander on for a season of a quarter, steps adding up as the root of their
number, and to be no surer, nor less sure, beyond::

    error over h weeks = step · √(min(h, 13) / part)

That is an assumption, for a history of a year has seen no season twice: back-tests a few weeks
apart share theirs, and intervals learned from them alone held 64 % instead of 80 % of what
customers of Online Retail spent in the autumn that followed.

What a group brings is off by that share of its customers' sums, by their own chance, and by how ill
the forecast fits them::

    error² = Σ own variance + (Σ unfit)² + (error over h weeks · Σ |expected|)²

It is taken to lie evenly on both sides. Where nobody is expected to cost money and the interval is
above nothing, it is taken to lie evenly as a factor: twice as much is as likely as half.
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
        return float(self.step * np.sqrt(min(weeks, SEASON_WEEKS) / self.weeks))

    def times(self, weeks: float) -> float:
        """Return within which factor of what is foretold the level stays, four times in five."""
        return float(np.exp(self._quantile * self.error(weeks)))

    def around(
        self, expected: float, *, gross: float, own: float, unfit: float, weeks: float
    ) -> Sum:
        """Return the sum of a group and where it ends up four times in five.

        It is finite, and holds what is expected. Where some earn and some cost money it may reach
        from below nothing to above; where nobody costs money it begins at nothing or above.

        Args:
            expected: The sum.
            gross: The sum of its customers' amounts without their signs.
            own: Its customers' variances, summed.
            unfit: What ``Misfit`` says of its customers times their amounts without signs, summed.
            weeks: Over which it is foretold.
        """
        level = self.error(weeks)
        off = self._quantile * float(np.sqrt(own + unfit**2 + (level * gross) ** 2))
        nobody_costs = expected == gross
        if nobody_costs and off < expected:
            shared = level**2 + (unfit / expected) ** 2
            times = float(np.exp(self._quantile * np.sqrt(shared + np.log1p(own / expected**2))))
            return Sum(expected=expected, low=expected / times, high=expected * times)
        low = max(expected - off, 0.0) if nobody_costs else expected - off
        return Sum(expected=expected, low=low, high=expected + off)

    @property
    def _quantile(self) -> float:
        return float(students_t.ppf((1 + INSIDE) / 2, self.n_parts - 1))
