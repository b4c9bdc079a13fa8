"""Which arm of an experiment did better, told so that looking every day does no harm.

An interval of 95 % is right 95 times in 100 if one looks once. Who looks daily and stops when it
leaves nought out is wrong far more often. The intervals here hold at *all* times at once: they are
half as wide again, and an experiment may be stopped on any day for any reason. They come from
mixing over all sizes of effect (Robbins), with the variance estimated (asymptotic: at least
``LEAST_CUSTOMERS`` an arm before anything is told).

The arms must hold the shares that were meant: where chance alone would hardly divide customers so,
something in the shop sends them astray, and no comparison means anything.

Sources: Robbins, "Statistical Methods Related to the Law of the Iterated Logarithm", Annals of
Mathematical Statistics 1970; Johari, Pekelis and Walsh, "Always Valid Inference", 2015; Howard et
al., "Time-uniform, nonparametric, nonasymptotic confidence sequences", Annals of Statistics 2021;
Waudby-Smith et al., "Time-uniform central limit theory and asymptotic confidence sequences",
Annals of Statistics 2024 (the formula, with its choice of rho). Fabijan et al., "Diagnosing Sample
Ratio Mismatch in Online Controlled Experiments", KDD 2019.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from scipy.special import chdtrc

from training.judge.evidence import Numbers, rests_on

SHARE = 0.95
LEAST_CUSTOMERS = 100
LEAST_RESTS = 20
"""Cases on which the variance of an arm must rest, for the intervals are asymptotic."""
MISMATCH = 1e-3
"""Division less likely than this is no chance; low, for it too is looked at every day."""
_TIGHTEST = 10_000
"""Customers at which intervals are narrowest. It must not depend on what came; at a hundredth or a
hundred times as many they are some third wider than the best."""

Verdict = Literal["better", "worse", "not told apart"]
Kept = Literal["kept", "broken", "unclear"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guardrail:
    """What an arm must not make worse, as the mean of the arm minus that of the control."""

    name: str
    is_most: bool
    """The difference may be at most ``limit``; else at least."""
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """The mean of an arm minus that of the control; its interval holds at all times at once."""

    value: float
    low: float
    high: float

    def verdict(self) -> Verdict:
        """Say what more of the outcome means."""
        if self.low > 0:
            return "better"
        return "worse" if self.high < 0 else "not told apart"

    def keeps(self, guardrail: Guardrail) -> Kept:
        """Say whether the whole interval lies where the guardrail wants it."""
        low, high, limit = self.low, self.high, guardrail.limit
        if not guardrail.is_most:
            low, high, limit = -high, -low, -limit
        if high <= limit:
            return "kept"
        return "broken" if low > limit else "unclear"


def sample_ratio(counts: Sequence[int], shares: Sequence[float]) -> float:
    """Return the probability that chance divides customers no better than this (chi-square).

    Args:
        counts: Customers of each arm, at least two arms.
        shares: What each should hold, above 0, of sum 1.
    """
    n = sum(counts)
    square = sum(
        (count - n * share) ** 2 / (n * share) for count, share in zip(counts, shares, strict=True)
    )
    return float(chdtrc(len(counts) - 1, square)) if n else 1.0


def difference(arm: Numbers, control: Numbers, *, n_compared: int = 1) -> Difference | None:
    """Compare an arm with the control, or return None where it is too early to.

    Args:
        arm: A value a customer.
        control: The same of the control.
        n_compared: How many arms are compared with it; all intervals hold together (Bonferroni).
    """
    for values in (arm, control):
        if values.size < LEAST_CUSTOMERS or rests_on(values - values.mean()) < LEAST_RESTS:
            return None
    value = float(arm.mean() - control.mean())
    error = math.sqrt(sum(float(values.var(ddof=1)) / values.size for values in (arm, control)))
    reach = error * _widened(arm.size + control.size, miss=(1 - SHARE) / n_compared)
    return Difference(value=value, low=value - reach, high=value + reach)


def _widened(n: int, *, miss: float) -> float:
    """Return by how many standard errors the interval reaches at ``n`` customers."""
    sure = -2 * math.log(miss)
    n_rho = n * (sure + math.log(sure + 1)) / _TIGHTEST
    return math.sqrt(2 * (n_rho + 1) / n_rho * math.log(math.sqrt(n_rho + 1) / miss))
