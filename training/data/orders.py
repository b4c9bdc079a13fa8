"""Orders of known customers: what value, stages and segments are learned from.

Every item counts here, with a model or without; what was given back in whole has left the
purchases already.
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
    """Money paid."""
    saved: NDArray[np.float64]
    """Discounts received."""
    margin: NDArray[np.float64]
    """What the shop earned; nan where it is not known."""

    @property
    def n_customers(self) -> int:
        """How many customers there are; each has an order."""
        return self.starts.size - 1


def orders(purchases: Purchases, *, margin: NDArray[np.float64] | None = None) -> Orders:
    """Sum lines to orders.

    Args:
        purchases: What was bought.
        margin: Shape ``(n_lines,)``: what the shop earned with each line; None is unknown.
    """
    lines = np.flatnonzero(purchases.customer >= 0)
    first = np.flatnonzero(np.diff(purchases.order[lines], prepend=-1))
    age = np.maximum.reduceat(purchases.age_days[lines], first)
    customer = purchases.customer[lines][first]
    by_time = np.lexsort((-age, customer))

    def summed(values: NDArray[np.floating]) -> NDArray[np.float64]:
        return np.add.reduceat(values[lines].astype(np.float64), first)[by_time]

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
