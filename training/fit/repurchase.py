"""What a customer buys again: counts that fade, and the facts an explanation tells.

Source: Hu et al., "Modeling Personalized Item Frequency Information for Next-basket Recommendation"
(TIFU-KNN), SIGIR 2020, shows decayed personal frequency to be the strongest single signal in
groceries.
"""

from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Mask, Rows
from models.artifacts.customer_record import DAY_ZERO
from training.data.purchases import DAY_US, Purchases

UINT16_MAX = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Of every pair of customer and item bought, sorted by customer, then item."""

    starts: NDArray[np.int64]
    """Shape ``(n_customers + 1,)``: where each customer's pairs begin and end."""
    item: Rows
    times: NDArray[np.uint16]
    last_day: NDArray[np.uint16]
    every_days: NDArray[np.uint16]


def habit(purchases: Purchases, *, days: float) -> sp.csr_matrix:
    """Return customers by items: orders that hold the item, each counting ``exp(-age / days)``."""
    return purchases.matrix(np.exp(-purchases.age_days / days))


def facts(purchases: Purchases, *, only: Mask | None = None) -> Facts:
    """Count and date what each customer bought.

    More than 65,535 orders of one item by one customer are stored as that many.

    Args:
        purchases: What teaches.
        only: Shape ``(n_customers,)``: whose pairs are wanted; None is everybody's.
    """
    lines = purchases.known
    if only is not None:
        lines = lines[only[purchases.customer[lines]]]
    order = np.lexsort(
        (-purchases.age_days[lines], purchases.item[lines], purchases.customer[lines])
    )
    lines = lines[order]
    customer, item, age = (
        purchases.customer[lines],
        purchases.item[lines],
        purchases.age_days[lines],
    )
    begins = np.ones(lines.size, dtype=np.bool_)
    begins[1:] = (customer[1:] != customer[:-1]) | (item[1:] != item[:-1])
    first = np.flatnonzero(begins)
    ends = np.append(first, lines.size)[1:]
    times = ends - first
    until_us = round(purchases.until.timestamp() * 1e6)
    last_day = (until_us - np.rint(age[ends - 1] * DAY_US)) // DAY_US - DAY_ZERO.astype(int)
    return Facts(
        starts=np.searchsorted(customer[first], np.arange(purchases.n_customers + 1)),
        item=item[first],
        times=np.minimum(times, UINT16_MAX).astype(np.uint16),
        last_day=last_day.astype(np.uint16),
        every_days=_median_gaps(age, begins, first, times),
    )


def _median_gaps(
    age: NDArray[np.float64],
    begins: NDArray[np.bool_],
    first: NDArray[np.intp],
    times: NDArray[np.intp],
) -> NDArray[np.uint16]:
    """Return the median days between consecutive orders of each pair; 0 for a single order."""
    pair = np.cumsum(begins) - 1
    gaps = np.zeros(age.size)
    gaps[1:] = age[:-1] - age[1:]
    gaps[first] = -1.0  # sorts before the real gaps of its pair
    gaps = gaps[np.lexsort((gaps, pair))]
    n_gaps = times - 1
    low, high = first + 1 + (n_gaps - 1) // 2, first + 1 + n_gaps // 2
    last = age.size - 1
    median = (gaps[np.minimum(low, last)] + gaps[np.minimum(high, last)]) / 2
    rounded = np.clip(np.rint(median), 1, UINT16_MAX)
    return np.where(n_gaps > 0, rounded, 0).astype(np.uint16)
