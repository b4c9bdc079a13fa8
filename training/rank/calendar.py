"""What is promoted in the coming window and by how much that is more than usual.

Of each kind of promotion (mailer, display, coupon …) an item has a reach: the share of the window's
days on which it is promoted, times the share of the shop that takes part. Days before the kind's
first promotion and after its last are no part of any window, for a calendar that is filled in for
three weeks says nothing of the fourth. The coming 28 days, the coming week, the 28 days before and
the whole past are told apart, since a promotion that just ended empties shelves at home, and one
that never ends moves nobody. Who buys on promotion, and what sells on it, is read off the past: the
share of a customer's purchases that fell on promoted days, and how much more an item sold on them
than its share of days explains.

The calendar is what was planned; where the file tells what really happened, figures flatter.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from training.data.purchases import Purchases
from training.data.split import WINDOW_DAYS

WEEK_DAYS = 7
LEAST_COVERED = 0.5
"""Of the coming window's days, the share with any promotion of a kind, for it to be read."""
PRIOR_ORDERS = 2.0
MOST_LIFT = 20.0

DAYS = 1 << 20
"""More days than any calendar counts from 1970: two thousand years."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of promotion: a number an item, but for ``prone``, a number a customer."""

    window: Scores
    week: Scores
    before: Scores
    usual: Scores
    lift: Scores
    prone: Scores


Calendar = Mapping[str, Kind]


def covering(promotions: pl.DataFrame, until: datetime) -> pl.DataFrame:
    """Return the promotions of the kinds that are filled in for the window from ``until``.

    A kind that ends with the past would say that nothing is promoted from now on.
    """
    days = [until + place * _DAY for place in range(WINDOW_DAYS)]
    filled = promotions.group_by("kind").agg(
        pl.sum_horizontal(
            ((pl.col("starts") <= day) & (pl.col("ends") > day)).any().cast(pl.Int32)
            for day in days
        ).alias("days")
    )
    kinds = filled.filter(pl.col("days") >= LEAST_COVERED * WINDOW_DAYS)["kind"]
    return promotions.filter(pl.col("kind").is_in(kinds.implode()))


def fit(promotions: pl.DataFrame, purchases: Purchases) -> Calendar:
    """Read the calendar as of the moment of the fit.

    Args:
        promotions: As ``training.data.promotions`` reads them.
        purchases: What teaches; its ``until`` is the moment.

    Returns:
        Every kind of the calendar, also one of items that nobody knows yet: all windows of a shop
        have the same columns.
    """
    rows = pl.DataFrame({"item_id": purchases.item_ids[: purchases.n_ranked]}).with_row_index("row")
    known = promotions.join(rows, on="item_id")
    return {
        kind: _kind(known.filter(pl.col("kind") == kind), purchases)
        for kind in promotions["kind"].unique().sort()
    }


def _kind(part: pl.DataFrame, purchases: Purchases) -> Kind:
    now = (purchases.until - _EPOCH) / _DAY
    row = part["row"].cast(pl.Int64).to_numpy()
    starts, ends = _days(part["starts"]), _days(part["ends"])
    reach = part["reach"].to_numpy()
    lines = purchases.known
    past = max(float(purchases.age_days[lines].max(initial=1)), 1.0)

    def reached(begin: float, end: float) -> Scores:
        begin, end = max(begin, starts.min(initial=end)), min(end, ends.max(initial=begin))
        days = np.clip(np.minimum(ends, end) - np.maximum(starts, begin), 0, None)
        total = np.bincount(row, days * reach, minlength=purchases.n_ranked)
        return np.minimum(total / max(end - begin, 1), 1).astype(np.float32)

    usual = reached(now - past, now)
    item, customer = purchases.item[lines], purchases.customer[lines]
    day = np.floor(now - purchases.age_days[lines]).astype(np.int64)
    promoted = _Steps.of(row, np.ceil(starts), np.ceil(ends), reach).at(item, day)
    on = np.bincount(item, promoted, minlength=purchases.n_ranked)
    orders = np.bincount(item, minlength=purchases.n_ranked)
    lift = (on + PRIOR_ORDERS) / (orders * usual + PRIOR_ORDERS)
    by_customer = np.bincount(customer, minlength=purchases.n_customers)
    prone = np.bincount(customer, promoted, minlength=purchases.n_customers)
    return Kind(
        window=reached(now, now + WINDOW_DAYS),
        week=reached(now, now + WEEK_DAYS),
        before=reached(now - WINDOW_DAYS, now),
        usual=usual,
        lift=np.minimum(lift, MOST_LIFT).astype(np.float32),
        prone=(prone / np.maximum(by_customer, 1)).astype(np.float32),
    )


def _days(times: pl.Series) -> NDArray[np.float64]:
    return times.dt.epoch("us").to_numpy() / (_DAY / timedelta(microseconds=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Steps:
    """How much of the shop promotes each item from one day to the next change."""

    keys: NDArray[np.int64]
    """Item and day of each change, ascending; the first is before all items."""
    levels: NDArray[np.float64]
    """The reach from then on."""

    @classmethod
    def of(
        cls,
        row: NDArray[np.int64],
        starts: NDArray[np.float64],
        ends: NDArray[np.float64],
        reach: NDArray[np.float64],
    ) -> Self:
        """Add the reaches of an item up: one more where one starts, one less where it ends."""
        days = np.clip(np.concatenate([starts, ends]), 0, DAYS - 1)  # ends may be the year 9999
        keys = np.concatenate([row, row]) * DAYS + days.astype(np.int64)
        order = np.argsort(keys, kind="stable")
        levels = np.cumsum(np.concatenate([reach, -reach])[order])
        return cls(keys=np.append(-1, keys[order]), levels=np.append(0.0, levels))

    def at(self, item: Rows, day: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the reach of each item on a day, at most 1."""
        place = np.searchsorted(self.keys, item.astype(np.int64) * DAYS + day, side="right") - 1
        return np.clip(self.levels[place], 0, 1)
