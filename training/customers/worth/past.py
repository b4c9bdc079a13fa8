"""The shop as it was some days ago: who was known then, and what they bought next.

A back-test plays a moment of the past as if it were now: models see the orders before it, and are
judged by the orders after it. What was given back later is missing from that past already: a shop
of many returns is tested on a cleaner past than it is served with.
"""

from dataclasses import dataclass, replace
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from training.data.orders import Orders
from training.data.purchases import DAY_US

DAYS_PER_WEEK = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Then:
    """The orders before a moment, and whose they are."""

    orders: Orders
    """As if ``days_ago`` were now; customers are numbered anew."""
    rows: NDArray[np.intp]
    """Shape ``(orders.n_customers,)``: each customer's row in the orders of today, ascending."""
    days_ago: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """What customers brought within some time; every column of shape ``(n_customers,)``."""

    spend: NDArray[np.float64]
    """Money paid."""
    days: NDArray[np.float64]
    """Days (UTC) with an order: what purchases are counted by."""


def history_days(orders: Orders) -> float:
    """Return how many days ago the first order was; 0 where there is none."""
    return float(orders.age_days.max(initial=0.0))


def of_customers(orders: Orders, rows: NDArray[np.intp]) -> Orders:
    """Return the orders of some customers, who are numbered anew in the order of ``rows``."""
    sizes = (orders.starts[1:] - orders.starts[:-1])[rows]
    starts = np.concatenate(([0], np.cumsum(sizes)))
    lines = np.arange(starts[-1]) + np.repeat(orders.starts[:-1][rows] - starts[:-1], sizes)
    return replace(
        orders,
        starts=starts,
        customer=np.repeat(np.arange(rows.size, dtype=np.int32), sizes),
        age_days=orders.age_days[lines],
        spend=orders.spend[lines],
        saved=orders.saved[lines],
        margin=orders.margin[lines],
    )


def then(orders: Orders, days_ago: float) -> Then:
    """Return the shop as it was ``days_ago``; customers who came later are left out."""
    kept = orders.age_days > days_ago
    n_kept = np.bincount(orders.customer[kept], minlength=orders.n_customers)
    rows = np.flatnonzero(n_kept)
    number = np.cumsum(n_kept > 0) - 1
    seen = replace(
        orders,
        until=orders.until - timedelta(days=days_ago),
        starts=np.concatenate(([0], np.cumsum(n_kept[rows]))),
        customer=number[orders.customer[kept]].astype(np.int32),
        age_days=orders.age_days[kept] - days_ago,
        spend=orders.spend[kept],
        saved=orders.saved[kept],
        margin=orders.margin[kept],
    )
    return Then(orders=seen, rows=rows, days_ago=days_ago)


def following(orders: Orders, moment: Then, days: float) -> Next:
    """Return what the customers known at a moment brought in the ``days`` from it.

    Args:
        orders: Those of today, which ``moment`` was made from.
        moment: At least ``days`` ago.
        days: How far to look.
    """
    age = orders.age_days
    lines = np.flatnonzero((age <= moment.days_ago) & (age > moment.days_ago - days))
    customer = orders.customer[lines]
    until_us = round(orders.until.timestamp() * 1_000_000)
    day = (until_us - np.rint(age[lines] * DAY_US).astype(np.int64)) // DAY_US
    is_new = (np.diff(day, prepend=-1) != 0) | (np.diff(customer, prepend=-1) != 0)
    spend = np.bincount(customer, orders.spend[lines], minlength=orders.n_customers)
    n_days = np.bincount(customer, is_new, minlength=orders.n_customers)
    return Next(
        spend=spend[moment.rows].astype(np.float64), days=n_days[moment.rows].astype(np.float64)
    )
