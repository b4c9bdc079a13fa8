"""Counting what lands in one basket, for ``models.scorers.copurchase``."""

import numpy as np
import scipy.sparse as sp

from models.scorers.copurchase import CoPurchase
from training.data.purchases import Purchases
from training.fit.heads import row_blocks, strongest

N_COMPANIONS = 50
MIN_ORDERS = 3
"""Two items must share this many orders: fewer is chance."""
SHRINKAGE = 10.0
"""A pair seen in this many orders counts half of what its cosine says."""
BLOCK_LINES = 100_000
"""Lines of the items whose companions are counted at a time."""


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
    for rows in row_blocks(by_item, most=BLOCK_LINES):
        together = (by_item[rows] @ orders).tocsr()
        row = np.repeat(np.arange(rows.start, rows.stop), np.diff(together.indptr))
        shared, others = together.data, together.indices
        strength = shared / (lengths[row] * lengths[others]) * shared / (shared + SHRINKAGE)
        together.data = np.where((others != row) & (shared >= least), strength, 0)
        together.eliminate_zeros()
        found, ranks, places = strongest(together, n_companions)
        companions[rows.start + found, ranks] = together.indices[places]
        strengths[rows.start + found, ranks] = together.data[places]
    return CoPurchase(companions=companions, strengths=strengths)
