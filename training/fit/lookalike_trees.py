"""Boosted trees for who is like the seeds: small ones, many, each on a part of cases and columns.

Seeds may be a hundred: leaves hold thirty cases at least and are drawn to 0. What is not known
goes to the side where it does best.

Source: Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017;
Friedman, "Stochastic Gradient Boosting", 2002.
"""

from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors, Mask

N_TREES = 150
PARAMETERS = {
    "objective": "binary",
    "num_leaves": 7,
    "learning_rate": 0.05,
    "feature_fraction": 0.3,
    "bagging_fraction": 0.5,
    "bagging_freq": 1,
    "min_data_in_leaf": 30,
    "lambda_l2": 30.0,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Trees:
    """What was learned."""

    booster: lightgbm.Booster

    def log_odds(self, columns: Factors) -> NDArray[np.float64]:
        """Return the log odds of each case, shape ``(n,)``."""
        told = self.booster.predict(columns, raw_score=True, num_threads=1)
        return np.asarray(told, dtype=np.float64)


def fit(columns: Factors, is_seed: Mask, counts: NDArray[np.float64], *, rng_seed: int) -> Trees:
    """Learn the trees; the arguments are those of ``training.fit.lookalike_logistic.fit``."""
    parameters = {**PARAMETERS, "seed": rng_seed}
    cases = lightgbm.Dataset(
        columns, is_seed.astype(np.int8), weight=counts, params=dict(parameters)
    )
    return Trees(booster=lightgbm.train(parameters, cases, num_boost_round=N_TREES))
