"""How ill a forecast fits customers alike, season or no season.

In back-tests customers are put in groups by what was foretold of them. By how much more, or less,
each group brought than was foretold of it is an error that its customers share, as they share the
level of the shop; those of whom little is foretold are mostly the least well understood.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from training.fit.repeat_buying import Numbers

MOST_GROUPS = 10
LEAST_IN_GROUP = 100
LEAST_MONEY = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """Errors of groups, the least foretold first; both of shape ``(n_groups,)``."""

    foretold: Numbers
    """Logarithm of what was foretold of a customer, a mean."""
    error: Numbers
    """Root mean square of log(what came / what was foretold) over the cuts; 0 where nothing came
    at any."""

    @classmethod
    def fit(cls, cuts: Sequence[tuple[Numbers, Numbers]]) -> Self:
        """Learn from what was foretold, and what came, at one cut or more.

        Args:
            cuts: Of each the two, a number a customer.
        """
        n_groups = min(MOST_GROUPS, max(1, min(told.size for told, _ in cuts) // LEAST_IN_GROUP))
        foretold = np.empty((len(cuts), n_groups))
        squares = np.full((len(cuts), n_groups), np.nan)
        for place, (told, came) in enumerate(cuts):
            for group, rows in enumerate(np.array_split(np.argsort(told, kind="stable"), n_groups)):
                mean, spent = max(told[rows].mean(), LEAST_MONEY), came[rows].mean()
                foretold[place, group] = np.log(mean)
                if spent:
                    squares[place, group] = np.log(spent / mean) ** 2
        n_told = np.maximum(np.isfinite(squares).sum(axis=0), 1)
        return cls(
            foretold=np.maximum.accumulate(foretold.mean(axis=0)),
            error=np.sqrt(np.nansum(squares, axis=0) / n_told),
        )

    def of(self, foretold: Numbers) -> Numbers:
        """Return the error of customers, as a logarithm, by the money foretold of each."""
        at = np.log(np.maximum(foretold, LEAST_MONEY))
        return np.asarray(np.interp(at, self.foretold, self.error), dtype=np.float64)
