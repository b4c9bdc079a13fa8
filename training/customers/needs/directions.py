"""What a customer needs, as a direction: which categories take more of their money than is usual.

What counts is the square root of a category's share of a customer's spend, against the shop's
share (the Hellinger distance between mixes), weighted so that what everybody buys does not decide
(the square root of the inverse document frequency). Shares of who bought little are pulled towards
the shop's; and what everyone who bought as little shows, whatever they need, is taken away: few
lines touch few categories, which is no need. What is left is turned to its principal axes.

Source: Rao, "A Review of Canonical Coordinates and an Alternative to Correspondence Analysis using
Hellinger Distance", Qüestiió 1995; Spärck Jones, "A Statistical Interpretation of Term
Specificity and Its Application in Retrieval", Journal of Documentation 1972 (the weight).
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

PRIOR_LINES = 100
"""With so many lines, a customer's own shares count as much as the shop's."""
N_AXES = 11

Counts = NDArray[np.int64]
Coordinates = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Where customers stand, learned from some of them."""

    mix: NDArray[np.float64]
    """Shape ``(n_categories,)``: the shop's shares of spend."""
    weight: NDArray[np.float64]
    """Shape ``(n_categories,)``: less for what everybody buys."""
    usual: NDArray[np.float64]
    """Shape ``(3, n_categories)``: what those who bought as much show, by powers of log lines."""
    axes: NDArray[np.float64]
    """Shape ``(n_categories, n_axes)``: principal axes, the widest first."""

    @classmethod
    def of(cls, money: sp.csr_matrix, lines: Counts) -> Self:
        """Learn the space from customers who bought enough.

        Args:
            money: Shape ``(n, n_categories)``, with at least one customer; every row has money.
            lines: Shape ``(n,)``: above 0.
        """
        total = np.asarray(money.sum(axis=0), dtype=np.float64).ravel()
        mix = total / total.sum()
        buyers = np.bincount(money.indices, minlength=mix.size)
        weight = np.sqrt(np.log((lines.size + 1) / (buyers + 0.5)))
        apart = _apart(money, lines, mix=mix) * weight
        usual = np.asarray(np.linalg.lstsq(_powers(lines), apart, rcond=None)[0], np.float64)
        apart -= _powers(lines) @ usual
        _, axes = np.linalg.eigh(apart.T @ apart)
        return cls(mix=mix, weight=weight, usual=usual, axes=axes[:, ::-1][:, :N_AXES])

    def coordinates(self, money: sp.csr_matrix, lines: Counts) -> Coordinates:
        """Return where customers stand on the axes, shape ``(n, n_axes)``; who spent nothing, 0."""
        apart = _apart(money, lines, mix=self.mix) * self.weight
        placed = (apart - _powers(lines) @ self.usual) @ self.axes
        return np.asarray(np.where(lines[:, None] > 0, placed, 0.0), np.float32)


def directions(coordinates: Coordinates, k: int) -> Coordinates:
    """Return what customers need and not how much: unit vectors on the axes that ``k`` groups take.

    ``k`` centres span ``k - 1`` axes (Ding and He, "K-means Clustering via Principal Component
    Analysis", ICML 2004); a direction needs two.
    """
    some = coordinates[:, : max(2, k - 1)]
    length = np.linalg.norm(some, axis=1, keepdims=True)
    return np.asarray(some / np.maximum(length, 1e-12), np.float32)


def _apart(money: sp.csr_matrix, lines: Counts, *, mix: NDArray[np.float64]) -> NDArray[np.float64]:
    spent = np.asarray(money.sum(axis=1), dtype=np.float64).ravel()
    own = lines / (lines + PRIOR_LINES)
    shares = money.toarray().astype(np.float64) * (own / np.maximum(spent, 1e-12))[:, None]
    shares += (1 - own)[:, None] * mix
    return np.asarray(np.sqrt(shares) - np.sqrt(mix))


def _powers(lines: Counts) -> NDArray[np.float64]:
    return np.vander(np.log(np.maximum(lines, 1)), 3)
