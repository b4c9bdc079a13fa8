"""Recency, frequency and money: what every model of value looks at.

    frequency, recency, age   as ``training.fit.repeat_buying`` counts them
    paid                      money paid in all, and on a day with an order
    moving averages           money a week, what is ``half_life`` weeks old counting half
    last period               money paid within the last weeks

A moving average is over the whole history of the shop, so that one order yesterday does not make
a customer of a day one who buys daily.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.customers.worth.past import DAYS_PER_WEEK, history_days
from training.data.orders import Orders
from training.fit.repeat_buying import Counts, Numbers, counts

HALF_LIVES_WEEKS = (8.0, 13.0, 26.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """Customers as they are seen at the end of their orders, a row each."""

    counts: Counts
    paid: Numbers
    """Shape ``(n_customers,)``."""
    averages: NDArray[np.float64]
    """Shape ``(len(HALF_LIVES_WEEKS), n_customers)``: money a week."""
    last: Numbers
    """Shape ``(n_customers,)``: money a week over the last period."""

    @classmethod
    def of(cls, orders: Orders, *, weeks: float, history: float | None = None) -> "Seen":
        """Look at the customers of ``orders``.

        Args:
            orders: Their orders.
            weeks: Length of the last period.
            history: Days since the shop's first order; None where ``orders`` are all the shop's.
        """
        whole_weeks = (history_days(orders) if history is None else history) / DAYS_PER_WEEK
        age = orders.age_days / DAYS_PER_WEEK
        begins = orders.starts[:-1]

        def summed(values: NDArray[np.float64]) -> Numbers:
            return np.asarray(np.add.reduceat(values, begins), dtype=np.float64)

        rates = np.log(2) / np.array(HALF_LIVES_WEEKS)
        return cls(
            counts=counts(orders),
            paid=summed(orders.spend),
            averages=np.stack(
                [
                    summed(orders.spend * np.exp(-rate * age))
                    * rate
                    / -np.expm1(-rate * whole_weeks)
                    for rate in rates
                ]
            ),
            last=summed(orders.spend * (age <= weeks)) / min(weeks, whole_weeks),
        )

    @property
    def per_day(self) -> Numbers:
        """Money paid on a day with an order."""
        return self.paid / (self.counts.frequency + 1)
