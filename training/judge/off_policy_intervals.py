"""How far chance reaches in a ratio of two sums, such as reward per decision or per weight.

Each case pulls the ratio ``t`` of the sums of ``a`` and ``b`` by ``a - t b``, so its error is that
of a mean (the delta method). But rewards are rare and weights skewed, and an interval that is as
long to the left as to the right misses too often on one side: the statistic goes through Hall's
cubic, which takes the skewness out and can be undone in a line. No resampling, so ten million
decisions take a second, and a file always gives the same interval.

Chosen by coverage in a simulated shop (``benchmarks.ope``), where the plain standard error misses
more often. The studentised bootstrap is as exact, and costs a thousand passes over the log.

Source: Hall, "On the removal of skewness by transformation", JRSS B 1992, eq. (2.5).
"""

import math
from statistics import NormalDist

from training.judge.evidence import Numbers

SHARE = 0.95
_SYMMETRIC = 1e-9
"""Below this skewness the cubic is a straight line."""


def interval(above: Numbers, below: Numbers, *, share: float = SHARE) -> tuple[float, float]:
    """Return the interval of ``above.sum() / below.sum()`` over independent cases.

    Where all cases agree, both ends are the ratio itself, which is no knowledge: see
    ``training.judge.evidence``.

    Args:
        above: Shape ``(n,)``.
        below: Shape ``(n,)``, of positive sum; nothing but ones for a plain mean.
        share: How often it should hold, between 0 and 1.
    """
    middle = float(above.sum() / below.sum())
    pulls = (above - middle * below) / float(below.mean())
    spread = float(pulls.std())
    if not spread:
        return middle, middle
    skewness = float(((pulls / spread) ** 3).mean())
    z = NormalDist().inv_cdf((1 + share) / 2)
    low, high = (_undone(end, skewness, pulls.size) * spread for end in (z, -z))
    return middle - low, middle - high


def _undone(z: float, skewness: float, n: int) -> float:
    """Return the mean, in standard deviations, of which Hall's statistic is ``z``."""
    straight = z / math.sqrt(n) - skewness / (6 * n)
    if abs(skewness) < _SYMMETRIC:
        return straight
    return 3 / skewness * (math.cbrt(1 + skewness * straight) - 1)
