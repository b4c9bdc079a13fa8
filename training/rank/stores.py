"""Branches: where customers shop, and what sells there; nobody buys what a branch has not."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp

from models.arrays import Rows, Scores
from training.data.purchases import Purchases
from training.rank.pairs import Pairs

FADE_DAYS = 60.0
SOLD_DAYS = 56
LATELY_DAYS = 21
TOLD = ("there", "there lately", "share", "sold")
"""Whether an item sold in a branch, and lately; the branch's part of its sales; its part, in
thousandths, of the branch's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """Customers and items by branch."""

    customers: sp.csr_matrix
    """Share of each customer's lines in each branch, the latest counting most."""
    items: Mapping[str, sp.csr_matrix]

    def columns(self, pairs: Pairs) -> dict[str, Scores]:
        """Return how each item sells where its customer shops."""
        columns = {}
        for name, sold in self.items.items():
            column = np.empty(len(pairs), dtype=np.float32)
            for customer, span in pairs.spans():
                here = np.asarray(self.customers[customer].todense()).ravel()
                column[span] = sold[pairs.item[span]] @ here
            columns[f"stores: {name}"] = column
        return columns

    def local(self, customers: Rows) -> Scores:
        """Return how every item sells where each of some customers shops."""
        return np.asarray((self.customers[customers] @ self.items["sold"].T).todense())


def fit(purchases: Purchases) -> Stores | None:
    """Count by branch; None where the shop has one, or does not say."""
    if purchases.n_stores <= 1:
        return None
    lines = purchases.known
    lines = lines[purchases.store[lines] >= 0]
    age, store = purchases.age_days[lines], purchases.store[lines]
    customers = sp.csr_matrix(
        (np.exp(-age / FADE_DAYS), (purchases.customer[lines], store)),
        shape=(purchases.n_customers, purchases.n_stores),
    )

    def sales(days: float) -> sp.csr_matrix:
        recent = age <= days
        return sp.csr_matrix(
            (np.ones(int(recent.sum())), (purchases.item[lines[recent]], store[recent])),
            shape=(purchases.n_ranked, purchases.n_stores),
        )

    sold = sales(SOLD_DAYS)
    volume = np.maximum(np.asarray(sold.sum(axis=0)).ravel(), 1)
    return Stores(
        customers=_rows_to_one(customers).astype(np.float32),
        items={
            "there": sold.astype(np.bool_).astype(np.float32),
            "there lately": sales(LATELY_DAYS).astype(np.bool_).astype(np.float32),
            "share": _rows_to_one(sales(np.inf)).astype(np.float32),
            "sold": (sold @ sp.diags(1000 / volume)).tocsr().astype(np.float32),
        },
    )


def unknown(pairs: Pairs) -> dict[str, Scores]:
    """Return the same columns for one branch; by the next cut others may have joined it."""
    return {f"stores: {name}": np.zeros(len(pairs), dtype=np.float32) for name in TOLD}


def _rows_to_one(matrix: sp.csr_matrix) -> sp.csr_matrix:
    totals = np.asarray(matrix.sum(axis=1)).ravel()
    return (sp.diags(1 / np.maximum(totals, 1e-9)) @ matrix).tocsr()
