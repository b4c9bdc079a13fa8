"""What an item is worth to the shop: the purchase itself, and what the shop earns with it.

    worth = p · ((1 - w) + w · margin / usual margin)

with ``p`` the probability of a purchase, or the score that stands for it. At ``w`` = 1 this is the
expected margin, in usual margins; at 0 it is relevance. By expected margin alone a customer gets
the dear things that they hardly want, so the trainer asks the past windows how much margins may
count (``training.fit.profit``) before lists suffer.

A sum and not a power of the margin, because it gives the best of both: of all lists that promise as
many purchases, this one promises the most margin (``w / (1 - w)`` is a Lagrange multiplier). Both
earned the same on the Complete Journey's validation windows. And it needs no rule for an item that
earns nothing, or less than nothing: one of unknown margin earns nothing for certain, and counts for
its purchase alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Money, Scores
from models.errors import ArtifactCorrupt

WEIGHT = "margin"
"""Under this name the manifest keeps ``w`` among the weights."""
DEFAULT = 0.2
"""Of releases that do not say, which are older or had no window to ask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """How the margins of one release count."""

    weight: float
    """0 to 1."""
    usual: float
    """Money per unit, above 0."""

    @classmethod
    def of(
        cls, weights: Mapping[str, Any], margin: Money, buyers: NDArray[np.integer]
    ) -> Self | None:
        """Return how margins count; None where none is known.

        The usual margin is the mean over items, by how many bought each of late. Losses count as
        if they were earned, so that a shop of loss leaders has a usual margin too.

        Args:
            weights: The manifest's.
            margin: Shape ``(n_items,)``; nan where unknown.
            buyers: Shape ``(n_items,)``: of late.

        Raises:
            ArtifactCorrupt: The weight is no share.
        """
        known = np.isfinite(margin)
        if not known.any():
            return None
        weight = weights.get(WEIGHT, DEFAULT)
        if not isinstance(weight, int | float) or not 0 <= weight <= 1:
            raise ArtifactCorrupt(
                f"margins count {weight!r}, expected a share from 0 to 1; train and publish again"
            )
        money, counts = np.abs(margin[known]), buyers[known].astype(np.float64)
        usual = float(np.average(money, weights=counts if counts.any() else None))
        return cls(weight=float(weight), usual=usual or 1.0)

    def worth(self, scores: Scores, margin: Money) -> Scores:
        """Return what each item is worth.

        A score below 0 is no purchase, whatever the margin: two negatives are no profit.

        Args:
            scores: Shape ``(n,)``: probabilities, or what stands for them.
            margin: Shape ``(n,)``: nan where unknown.
        """
        earned = np.nan_to_num(margin, nan=0.0) / self.usual
        counts = (1 - self.weight) + self.weight * earned
        return np.asarray(np.maximum(scores, 0) * counts, dtype=np.float32)
