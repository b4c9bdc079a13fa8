"""What a score means: the probability that the customer buys the item within 28 days.

    p = σ(a · s + b)

fitted on the pairs of a validation window whose models had not seen it, by maximum likelihood with
the targets drawn in from 0 and 1. Two numbers keep the order of every list, which steps (isotonic
regression) would not, and need little evidence.

Source: Platt, "Probabilistic Outputs for Support Vector Machines", 1999; the reliability figure is
the expected calibration error of Naeini, Cooper and Hauskrecht, "Obtaining Well Calibrated
Probabilities Using Bayesian Binning", AAAI 2015, over bins of equal size.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from models.arrays import Scores

SMALL = 0.01
"""Blended scores grow like a logarithm above this; below it they are as good as 0."""
N_BINS = 10

Labels = NDArray[np.bool_]
Counts = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """From log odds, or what stands for them, to probabilities."""

    slope: float
    """Above 0."""
    offset: float

    def probability(self, scores: NDArray[np.floating[Any]]) -> Scores:
        """Return the probabilities, in the order of the scores."""
        return np.asarray(expit(self.slope * scores + self.offset), dtype=np.float32)


def of_blend(scores: NDArray[np.floating[Any]]) -> NDArray[np.float64]:
    """Return what stands for log odds where scores were blended: any order is kept."""
    return np.asarray(np.arcsinh(scores / SMALL), dtype=np.float64)


def fit(
    scores: NDArray[np.floating[Any]], bought: Labels, counts: Counts | None = None
) -> Calibration:
    """Fit slope and offset.

    Args:
        scores: Shape ``(n,)``: log odds up to slope and offset.
        bought: Shape ``(n,)``: whether the pair was bought in the window. With none, or all, of
            them bought the offset alone says so.
        counts: Shape ``(n,)``: how many pairs each stands for, in a sample; None is one.
    """
    x = np.asarray(scores, dtype=np.float64)
    counts = np.ones(x.size) if counts is None else counts
    n_bought, n = float(counts[bought].sum()), float(counts.sum())
    high, low = (n_bought + 1) / (n_bought + 2), 1 / (n - n_bought + 2)
    wanted = np.where(bought, high, low)
    centre, scale = float(x.mean()) if x.size else 0.0, float(x.std()) if x.size else 1.0
    z = (x - centre) / (scale or 1.0)

    def loss(numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, offset = np.exp(numbers[0]), numbers[1]
        odds = slope * z + offset
        error = expit(odds) - wanted
        if not z.size:
            return 0.0, np.zeros(2)
        value = float(np.average(np.logaddexp(0, odds) - wanted * odds, weights=counts))
        steps = np.average(error * z, weights=counts) * slope, np.average(error, weights=counts)
        return value, np.array(steps)

    found = minimize(loss, np.zeros(2), jac=True, method="L-BFGS-B").x
    slope = float(np.exp(found[0]) / (scale or 1.0))
    return Calibration(slope=slope, offset=float(found[1]) - slope * centre)


def error(probabilities: Scores, bought: Labels, counts: Counts | None = None) -> float:
    """Return the mean distance of predicted from observed shares, over bins of equal size."""
    counts = np.ones(probabilities.size) if counts is None else counts
    order = np.argsort(probabilities, kind="stable")
    parts = [part for part in np.array_split(order, N_BINS) if part.size]
    off = sum(abs(float(((probabilities - bought) * counts)[part].sum())) for part in parts)
    return float(off / max(counts.sum(), 1))
