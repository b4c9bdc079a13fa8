"""Counting what follows what, for ``models.scorers.transitions``.

A step is an order of the customer, for a basket has no order within; what lies in one basket is
told by ``training.fit.copurchase``, and counting it here as well was measured to cost Ta-Feng's new
items .0015 of NDCG@10 and to bring the Complete Journey's .0006. With ``O`` the orders by
items, sorted by customer and time, and ``V`` what one order says of another of the same customer,

    V = .8^(gap - 1) for the next ``N_STEPS`` orders, half of it for those before
    W = Oᵀ V O, without its diagonal;  strength = W · r^-.5 · c^-.2

where ``r`` and ``c`` are the sums of W's rows and columns: what many things lead to is no wonder,
and an item with many successors does not drown one with few. Nothing is dense: ``V`` has some
twenty numbers an order, ``V O`` twenty baskets an order, and ``W`` is made by blocks of items.

Source: as ``models.scorers.transitions``. The numbers below were chosen on Amazon Beauty, on the
item before the last.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Scores
from models.scorers.transitions import Transitions
from training.data.purchases import Purchases

N_SUCCESSORS = 50
N_STEPS = 10
DECAY = 0.8
"""What an order says of the one after next, against the next."""
RECENT_DECAY = 0.7
"""What the order before the last counts, against the last, when a customer is scored."""
BACKWARDS = 0.5
ROW_POWER, COLUMN_POWER = 0.5, 0.2
BLOCK = 512


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

    def score(self, begin: int, end: int) -> Scores:
        """Return the scores of customers ``begin`` to ``end``: what follows their last orders."""
        return np.asarray((self.recent[begin:end] @ self.table).toarray(), dtype=np.float32)


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
    VO = (V @ O).tocsr()
    sizes = np.asarray(O.sum(axis=1)).ravel()
    itself = np.asarray(O.multiply(VO).sum(axis=0)).ravel()
    by_row = _power(O.T @ (V @ sizes) - itself, -ROW_POWER)
    by_column = _power(O.T @ (V.T @ sizes) - itself, -COLUMN_POWER)
    by_item = O.T.tocsr()
    n_items = O.shape[1]
    found = np.full((n_items, n_successors), -1, dtype=np.int32)
    strengths = np.zeros((n_items, n_successors), dtype=np.float32)
    for begin in range(0, n_items, BLOCK):
        W = (by_item[begin : begin + BLOCK] @ VO).tocsr()
        for place in range(W.shape[0]):
            row = begin + place
            span = slice(W.indptr[place], W.indptr[place + 1])
            others, strength = W.indices[span], W.data[span] * by_column[W.indices[span]]
            keep = others != row
            others, strength = others[keep], strength[keep] * by_row[row]
            if others.size > n_successors:
                bar = np.partition(strength, -n_successors)[-n_successors]
                keep = strength >= bar
                others, strength = others[keep], strength[keep]
            top = np.lexsort((others, -strength))[:n_successors]
            found[row, : top.size] = others[top]
            strengths[row, : top.size] = strength[top]
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
    forwards = sp.csr_matrix((n, n), dtype=np.float32)
    for gap in range(1, min(N_STEPS, n - 1) + 1):
        here = np.flatnonzero(told.customer[:-gap] == told.customer[gap:])
        faded = np.full(here.size, DECAY ** (gap - 1), dtype=np.float32)
        forwards = forwards + sp.csr_matrix((faded, (here, here + gap)), shape=(n, n))
    return (forwards + BACKWARDS * forwards.T).tocsr()


def _power(sums: NDArray[Any], exponent: float) -> NDArray[np.float32]:
    """Return positive sums to a power; 0 for an item that leads nowhere."""
    positive = sums > 0
    return np.where(positive, np.where(positive, sums, 1.0) ** exponent, 0.0).astype(np.float32)
