"""Cornac's models of the next basket that need no torch, with the settings it ships.

UPCF looks at the last basket alone by default, and needs a hand here: it was written for an older
similaripy, which cannot be installed without a compiler, and kills the process with the newer one.
TIFU-KNN's neighbours have no say: the version that is pinned takes the mean of all their numbers,
one number for every item. So the search for them, minutes that change no list, is left out here.
"""

from collections import OrderedDict

import numpy as np
import scipy.spatial
import similaripy
from cornac.data import BasketDataset
from cornac.models import TIFUKNN, UPCF, GPTop
from cornac.models.recommender import NextBasketRecommender
from scipy.sparse import csr_matrix

from benchmarks.peers.answering import Predict, Split, answer, table

_similar = similaripy.asymmetric_cosine


def _similar_as_a_matrix(users: csr_matrix, **options: object) -> csr_matrix:
    """Return what the older similaripy did: a row of the newer one's arrays has lost its shape."""
    return csr_matrix(_similar(users, **options))


class _NoNeighbours:
    """Stands in for the tree of customers, which takes minutes to search."""

    def __init__(self, customers: np.ndarray) -> None:
        """Forget them."""

    def query(self, _customers: list[np.ndarray], *, k: int) -> tuple[None, np.ndarray]:  # noqa: ARG002
        """Return the first customer, whoever is asked for."""
        return None, np.zeros(1, dtype=np.intp)


similaripy.asymmetric_cosine = _similar_as_a_matrix
scipy.spatial.KDTree = _NoNeighbours


def _fit(split: Split, model: NextBasketRecommender) -> Predict:
    told = BasketDataset.build(
        zip(split.customer.tolist(), split.order.tolist(), split.item.tolist(), strict=True),
        global_iid_map=OrderedDict((row, row) for row in range(split.n_items)),
    )
    model.fit(told)
    baskets = {
        told.user_ids[customer]: (customer, items)
        for [customer], _, [items] in told.ubi_iter(batch_size=1, shuffle=False)
    }

    def predict() -> tuple[np.ndarray, np.ndarray]:
        ordinary, new_only = [], []
        for asked, bought in zip(split.asked.tolist(), split.bought(), strict=True):
            customer, items = baskets[asked]
            ranked, _ = model.rank(customer, history_baskets=items)
            ordinary.append(ranked)
            new_only.append(ranked[~np.isin(ranked, bought)])
        return table(ordinary), table(new_only)

    return predict


if __name__ == "__main__":
    answer(
        {
            "GPTop": lambda split: _fit(split, GPTop()),
            "UPCF": lambda split: _fit(split, UPCF()),
            "TIFUKNN": lambda split: _fit(split, TIFUKNN()),
        }
    )
