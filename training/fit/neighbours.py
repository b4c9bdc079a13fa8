"""What customers who buy alike have bought lately: user-kNN for baskets.

    sim(u, v)   = (|u ∩ v| / (|u|^α |v|^(1-α)))^q      on all that either ever bought
    score(u, i) = Σ_v sim(u, v) · share of v's last r orders that hold i

The customer is their own nearest neighbour. ``q`` is the locality: the higher, the less far ones
say. Training only: a record's list carries what it says to the server.

The published model compares everybody with everybody. Ours compares with the ``MAX_POOL`` customers
who bought last, and listens to the nearest ``N_NEIGHBOURS``, so that the work grows with the
customers and not with their square.

Source: Faggioli, Polato and Aiolli, "Recency Aware Collaborative Filtering for Next Basket
Recommendation" (UP-CF), UMAP 2020, equations 1 to 4.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Rows
from training.data.purchases import Purchases
from training.fit.heads import strongest
from training.fit.transitions import Orders

N_ORDERS = 25
"""r: how many of the last orders make a share."""
ALPHA = 0.25
LOCALITY = 5.0
MAX_POOL = 20_000
N_NEIGHBOURS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """Scores customers, a block at a time."""

    bought: sp.csr_matrix
    """Customers by ranked items: 1 where ever bought."""
    shares: sp.csr_matrix
    """Customers by ranked items: the share of the last ``N_ORDERS`` orders that hold the item."""
    pool: NDArray[np.intp]
    """Rows of the customers that are listened to, ascending."""
    pool_bought: sp.csr_matrix
    """Items by pool."""
    n_bought: NDArray[np.int32]
    """Shape ``(n_customers,)``: how many items each ever bought."""
    pool_weight: NDArray[np.float32]
    """Shape ``(n_pool,)``: what the similarity to each is divided by."""
    pool_shares: sp.csr_matrix
    """Pool by items."""

    @classmethod
    def of(cls, bought: sp.csr_matrix, shares: sp.csr_matrix, pool: NDArray[np.intp]) -> Self:
        """Return the neighbours among the customers of ``pool``."""
        n_bought = np.diff(bought.indptr)
        return cls(
            bought=bought,
            shares=shares,
            pool=pool,
            pool_bought=bought[pool].T.tocsr(),
            n_bought=n_bought,
            pool_weight=(n_bought[pool] ** (1 - ALPHA)).astype(np.float32),
            pool_shares=shares[pool],
        )

    def score(self, customers: Rows) -> sp.csr_matrix:
        """Return the scores of ``customers`` by ranked items."""
        return (self._nearest(customers) @ self.pool_shares + self.shares[customers]).tocsr()

    def _nearest(self, customers: Rows) -> sp.csr_matrix:
        """Return similarities, block by pool, of the nearest others; ties fall to lower rows."""
        shared = (self.bought[customers] @ self.pool_bought).tocsr()
        rows = np.repeat(np.arange(customers.size), np.diff(shared.indptr))
        own = self.n_bought[customers].astype(np.float32) ** ALPHA
        shared.data /= own[rows] * self.pool_weight[shared.indices]
        shared.data[self.pool[shared.indices] == customers[rows]] = 0
        rows, _, places = strongest(shared, N_NEIGHBOURS)
        near = shared.data[places] ** LOCALITY, (rows, shared.indices[places])
        return sp.csr_matrix(near, shape=shared.shape)


def fit(purchases: Purchases, told: Orders) -> Neighbours:
    """Count what everybody ever bought, and the shares of what they bought lately.

    Args:
        purchases: What teaches.
        told: Its orders in time, of ``training.fit.transitions``.
    """
    bought = purchases.matrix()
    bought.data[:] = 1
    return Neighbours.of(bought, _shares(told), _pool(purchases))


def _shares(told: Orders) -> sp.csr_matrix:
    last = np.flatnonzero(told.steps_to_last < N_ORDERS)
    customers = told.customer[last]
    n_orders = np.bincount(customers, minlength=told.n_customers)
    each = sp.csr_matrix(
        (1.0 / n_orders[customers], (customers, last)),
        shape=(told.n_customers, told.customer.size),
        dtype=np.float32,
    )
    return (each @ told.items).tocsr()


def _pool(purchases: Purchases) -> NDArray[np.intp]:
    """Return the customers who bought last; ties fall to lower rows."""
    youngest = np.full(purchases.n_customers, np.inf)
    lines = purchases.known
    np.minimum.at(youngest, purchases.customer[lines], purchases.age_days[lines])
    latest = np.argsort(youngest, kind="stable")[:MAX_POOL]
    return np.sort(latest[np.isfinite(youngest[latest])])
