"""How likely something is, from numbers that each speak for or against it: logistic regression.

    p = σ(w · z + b)        z: each column less its mean, over its standard deviation

by maximum likelihood with a normal prior of standard deviation 1 on every weight, so that few cases
teach little. There is no chance in it: the same cases teach the same.

Source: Hastie, Tibshirani and Friedman, "The Elements of Statistical Learning", 2009, 4.4.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

ENOUGH = 1e-9
"""A step that lowers the loss by a smaller share is the last."""
SAME = 1e-9
"""A column that departs from its mean by a smaller share never changed, but for rounding."""

Chances = NDArray[np.float64]
"""One probability a case."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Logistic:
    """What was learned; every array of shape ``(n_columns,)``."""

    centre: NDArray[np.float64]
    scale: NDArray[np.float64]
    weights: NDArray[np.float64]
    offset: float

    def probability(self, columns: NDArray[np.floating]) -> Chances:
        """Return each case's probability.

        Args:
            columns: Shape ``(n_cases, n_columns)``.
        """
        weights = self.weights / self.scale
        odds = columns @ weights + (self.offset - float(self.centre @ weights))
        return np.asarray(expit(odds), dtype=np.float64)


def fit(columns: NDArray[np.floating], came: NDArray[np.bool_]) -> Logistic:
    """Learn the weights, by Newton's method; a step that would not help is halved.

    Args:
        columns: Shape ``(n_cases, n_columns)``, finite.
        came: Shape ``(n_cases,)``; some came, and some did not.
    """
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(spread > SAME * (1 + np.abs(centre)), spread, 1.0)
    z = np.column_stack([(columns - centre) / scale, np.ones(came.size)])
    prior = np.append(np.ones(centre.size), 0.0)

    def loss(numbers: NDArray[np.float64]) -> float:
        odds = z @ numbers
        return float((np.logaddexp(0, odds) - came * odds).sum() + prior @ numbers**2 / 2)

    numbers, before, reached = np.zeros(prior.size), np.inf, loss(np.zeros(prior.size))
    while before - reached > ENOUGH * reached:
        told = expit(z @ numbers)
        slope = z.T @ (told - came) + prior * numbers
        curve = (z * (told * (1 - told))[:, None]).T @ z + np.diag(prior)
        step = np.linalg.solve(curve, slope)
        before = reached
        while (reached := loss(numbers - step)) > before:
            step /= 2
        numbers -= step
    return Logistic(centre=centre, scale=scale, weights=numbers[:-1], offset=float(numbers[-1]))
