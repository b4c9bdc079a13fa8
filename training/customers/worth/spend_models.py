"""Forecasts of what each customer will spend: the candidates that a back-test chooses among.

    MBG/NBD, Pareto/NBD     purchases to come, times the worth of an order
    averages of 8 … 26 w    spend a week so far, the older counting less
    last period             what was spent in as many weeks before
    mending trees           the mean of the first and an average, mended by trees
    trees                   on recency, frequency and money alone

Each foretells a mean, so that sums over customers are forecasts of sums.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from training.customers.worth.buying import Buying
from training.customers.worth.past import DAYS_PER_WEEK, following, history_days, then
from training.customers.worth.seen import HALF_LIVES_WEEKS, Seen
from training.customers.worth.spend_trees import ALONE, MENDING, Features, SpendTrees
from training.data.orders import Orders
from training.fit.repeat_buying import Numbers

LESSONS = (1.0, 4 / 3, 5 / 3)
"""How many windows ago the moments are that trees learn from."""
N_MODELLED = 4
LEAST_BEFORE = 1 / 3
"""How many windows of history such a moment needs before it."""
LAST_PERIOD = "last period"
"""A yardstick: it is told how far off it is, and is never chosen."""
MENDED = "MBG/NBD"
BEGUN_FROM = HALF_LIVES_WEEKS.index(8)
"""The purchase model and the average whose mean the trees mend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SpendModels:
    """What was learned by a moment."""

    weeks: float
    """How far the forecasts look."""
    buying: Mapping[str, Buying]
    """By the name of the process."""
    mending: SpendTrees | None
    """None where too few customers have a past long enough."""
    trees: SpendTrees | None

    @classmethod
    def fit(cls, orders: Orders, *, weeks: float, seed: int) -> Self:
        """Learn from all orders up to now.

        Args:
            orders: Of some customers or all.
            weeks: How far to look, above 0.
            seed: Where chance begins.

        Raises:
            NothingToLearn: Nobody came back, or nobody paid.
        """
        buying = Buying.fit(Seen.of(orders, weeks=weeks))
        mending, trees = _trees(orders, buying[MENDED], weeks=weeks, seed=seed)
        return cls(weeks=weeks, buying=buying, mending=mending, trees=trees)

    def spend(self, seen: Seen) -> dict[str, Numbers]:
        """Return what each customer will spend within ``weeks``, by each candidate there is."""
        bought = {
            f"{name} × Gamma-Gamma": buying.purchases(seen.counts, weeks=self.weeks)
            * buying.worth(seen)
            for name, buying in self.buying.items()
        }
        told = {
            f"average, half-life {half_life:g} weeks": average * self.weeks
            for half_life, average in zip(HALF_LIVES_WEEKS, seen.averages, strict=True)
        }
        told[LAST_PERIOD] = seen.last * self.weeks
        features, simple = lesson(seen, self.buying[MENDED], weeks=self.weeks)
        if self.mending:
            told["mending trees"] = self.mending.mended(features, simple)
        if self.trees:
            told["trees"] = self.trees.mended(alone(features), None)
        return bought | told


def lesson(seen: Seen, buying: Buying, *, weeks: float) -> tuple[Features, Numbers]:
    """Return what trees go by, and the simple forecast that they mend.

    They see recency, frequency and money, and in the last ``N_MODELLED`` columns what the purchase
    model makes of these.
    """
    counts = seen.counts
    alive, worth = buying.alive(counts), buying.worth(seen)
    purchases = alive * buying.purchases_if_alive(counts, weeks=weeks)
    features = [
        counts.frequency,
        counts.recency,
        counts.age,
        counts.age - counts.recency,
        seen.paid,
        seen.per_day,
        seen.last,
        *seen.averages,
        purchases,
        alive,
        worth,
        purchases * worth,
    ]
    simple = (purchases * worth + seen.averages[BEGUN_FROM] * weeks) / 2
    return np.stack(features, axis=1), simple


def alone(features: Features) -> Features:
    """Return the features that need no purchase model."""
    return features[:, :-N_MODELLED]


def _trees(
    orders: Orders, buying: Buying, *, weeks: float, seed: int
) -> tuple[SpendTrees | None, SpendTrees | None]:
    """Teach both kinds of trees with moments of the past, as far as history reaches."""
    window = weeks * DAYS_PER_WEEK
    lessons: list[tuple[Features, Numbers, Numbers]] = []
    for windows in LESSONS:
        if windows * window > history_days(orders) - LEAST_BEFORE * window:
            break
        moment = then(orders, windows * window)
        features, simple = lesson(Seen.of(moment.orders, weeks=weeks), buying, weeks=weeks)
        lessons.append((features, simple, following(orders, moment, window).spend))
    if not lessons:
        return None, None
    features, simple, spend = (np.concatenate(column) for column in zip(*lessons, strict=True))
    return (
        SpendTrees.fit(features, simple, spend, size=MENDING, seed=seed),
        SpendTrees.fit(alone(features), None, spend, size=ALONE, seed=seed),
    )
