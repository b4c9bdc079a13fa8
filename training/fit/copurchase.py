"""Counting what lands in one basket, for ``models.scorers.copurchase``."""

import numpy as np
import scipy.sparse as sp

from models.scorers.copurchase import CoPurchase
from training.data.purchases import Purchases

N_COMPANIONS = 50
MIN_ORDERS = 3
"""Two items must share this many orders: fewer is chance."""
SHRINKAGE = 10.0
"""A pair seen in this many orders counts half of what its cosine says."""
BLOCK = 1024


def fit(purchases: Purchases, *, n_companions: int = N_COMPANIONS) -> CoPurchase:
    """Find each ranked item's companions, orders of unknown customers included.

    A shop with fewer than a thousand orders asks for one shared order only.
    """
    ranked = purchases.item < purchases.n_ranked
    n_orders = int(purchases.order.max(initial=-1)) + 1
    orders = sp.csr_matrix(
        (
            np.ones(int(ranked.sum()), np.float32),
            (purchases.order[ranked], purchases.item[ranked]),
        ),
        shape=(n_orders, purchases.n_ranked),
    )
    by_item = orders.T.tocsr()
    lengths = np.sqrt(np.maximum(np.asarray(orders.sum(axis=0)).ravel(), 1))
    least = MIN_ORDERS if n_orders >= 1000 else 1
    companions = np.full((purchases.n_ranked, n_companions), -1, dtype=np.int32)
    strengths = np.zeros((purchases.n_ranked, n_companions), dtype=np.float32)
    for begin in range(0, purchases.n_ranked, BLOCK):
        together = (by_item[begin : begin + BLOCK] @ orders).tocsr()
        for place in range(together.shape[0]):
            row = begin + place
            span = slice(together.indptr[place], together.indptr[place + 1])
            others, shared = together.indices[span], together.data[span]
            keep = (others != row) & (shared >= least)
            others, shared = others[keep], shared[keep]
            cosines = shared / (lengths[row] * lengths[others])
            strength = cosines * shared / (shared + SHRINKAGE)
            top = np.lexsort((others, -strength))[:n_companions]
            companions[row, : top.size] = others[top]
            strengths[row, : top.size] = strength[top]
    return CoPurchase(companions=companions, strengths=strengths)
