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
        known = (rows < self.items.shape[0]).nonzero()[0]
        if known.size == rows.size:
            return products(self.items, rows, vector)
        scores = np.zeros(rows.size, dtype=np.float32)
        scores[known] = products(self.items, rows.take(known), vector)
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

    def fold_in_more(
        self, vector: Vector | None, *, bought: Rows, times: Scores, rows: Rows, amounts: Scores
    ) -> Vector:
        """Return a customer's vector after more purchases (equation 4).

        What was learned stands as it was: with nothing more, the vector stays as it is.

        Args:
            vector: As it was learned; None where nothing was.
            bought: What it was learned from, rows with a vector, ascending, and
            times: how often each.
            rows: What comes to it, likewise, and
            amounts: how much, 1 for a purchase.
        """
        before = np.zeros(rows.size, dtype=np.float32)
        places = bought.searchsorted(rows)
        there = (places < bought.size).nonzero()[0]
        there = there[bought[places[there]] == rows[there]]
        before[there] = times[places[there]]
        left = self._gram + self._weighed(bought, self._beyond(times))
        vector = np.zeros(self.items.shape[1], np.float32) if vector is None else vector
        more = self.alpha * np.log1p(before + amounts)
        right = left @ vector + (more - self.alpha * np.log1p(before)) @ self.items[rows]
        left = left + self._weighed(rows, more - 1 - self._beyond(before))
        return np.asarray(np.linalg.solve(left, right), dtype=np.float32)

    def _beyond(self, times: Scores) -> Scores:
        """Return by how much a pair's confidence exceeds that of one never seen."""
        return np.where(times > 0, self.alpha * np.log1p(times) - 1, 0).astype(np.float32)

    def _weighed(self, rows: Rows, weights: Scores) -> Factors:
        factors = self.items[rows]
        return np.asarray(factors.T @ (weights[:, None] * factors), dtype=np.float32)

    def directions(self, rows: Rows) -> Factors:
        """Return the vectors of those of ``rows`` that have one, each of length 1 (or 0)."""
        return directions(self.items[rows[rows < self.items.shape[0]]])

    def similar(self, direction: Vector, among: Rows) -> Scores:
        """Return the cosine of each of ``among`` with ``direction``, -1 to 1.

        Items without a vector score ``-inf``: nothing is known of what they resemble.
        """
        scores = np.full(among.size, -np.inf, dtype=np.float32)
        known = among < self.items.shape[0]
        scores[known] = cosines(self.items, self.lengths, among[known], direction)
        return scores

    @cached_property
    def lengths(self) -> Scores:
        """The length of each item's vector, shape ``(n_ranked,)``."""
        return lengths(self.items)

    @cached_property
    def _gram(self) -> Factors:
        """``YᵀY + λI`` of equation 4."""
        n_factors = self.items.shape[1]
        ridge = self.regularization * np.eye(n_factors, dtype=np.float32)
        return np.asarray(self.items.T @ self.items + ridge, dtype=np.float32)


def products(vectors: Factors, rows: Rows, vector: Vector) -> Scores:
    """Return the dot product of each of ``rows`` of ``vectors`` with ``vector``.

    Where many are asked for it costs less to multiply all of them than to copy those first. Few are
    multiplied each on its own, so that equal items score equal whatever stands beside them.
    """
    if rows.size > vectors.shape[0] // 8:
        return np.asarray((vectors @ vector)[rows])
    return np.asarray(np.vecdot(vectors.take(rows, axis=0), vector))


def cosines(vectors: Factors, lengths: Scores, rows: Rows, direction: Vector) -> Scores:
    """Return the dot product with ``direction`` of each of ``rows``, had its vector length 1.

    A vector of length 0 stays.
    """
    near, theirs = products(vectors, rows, direction), lengths[rows]
    return np.asarray(np.divide(near, theirs, out=np.zeros_like(near), where=theirs > 0))


def lengths(vectors: Factors) -> Scores:
    """Return the length of each of ``vectors``."""
    return np.asarray(np.sqrt(np.vecdot(vectors, vectors)))


def directions(vectors: Factors) -> Factors:
    """Return ``vectors``, each of length 1; those of length 0 stay."""
    theirs = lengths(vectors)[:, None]
    return np.divide(vectors, theirs, out=np.zeros_like(vectors), where=theirs > 0)
