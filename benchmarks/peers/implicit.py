"""implicit's factor models with the settings it ships, on counts of orders.

Its nearest neighbours and a tuned ALS are judged by ``training.fit.baselines``.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from implicit.als import AlternatingLeastSquares
from implicit.bpr import BayesianPersonalizedRanking
from implicit.lmf import LogisticMatrixFactorization
from scipy.sparse import csr_matrix

from benchmarks.peers.answering import K, Numbers, Predict, Split, answer, table

SEED = 20171204
PADDED = -1e38
"""A list that is too short is filled up with what was bought, at a score below this."""


def _fit(split: Split, kind: Callable[..., Any]) -> Predict:
    customer, item, times = split.pairs()
    counts = csr_matrix(
        (times.astype(np.float32), (customer, item)), shape=(split.n_customers, split.n_items)
    )
    model = kind(random_state=SEED)
    model.fit(counts, show_progress=False)

    def lists(*, without_bought: bool) -> Numbers:
        found = model.recommend(
            split.asked,
            counts[split.asked],
            N=min(K, split.n_items),
            filter_already_liked_items=without_bought,
        )
        return table([rows[scores > PADDED] for rows, scores in zip(*found, strict=True)])

    return lambda: (lists(without_bought=False), lists(without_bought=True))


if __name__ == "__main__":
    answer(
        {
            "ALS": lambda split: _fit(split, AlternatingLeastSquares),
            "BPR": lambda split: _fit(split, BayesianPersonalizedRanking),
            "LMF": lambda split: _fit(split, LogisticMatrixFactorization),
        }
    )
