"""What lands in one basket together.

For each item its strongest companions, by the cosine of their baskets: the share of orders that
hold both, against what either sells alone, so that what everybody buys does not go with
everything; shrunken where few orders hold both, so that a coincidence is no companion.
``training.fit.copurchase`` counts.

Source: Sarwar et al., "Item-based Collaborative Filtering Recommendation Algorithms", WWW 2001,
section 3.1.1, on orders instead of users.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from models.ranking import summed


@dataclass(frozen=True, slots=True, kw_only=True)
class CoPurchase:
    """Each item's companions, strongest first."""

    companions: NDArray[np.int32]
    """Shape ``(n_ranked, n_companions)``; -1 where there are fewer."""
    strengths: NDArray[np.float32]
    """Shape ``(n_ranked, n_companions)``: shrunken cosines, 0 to 1."""

    def score(self, rows: Rows) -> tuple[Rows, Scores]:
        """Return the companions of ``rows`` taken together, with the sum of their strengths.

        Rows without companions add nothing. The answer is in row order, each row once, and may
        hold some of ``rows`` themselves.
        """
        known = rows[rows < self.companions.shape[0]]
        found, strengths = summed(
            self.companions.take(known, axis=0).ravel(),
            self.strengths.take(known, axis=0).ravel().astype(np.float64),
        )
        return found, strengths.astype(np.float32)

    def strongest(self, row: int, among: Rows) -> int | None:
        """Return which of ``among`` goes best with ``row``, or None where none of them does."""
        known = among[among < self.companions.shape[0]]
        strengths = np.where(self.companions[known] == row, self.strengths[known], 0).max(
            axis=1, initial=0
        )
        if not strengths.any():
            return None
        return int(known[np.argmax(strengths)])
