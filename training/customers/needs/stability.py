"""How many groups there are: as many as are all found again among half of the customers.

Groups that are there are found whoever is asked; groups that were cut out of one cloud at will are
not. For each number of groups they are found among all customers and, several times, among half of
them drawn anew. Of each group we note how much of it and of its likest new group is common to both
(Jaccard: both over either), on average. The number is the largest for which even the worst group
reaches ``STABLE``, and none is tiny.

Source: Hennig, "Cluster-wise Assessment of Cluster Stability", Computational Statistics and Data
Analysis 2007: .85 or more is "highly stable", below .6 is not to be trusted.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.customers.needs.clusters import Labels, Points, crossed, k_means, nearest

STABLE = 0.85
LEAST_SHARE = 0.02
"""A group with a smaller share of the customers is an oddity and no need."""
_N_HALVINGS = 10
_N_STARTS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouped:
    """Groups of one number, and whether they are there."""

    centres: Points
    """Shape ``(k, n_axes)``."""
    found_again: float
    """Mean Jaccard index of the group that is found again worst, 0 to 1."""
    smallest: float
    """Share of the customers in the smallest group."""

    @property
    def is_stable(self) -> bool:
        """Whether every group is found again, and none is tiny."""
        return self.found_again >= STABLE and self.smallest >= LEAST_SHARE


def tried(
    points: Callable[[int], Points], *, most: int, rng: np.random.Generator
) -> dict[int, Grouped]:
    """Return the groups of each number from 2 to ``most``.

    Args:
        points: Returns the customers as ``k`` groups look at them, shape ``(n, n_axes)``.
        most: The largest number of groups to try, at most half of ``n``.
        rng: Halves the customers, and begins the groups.
    """
    return {k: _grouped(points(k), k, rng=rng) for k in range(2, most + 1)}


def jaccard(groups: Labels, others: Labels, k: int) -> NDArray[np.float64]:
    """Return how much each of ``k`` groups has in common with the likest of other groups.

    Returns:
        Shape ``(k,)``: members of both over members of either; 0 for a group without members.
    """
    both = crossed(groups, others)[:k]
    either = both.sum(axis=1)[:, None] + np.bincount(others, minlength=both.shape[1]) - both
    found = (both / np.maximum(either, 1)).max(axis=1)
    return np.pad(found, (0, k - found.size))


def _grouped(points: Points, k: int, *, rng: np.random.Generator) -> Grouped:
    centres = k_means(points, k, rng=rng, n_starts=_N_STARTS)
    groups = nearest(points, centres)
    again = np.zeros(k)
    for _ in range(_N_HALVINGS):
        half = rng.permutation(points.shape[0])[: points.shape[0] // 2]
        others = k_means(points[half], k, rng=rng, n_starts=_N_STARTS)
        again += jaccard(groups, nearest(points, others), k) / _N_HALVINGS
    smallest = np.bincount(groups, minlength=k).min() / groups.size
    return Grouped(centres=centres, found_again=float(again.min()), smallest=float(smallest))
