"""What customers like this one spend on which categories, told by many small groups of them.

A customer is likened to the centres of the groups by the cosine of the square roots of shares of
spend; the nearest tenth of the groups, at most five, speak for customers like them.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from training.customers.needs.clusters import k_means, members, nearest

_MOST_GROUPS = 64
_PER_GROUP = 20
"""Customers for each group, at least."""
_MOST_NEAREST = 5
_LIKE_THE_SHOP = 2.0
"""How many customers of the shop's mix each group has beside its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mixes:
    """How groups of like customers spread their money."""

    centres: NDArray[np.float32]
    """Shape ``(n_groups, n_categories)``: unit vectors."""
    mix: NDArray[np.float32]
    """Shape ``(n_groups, n_categories)``: mean shares of spend; a row sums to 1."""

    @classmethod
    def of(cls, money: sp.csr_matrix, *, rng: np.random.Generator) -> Self:
        """Learn from customers, each of whom spent something.

        Args:
            money: Shape ``(n, n_categories)``, with at least one customer.
            rng: Begins the groups.
        """
        leaning = _leaning(money).toarray()
        k = max(1, min(_MOST_GROUPS, leaning.shape[0] // _PER_GROUP))
        centres = k_means(leaning, k, rng=rng, n_starts=1)
        groups = nearest(leaning, centres)
        shares = members(groups, centres.shape[0]) @ _shares(money)
        added = shares.toarray() + _LIKE_THE_SHOP * shop_mix(money)
        mix = added / added.sum(axis=1, keepdims=True)
        length = np.maximum(np.linalg.norm(centres, axis=1, keepdims=True), 1e-12)
        return cls(
            centres=(centres / length).astype(np.float32),
            mix=mix.astype(np.float32),
        )

    def covered(self, money: sp.csr_matrix) -> NDArray[np.float32]:
        """Return the part of the spend of customers like each that is in categories they buy.

        Args:
            money: Shape ``(n, n_categories)``, of the customers who are asked for.

        Returns:
            Shape ``(n,)``: 0 to 1, 0 for who bought nothing.
        """
        near = max(1, min(_MOST_NEAREST, self.centres.shape[0] // 10))
        likeness = _leaning(money) @ self.centres.T
        groups = np.argpartition(-likeness, near - 1, axis=1)[:, :near]
        by_group = money.sign() @ self.mix.T
        return np.asarray(np.take_along_axis(by_group, groups, axis=1).mean(axis=1))


def shop_mix(money: sp.csr_matrix) -> NDArray[np.float64]:
    """Return the share of all spend that each category takes, shape ``(n_categories,)``."""
    total = np.asarray(money.sum(axis=0), dtype=np.float64).ravel()
    return total / max(float(total.sum()), 1e-12)


def _shares(money: sp.csr_matrix) -> sp.csr_matrix:
    spent = np.asarray(money.sum(axis=1)).ravel()
    return sp.csr_matrix(sp.diags_array(1 / np.maximum(spent, 1e-12)) @ money)


def _leaning(money: sp.csr_matrix) -> sp.csr_matrix:
    return _shares(money).sqrt().astype(np.float32)
