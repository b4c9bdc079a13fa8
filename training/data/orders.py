"""Orders of known customers: what value, stages and segments are learned from.

Every item counts here, with a model or without. What was given back does not: money is that of the
units kept, and an order of which nothing was kept is none. So the past is told as it is known now:
an order has already lost what was given back long after it.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from training.data.purchases import Purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """Orders by customer, oldest first; every column but ``starts`` of shape ``(n_orders,)``."""

    until: datetime
    """The moment from which ages are counted."""
    starts: NDArray[np.int64]
    """Shape ``(n_customers + 1,)``: where each customer's orders begin and end."""
    customer: Rows
    age_days: NDArray[np.float64]
    """Days before ``until``, above 0."""
    spend: NDArray[np.float64]
    """Money paid for what was kept."""
    saved: NDArray[np.float64]
    """Discounts received on it."""
    margin: NDArray[np.float64]
    """What the shop earned with it; nan where it is not known."""

    @property
    def n_customers(self) -> int:
        """How many customers there are; each has an order."""
        return self.starts.size - 1


def orders(purchases: Purchases, *, margin: NDArray[np.float64] | None = None) -> Orders:
    """Sum lines to orders, less what was given back.

    Args:
        purchases: What was bought.
        margin: Shape ``(n_lines,)``: what the shop earned with all the units of each line, kept or
            not; None is unknown.
    """
    lines = purchases.lasting
    first = np.flatnonzero(np.diff(purchases.order[lines], prepend=-1))
    age = np.maximum.reduceat(purchases.age_days[lines], first)
    customer = purchases.customer[lines][first]
    by_time = np.lexsort((-age, customer))

    def summed(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.add.reduceat(purchases.net(values, lines).astype(np.float64), first)[by_time]

    unknown = np.full(first.size, np.nan)
    return Orders(
        until=purchases.until,
        starts=np.searchsorted(customer[by_time], np.arange(purchases.n_customers + 1)),
        customer=customer[by_time],
        age_days=age[by_time],
        spend=summed(purchases.spend),
        saved=summed(purchases.saved),
        margin=unknown if margin is None else summed(margin),
    )
