"""How often, how lately and how regularly somebody comes, in numbers that a model can weigh.

Days, counts and money enter by their logarithms: from one day to two is as far as from ten to
twenty. Being overdue is the silence over the usual gap between visits, and over the longest gap but
for one in ten, for an irregular customer is not late when the usual gap is over. Counts of late
visits, two of them fading, tell a habit that has just begun from one that has just ended.

Weekday and hour were left out: every horizon is whole weeks.
"""

import numpy as np
from numpy.typing import NDArray

from training.customers.coming.visits import Visits

LATELY_DAYS = (7, 28, 84)
FADING_DAYS = (14.0, 56.0)
"""After so many days a visit counts half."""
LONGEST = 0.9
"""The quantile of the gaps that stands for the longest."""
COLUMNS = (
    "once",
    "times",
    "weeks with a visit",
    "days since the first",
    "days since the last",
    "mean gap",
    "usual gap",
    "longest gap",
    "latest gap",
    "overdue",
    "overdue beyond the longest",
    "spend a visit",
    *(f"times in {days} days" for days in LATELY_DAYS),
    *(f"times, half after {days:g} days" for days in FADING_DAYS),
)

_SECONDS = 86_400
_GAP_BITS = 34
"""A gap in seconds has fewer: 544 years. What is left tells 500 million visitors apart."""

Column = NDArray[np.float64]


def columns(past: Visits) -> NDArray[np.float64]:
    """Return what ``COLUMNS`` names, of each visitor.

    Args:
        past: Every visitor has at least one visit. Spend below 0 counts as 0.

    Returns:
        Shape ``(n_visitors, len(COLUMNS))``, finite; gaps are 0 of who came once.
    """
    times, last = past.times, past.last
    usual, longest = usual_and_longest_gap(past)
    mean = (past.first - last) / np.maximum(times - 1, 1)
    amounts = (
        times,
        _weeks(past),
        past.first,
        last,
        mean,
        usual,
        longest,
        _latest_gap(past),
        np.where(times > 1, (1 + last) / (1 + usual), 0),
        np.where(times > 1, (1 + last) / (1 + longest), 0),
        np.maximum(past.total(past.spend), 0) / np.maximum(times, 1),
        *(past.total(past.age_days <= days) for days in LATELY_DAYS),
        *(past.total(np.exp2(-past.age_days / days)) for days in FADING_DAYS),
    )
    return np.array([times == 1, *(np.log1p(amount) for amount in amounts)]).T


def usual_and_longest_gap(past: Visits) -> tuple[Column, Column]:
    """Return each visitor's median gap, and the longest but for one in ten, to the second.

    Args:
        past: Every visitor has at least one visit.

    Returns:
        Days, each of shape ``(n_visitors,)``; 0 of who came once.
    """
    n_gaps = past.times - 1
    visitor = np.repeat(np.arange(n_gaps.size), n_gaps)
    key = (visitor << _GAP_BITS) | (past.gaps * _SECONDS).astype(np.int64)
    key.sort()  # one sort by visitor and gap
    gap = (key & ((1 << _GAP_BITS) - 1)) / _SECONDS
    start, some = past.starts[:-1] - np.arange(n_gaps.size), n_gaps > 0
    start, n_gaps = start[some], n_gaps[some]
    usual, longest = np.zeros(some.size), np.zeros(some.size)
    usual[some] = (gap[start + (n_gaps - 1) // 2] + gap[start + n_gaps // 2]) / 2
    longest[some] = gap[start + ((n_gaps - 1) * LONGEST).astype(np.int64)]
    return usual, longest


def _weeks(past: Visits) -> Column:
    """Return in how many weeks before the moment each came."""
    week = (past.age_days // 7).astype(np.int64)
    begins = np.diff(week, prepend=-1) != 0
    begins[past.starts[:-1]] = True
    return past.total(begins)


def _latest_gap(past: Visits) -> Column:
    before = np.maximum(past.starts[1:] - 2, past.starts[:-1])
    return past.age_days[before] - past.last
