"""Does a score find the customers whom an offer moves: the Qini coefficient.

Of a trial in which chance decided who was treated, rank everybody by the score, and count from the
top how many more came because of the treatment:

    Q(depth) = treated who came  -  untreated who came · treated / untreated       so far

A score that knows nothing gives a straight line to the end. The coefficient is the area between
curve and line, over the same area for a ranking that puts all treated who came first and all
untreated who came last: 0 is chance, 1 can hardly be reached by anybody, below 0 is worse than
chance. Who scores alike makes one step. (This is how scikit-uplift's ``qini_auc_score`` counts;
other tools leave the area in customers, or divide by the line's: such figures do not compare.)

Source: Radcliffe, "Using Control Groups to Target on Predicted Lift", Direct Marketing Analytics
Journal 2007.
"""

import numpy as np
from numpy.typing import NDArray


def coefficient(
    scores: NDArray[np.float64], *, treated: NDArray[np.bool_], came: NDArray[np.bool_]
) -> float:
    """Return the Qini coefficient.

    It is nan where nobody came, or where one of the groups has nobody.

    Args:
        scores: Shape ``(n,)``, at least one; higher is moved more.
        treated: Shape ``(n,)``.
        came: Shape ``(n,)``.
    """
    n_treated, n_untreated = int(treated.sum()), int((~treated).sum())
    most, least = int((treated & came).sum()), int((~treated & came).sum())
    if not (n_treated and n_untreated and most + least):
        return float("nan")
    end = most - least * n_treated / n_untreated
    line = end * scores.size / 2
    flat = scores.size - most - least
    perfect = most**2 / 2 + most * flat + (most + end) * least / 2
    return float((_area(scores, treated, came) - line) / (perfect - line))


def _area(
    scores: NDArray[np.float64], treated: NDArray[np.bool_], came: NDArray[np.bool_]
) -> float:
    """Return the area below the curve, in customers times customers."""
    order = np.argsort(-scores, kind="stable")
    last = np.append(np.flatnonzero(np.diff(scores[order])), scores.size - 1)
    won, lost, given, spared = (
        np.cumsum(group[order])[last].astype(np.float64)
        for group in (treated & came, ~treated & came, treated, ~treated)
    )
    against = np.divide(lost * given, spared, out=np.zeros_like(won), where=spared > 0)
    return float(np.trapezoid(np.append(0, won - against), np.append(0, given + spared)))
