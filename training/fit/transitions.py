"""Counting what follows what, for ``models.scorers.transitions``.

A step is an order of the customer, for a basket has no order within; what lies in one basket is
told by ``training.fit.copurchase``, and counting it here as well was measured to cost Ta-Feng's new
items .0015 of NDCG@10 and to bring the Complete Journey's .0006. With ``O`` the orders by
items, sorted by customer and time, and ``V`` what one order says of another of the same customer,

    V = .8^(gap - 1) for the next ``N_STEPS`` orders, half of it for those before
    W = Oᵀ V O, without its diagonal;  strength = W · r^-.5 · c^-.2

where ``r`` and ``c`` are the sums of W's rows and columns: what many things lead to is no wonder,
and an item with many successors does not drown one with few. Nothing is dense: ``V`` has some
twenty numbers an order, and ``W`` is made by blocks of items, from the left.

Source: as ``models.scorers.transitions``. The numbers below were chosen on Amazon Beauty, on the
item before the last.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Rows
from models.scorers.transitions import Transitions
from training.data.purchases import Purchases
from training.fit.heads import row_blocks, strongest

N_SUCCESSORS = 50
N_STEPS = 10
DECAY = 0.8
"""What an order says of the one after next, against the next."""
RECENT_DECAY = 0.7
"""What the order before the last counts, against the last, when a customer is scored."""
BACKWARDS = 0.5
ROW_POWER, COLUMN_POWER = 0.5, 0.2
BLOCK_LINES = 100_000
"""Lines of the items whose successors are counted at a time."""


@dataclass(frozen=True, kw_only=True)
class Orders:
    """The orders of known customers, by customer and then in time."""

    items: sp.csr_matrix
    """Shape ``(n_orders, n_ranked)``: 1 where the order holds the item."""
    customer: NDArray[np.int32]
    """Shape ``(n_orders,)``, ascending."""
    n_customers: int

    @cached_property
    def steps_to_last(self) -> NDArray[np.int64]:
        """How many orders of the same customer came after each."""
        ends = np.searchsorted(self.customer, np.arange(self.n_customers), side="right")
        return np.asarray(ends[self.customer] - 1 - np.arange(self.customer.size))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """The successors, and where each customer is now."""

    model: Transitions
    table: sp.csr_matrix
    """The same successors, items by items."""
    recent: sp.csr_matrix
    """Customers by items: what the last orders held, each counting ``RECENT_DECAY`` of the next."""

    def score(self, customers: Rows) -> sp.csr_matrix:
        """Return the scores of ``customers`` by ranked items: what follows their last orders."""
        return self.recent[customers] @ self.table


def fit(told: Orders, *, n_successors: int = N_SUCCESSORS) -> Fitted:
    """Count what follows what among the ranked items.

    Args:
        told: The orders in time, as ``orders`` returns them.
        n_successors: How many of each item are kept.
    """
    model = successors(told, n_successors=n_successors)
    return Fitted(model=model, table=table(model), recent=recent(told))


def orders(purchases: Purchases) -> Orders:
    """Return the orders of known customers in time; those of one moment by their number."""
    lines = purchases.known
    _, first, place = np.unique(purchases.order[lines], return_index=True, return_inverse=True)
    age = np.zeros(first.size)
    np.maximum.at(age, place, purchases.age_days[lines])
    customer = purchases.customer[lines][first]
    in_time = np.lexsort((np.arange(first.size), -age, customer))
    row = np.empty(first.size, dtype=np.int64)
    row[in_time] = np.arange(first.size)
    items = sp.csr_matrix(
        (np.ones(lines.size, np.float32), (row[place], purchases.item[lines])),
        shape=(first.size, purchases.n_ranked),
    )
    return Orders(items=items, customer=customer[in_time], n_customers=purchases.n_customers)


def successors(told: Orders, *, n_successors: int = N_SUCCESSORS) -> Transitions:
    """Return each item's strongest successors; equal ones by row."""
    O, V = told.items, _said(told)  # noqa: E741  # the letters of the head of this file
    by_item = O.T.tocsr()
    by_item.sort_indices()
    sizes = np.asarray(O.sum(axis=1)).ravel()
    itself = _itself(by_item, told.customer)
    by_row = _power(by_item @ (V @ sizes) - itself, -ROW_POWER)
    by_column = _power(by_item @ (V.T @ sizes) - itself, -COLUMN_POWER)
    n_items = O.shape[1]
    found = np.full((n_items, n_successors), -1, dtype=np.int32)
    strengths = np.zeros((n_items, n_successors), dtype=np.float32)
    for rows in row_blocks(by_item, most=BLOCK_LINES):
        W = ((by_item[rows] @ V) @ O).tocsr()
        row = np.repeat(np.arange(rows.start, rows.stop), np.diff(W.indptr))
        W.data = np.where(W.indices == row, 0, W.data * by_column[W.indices])
        W.eliminate_zeros()
        local, ranks, places = strongest(W, n_successors)
        found[rows.start + local, ranks] = W.indices[places]
        strengths[rows.start + local, ranks] = W.data[places] * by_row[rows.start + local]
    return Transitions(successors=found, strengths=strengths, decay=RECENT_DECAY)


def recent(told: Orders) -> sp.csr_matrix:
    """Return customers by items: what their last ``N_STEPS`` orders held, faded."""
    last = np.flatnonzero(told.steps_to_last < N_STEPS)
    faded = sp.csr_matrix(
        (RECENT_DECAY ** told.steps_to_last[last], (told.customer[last], last)),
        shape=(told.n_customers, told.customer.size),
        dtype=np.float32,
    )
    found = (faded @ told.items).tocsr()
    found.sort_indices()
    return found


def table(model: Transitions) -> sp.csr_matrix:
    """Return the successors as a matrix, items by items."""
    n_items = model.successors.shape[0]
    there = model.successors >= 0
    return sp.csr_matrix(
        (model.strengths[there], (np.nonzero(there)[0], model.successors[there])),
        shape=(n_items, n_items),
    )


def _said(told: Orders) -> sp.csr_matrix:
    """Return ``V``: what an order says of the others of its customer."""
    n = told.customer.size
    gaps = range(1, min(N_STEPS, n - 1) + 1)
    here = [np.flatnonzero(told.customer[:-gap] == told.customer[gap:]) for gap in gaps]
    before = np.concatenate([*here, np.empty(0, np.intp)]).astype(np.int32)
    gap = np.repeat(np.arange(1, len(here) + 1), [one.size for one in here]).astype(np.int32)
    faded = (DECAY ** (gap - 1)).astype(np.float32)
    forwards = sp.csr_matrix((faded, (before, before + gap)), shape=(n, n))
    return (forwards + np.float32(BACKWARDS) * forwards.T).tocsr()


def _itself(by_item: sp.csr_matrix, customer: NDArray[np.int32]) -> NDArray[np.float64]:
    """Return the diagonal of ``W``: what the orders that hold an item say of one another.

    Args:
        by_item: Items by orders, columns ascending.
        customer: Whose each order is.
    """
    order = by_item.indices
    item = np.repeat(np.arange(by_item.shape[0]), np.diff(by_item.indptr))
    found = np.zeros(by_item.shape[0])
    for later in range(1, min(N_STEPS, order.size - 1) + 1):
        gap = order[later:] - order[:-later]
        near = (item[later:] == item[:-later]) & (gap <= N_STEPS)
        near &= customer[order[later:]] == customer[order[:-later]]
        found += np.bincount(
            item[later:][near],
            (1 + BACKWARDS) * DECAY ** (gap[near] - 1.0),
            minlength=found.size,
        )
    return found


def _power(sums: NDArray[Any], exponent: float) -> NDArray[np.float32]:
    """Return positive sums to a power; 0 for an item that leads nowhere."""
    positive = sums > 0
    return np.where(positive, np.where(positive, sums, 1.0) ** exponent, 0.0).astype(np.float32)
