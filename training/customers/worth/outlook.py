"""The forecast that was chosen, as of a moment: what customers will do within any horizon.

The mix of candidates says what each will spend within the window that was back-tested. Other
horizons follow from the purchase model: as much more, or less, as it expects purchases of who is
still a customer to be within them. So horizons agree with each other, and who is on the way out
fades over the long ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from training.customers.worth.back_test import mixed
from training.customers.worth.buying import Buying
from training.customers.worth.seen import Seen
from training.customers.worth.spend_models import SpendModels
from training.fit.repeat_buying import Counts, Numbers, discounted

WEEKS_PER_YEAR = 52


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What back-tests chose."""

    mix: Mapping[str, float]
    """Shares of the candidates of spend."""
    process: str
    """The purchase model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """What some customers will do; every answer of shape ``(n_customers,)``."""

    seen: Seen
    buying: Buying
    alive: Numbers
    """Probability that each is still a customer."""
    level: Numbers
    """Spend within ``weeks``."""
    weeks: float
    _distinct: Counts
    """Distinct pairs of frequency and age, on which the horizons depend."""
    _pair: NDArray[np.intp]

    @classmethod
    def of(cls, seen: Seen, models: SpendModels, choice: Choice) -> "Outlook":
        """Look ahead from where customers were seen."""
        buying = models.buying[choice.process]
        distinct, pair = _pairs(seen.counts)
        return cls(
            seen=seen,
            buying=buying,
            alive=buying.alive(seen.counts),
            level=mixed(models.spend(seen), choice.mix),
            weeks=models.weeks,
            _distinct=distinct,
            _pair=pair,
        )

    def purchases(self, weeks: float) -> Numbers:
        """Return on how many days within ``weeks`` each will buy."""
        return self.alive * self.buying.purchases_if_alive(self._distinct, weeks=weeks)[self._pair]

    def spend(self, weeks: float) -> Numbers:
        """Return the money each will pay within ``weeks``."""
        return self.level * self._times(weeks)[self._pair]

    def lifetime(self, weeks: float, *, annual_rate: float) -> Numbers:
        """Return the same, what comes later counting less: a year later 1 / (1 + annual rate)."""
        weekly = float(np.log1p(annual_rate)) / WEEKS_PER_YEAR
        return self.level * discounted(self._times, weeks=weeks, weekly_rate=weekly)[self._pair]

    def _times(self, weeks: float) -> Numbers:
        """Return by how much spend within ``weeks`` is that within the window, a number a pair."""
        bought = partial(self.buying.purchases_if_alive, self._distinct)
        return bought(weeks=weeks) / bought(weeks=self.weeks)


def _pairs(counts: Counts) -> tuple[Counts, NDArray[np.intp]]:
    """Return distinct frequencies and ages, and each customer's."""
    frequencies, ages = counts.frequency, np.rint(counts.age * 7).astype(np.int64)
    key = frequencies * (ages.max(initial=0) + 1) + ages
    _, first, pair = np.unique(key, return_index=True, return_inverse=True)
    return Counts(
        frequency=frequencies[first],
        recency=counts.recency[first],
        age=counts.age[first],
        weight=np.ones(first.size),
    ), pair
