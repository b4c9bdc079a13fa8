"""What each customer spends on each category: what portfolios and share of customer go by.

Only lines of a known customer count, of an item that has a category, and that cost something.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Codes
from training.data.purchases import Purchases

Lines = NDArray[np.intp]
Customers = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """Money by customer and category, and how much lies behind it."""

    money: sp.csr_matrix
    """Shape ``(n_customers, n_categories)``."""
    lines: NDArray[np.int64]
    """Shape ``(n_customers,)``: how many purchase lines."""
    orders: NDArray[np.int64]
    """Shape ``(n_customers,)``: in how many orders."""

    def told(self, *, orders: int, lines: int) -> Customers:
        """Return the customers who bought at least so often and so much, in row order."""
        return np.flatnonzero((self.orders >= orders) & (self.lines >= lines))


def countable(purchases: Purchases, category: Codes) -> Lines:
    """Return the places of the lines that count."""
    told = (purchases.customer >= 0) & (category[purchases.item] >= 0) & (purchases.spend > 0)
    return np.flatnonzero(told)


def by_category(
    purchases: Purchases, category: Codes, *, lines: Lines, n_categories: int
) -> Spending:
    """Sum ``lines``, of those that count, to money by customer and category."""
    customer, order = purchases.customer[lines], purchases.order[lines]
    n_customers = purchases.n_customers
    money = sp.csr_matrix(
        (purchases.spend[lines], (customer, category[purchases.item[lines]])),
        shape=(n_customers, n_categories),
        dtype=np.float32,
    )
    first = np.flatnonzero(np.diff(order, prepend=-1))
    return Spending(
        money=money,
        lines=np.bincount(customer, minlength=n_customers),
        orders=np.bincount(customer[first], minlength=n_customers),
    )


def halves_of_orders(
    purchases: Purchases, lines: Lines, *, rng: np.random.Generator
) -> tuple[Lines, Lines]:
    """Deal the orders that ``lines`` are of into two halves, by the toss of a coin for each."""
    heads = rng.integers(0, 2, int(purchases.order.max(initial=0)) + 1, dtype=np.int8)
    first = heads[purchases.order[lines]] == 1
    return lines[first], lines[~first]
