"""When what was bought is bought again: a hazard by recency and count, read off the shop's past.

At four earlier moments, 28 days apart, we look at every pair of customer and item ever bought: how
many days since the last order, how many orders so far, and whether another came within 28 days.
The share that came, by steps of both, is the shop's hazard; an item's lift is how much more often
its pairs came back than that, a kind's lift the same by recency, a customer's lift likewise. Each
is drawn towards 1 by a few expected purchases, so that little evidence says little.

By itself it orders what was bought about as well as counts that fade over 120 days
(``benchmarks/README.md`` has the figures), so it makes no list of its own; as a feature of the
ranker it earns most of what the ranker gains on repeats.

Source: the discrete hazard of survival analysis (Kaplan and Meier, "Nonparametric Estimation from
Incomplete Observations", JASA 1958) with recency and frequency as strata.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from training.data.purchases import Purchases

HORIZON_DAYS = 28
LOOKS = (28, 56, 84, 112)
"""Days before the fit at which we look back."""
RECENCY = np.array([3, 7, 10, 14, 18, 21, 25, 28, 35, 42, 49, 56, 70, 84, 112, 140, 196, 280])
TIMES = np.array([1, 2, 3, 4, 5, 7, 10, 15, 25])
PRIOR_PAIRS = 20.0
PRIOR_PURCHASES = 5.0
UNKNOWN = 0.1
"""The share of a shop too young to have looked back in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hazard:
    """Shares of pairs bought again within 28 days, and who and what departs from them."""

    share: Scores
    """Shape ``(n_recency, n_times)``."""
    item: Scores
    """Lift of each item."""
    kind: Scores
    """Lift of each kind."""
    kind_by_recency: Scores
    """Shape ``(n_kinds, n_recency)``."""
    customer: Scores
    """Lift of each customer."""

    def of(self, *, recency_days: Scores, times: Scores) -> Scores:
        """Return the shop's share for each pair."""
        return self.share[np.digitize(recency_days, RECENCY), np.digitize(times, TIMES)]

    def of_kind(self, kind: Rows, *, recency_days: Scores) -> Scores:
        """Return the lift of a kind at a recency."""
        return self.kind_by_recency[kind, np.digitize(recency_days, RECENCY)]


def fit(purchases: Purchases, kind: Rows, n_kinds: int) -> Hazard:
    """Look back from the earlier moments.

    Args:
        purchases: What teaches.
        kind: The kind of each ranked item, 0 to ``n_kinds - 1``.
        n_kinds: How many there are.
    """
    seen = _Seen.at_all(purchases)
    n_recency, n_times = RECENCY.size + 1, TIMES.size + 1
    cell = seen.recency * n_times + seen.times
    pairs = np.bincount(cell, minlength=n_recency * n_times)
    came = np.bincount(cell, seen.came, minlength=n_recency * n_times)
    average = seen.came.mean() if seen.came.size else UNKNOWN
    share = (came + PRIOR_PAIRS * average) / (pairs + PRIOR_PAIRS)
    expected = share[cell]
    of_kind = seen.lift(kind[seen.item].astype(np.int64), n_kinds, expected)
    by_recency = seen.lift(
        kind[seen.item].astype(np.int64) * n_recency + seen.recency,
        n_kinds * n_recency,
        expected,
        towards=np.repeat(of_kind, n_recency),
    )
    item = seen.lift(seen.item, purchases.n_ranked, expected, towards=of_kind[kind])
    return Hazard(
        share=share.reshape(n_recency, n_times).astype(np.float32),
        item=item.astype(np.float32),
        kind=of_kind.astype(np.float32),
        kind_by_recency=by_recency.reshape(n_kinds, n_recency).astype(np.float32),
        customer=seen.lift(seen.customer, purchases.n_customers, expected).astype(np.float32),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """Pairs as they stood at the earlier moments, and whether a purchase came."""

    customer: NDArray[np.int64]
    item: NDArray[np.int64]
    recency: NDArray[np.intp]
    times: NDArray[np.intp]
    came: NDArray[np.float64]

    @classmethod
    def at_all(cls, purchases: Purchases) -> Self:
        lines, n_items = purchases.known, purchases.n_ranked
        age = purchases.age_days[lines]
        key = purchases.customer[lines].astype(np.int64) * n_items + purchases.item[lines]
        order = np.lexsort((age, key))
        key, age = key[order], age[order]
        looks = [_looked(key, age, days) for days in LOOKS if age.max(initial=0) > days]
        looks.append(_looked(key[:0], age[:0], 0))  # a shop too young has none but this
        pairs = np.concatenate([look[0] for look in looks])
        return cls(
            customer=pairs // n_items,
            item=pairs % n_items,
            recency=np.concatenate([look[1] for look in looks]),
            times=np.concatenate([look[2] for look in looks]),
            came=np.concatenate([look[3] for look in looks]).astype(np.float64),
        )

    def lift(
        self,
        group: NDArray[np.int64],
        n_groups: int,
        expected: NDArray[np.float64],
        towards: NDArray[np.float64] | float = 1.0,
    ) -> NDArray[np.float64]:
        """Return how often each group's pairs came back over what was expected of them."""
        came = np.bincount(group, self.came, minlength=n_groups)
        due = np.bincount(group, expected, minlength=n_groups)
        return np.asarray((came + PRIOR_PURCHASES * towards) / (due + PRIOR_PURCHASES))


def _looked(
    key: NDArray[np.int64], age: NDArray[np.float64], days: int
) -> tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.intp], NDArray[np.bool_]]:
    """Return the pairs of a moment ``days`` ago with the cell of each, and whether one came."""
    then = age > days
    pairs, first, times = np.unique(key[then], return_index=True, return_counts=True)
    after = np.unique(key[(age <= days) & (age > days - HORIZON_DAYS)])
    return (
        pairs,
        np.digitize(age[then][first] - days, RECENCY),
        np.digitize(times, TIMES),
        np.isin(pairs, after, assume_unique=True),
    )
