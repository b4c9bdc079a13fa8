"""How good probabilities are: do they tell who comes from who does not, and do they mean it.

Sources: Good, "Rational Decisions", JRSS B 1952 (log loss); Hanley and McNeil, "The Meaning and Use
of the Area under a ROC Curve", Radiology 1982.
"""

from typing import TypedDict

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

N_PARTS = 10
SURE = 1e-6
"""No probability is held for nearer to 0 or 1 than this: being sure and wrong costs 14, not all."""


class Part(TypedDict):
    """Cases of like probability."""

    cases: int
    foretold: float
    """Their mean probability."""
    came: float
    """The share of them that came."""


def auc(chances: NDArray[np.floating], came: NDArray[np.bool_]) -> float:
    """Return how often one who came was given more than one who did not; a tie counts half.

    It is nan where all came, or none.
    """
    n_came = int(came.sum())
    n_pairs = n_came * (came.size - n_came)
    if n_pairs == 0:
        return float("nan")
    above = rankdata(chances)[came].sum() - n_came * (n_came + 1) / 2
    return float(above / n_pairs)


def auc_within(
    chances: NDArray[np.floating], came: NDArray[np.bool_], group: NDArray[np.generic]
) -> float:
    """Return the AUC over pairs of one group, every pair alike; nan where no group has a pair.

    Args:
        chances: Shape ``(n_cases,)``.
        came: Shape ``(n_cases,)``.
        group: Shape ``(n_cases,)``, the group of each.
    """
    won = pairs = 0.0
    for one in np.unique(group):
        among = group == one
        n_came = int(came[among].sum())
        n_pairs = n_came * (int(among.sum()) - n_came)
        if n_pairs:
            won += n_pairs * auc(chances[among], came[among])
            pairs += n_pairs
    return won / pairs if pairs else float("nan")


def lift(chances: NDArray[np.floating], came: NDArray[np.bool_], *, share: float) -> float:
    """Return how many times as often the likeliest came as all did; nan where nobody came.

    Args:
        chances: Shape ``(n_cases,)``; of a tie across the line the first cases count.
        came: Shape ``(n_cases,)``.
        share: Of the cases that are the likeliest, above 0; at least one case.
    """
    if not came.any():
        return float("nan")
    top = np.argsort(-chances, kind="stable")[: max(int(share * came.size), 1)]
    return float(came[top].mean() / came.mean())


def log_losses(chances: NDArray[np.floating], came: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return the logarithm of what each case was given to come out as it did, less than 0, negated.

    Returns:
        Shape ``(n_cases,)``, in nats.
    """
    given = np.where(came, chances, 1 - np.asarray(chances, dtype=np.float64))
    return np.asarray(-np.log(np.clip(given, SURE, 1 - SURE)), dtype=np.float64)


def deciles(chances: NDArray[np.floating], came: NDArray[np.bool_]) -> list[Part]:
    """Return ten parts of equal size by ascending probability, or as many as there are cases."""
    order = np.argsort(chances, kind="stable")
    return [
        Part(
            cases=int(part.size),
            foretold=round(float(chances[part].mean()), 4),
            came=round(float(came[part].mean()), 4),
        )
        for part in np.array_split(order, N_PARTS)
        if part.size
    ]
