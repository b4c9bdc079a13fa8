"""Logistic regression where columns are many and cases few: weights are drawn to 0.

    p = σ(w · z + b)        z: each column less its mean, over its standard deviation
    the least of            Σ counts · (-log p, or -log (1 - p))  +  prior · |w|² / 2

What is not known of a case stands at the column's mean. The search goes by gradients, where
``training.fit.logistic`` solves for all weights at once: hundreds of columns cost it too much.

Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, 4.4 and 18.4;
Byrd, Lu, Nocedal and Zhu, "A Limited Memory Algorithm for Bound Constrained Optimization", 1995.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from models.arrays import Factors, Mask

SAME = 1e-6
"""A column that departs from its mean by a smaller share never changed, but for rounding."""
MOST_STEPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Linear:
    """What was learned; every array of shape ``(n_columns,)``."""

    centre: NDArray[np.float32]
    weights: NDArray[np.float32]
    """Of columns as they come."""
    offset: float

    def log_odds(self, columns: Factors) -> NDArray[np.float64]:
        """Return the log odds of each case, shape ``(n,)``."""
        z = columns - self.centre
        np.nan_to_num(z, copy=False, nan=0.0)
        return np.asarray(z @ self.weights + self.offset, dtype=np.float64)


def fit(columns: Factors, is_seed: Mask, counts: NDArray[np.float64], *, prior: float) -> Linear:
    """Learn the weights.

    Args:
        columns: Shape ``(n, n_columns)``; nan where something is not known.
        is_seed: Shape ``(n,)``; some are, and some are not.
        counts: Shape ``(n,)``: how many cases each stands for.
        prior: Above 0.
    """
    known = np.isfinite(columns)
    n_known = np.maximum(known.sum(axis=0), 1)
    centre = np.where(known, columns, 0).sum(axis=0, dtype=np.float64) / n_known
    z = np.where(known, columns - centre.astype(np.float32), np.float32(0))
    spread = np.sqrt((z**2).sum(axis=0, dtype=np.float64) / n_known)
    scale = np.where(spread > SAME * (1 + np.abs(centre)), spread, np.inf).astype(np.float32)
    z /= scale
    share = float(np.average(is_seed, weights=counts))

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        weights, offset = numbers[:-1], numbers[-1]
        odds = z @ weights.astype(np.float32) + offset
        off = counts * (expit(odds) - is_seed)
        value = counts @ (np.logaddexp(0, odds) - is_seed * odds) + prior * weights @ weights / 2
        slope = np.append(off.astype(np.float32) @ z + prior * weights, off.sum())
        return float(value), slope

    begin = np.append(np.zeros(z.shape[1]), np.log(share / (1 - share)))
    found = minimize(loss, begin, jac=True, method="L-BFGS-B", options={"maxiter": MOST_STEPS}).x
    return Linear(
        centre=centre.astype(np.float32),
        weights=(found[:-1] / scale).astype(np.float32),
        offset=float(found[-1]),
    )
