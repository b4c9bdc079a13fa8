"""Which incentive each customer gets, if any: the one by which the shop earns more, for certain.

Of each arm of a trial (no incentive, 5 % off, 15 % off) a logistic regression learns who buys. What
an arm earns of a customer is the chance to buy under it times what is kept of a purchase under it:

    earns(arm) = p(buys | arm) · (margin - incentive)

The first arm is the cheapest, or the one that all would get; a customer leaves it for a later one
only where that earns more by 1.64 standard errors, so that money is not spent upon noise. The
errors are those of the weights' posterior, taken as normal around its peak.

Sources: Gutierrez and Gérardy, "Causal Inference and Uplift Modelling", PMLR 2017 (two models);
MacKay, "Information Theory, Inference and Learning Algorithms", 2003, ch. 27 (Laplace's method).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.fit import logistic
from training.fit.logistic import Chances, Logistic
from training.fit.uplift import Columns
from training.judge.gate import ONE_SIDED

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """Who buys under one arm of a trial, and how sure that is."""

    model: Logistic
    covariance: Numbers
    """Of the weights of standardised columns, and of the offset: shape ``(n + 1, n + 1)``."""

    @classmethod
    def of(cls, columns: Columns, bought: NDArray[np.bool_]) -> Self:
        """Learn it from the people of the arm, of whom some bought and some did not."""
        model = logistic.fit(columns, bought)
        z = _standardised(model, columns)
        told = model.probability(columns)
        prior = np.append(np.ones(model.weights.size), 0.0)
        curve = (z * (told * (1 - told))[:, None]).T @ z + np.diag(prior)
        covariance = np.asarray(np.linalg.inv(curve), dtype=np.float64)
        return cls(model=model, covariance=covariance)

    def chances(self, columns: Columns) -> tuple[Chances, Chances]:
        """Return each customer's chance to buy, and its standard error."""
        told = self.model.probability(columns)
        z = _standardised(self.model, columns)
        errors = told * (1 - told) * np.sqrt(np.vecdot(z @ self.covariance, z))
        return told, np.asarray(errors, dtype=np.float64)


def choose(arms: Sequence[Arm], columns: Columns, *, keeps: Numbers) -> NDArray[np.intp]:
    """Return the arm of each customer, shape ``(n_customers,)``.

    Args:
        arms: The one that needs no reason first, then in the order in which they are weighed.
        columns: Shape ``(n_customers, n_columns)``.
        keeps: Shape ``(n_customers, n_arms)``: money kept of a purchase under each arm.
    """
    found = [arm.chances(columns) for arm in arms]
    earns = np.column_stack([told for told, _ in found]) * keeps
    errors = np.column_stack([error for _, error in found]) * keeps
    everybody = np.arange(earns.shape[0])
    chosen = np.zeros(everybody.size, dtype=np.intp)
    for arm in range(1, len(arms)):
        more = earns[:, arm] - earns[everybody, chosen]
        error = np.hypot(errors[:, arm], errors[everybody, chosen])
        chosen[more > ONE_SIDED * error] = arm
    return chosen


def _standardised(model: Logistic, columns: Columns) -> Numbers:
    return np.column_stack([(columns - model.centre) / model.scale, np.ones(columns.shape[0])])
