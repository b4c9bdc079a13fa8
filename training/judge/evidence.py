"""On how many a figure really rests, however many lines the file has.

A mean over 10,000 of whom one counts as much as all the others together is a mean of two. Two
counts tell: the effective number of the weights, and the effective number of what the variance is
made of, ``(Σd²)² / Σd⁴``. The second is the number of cases over their kurtosis: of a rare "yes"
about as many as said it. The standard error itself is uncertain by some ``1 / (2 √number)``: by a
ninth where it rests on 20, by a quarter on 5.

Sources: Kish, "Survey Sampling", 1965 (the first); Owen, "Monte Carlo theory, methods and
examples", 2013, ch. 9.3 (both, and that an estimate with a small one should not be believed). How
small is too small, whoever asks must say.
"""

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def effective(weights: Numbers) -> float:
    """Return how many equal weights are worth as much as these, 0 where all are 0.

    Args:
        weights: Shape ``(n,)``, none below 0.
    """
    square = float((weights * weights).sum())
    return float(weights.sum()) ** 2 / square if square else 0.0


def rests_on(deviations: Numbers) -> float:
    """Return on how many cases the variance of a mean rests, 0 where nothing varies.

    Args:
        deviations: Shape ``(n,)``: each case's distance from the mean.
    """
    scale = float(np.abs(deviations).max(initial=0.0))
    return effective((deviations / scale) ** 2) if scale else 0.0
