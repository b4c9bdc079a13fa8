"""Small shops whose customers buy by known rules."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from training.data.orders import Orders

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
Order = tuple[float, float]
"""Days ago, and money paid."""


def shop(*customers: Sequence[Order], margins: Sequence[float] | None = None) -> Orders:
    """Return the orders of customers, each's oldest first; margins in that order, nan without."""
    lines = [(row, *order) for row, theirs in enumerate(customers) for order in theirs]
    customer, age, spend = (np.array(column) for column in zip(*lines, strict=True))
    sizes = [len(theirs) for theirs in customers]
    return Orders(
        until=UNTIL,
        starts=np.concatenate(([0], np.cumsum(sizes))),
        customer=customer.astype(np.int32),
        age_days=age.astype(np.float64),
        spend=spend.astype(np.float64),
        saved=np.zeros(len(lines)),
        margin=np.full(len(lines), np.nan) if margins is None else np.array(margins, dtype=float),
    )


def by_chance(n_customers: int, *, weeks: float, seed: int = 7) -> Orders:
    """Return customers who come at any time, buy some every week and some hardly ever, and leave.

    Each pays about as much each time, from 5 to 100.
    """
    rng = np.random.default_rng(seed)
    customers = []
    for _ in range(n_customers):
        first = rng.uniform(0.2, 1.0) * weeks
        stays = min(first, rng.exponential(weeks))
        n_repeats = rng.poisson(rng.gamma(1.0, 0.3) * stays)
        ages = first - np.sort(np.append(0.0, rng.uniform(0, stays, n_repeats)))
        usual = rng.uniform(5, 100)
        customers.append([(max(7 * age, 0.01), usual * rng.uniform(0.8, 1.2)) for age in ages])
    return shop(*customers)


def whole(orders: Orders) -> NDArray[np.intp]:
    """Return the rows of all customers."""
    return np.arange(orders.n_customers)
