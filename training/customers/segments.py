"""Recency, frequency and money by the names that the field knows: champions, at risk, lost.

Each customer has three scores from 1 to 5. For frequency (days with an order) and money (paid), it
is 1 and one more for each fifth of the customers whom they exceed; for recency, 5 and one less for
each fifth who came later. So equal customers have equal scores: where 70 % bought once, all of them
have a frequency of 1. Recency R and the mean FM of the other two, halves downwards, name them:

     R   FM 1               FM 2                 FM 3                 FM 4          FM 5
     5   new                potential loyalist   potential loyalist   champions     champions
     4   promising          potential loyalist   potential loyalist   loyal         loyal
     3   about to sleep     about to sleep       needs attention      loyal         loyal
     2   hibernating        hibernating          at risk              at risk       cannot lose
     1   lost               lost                 at risk              at risk       cannot lose

This is the grid of recency and frequency that most tools draw, with frequency joined by money, and
with "hibernating" split in two, since the last fifth is further away than the one before it.

The scores compare customers with one another, and so do the names: in a shop where everybody comes
each week, the "lost" are those who were here on Monday and not since. Who is gone by their own
measure, ``stages`` tells.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.customer.segments import Segment
from training.customers import rhythm
from training.data.orders import Orders

N_SCORES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which scores a name stands for, and what it means."""

    recency: tuple[int, int]
    """From, to; both included."""
    value: tuple[int, int]
    """Likewise, of the mean of frequency and money."""
    title: str
    description: str


RULES: Mapping[Segment, Rule] = {
    Segment.CHAMPIONS: Rule(
        recency=(5, 5),
        value=(4, 5),
        title="Champions",
        description="Among the latest to buy, and among those who buy most often and spend most.",
    ),
    Segment.LOYAL: Rule(
        recency=(3, 4),
        value=(4, 5),
        title="Loyal",
        description="Among those who buy most often and spend most, and here rather lately.",
    ),
    Segment.POTENTIAL_LOYALIST: Rule(
        recency=(4, 5),
        value=(2, 3),
        title="Potential loyalists",
        description="Here lately, and neither among the least in orders and money nor the most.",
    ),
    Segment.NEW: Rule(
        recency=(5, 5),
        value=(1, 1),
        title="New",
        description="Among the latest to buy, and among the least in orders and money.",
    ),
    Segment.PROMISING: Rule(
        recency=(4, 4),
        value=(1, 1),
        title="Promising",
        description="Here rather lately, and among the least in orders and money.",
    ),
    Segment.NEEDS_ATTENTION: Rule(
        recency=(3, 3),
        value=(3, 3),
        title="Needs attention",
        description="In the middle of all customers by recency, orders and money.",
    ),
    Segment.ABOUT_TO_SLEEP: Rule(
        recency=(3, 3),
        value=(1, 2),
        title="About to sleep",
        description="In the middle by recency, and low in orders and money.",
    ),
    Segment.AT_RISK: Rule(
        recency=(1, 2),
        value=(3, 4),
        title="At risk",
        description="Above most in orders and money, and among the last two fifths by recency.",
    ),
    Segment.CANNOT_LOSE: Rule(
        recency=(1, 2),
        value=(5, 5),
        title="Cannot lose",
        description="Among those who buy most often and spend most, and among the last two fifths "
        "by recency.",
    ),
    Segment.HIBERNATING: Rule(
        recency=(2, 2),
        value=(1, 2),
        title="Hibernating",
        description="Below most by recency, and low in orders and money.",
    ),
    Segment.LOST: Rule(
        recency=(1, 1),
        value=(1, 2),
        title="Lost",
        description="The last fifth by recency, and low in orders and money.",
    ),
}
"""Every pair of scores has exactly one name."""


def fit(orders: Orders) -> NDArray[np.uint8]:
    """Return the ``Segment`` of each customer, shape ``(n_customers,)``; never ``UNKNOWN``.

    Args:
        orders: Of customers who have bought.
    """
    found = rhythm.fit(orders)
    money = np.add.reduceat(orders.spend, orders.starts[:-1])
    recency = N_SCORES + 1 - scores(found.days_ago)
    return named(recency, scores(found.order_days), scores(money))


def scores(values: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.int64]:
    """Return 1, and one more for each fifth of ``values`` that a value exceeds; at most 5.

    Args:
        values: Shape ``(n,)``, at least one, none of them nan.

    Returns:
        Shape ``(n,)``; equal values have equal scores.
    """
    fifths = -(-np.arange(1, N_SCORES) * values.size // N_SCORES)
    return 1 + np.searchsorted(np.sort(values)[fifths - 1], values, side="left")


def named(
    recency: NDArray[np.int64], frequency: NDArray[np.int64], money: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Return the ``Segment`` of each triple of scores from 1 to 5."""
    return np.asarray(_grid()[recency, (frequency + money) // 2])


def _grid() -> NDArray[np.uint8]:
    grid = np.full((N_SCORES + 1, N_SCORES + 1), Segment.UNKNOWN, dtype=np.uint8)
    for segment, rule in RULES.items():
        (first, last), (least, most) = rule.recency, rule.value
        grid[first : last + 1, least : most + 1] = segment
    return grid
