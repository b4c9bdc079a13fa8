"""A simulated shop where it is known what an incentive does to each: what our choice earns there.

A trial of 30,000 customers, a third under each arm, teaches; 50,000 others are given the arm that
our choice finds for them, and what that earns and costs is read off their true chances. Beside it:

    nobody           no incentive
    everybody        the cheapest incentive for all
    highest mean     ours without the standard errors: any gain that is expected is taken
    oracle           the arm that truly earns most of each, as no shop can know it
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.data.synthetic_trial import DISCOUNTS, TrialCustomers, trial_customers
from training.fit.incentives import Arm, choose

N_TRIAL = 30_000
N_LATER = 50_000
N_SHOPS = 10
NOBODY, EVERYBODY, OURS, MEAN, ORACLE = "nobody", "everybody", "ours", "highest mean", "oracle"
WAYS = (NOBODY, EVERYBODY, OURS, MEAN, ORACLE)
PROFIT = "of the oracle's profit"
ADDED = "of what incentives can add"
COST = "of everybody's incentive cost"
FIGURES = (PROFIT, ADDED, COST)


class Outcome(NamedTuple):
    """What one way to give incentives came to, in money per customer."""

    profit: float
    incentives: float
    """Given to who bought."""


def shops(seed: int) -> dict[str, float]:
    """Return the figures of ten shops: means, lowest and highest.

    Args:
        seed: Makes the shops.
    """
    made = [shop(np.random.default_rng([seed, number])) for number in range(N_SHOPS)]
    return {
        f"simulated shop, {name}: {figure}{which}": float(of(values))
        for name in made[0]
        for figure, values in _figures(made, name).items()
        for which, of in ((", mean", np.mean), (", lowest", np.min), (", highest", np.max))
    }


def shop(rng: np.random.Generator) -> dict[str, Outcome]:
    """Return what each way comes to in one shop."""
    arms = trial(trial_customers(N_TRIAL, rng), rng)
    later = trial_customers(N_LATER, rng)
    n = len(later.kinds)
    expected = np.column_stack([arm.chances(later.columns)[0] for arm in arms]) * later.keeps
    given = {
        NOBODY: np.zeros(n, dtype=np.intp),
        EVERYBODY: np.ones(n, dtype=np.intp),
        OURS: choose(arms, later.columns, keeps=later.keeps),
        MEAN: expected.argmax(axis=1),
        ORACLE: (later.chances * later.keeps).argmax(axis=1),
    }
    return {name: outcome(later, arm) for name, arm in given.items()}


def trial(customers: TrialCustomers, rng: np.random.Generator) -> list[Arm]:
    """Give each customer an arm by lot, see who buys, and learn from it."""
    n = len(customers.kinds)
    given = rng.integers(len(DISCOUNTS), size=n)
    bought = customers.outcome(given, rng)
    return [
        Arm.of(customers.columns[given == arm], bought[given == arm])
        for arm in range(len(DISCOUNTS))
    ]


def outcome(customers: TrialCustomers, given: NDArray[np.intp]) -> Outcome:
    """Return what it truly comes to, where each customer is given an arm."""
    everybody = np.arange(given.size)
    chances = customers.chances[everybody, given]
    return Outcome(
        profit=float((chances * customers.keeps[everybody, given]).mean()),
        incentives=float((chances * customers.costs[everybody, given]).mean()),
    )


def _figures(made: Sequence[Mapping[str, Outcome]], name: str) -> dict[str, NDArray[np.float64]]:
    profit, spent = (np.array([one[name][place] for one in made]) for place in (0, 1))
    most, none = (np.array([one[other].profit for one in made]) for other in (ORACLE, NOBODY))
    cost = np.array([one[EVERYBODY].incentives for one in made])
    return {
        PROFIT: profit / most,
        ADDED: (profit - none) / (most - none),
        COST: spent / cost,
    }
