"""Buy till they leave: how often customers will buy, times what an order of theirs is worth.

How often comes from MBG/NBD or Pareto/NBD, what an order is worth from Gamma-Gamma. P(alive) is
theirs too, and never that of BG/NBD, which holds every one-time buyer for a customer for ever.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np
from numpy.typing import ArrayLike

from training.customers.worth.past import DAYS_PER_WEEK
from training.customers.worth.seen import Seen
from training.fit.gamma_gamma import GammaGamma
from training.fit.mbg_nbd import MBGNBD
from training.fit.pareto_nbd import ParetoNBD
from training.fit.repeat_buying import Counts, Numbers


class Process(Protocol):
    """How customers come back, and leave: of frequency, recency and age."""

    def alive(self, frequency: ArrayLike, recency: ArrayLike, age: ArrayLike, /) -> Numbers:
        """Return the probability that each is still a customer."""

    def purchases_if_alive(self, weeks: float, frequency: ArrayLike, age: ArrayLike, /) -> Numbers:
        """Return how many purchases each who is still a customer makes in the next weeks."""


PROCESSES: Mapping[str, type[MBGNBD] | type[ParetoNBD]] = {
    "MBG/NBD": MBGNBD,
    "Pareto/NBD": ParetoNBD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Buying:
    """What was learned of all customers together."""

    process: Process
    money: GammaGamma

    @classmethod
    def fit(cls, seen: Seen) -> dict[str, Self]:
        """Learn from customers, by the name of each process.

        Raises:
            NothingToLearn: Nobody came back, or nobody paid.
        """
        counts = seen.counts
        money = GammaGamma.fit(seen.per_day, counts.frequency + 1, counts.weight)
        return {
            name: cls(process=process.fit(counts), money=money)
            for name, process in PROCESSES.items()
        }

    def alive(self, counts: Counts) -> Numbers:
        """Return the probability that each is still a customer."""
        return self.process.alive(counts.frequency, counts.recency, counts.age)

    def purchases_if_alive(self, counts: Counts, *, weeks: float) -> Numbers:
        """Return on how many days each who is still a customer will buy: at most on all."""
        expected = self.process.purchases_if_alive(weeks, counts.frequency, counts.age)
        return np.minimum(expected, DAYS_PER_WEEK * weeks)

    def purchases(self, counts: Counts, *, weeks: float) -> Numbers:
        """Return on how many of the days to come each will buy."""
        return self.alive(counts) * self.purchases_if_alive(counts, weeks=weeks)

    def worth(self, seen: Seen) -> Numbers:
        """Return the money of a day on which they buy."""
        return self.money.expected(seen.per_day, seen.counts.frequency + 1)
