"""Where what customers bring ends up four times in five, as back-tests had it.

In a back-test each customer brought some multiple of what was expected, often none of it. How these
multiples scatter depends most on how many purchases were to be expected: of one in ten nothing
comes as a rule, of thirty nearly what was foretold. So customers are put in groups by expected
purchases, whatever the horizon; of each group the shortest interval that holds four multiples in
five is kept, and between groups it changes evenly. Where more than four in five bring nothing the
interval reaches from nothing to what is expected, and holds more than it says.

What all customers share, a season or a crisis, is not in there: back-tests of a few weeks share
one season. So intervals are stretched by the factor within which the shop's level stays
(``training.customers.worth.wander``), but for those that hold too much already.

Those that hold more than they say make all of them together hold more than four in five. So the
upper ends of others that begin at nothing are lowered, until four in five of all who were judged
are inside before anything is stretched; but none so far that, stretched, it would not hold four in
five of its own group. They can give way, for nobody falls out of them when the level falls. The
price: where most bring nothing, those of them who buy most have less room for a level that rises.

Source: Vovk, Gammerman and Shafer, "Algorithmic Learning in a Random World", 2005, section 4.6
(Mondrian conformal prediction); Lei et al., "Distribution-Free Predictive Inference for
Regression", JASA 2018, for the split.
"""

from dataclasses import dataclass, replace
from math import ceil
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.customers.worth.wander import INSIDE
from training.fit.repeat_buying import Numbers

LEAST_CUSTOMERS = 20
"""Fewer multiples say nothing of the fifth outside."""
PER_GROUP = 300
MOST_GROUPS = 20
LEAST_PURCHASES = 1e-6
LOWERED = np.arange(79, 0, -1) / 100
"""Shares of a group below its upper end, tried in turn where all together hold too much."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Multiples of what is expected, by groups of expected purchases; ascending."""

    purchases: Numbers
    """Shape ``(n_groups,)``: the middle of each group, as a logarithm."""
    low: Numbers
    high: Numbers
    variance: Numbers
    """Of the multiple about 1."""
    multiples: tuple[Numbers, ...]
    """What each group brought, ascending."""

    @classmethod
    def fit(cls, *, expected: Numbers, actual: Numbers, purchases: Numbers) -> Self | None:
        """Learn from what was foretold and what came; None where that were too few customers.

        Args:
            expected: Money or purchases; who was expected to bring nothing, or to buy with a chance
                below one in a million, is not looked at: what comes is no multiple of that.
            actual: What came.
            purchases: How many purchases were expected of each.
        """
        told = np.flatnonzero((expected > 0) & (purchases >= LEAST_PURCHASES))
        if told.size < LEAST_CUSTOMERS:
            return None
        ordered = told[np.argsort(purchases[told], kind="stable")]
        n_groups = min(MOST_GROUPS, max(1, told.size // PER_GROUP))
        groups = np.array_split(ordered, n_groups)
        multiples = tuple(np.sort(actual[rows] / expected[rows]) for rows in groups)
        low, high = np.array([_shortest(group) for group in multiples]).T
        return cls(
            purchases=np.array([np.median(_logarithm(purchases[rows])) for rows in groups]),
            low=low,
            high=high,
            variance=np.array(
                [
                    ((actual[rows] - expected[rows]) ** 2).sum() / (expected[rows] ** 2).sum()
                    for rows in groups
                ]
            ),
            multiples=multiples,
        )

    def stretched(self, times: float) -> Self:
        """Return the spread where the level may be so many times lower or higher."""
        return self._lowered(times)._wider(times)

    def _lowered(self, times: float) -> Self:
        """Return the spread that holds no more of all than is meant, as far as groups allow it."""
        meant = np.mean([_least(group.size, share=INSIDE) / group.size for group in self.multiples])
        found = self
        for share in LOWERED:
            if found._held().mean() <= meant:
                break
            ends = [group[_least(group.size, share=share) - 1] for group in self.multiples]
            lower = replace(self, high=np.maximum(ends, 1.0))
            enough = (self.low <= 0) & (lower._wider(times)._held() >= INSIDE)
            found = replace(self, high=np.where(enough, lower.high, found.high))
        return found

    def _wider(self, times: float) -> Self:
        high = np.where(self.high > 1, self.high * times, self.high)
        return replace(self, low=self.low / times, high=high)

    def _held(self) -> Numbers:
        """Return the share of each group that is inside; groups are of one size."""
        groups = zip(self.multiples, self.low, self.high, strict=True)
        return np.array([np.mean((group >= low) & (group <= high)) for group, low, high in groups])

    def around(self, expected: Numbers, *, purchases: Numbers) -> NDArray[np.float64]:
        """Return expected, low and high of each customer, shape ``(n_customers, 3)``."""
        at = _logarithm(purchases)
        low, high = (np.interp(at, self.purchases, bound) for bound in (self.low, self.high))
        return np.stack([expected, expected * low, expected * high], axis=1)

    def variances(self, expected: Numbers, *, purchases: Numbers) -> Numbers:
        """Return the square of how far each customer is off by themselves."""
        return expected**2 * np.interp(_logarithm(purchases), self.purchases, self.variance)


def _shortest(ordered: Numbers) -> tuple[float, float]:
    """Return the shortest interval that holds enough, stretched to hold what was expected."""
    n_inside = _least(ordered.size, share=INSIDE)
    starts, ends = ordered[: ordered.size - n_inside + 1], ordered[n_inside - 1 :]
    best = int(np.argmin(ends - starts))
    return min(float(starts[best]), 1.0), max(float(ends[best]), 1.0)


def _least(n: int, *, share: float) -> int:
    """Return how many of n are to be inside, so that of others the share is."""
    return min(ceil(share * (n + 1)), n)


def _logarithm(purchases: Numbers) -> Numbers:
    return np.asarray(np.log(np.maximum(purchases, LEAST_PURCHASES)), dtype=np.float64)
