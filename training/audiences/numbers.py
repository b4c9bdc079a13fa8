"""Recency, frequency, money and what else is a number of a customer.

Each belongs to families, by which a rule keeps it out. Some are made of the purchases that may be
looked at; the others are the profile's, which counts all of them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from models.customer.value import SOON_WEEKS

Column = NDArray[np.floating]

MONEY, FREQUENCY, RECENCY = "money", "frequency", "recency"
OFFERS = "offers"
FEELINGS = "feelings"
MIX = "mix"
"""What is bought: shares and vectors."""
RFM = frozenset([MONEY, FREQUENCY, RECENCY])

MADE_OF: Mapping[str, frozenset[str]] = {
    "tier": RFM,
    "stage": frozenset([FREQUENCY, RECENCY, FEELINGS]),
    "segment": RFM,
    "portfolio": frozenset([MIX]),
    "satisfaction": frozenset([FEELINGS, RECENCY]),
    "bought_item": frozenset(),
    "bought_category": frozenset(),
    "redeemed": frozenset([OFFERS]),
    "historic_clv": frozenset([MONEY, FREQUENCY]),
    "predicted_clv": RFM,
    "churn_probability": RFM,
    "average_order_value": frozenset([MONEY]),
    "orders": frozenset([FREQUENCY, MONEY]),
    "days_since_last_purchase": frozenset([RECENCY]),
    "discount_sensitivity": frozenset([OFFERS]),
    "returned_orders": frozenset([FEELINGS]),
    "buys_within_4_weeks": RFM,
    "expected_purchases": RFM,
    "expected_spend": RFM,
}
"""What each field of ``models.customer.rule`` comes from; purchases are named one by one."""

_SOON = SOON_WEEKS.index(4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Some:
    """What is known of some customers, and of their purchases what may be looked at."""

    rows: NDArray[np.intp]
    """Shape ``(n,)``, of the table."""
    profiles: NDArray[np.void]
    """Shape ``(n,)``."""
    whose: NDArray[np.intp]
    """Shape ``(n_pairs,)``, ascending: places in ``rows``."""
    items: Rows
    """Likewise, and what follows."""
    times: NDArray[np.float32]
    """In how many orders."""
    ago: NDArray[np.float32]
    """Days since the last of them."""
    prices: NDArray[np.float32]
    """Shape ``(n_items,)``."""
    today: int

    def summed(self, numbers: NDArray[np.floating]) -> Column:
        """Return the sums of each customer's pairs."""
        sums = np.bincount(self.whose, weights=numbers, minlength=self.rows.size)
        return sums.astype(np.float64)

    def mean(self, numbers: NDArray[np.floating]) -> Column:
        """Return their means; nan of who has none."""
        n = np.bincount(self.whose, minlength=self.rows.size)
        return self.summed(numbers) / np.where(n > 0, n, np.nan)

    def least(self, numbers: NDArray[np.floating]) -> Column:
        """Return the least of each customer's pairs; nan of who has none."""
        found = np.full(self.rows.size, np.nan)
        begins = np.flatnonzero(np.diff(self.whose, prepend=-1))
        if begins.size:
            found[self.whose[begins]] = np.minimum.reduceat(numbers, begins)
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """One number of a customer."""

    name: str
    """For a person."""
    families: tuple[str, ...]
    """Which it comes from; the first is what it is about."""
    of: Callable[[Some], Column]
    """As a person reads it; nan where it is unknown."""
    grows: bool = False
    """Whether a few have very much of it: learned from its logarithm."""
    is_of_what_is_seen: bool = False
    """Whether it is made of the purchases that may be looked at."""
    is_told: bool = True
    """Whether a person is told of it."""

    def learned(self, some: Some) -> Column:
        """Return it as it is learned from."""
        number = self.of(some)
        return np.log1p(np.maximum(number, 0)) if self.grows else number


def _of_profile(field: str) -> Callable[[Some], Column]:
    return lambda some: some.profiles[field].astype(np.float64)


def _days_known(some: Some) -> Column:
    first = some.profiles["first_day"].astype(np.float64)
    return np.where(first > 0, some.today - first, np.nan)


def _days_of_purchases(some: Some) -> Column:
    """On how many days something was bought for the last time: at most those with an order."""
    span = int(some.ago.max(initial=0)) + 1
    days = np.sort(some.whose * span + some.ago.astype(np.int64))
    days = days[np.diff(days, prepend=-1) > 0]
    return np.bincount(days // span, minlength=some.rows.size).astype(np.float64)


_SEEN = (
    Number(
        name="different items",
        families=(FREQUENCY,),
        of=lambda some: some.summed(np.ones(some.whose.size)),
        grows=True,
    ),
    Number(
        name="items bought",
        families=(FREQUENCY,),
        of=lambda some: some.summed(some.times),
        grows=True,
        is_told=False,
    ),
    Number(
        name="money at today's prices",
        families=(MONEY, FREQUENCY),
        of=lambda some: some.summed(some.times * some.prices[some.items]),
        grows=True,
        is_told=False,
    ),
    Number(
        name="mean price of the items bought",
        families=(MONEY,),
        of=lambda some: some.mean(some.prices[some.items]),
    ),
    Number(
        name="days of last purchases",
        families=(FREQUENCY,),
        of=_days_of_purchases,
        grows=True,
        is_told=False,
    ),
    Number(
        name="orders of the item bought most",
        families=(FREQUENCY,),
        of=lambda some: -some.least(-some.times),
        grows=True,
        is_told=False,
    ),
    Number(
        name="share of items bought again",
        families=(FREQUENCY,),
        of=lambda some: some.mean((some.times > 1).astype(np.float64)),
    ),
    Number(
        name="days since the last purchase",
        families=(RECENCY,),
        of=lambda some: some.least(some.ago),
    ),
    Number(
        name="days since an item was last bought",
        families=(RECENCY,),
        of=lambda some: some.mean(some.ago),
        is_told=False,
    ),
)
_OF_PROFILES = (
    Number(name="orders", families=(FREQUENCY,), of=_of_profile("orders"), grows=True),
    Number(name="days since the first purchase", families=(RECENCY,), of=_days_known, grows=True),
    Number(
        name="value so far",
        families=(MONEY, FREQUENCY),
        of=_of_profile("historic_clv"),
        grows=True,
    ),
    Number(
        name="average order value",
        families=(MONEY,),
        of=_of_profile("average_order_value"),
        grows=True,
    ),
    Number(
        name="expected value",
        families=(MONEY, FREQUENCY, RECENCY),
        of=lambda some: some.profiles["predicted_clv"][:, 0],
        grows=True,
    ),
    Number(
        name="expected spend",
        families=(MONEY, FREQUENCY, RECENCY),
        of=lambda some: some.profiles["spend"][:, -1, 0],
        grows=True,
        is_told=False,
    ),
    Number(
        name="churn probability",
        families=(RECENCY, FREQUENCY, MONEY),
        of=lambda some: 1 - some.profiles["alive"],
    ),
    Number(
        name="probability of an order within 4 weeks",
        families=(FREQUENCY, RECENCY, MONEY),
        of=lambda some: some.profiles["buys"][:, _SOON],
    ),
    Number(
        name="silence in usual intervals",
        families=(RECENCY, FREQUENCY),
        of=_of_profile("silence"),
        grows=True,
        is_told=False,
    ),
    Number(name="discount sensitivity", families=(OFFERS,), of=_of_profile("discount_sensitivity")),
    Number(
        name="returned orders",
        families=(FEELINGS,),
        of=_of_profile("returned_orders"),
        grows=True,
    ),
    Number(name="complaints", families=(FEELINGS,), of=_of_profile("complaints"), grows=True),
)
NUMBERS = (*(replace(number, is_of_what_is_seen=True) for number in _SEEN), *_OF_PROFILES)
"""All of them; what is of the past purchases first."""
