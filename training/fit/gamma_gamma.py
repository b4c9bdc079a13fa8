"""What an order of a customer is worth, from the few that were seen: Gamma-Gamma.

Orders of one customer scatter around a mean of their own, as a gamma(p, ν); ν differs from customer
to customer as a gamma(q, γ). So the mean of a customer with many orders is believed, and that of
one with few is drawn to the mean of the shop. How often somebody buys must have nothing to do with
how much: where it has, expect the back-test to say so.

Source: Fader and Hardie, "The Gamma-Gamma Model of Monetary Value", 2013; the equations' numbers
are theirs.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import digamma, gammaln

from training.errors import NothingToLearn
from training.fit.likeliest import HIGHEST, LOWEST, Parameters, likeliest
from training.fit.repeat_buying import Numbers

LEAST_Q = 1.1
"""At q = 1 spending is so unequal that the mean of the shop, γp / (q - 1), is infinite."""
STARTS = ((2.0, 4.0), (10.0, 4.0), (1.0, 1.5))
"""Of p and q; γ starts where the mean is the shop's."""


class NoSpend(NothingToLearn):
    """No customer has paid for an order that counts, so that nothing can be said of spend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GammaGamma:
    """Fitted parameters; gamma is in the shop's money."""

    p: float
    q: float
    gamma: float

    @classmethod
    def fit(cls, mean_spend: Numbers, n_orders: NDArray[np.int64], weight: Numbers) -> Self:
        """Return the most likely parameters; who has no order, or paid nothing, is not looked at.

        Args:
            mean_spend: Shape ``(n,)``: of each customer's orders.
            n_orders: Shape ``(n,)``: over how many orders it is the mean.
            weight: Shape ``(n,)``: how many customers the row stands for.

        Raises:
            NoSpend: Nobody paid for an order.
        """
        paid = (n_orders > 0) & (mean_spend > 0)
        if not paid.any():
            raise NoSpend(
                f"none of {mean_spend.size:,} rows has an order that was paid for, and what an "
                "order is worth is learned from those; check the prices in the file of purchases"
            )
        scale = float(np.exp(np.average(np.log(mean_spend[paid]), weights=weight[paid])))
        spend, orders, weight = mean_spend[paid] / scale, n_orders[paid], weight[paid]

        def objective(parameters: Parameters, rows: NDArray[np.intp]) -> tuple[float, Parameters]:
            return likelihood(parameters, spend[rows], orders[rows], weight[rows])

        p, q, gamma = likeliest(
            objective,
            n_rows=spend.size,
            starts=[(p, q, (q - 1) / p) for p, q in STARTS],
            lowest=(LOWEST, LEAST_Q, 0.01 / HIGHEST),  # γ is the smaller, the larger p
        ).tolist()
        return cls(p=p, q=q, gamma=gamma * scale)

    @property
    def mean(self) -> float:
        """What an order of a customer of whom nothing is known is worth."""
        return self.gamma * self.p / (self.q - 1)

    def log_likelihood(
        self, mean_spend: Numbers, n_orders: NDArray[np.int64], weight: Numbers
    ) -> float:
        """Return the logarithm of how likely these means are (equation 1a); each above 0."""
        parameters = np.array([self.p, self.q, self.gamma])
        mean, _ = likelihood(parameters, mean_spend, n_orders, weight)
        return mean * float(weight.sum())

    def expected(self, mean_spend: ArrayLike, n_orders: ArrayLike) -> Numbers:
        """Return what a future order of each is worth (equation 5), of the shape of ``mean_spend``.

        Args:
            mean_spend: Of the orders that were seen; not looked at where there is none.
            n_orders: How many they are; with 0 the answer is ``mean``.
        """
        n = np.asarray(n_orders, dtype=np.float64)
        spent = np.where(n > 0, n * np.asarray(mean_spend, dtype=np.float64), 0.0)
        return np.asarray(self.p * (self.gamma + spent) / (self.p * n + self.q - 1))


def likelihood(
    parameters: Parameters, mean_spend: Numbers, n_orders: NDArray[np.int64], weight: Numbers
) -> tuple[float, Parameters]:
    """Return the weighted mean log-likelihood and its gradient by p, q and γ."""
    p, q, gamma = parameters
    n = np.arange(n_orders.max() + 1.0)
    n[0] = np.nan  # nobody has a mean over no orders
    together = p * n + q
    log_total = np.log(n_orders * mean_spend + gamma)
    by_n = gammaln(together) - gammaln(p * n) - gammaln(q) + q * np.log(gamma) + p * n * np.log(n)
    by_n_p = n * (digamma(together) - digamma(p * n) + np.log(n))
    by_n_q = digamma(together) - digamma(q) + np.log(gamma)
    log_spend = np.log(mean_spend)
    each = (
        by_n[n_orders] + (p * n_orders - 1) * log_spend - together[n_orders] * log_total,
        by_n_p[n_orders] + n_orders * (log_spend - log_total),
        by_n_q[n_orders] - log_total,
        q / gamma - together[n_orders] / (n_orders * mean_spend + gamma),
    )
    value, *gradient = (float(weight @ column) / float(weight.sum()) for column in each)
    return value, np.array(gradient)
