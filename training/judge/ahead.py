"""Whether one way is ahead of another by more than chance: by what each customer gained.

Who is judged several times, in several windows or of several things, is one customer: their gains
are one piece of evidence, so that many looks at few people do not pass for many people.

Source: Liang and Zeger, "Longitudinal Data Analysis Using Generalized Linear Models", Biometrika
1986 (the variance of a mean of clusters), with the correction ``n / (n - 1)`` for few of them.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from training.judge.gate import ONE_SIDED


def is_ahead(
    gains: Sequence[NDArray[np.float64]],
    whose: Sequence[Sequence[str] | NDArray[np.integer]],
    *,
    by: float = ONE_SIDED,
) -> bool:
    """Return whether the mean over windows of mean gains is above 0 by more than chance explains.

    Of a single customer nothing can be said.

    Args:
        gains: A window each: shape ``(n_judged,)``, at least one.
        whose: A window each: shape ``(n_judged,)``, the customer of each gain.
        by: Standard errors; 1.64 of them no gain at all reaches one time in twenty.
    """
    own = np.concatenate([(each - each.mean()) / (each.size * len(gains)) for each in gains])
    customers, row = np.unique(
        np.concatenate([np.asarray(ids) for ids in whose]), return_inverse=True
    )
    n = customers.size
    if n < 2:
        return False
    error = np.sqrt(np.square(np.bincount(row, own)).sum() * n / (n - 1))
    return bool(np.mean([each.mean() for each in gains]) > by * error)
