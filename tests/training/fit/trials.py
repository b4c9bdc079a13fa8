"""Trials in which it is known who is moved."""

import numpy as np
from scipy.special import expit

from training.fit.uplift import Trial


def trial(n: int, *, seed: int, moves: float = 2.0, treated: float = 0.5) -> Trial:
    """The second column moves those who are treated; the first says who comes anyway."""
    rng = np.random.default_rng(seed)
    columns = rng.normal(size=(n, 2))
    given = rng.random(n) < treated
    odds = columns[:, 0] - 1 + moves * given * columns[:, 1]
    return Trial(columns=columns, treated=given, came=rng.random(n) < expit(odds))
