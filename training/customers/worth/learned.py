"""All that foretells value, learned from a shop's orders: the choice, and how far it errs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from training.customers.worth.back_test import (
    LEAST_WINDOW_WEEKS,
    Cut,
    back_test,
    error,
    errors,
    mean_error,
    mixed,
    shares,
    window_weeks,
)
from training.customers.worth.intervals import Spread
from training.customers.worth.misfit import Misfit
from training.customers.worth.outlook import Choice
from training.customers.worth.past import DAYS_PER_WEEK, history_days, of_customers
from training.customers.worth.seen import Seen
from training.customers.worth.spend_models import LAST_PERIOD, SpendModels
from training.customers.worth.tested import Tested, tested, wander
from training.customers.worth.wander import Wander
from training.data.orders import Orders
from training.errors import NothingToLearn

SAMPLE = 40_000
"""Customers that are learned from, where there are more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Models of today, and what their likes did in the past."""

    models: SpendModels
    choice: Choice
    cuts: tuple[Cut, ...]
    """Of the back-test, the latest first."""
    tested: Mapping[float, Tested]
    """By horizon in weeks."""
    wander: Wander | None
    """None where too little came to tell how the shop's level goes."""
    misfit: Misfit
    history: float
    """Days."""
    n_customers: int
    """How many were learned from."""

    def spread(self, weeks: float) -> Spread | None:
        """Return how spend scatters about the forecast; None where too little came to tell."""
        return self._stretched(self.tested[weeks].spend, weeks)

    def purchases_spread(self, weeks: float) -> Spread | None:
        """Return the same of purchases."""
        return self._stretched(self.tested[weeks].purchases, weeks)

    def _stretched(self, spread: Spread | None, weeks: float) -> Spread | None:
        if spread is None or self.wander is None:
            return None
        return spread.stretched(self.wander.times(weeks))

    def in_words(self) -> dict[str, Any]:
        """Return the choice for the release's manifest: what, why, and the figures."""
        best = errors(self.cuts)
        mix = shares_in_words(self.choice.mix)
        reached = mean_error(self.cuts, self.choice.mix)
        single, least = next(iter(best.items()))
        n_cuts = f"{len(self.cuts)} overlapping cuts" if len(self.cuts) > 1 else "1 cut"
        return {
            "chosen": mix,
            "purchases": self.choice.process,
            "why": f"least error and bias together over {self.models.weeks:.3g} weeks' spend in a "
            f"back-test of {n_cuts}, with a mean error of {reached:.3f} of the mean spent (by that "
            f"alone the best single forecast, {single}, reached {least:.3f}); who is still a "
            f"customer is told by {self.choice.process}",
            "weeks": round(self.models.weeks, 2),
            "customers": self.n_customers,
            "mix": {name: round(share, 2) for name, share in self.choice.mix.items()},
            "errors": {name: round(value, 4) for name, value in best.items()},
        }


def learn(
    orders: Orders, *, horizons: Sequence[float], seed: int, step: Callable[[str], None]
) -> Learned:
    """Choose by back-test, learn from all of history, and measure errors at each horizon.

    Args:
        orders: Of at least one customer.
        horizons: In weeks.
        seed: Where chance begins.
        step: Told what is being done.

    Raises:
        NothingToLearn: History is too short, or nobody came back.
    """
    history = history_days(orders)
    weeks = window_weeks(history)
    if not weeks:
        least = 3 * LEAST_WINDOW_WEEKS * DAYS_PER_WEEK
        raise NothingToLearn(
            f"history is {history:.0f} days long, and a forecast needs {least:.0f} to be learned "
            "from and tested on; train again when there are more"
        )
    some = sample(orders, seed=seed)
    cuts = back_test(some, weeks=weeks, seed=seed, step=step)
    if not cuts:
        raise NothingToLearn(
            "no customer who had bought before came back in the weeks that forecasts are tested "
            "on; train again when some have"
        )
    step("value: models of today")
    models = SpendModels.fit(some, weeks=weeks, seed=seed)
    today = models.spend(Seen.of(some, weeks=weeks))
    choice = Choice(
        mix=shares(cuts, among=[name for name in today if name != LAST_PERIOD]),
        process=_process(cuts),
    )
    return Learned(
        models=models,
        choice=choice,
        cuts=cuts,
        tested=tested(some, cuts, choice, horizons=horizons, seed=seed, step=step),
        wander=wander(some, cuts, choice),
        misfit=Misfit.fit([(mixed(cut.foretold, choice.mix), cut.came.spend) for cut in cuts]),
        history=history,
        n_customers=some.n_customers,
    )


def shares_in_words(mix: Mapping[str, float]) -> str:
    """Return a mix as a reader says it: ``60 % trees, 40 % last period``."""
    if len(mix) == 1:
        return next(iter(mix))
    return ", ".join(f"{share:.0%} {name}".replace("%", " %", 1) for name, share in mix.items())


def _process(cuts: Sequence[Cut]) -> str:
    """Return the purchase model that foretold purchases best."""

    def off(name: str) -> float:
        return float(
            np.mean(
                [
                    error(
                        cut.models.buying[name].purchases(cut.seen.counts, weeks=cut.models.weeks),
                        cut.came.days,
                    )
                    for cut in cuts
                ]
            )
        )

    return min(cuts[0].models.buying, key=off)


def sample(orders: Orders, *, seed: int) -> Orders:
    """Return the orders of as many customers as are learned from."""
    if orders.n_customers <= SAMPLE:
        return orders
    rng = np.random.default_rng(seed)
    return of_customers(orders, np.sort(rng.permutation(orders.n_customers)[:SAMPLE]))
