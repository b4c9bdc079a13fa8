"""Whom an offer moves, and how far: two ways to learn it from a trial, with plain models.

    two models (T)   chance to come if treated, less the chance if not: a logistic regression each
    crossed (X)      what each person did, less what the other group's model says they would have
                     done: those differences are learned by ridge, of either group, and the two
                     answers weighed by the groups' shares, the smaller group's by the larger's
    response         beside them: who comes, whoever was treated; which says nothing of the offer

Two models is the usual one. Crossed is for trials where one group is much the smaller, and its
model too poor to be taken from another (``learned``).

Sources: Künzel, Sekhon, Bickel and Yu, "Metalearners for Estimating Heterogeneous Treatment
Effects Using Machine Learning", PNAS 2019; Hastie, Tibshirani and Friedman, "The Elements of
Statistical Learning", 2009, 3.4.1 and 4.4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from training.fit import logistic
from training.fit.logistic import Chances, Logistic

Columns = NDArray[np.float64]
"""Shape ``(n_people, n_columns)``, finite: what was known before the trial."""
Gains = NDArray[np.float64]
"""Shape ``(n_people,)``: by how much the treatment changes the chance to come, -1 to 1."""
Gain = Callable[[Columns], Gains]
Learn = Callable[["Trial"], Gain]

SMALL = 0.2
"""A group of a smaller share is much the smaller."""
_SAME = 1e-9
"""A column that departs from its mean by a smaller share never changed, but for rounding."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What people did of whom some, by lot, were treated."""

    columns: Columns
    treated: NDArray[np.bool_]
    """Shape ``(n_people,)``."""
    came: NDArray[np.bool_]
    """Shape ``(n_people,)``."""

    def only(self, rows: NDArray[np.intp]) -> Self:
        """Return the trial of some of its people."""
        return type(self)(
            columns=self.columns[rows], treated=self.treated[rows], came=self.came[rows]
        )

    def groups(self) -> tuple[Logistic, Logistic]:
        """Return who comes if treated, and who comes if not, as each group teaches it."""
        treated, untreated = (
            logistic.fit(self.columns[group], self.came[group])
            for group in (self.treated, ~self.treated)
        )
        return treated, untreated


def learned(trial: Trial) -> Gain:
    """Learn whom the treatment moves, in the way that suits the groups' sizes."""
    share = float(trial.treated.mean())
    return two_models(trial) if SMALL <= share <= 1 - SMALL else crossed(trial)


def two_models(trial: Trial) -> Gain:
    """Learn it as the difference of two chances."""
    treated, untreated = trial.groups()
    return lambda columns: treated.probability(columns) - untreated.probability(columns)


def crossed(trial: Trial) -> Gain:
    """Learn it from what the other group's model says that each person would have done."""
    treated, untreated = trial.groups()
    among, others = trial.columns[trial.treated], trial.columns[~trial.treated]
    by_treated = _ridge(among, trial.came[trial.treated] - untreated.probability(among))
    by_others = _ridge(others, treated.probability(others) - trial.came[~trial.treated])
    share = float(trial.treated.mean())
    return lambda columns: share * by_others(columns) + (1 - share) * by_treated(columns)


def response(trial: Trial) -> Gain:
    """Learn who comes, treated or not: what is often taken for the above."""
    came = logistic.fit(trial.columns, trial.came)

    def chances(columns: Columns) -> Chances:
        return came.probability(columns)

    return chances


def _ridge(columns: Columns, wanted: Gains) -> Gain:
    """Return least squares with the weights of ``training.fit.logistic``'s prior."""
    centre, spread = columns.mean(axis=0), columns.std(axis=0)
    scale = np.where(spread > _SAME * (1 + np.abs(centre)), spread, 1.0)
    z = (columns - centre) / scale
    weights = np.linalg.solve(z.T @ z + np.eye(centre.size), z.T @ (wanted - wanted.mean())) / scale
    offset = float(wanted.mean() - centre @ weights)
    return lambda columns: np.asarray(columns @ weights + offset, dtype=np.float64)
