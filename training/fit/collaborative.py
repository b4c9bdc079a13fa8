"""Learning the vectors of ``models.scorers.collaborative`` by alternating least squares.

The library is ``implicit``. Purchases are log counts of orders, so that the tenth milk says less
than the first; the confidence ``alpha`` stays at 1, since large ones were measured to ruin repeat
shops.
"""

from dataclasses import dataclass

import numpy as np
from implicit.cpu.als import AlternatingLeastSquares
from threadpoolctl import threadpool_limits

from models.arrays import Factors
from models.scorers.collaborative import Collaborative
from training.data.purchases import Purchases

N_FACTORS = 64
ALPHA = 1.0
REGULARIZATION = 10.0
ITERATIONS = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """Both sides of the factorisation."""

    model: Collaborative
    customers: Factors
    """Shape ``(n_customers, n_factors)``."""


def fit(
    purchases: Purchases,
    *,
    seed: int,
    n_factors: int = N_FACTORS,
    alpha: float = ALPHA,
    regularization: float = REGULARIZATION,
) -> Fitted:
    """Learn a vector for each customer and ranked item; the same seed gives the same vectors."""
    counts = purchases.matrix()
    counts.data = np.log1p(counts.data)
    with threadpool_limits(1, "blas"):  # implicit has threads of its own, and the two would fight
        als = AlternatingLeastSquares(
            factors=n_factors,
            regularization=regularization,
            alpha=alpha,
            iterations=ITERATIONS,
            random_state=seed,
        )
        als.fit(counts, show_progress=False)
    return Fitted(
        model=Collaborative(
            items=np.asarray(als.item_factors, dtype=np.float32),
            alpha=alpha,
            regularization=regularization,
        ),
        customers=np.asarray(als.user_factors, dtype=np.float32),
    )
