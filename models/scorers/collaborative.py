"""Customers who bought alike will buy alike: matrix factorisation on purchase counts.

Each customer and each item is a vector of ``n_factors`` numbers; the score of an item for a
customer is the dot product of the two. ``training.fit.collaborative`` learns the vectors.

Source: Hu, Koren and Volinsky, "Collaborative Filtering for Implicit Feedback Datasets",
ICDM 2008. Equation numbers below are theirs.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.arrays import Factors, Rows, Scores, Vector


@dataclass(frozen=True, kw_only=True)
class Collaborative:
    """Fitted item factors, ready to answer."""

    items: Factors
    """Shape ``(n_ranked, n_factors)``."""
    alpha: float
    regularization: float

    def score(self, vector: Vector, rows: Rows) -> Scores:
        """Return the score of each of ``rows``; items without a vector score 0.

        Args:
            vector: Shape ``(n_factors,)``.
            rows: Any rows of the catalogue.
        """
        known = rows < self.items.shape[0]
        scores = np.zeros(rows.size, dtype=np.float32)
        scores[known] = self.items[rows[known]] @ vector
        return scores

    def fold_in(self, rows: Rows) -> Vector:
        """Return the vector of a customer who bought ``rows`` once each (equation 4).

        No rows, or none with a vector, give the zero vector, which scores every item 0.
        """
        factors = self.items[rows[rows < self.items.shape[0]]]
        confidence = self.alpha * np.log1p(1.0)  # of one purchase, as the factors were learned
        left = self._gram + (confidence - 1) * (factors.T @ factors)
        right = confidence * factors.sum(axis=0)
        return np.asarray(np.linalg.solve(left, right), dtype=np.float32)

    def similar(self, rows: Rows, among: Rows) -> Scores:
        """Return the mean cosine of each of ``among`` with ``rows``, -1 to 1.

        Items without a vector score ``-inf``: nothing is known of what they resemble.
        """
        scores = np.full(among.size, -np.inf, dtype=np.float32)
        seeds = self._directions[rows[rows < self.items.shape[0]]]
        if seeds.shape[0]:
            known = among < self.items.shape[0]
            scores[known] = self._directions[among[known]] @ seeds.mean(axis=0)
        return scores

    @cached_property
    def _gram(self) -> Factors:
        """``YᵀY + λI`` of equation 4."""
        n_factors = self.items.shape[1]
        ridge = self.regularization * np.eye(n_factors, dtype=np.float32)
        return np.asarray(self.items.T @ self.items + ridge, dtype=np.float32)

    @cached_property
    def _directions(self) -> Factors:
        lengths = np.linalg.norm(self.items, axis=1, keepdims=True)
        directions = np.zeros_like(self.items)
        np.divide(self.items, lengths, out=directions, where=lengths > 0)
        return directions
