"""Customers buy at a rate of their own and may leave at any moment: Pareto/NBD.

While a customer is with the shop, orders come at random (Poisson) with a rate that differs from
customer to customer as a gamma(r, α) does; they leave for good at a moment that is exponential,
with a rate that differs as a gamma(s, β) does. One-time buyers fade as the others do, so P(alive)
can be used for churn.

Source: Schmittlein, Morrison and Colombo, "Counting Your Customers: Who Are They and What Will They
Do Next?", Management Science 1987; the equations' numbers are of Fader and Hardie, "A Note on
Deriving the Pareto/NBD Model and Related Expressions", 2005.
"""

from dataclasses import dataclass
from functools import partial
from typing import Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from training.fit.likeliest import Parameters, likeliest
from training.fit.pareto_likelihood import departures, likelihood
from training.fit.repeat_buying import Counts, Numbers, by_distinct, rows_to_fit

STARTS = ((0.5, 0.5), (0.5, 5.0), (2.0, 2.0))
"""Of s, and β as a multiple of the mean age; r starts at 1 / 2, and α where the mean rate is the
shop's."""
_TAIL = 45.0
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(48)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParetoNBD:
    """Fitted parameters; weeks are the unit of time."""

    r: float
    alpha: float
    s: float
    beta: float

    @classmethod
    def fit(cls, customers: Counts) -> Self:
        """Return the most likely parameters.

        Raises:
            NoRepeatBuyers: Nobody bought on two days.
        """
        counts = rows_to_fit(customers)
        r, alpha, s, beta = likeliest(
            partial(likelihood, counts),
            n_rows=counts.age.size,
            starts=[(0.5, 0.5 / counts.mean_rate, s, ages * counts.mean_age) for s, ages in STARTS],
        ).tolist()
        return cls(r=r, alpha=alpha, s=s, beta=beta)

    def log_likelihood(self, customers: Counts) -> float:
        """Return the logarithm of how likely what all ``customers`` did is (equation 18)."""
        mean, _ = likelihood(customers, self._parameters, np.arange(customers.age.size))
        return mean * float(customers.weight.sum())

    def alive(self, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return the probability that each is still a customer, of the shape of ``x``.

        Args:
            x: Repeat orders so far.
            t_x: Weeks from the first order to the last.
            T: Weeks from the first order to now.
        """
        columns = np.broadcast_arrays(*(np.asarray(v, dtype=np.float64) for v in (x, t_x, T)))
        odds = departures(*(column.ravel() for column in columns), parameters=self._parameters)
        return np.asarray(expit(-odds)).reshape(columns[0].shape)

    def purchases(self, weeks: float, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return how many orders each will make in the next ``weeks`` (equation 41).

        Args:
            weeks: How far to look; 0 gives 0.
            x: Repeat orders so far.
            t_x: Weeks from the first order to the last.
            T: Weeks from the first order to now.
        """
        return self.alive(x, t_x, T) * self.purchases_if_alive(weeks, x, T)

    def purchases_if_alive(self, weeks: float, x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return what ``purchases`` would be of customers known not to have left."""
        x, T = np.asarray(x, dtype=np.float64), np.asarray(T, dtype=np.float64)
        log_longer = np.log1p(weeks / (self.beta + T))
        power = (self.s - 1) * log_longer
        is_small = np.abs(power) < 1e-9
        shrunk = -np.expm1(-power) / np.where(is_small, 1.0, power)
        weeks_with_us = (self.beta + T) * log_longer * np.where(is_small, 1.0, shrunk)
        return np.asarray((self.r + x) / (self.alpha + T) * weeks_with_us)

    def discounted(self, weekly_rate: float, x: ArrayLike, t_x: ArrayLike, T: ArrayLike) -> Numbers:
        """Return all orders each will ever make, each worth less the later it comes (DERT).

        An order after u weeks counts ``exp(-weekly_rate · u)``. This is the published closed form,
        of an endless horizon; no value is told by it: ``training.fit.repeat_buying.discounted``,
        which looks as far as one likes, is tested against it.

        Source: Fader, Hardie and Lee, "RFM and CLV: Using Iso-Value Curves for Customer Base
        Analysis", Journal of Marketing Research 2005, equation 2.

        Args:
            weekly_rate: Above 0, compounded continuously: ``log(1 + annual rate) / 52``.
            x: Repeat orders so far.
            t_x: Weeks from the first order to the last.
            T: Weeks from the first order to now.
        """
        x, T = np.asarray(x, dtype=np.float64), np.asarray(T, dtype=np.float64)
        weeks_with_us = by_distinct(
            lambda since, rate: _discounted_weeks(self.s, since, rate), self.beta + T, weekly_rate
        )
        return self.alive(x, t_x, T) * (self.r + x) / (self.alpha + T) * weeks_with_us

    @property
    def _parameters(self) -> Parameters:
        return np.array([self.r, self.alpha, self.s, self.beta])


def _discounted_weeks(s: float, since: Numbers, rate: Numbers) -> Numbers:
    """Return the integral of exp(-rate · u) (1 + u / since)^-s over all u above 0.

    It is since · (rate · since)^(s-1) Ψ(s, s; rate · since), Ψ Tricomi's function. Over v =
    log(1 + u / since) the integrand is smooth, and ends where either factor does.
    """
    z = rate * since
    end = np.minimum(np.log1p(_TAIL / z), _TAIL / max(s - 1, 0.1))
    v = end[:, None] * (_NODES + 1) / 2
    integrand = np.exp(-z[:, None] * np.expm1(v) - (s - 1) * v)
    return np.asarray(since * end * (integrand @ _WEIGHTS) / 2)
