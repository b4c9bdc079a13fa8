"""Which parameters make what happened most likely.

All parameters are above 0 and are searched by their logarithm, uphill along the exact gradient,
from several starts on a sample of the rows and from the best of these on all of them. Where the
data are degenerate (no one ever leaves, all buy alike) the likelihood grows for ever along a
ridge; nothing is penalised for that, the search just ends at the limits, where the model is as
good as its own limiting case.
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

LOWEST, HIGHEST = 1e-4, 1e5
"""Between these every parameter stays, in its own unit."""
SAMPLE_ROWS = 20_000
_FINE, _ENOUGH = 1e-13, 1e-9
"""A climb ends where a step gains less, as a share of the mean log-likelihood: for the printed
digits of few rows, and on millions, where less is told by no customer."""

Parameters = NDArray[np.float64]
Objective = Callable[[Parameters, NDArray[np.intp]], tuple[float, Parameters]]
"""Of parameters and rows: their mean log-likelihood, and its derivative by each parameter."""


def likeliest(
    objective: Objective,
    *,
    n_rows: int,
    starts: Sequence[Sequence[float]],
    lowest: Sequence[float] | None = None,
) -> Parameters:
    """Return the parameters with the highest likelihood that was found.

    Args:
        objective: What is to be as high as can be.
        n_rows: How many rows there are.
        starts: Parameters to begin from; what is outside the limits begins at them.
        lowest: The lower limits, where they are not ``LOWEST``.
    """
    lowest = lowest or [LOWEST] * len(starts[0])
    bounds = [(np.log(low), np.log(HIGHEST)) for low in lowest]
    every = np.arange(n_rows)
    sample = every[:: max(n_rows // SAMPLE_ROWS, 1)]
    climbed = [
        _climb(objective, np.array(start), rows=sample, bounds=bounds, least_gain=_FINE)
        for start in starts
    ]
    best = max(climbed, key=lambda reached: reached[0])[1]
    if sample.size == n_rows:
        return best
    return _climb(objective, best, rows=every, bounds=bounds, least_gain=_ENOUGH)[1]


def _climb(
    objective: Objective,
    start: Parameters,
    *,
    rows: NDArray[np.intp],
    bounds: list[tuple[float, float]],
    least_gain: float,
) -> tuple[float, Parameters]:
    def downhill(logarithms: Parameters) -> tuple[float, Parameters]:
        parameters = np.exp(logarithms)
        value, gradient = objective(parameters, rows)
        return -value, -gradient * parameters

    found = minimize(
        downhill,
        np.clip(np.log(start), *np.transpose(bounds)),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"ftol": least_gain, "gtol": 1e-8, "maxiter": 1000},
    )
    return -float(found.fun), np.exp(found.x)
