"""How often, how lately and since when a customer buys: all that the purchase models look at.

    frequency   orders after the first, those of one day counted once   x
    recency     weeks from the first order to the last                  t_x
    age         weeks from the first order to the last day of history   T

Time is kept in whole days (by UTC, as the orders are), so that a million customers become some
hundred thousand distinct rows, each with the number of customers it stands for.

Source: Fader, Hardie and Lee, "Counting Your Customers the Easy Way: An Alternative to the
Pareto/NBD Model", Marketing Science 2005; the letters are theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from training.data.orders import Orders
from training.data.purchases import DAY_US
from training.errors import NothingToLearn

Numbers = NDArray[np.float64]
"""One number a row."""

DAYS_PER_WEEK = 7
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(8)


class NoRepeatBuyers(NothingToLearn):
    """No customer bought twice, so that nothing can be said of how often customers return."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Customers by how they bought; every column of shape ``(n_rows,)``."""

    frequency: NDArray[np.int64]
    """Days with an order after the first such day: x."""
    recency: Numbers
    """Weeks from the first order to the last, 0 where there is one: t_x."""
    age: Numbers
    """Weeks from the first order to the last day of history, at least ``recency``: T."""
    weight: Numbers
    """How many customers the row stands for."""

    def distinct(self) -> "Counts":
        """Return the same customers with equal rows made one, in order of age, recency and x."""
        if not self.age.size:
            return self
        order = np.lexsort((self.frequency, self.recency, self.age))
        frequency, recency, age = self.frequency[order], self.recency[order], self.age[order]
        changed = (np.diff(frequency) != 0) | (np.diff(recency) != 0) | (np.diff(age) != 0)
        first = np.flatnonzero(np.append(True, changed))
        return Counts(
            frequency=frequency[first],
            recency=recency[first],
            age=age[first],
            weight=np.add.reduceat(self.weight[order], first),
        )

    @property
    def mean_age(self) -> float:
        """Weeks from a customer's first order to the last day of history, at least one."""
        return max(float(self.weight @ self.age / self.weight.sum()), 1.0)

    @property
    def mean_rate(self) -> float:
        """Repeat orders of a customer and week."""
        return float(self.weight @ self.frequency / self.weight.sum()) / self.mean_age


def counts(orders: Orders) -> Counts:
    """Return a row for each customer of ``orders``, in their order, each of weight 1.

    Ages run to the last day of history, that of the moment before ``until``; who came on that day
    only has an age of 0.
    """
    until_us = round(orders.until.timestamp() * 1_000_000)
    last_day = (until_us - 1) // DAY_US
    day = (until_us - np.rint(orders.age_days * DAY_US).astype(np.int64)) // DAY_US
    first, last = orders.starts[:-1], orders.starts[1:] - 1
    is_new_day = np.diff(day, prepend=-1) != 0
    is_new_day[first] = False
    return Counts(
        frequency=np.add.reduceat(is_new_day, first, dtype=np.int64),
        recency=(day[last] - day[first]) / DAYS_PER_WEEK,
        age=(last_day - day[first]) / DAYS_PER_WEEK,
        weight=np.ones(first.size),
    )


def rows_to_fit(customers: Counts) -> Counts:
    """Return the distinct rows a model is fitted to.

    Raises:
        NoRepeatBuyers: No customer of ``customers`` bought on two days.
    """
    if not (customers.frequency > 0).any():
        raise NoRepeatBuyers(
            f"none of {customers.weight.sum():,.0f} customers bought on two days, and how often "
            "customers return is learned from those who did; train with a longer history"
        )
    return customers.distinct()


def by_distinct(
    expected: Callable[[Numbers, Numbers], Numbers], first: ArrayLike, second: ArrayLike
) -> Numbers:
    """Return ``expected(first, second)``, computed once for each distinct pair of numbers."""
    first, second = np.broadcast_arrays(
        np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    )
    pairs, row = np.unique(first.ravel() + 1j * second.ravel(), return_inverse=True)
    return expected(pairs.real, pairs.imag)[row].reshape(first.shape)


def discounted(
    purchases: Callable[[float], Numbers], *, weeks: float, weekly_rate: float
) -> Numbers:
    """Return the purchases of the next ``weeks``, each worth less the later it comes.

    A purchase after u weeks counts ``exp(-weekly_rate · u)``. By parts, that is what is expected
    in all, discounted to the end, and ``weekly_rate`` times the integral of the discounted running
    total. This is smooth, most so over the root of time, so that 8 Gauss-Legendre points, a few in
    a million off, replace a sum over the weeks.

    Args:
        purchases: Expected purchases within so many weeks, a number a customer.
        weeks: How far to look, above 0.
        weekly_rate: Compounded continuously: ``log(1 + annual rate) / 52``.
    """
    total = np.exp(-weekly_rate * weeks) * purchases(weeks)
    for node, weight in zip(_NODES, _WEIGHTS, strict=True):
        root = (node + 1) / 2
        week = weeks * root**2
        step = weight * weeks * root
        total = total + weekly_rate * step * np.exp(-weekly_rate * week) * purchases(week)
    return np.asarray(total, dtype=np.float64)
