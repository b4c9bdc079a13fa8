"""Orders of a few customers, told by how many days ago each was."""

from collections.abc import Sequence

import numpy as np

from tests.training.tiny import day
from training.data.orders import Orders

UNTIL = day(2000.5)
"""At noon, so that what was bought within half a day was bought today."""


def ordered(*days_ago: Sequence[float], spend: Sequence[float] | None = None) -> Orders:
    """Return a customer an argument, with an order for each of its numbers, oldest first.

    Args:
        days_ago: Of each customer.
        spend: Of each order, customer by customer; None is 10 each.
    """
    ages = [np.sort(np.array(one, dtype=np.float64))[::-1] for one in days_ago]
    counts = [age.size for age in ages]
    age = np.concatenate(ages)
    return Orders(
        until=UNTIL,
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        customer=np.repeat(np.arange(len(counts), dtype=np.int32), counts),
        age_days=age,
        spend=np.full(age.size, 10.0) if spend is None else np.array(spend, dtype=np.float64),
        saved=np.zeros(age.size),
        margin=np.full(age.size, np.nan),
    )
