"""Customers buy at a rate of their own until, after some purchase, they are gone: BG/NBD.

While a customer is with the shop, orders come at random (Poisson) with a rate that differs from
customer to customer as a gamma(r, α) does; after each repeat order the customer leaves for good
with a probability that differs as a beta(a, b) does. **Never use it for churn**: nobody can leave
before a second order, so that it holds every one-time buyer for a customer, P(alive) = 1, however
long ago the order was. ``training.fit.mbg_nbd`` mends that.

The published conditional expectation is a difference of hypergeometric functions, which overflow,
or cancel, for hundreds of orders or where a is near 1. It is the mean of a simple function over
the beta distribution of the chance to leave, and is computed as such (``_still_to_come``).

Source: Fader, Hardie and Lee, "Counting Your Customers the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 2005; the equations' numbers are theirs.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import betaln, digamma, expit, gammaln

from training.fit.likeliest import Parameters, likeliest
from training.fit.repeat_buying import Counts, Numbers, by_distinct, rows_to_fit

STARTS = ((0.5, 2.0), (1.0, 1.0), (2.0, 20.0))
"""Of a and b; r starts at 1 / 2, and α where the mean rate is the shop's."""
_N_POINTS = 160
_TAIL = 32.0
"""What is under exp(-32) of the highest point is left out of an integral."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BGNBD:
    """Fitted parameters; weeks are the unit of time."""

    r: float
    alpha: float
    a: float
    b: float

    FIRST_CHANCES: ClassVar[int] = 0
    """How often a customer can leave before the first repeat order."""

    @classmethod
    def fit(cls, customers: Counts) -> Self:
        """Return the most likely parameters.

        Raises:
            NoRepeatBuyers: Nobody bought on two days.
        """
        counts = rows_to_fit(customers)
        r, alpha, a, b = likeliest(
            partial(likelihood, counts, first_chances=cls.FIRST_CHANCES),
            n_rows=counts.age.size,
            starts=[(0.5, 0.5 / counts.mean_rate, a, b) for a, b in STARTS],
        ).tolist()
        return cls(r=r, alpha=alpha, a=a, b=b)

    def log_likelihood(self, customers: Counts) -> float:
        """Return the logarithm of how likely what all ``customers`` did is (equation 6)."""
        parameters = np.array([self.r, self.alpha, self.a, self.b])
        every = np.arange(customers.age.size)
        mean, _ = likelihood(customers, parameters, every, first_chances=self.FIRST_CHANCES)
        return mean * float(customers.weight.sum())

    def alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return the probability that each is still a customer, of the shape of ``x``.

        Args:
            x: Repeat orders so far.
            t_x: Weeks from the first order to the last.
            T: Weeks from the first order to now.
        """
        x, t_x, T = (np.asarray(column, dtype=np.float64) for column in (x, t_x, T))
        chances = x + self.FIRST_CHANCES
        gone = np.log(self.a) - np.log(self.b + np.maximum(chances, 1) - 1)
        gone = gone + (self.r + x) * (np.log(self.alpha + T) - np.log(self.alpha + t_x))
        return np.where(chances > 0, expit(-gone), 1.0)

    def purchases(self, weeks: float, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return how many orders each will make in the next ``weeks`` (equation 10).

        Args:
            weeks: How far to look; 0 gives 0.
            x: Repeat orders so far.
            t_x: Weeks from the first order to the last.
            T: Weeks from the first order to now.
        """
        return self.alive(x, t_x, T) * self.purchases_if_alive(weeks, x, T)

    def purchases_if_alive(self, weeks: float, x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return what ``purchases`` would be of customers known not to have left."""

        def expected(x: Numbers, T: Numbers) -> Numbers:
            b = self.b + x + self.FIRST_CHANCES
            return _still_to_come(n=self.r + x, z=weeks / (self.alpha + T), a=self.a, b=b)

        return by_distinct(expected, x, T)


def likelihood(
    customers: Counts, parameters: Parameters, rows: NDArray[np.intp], *, first_chances: int
) -> tuple[float, Parameters]:
    """Return the weighted mean log-likelihood of ``rows`` and its gradient by r, α, a and b.

    With k chances to leave, all but perhaps the last survived (k is x, or x + 1 in MBG/NBD)::

        L = Γ(r+x)/Γ(r) · α^r · B(a, b+k)/B(a, b) · [(α+T)^-(r+x) + a/(b+k-1) · (α+t_x)^-(r+x)]

    The second summand is of those who are gone, and 0 if k is 0.
    """
    r, alpha, a, b = parameters
    x, weight = customers.frequency[rows], customers.weight[rows]
    chances = x + first_chances
    log_age = np.log(alpha + customers.age[rows])
    log_recency = np.log(alpha + customers.recency[rows])
    remaining = b + np.maximum(chances, 1) - 1
    log_gone = np.log(a / remaining) - (r + x) * log_recency
    log_gone[chances == 0] = -np.inf
    either = np.logaddexp(-(r + x) * log_age, log_gone)
    gone = np.exp(log_gone - either)
    rate = (1 - gone) * np.exp(-log_age) + gone * np.exp(-log_recency)
    by_x, by_x_r, by_x_a, by_x_b = _by_frequency(parameters, x, first_chances=first_chances)
    each = (
        by_x + either,
        by_x_r - (1 - gone) * log_age - gone * log_recency,
        r / alpha - (r + x) * rate,
        by_x_a + gone / a,
        by_x_b - gone / remaining,
    )
    value, *gradient = (float(weight @ column) / float(weight.sum()) for column in each)
    return value, np.array(gradient)


def _by_frequency(
    parameters: Parameters, x: NDArray[np.int64], *, first_chances: int
) -> Iterator[Numbers]:
    """Yield what depends on x alone, and its derivatives by r, a and b."""
    r, alpha, a, b = parameters
    n = np.arange(x.max(initial=0) + 1)
    k = n + first_chances
    lost = digamma(a + b) - digamma(a + b + k)
    columns = (
        gammaln(r + n) - gammaln(r) + r * np.log(alpha) + betaln(a, b + k) - betaln(a, b),
        digamma(r + n) - digamma(r) + np.log(alpha),
        lost,
        lost + digamma(b + k) - digamma(b),
    )
    return (column[x] for column in columns)


def _still_to_come(*, n: Numbers, z: Numbers, a: float, b: Numbers) -> Numbers:
    """Return the mean of (1 - (1 + pz)^-n) / p over p from a beta(a, b).

    That many orders come before a customer leaves who leaves after each with probability p, and
    whose rate times the weeks ahead is gamma(n, 1/z). Over the log-odds u of p the integrand is
    smooth everywhere, so that equal steps are exact to nine digits; (1-p)^m nz and p times
    the value at p = 1, the means of which are known, are taken off first, so that it ends on both
    sides even where a or b is near 0.
    """
    m, area = 1 + (n + 1) * z, betaln(a, b)
    at_one = -np.expm1(-n * np.log1p(z))
    known = n * z * np.exp(betaln(a, b + m) - area) + at_one * a / (a + b)
    low, high = _reach(a=a, b=b, scale=np.log(m))
    step = (high - low) / (_N_POINTS - 1)
    rest = np.zeros_like(n)
    for point in range(_N_POINTS):
        u = low + point * step
        log_stays = -np.logaddexp(0, u)
        log_p = u + log_stays
        p = np.exp(log_p)
        value = -np.expm1(-n * np.log1p(p * z)) / p - n * z * np.exp(m * log_stays) - at_one * p
        rest += np.exp(a * log_p + b * log_stays - area) * value
    return np.asarray(known + step * rest)


def _reach(*, a: float, b: Numbers, scale: Numbers) -> tuple[Numbers, Numbers]:
    """Return between which log-odds a beta(a, b), or what is averaged over it, is not yet nil."""
    centre = np.log(a / b)
    spread = np.sqrt(2 * _TAIL * (1 / a + 1 / b))
    low = np.maximum(centre - spread - _TAIL / a, np.minimum(centre, -scale) - _TAIL)
    high = np.minimum(centre + spread + _TAIL / b, np.maximum(centre, 0) + _TAIL)
    return low, high
