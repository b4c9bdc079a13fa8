"""What each customer spends on each category: what portfolios and share of customer go by.

Only lines of a known customer count, of an item that has a category, and that cost something; and
of these what was not given back.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Codes
from training.data.purchases import Purchases

MOST_CATEGORIES = 500
"""Categories beyond those that most customers buy say little of anybody's needs, and the time to
find portfolios grows with their number squared, the memory with it times that of customers."""

Lines = NDArray[np.intp]
Customers = NDArray[np.intp]
Categories = NDArray[np.intp]


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
    lines = purchases.lasting
    return lines[(category[purchases.item[lines]] >= 0) & (purchases.spend[lines] > 0)]


def most_bought(
    purchases: Purchases, category: Codes, *, n_categories: int
) -> tuple[Codes, Categories]:
    """Leave no more categories than ``MOST_CATEGORIES``: those with most buyers, and the first.

    Args:
        purchases: What was bought.
        category: Of each item; -1 for none.
        n_categories: How many there are.

    Returns:
        The category of each item, numbered anew among those left, -1 for none; and the number that
        each of those left had, ascending.
    """
    if n_categories <= MOST_CATEGORIES:
        return category, np.arange(n_categories)
    lines = countable(purchases, category)
    spent = by_category(purchases, category, lines=lines, n_categories=n_categories)
    buyers = np.bincount(spent.money.indices, minlength=n_categories)
    left = np.sort(np.argsort(-buyers, kind="stable")[:MOST_CATEGORIES])
    number = np.full(n_categories + 1, -1, np.int32)  # the last is for -1
    number[left] = np.arange(left.size)
    return number[category], left


def by_category(
    purchases: Purchases, category: Codes, *, lines: Lines, n_categories: int
) -> Spending:
    """Sum ``lines``, of those that count, to money by customer and category."""
    customer, order = purchases.customer[lines], purchases.order[lines]
    n_customers = purchases.n_customers
    money = sp.csr_matrix(
        (purchases.net(purchases.spend, lines), (customer, category[purchases.item[lines]])),
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
