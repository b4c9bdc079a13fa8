"""What customers bring together: the sum of what is expected of them, and how sure it is.

Customers err independently, but for the level of the shop and what the forecast has against
customers alike; so the interval of a sum is neither the sum of theirs nor as narrow as if they
shared nothing. ``training.customers.worth.wander`` says how the three errors add up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.customer.summary import Sum, Within
from models.customer.value import HORIZONS_WEEKS
from training.customers.worth.wander import Wander

Floats = NDArray[np.float32]
Members = NDArray[np.bool_] | NDArray[np.integer]
"""A mask of shape ``(n_customers,)``, or rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The errors that n customers share."""

    misfit: Floats
    """Shape ``(n,)``: what customers alike share, as a share of what is expected."""
    wander: Wander | None
    """How the shop's level goes, which all share; None where nothing can be told."""

    def total(
        self, members: Members, expected: Floats, *, variance: Floats, weeks: float
    ) -> Sum | None:
        """Return the sum of some customers; None where nothing can be told.

        Args:
            members: Who they are.
            expected: Shape ``(n,)``: of each.
            variance: Likewise: of the error that is each customer's own.
            weeks: Over which it is foretold.
        """
        if self.wander is None or np.isnan(variance).any():
            return None
        theirs = expected[members].astype(np.float64)
        amounts = np.abs(theirs)
        return self.wander.around(
            float(theirs.sum()),
            gross=float(amounts.sum()),
            own=float(variance[members].sum(dtype=np.float64)),
            unfit=float(amounts @ self.misfit[members]),
            weeks=weeks,
        )

    def within(
        self, members: Members, told: Floats, *, variance: Floats
    ) -> tuple[Within, ...] | None:
        """Return the same by horizon; one that cannot be told is left out, None where none can.

        Args:
            members: Who they are.
            told: Shape ``(n, horizons, 3)``, the first of the three expected.
            variance: Shape ``(n, horizons)``.
        """
        found = []
        for place, weeks in enumerate(HORIZONS_WEEKS):
            one = self.total(members, told[:, place, 0], variance=variance[:, place], weeks=weeks)
            if one is not None:
                found.append(Within(weeks=weeks, expected=one.expected, low=one.low, high=one.high))
        return tuple(found) or None
