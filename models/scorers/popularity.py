"""What sells now: in how many customers' baskets an item was in the last weeks.

The honest baseline of every shop. It answers whoever is not known, and breaks the ties of the rest.
Popularity within a category is this same count, looked at through the category's rows.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Scores
from models.ranking import normalised


@dataclass(frozen=True, slots=True, kw_only=True)
class Popularity:
    """Recent buyers of each item."""

    buyers: NDArray[np.int32]
    """Shape ``(n_items,)``: distinct customers in the last ``days`` days."""
    days: int

    def score(self) -> Scores:
        """Return each item's share of the best seller's buyers, 0 to 1."""
        return normalised(self.buyers.astype(np.float32))
