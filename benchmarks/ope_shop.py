"""A simulated shop whose policies' true values are known, for ``benchmarks.ope``.

Ten offers, customers of four features, and a reward that depends on both. Every policy is a softmax
over the same liking, mixed with some even chance: the colder it is, the surer it chooses.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from training.judge.evidence import Numbers
from training.judge.off_policy import Decisions

N_ACTIONS = 10
N_FEATURES = 4
_MANY = 200_000
"""Customers over whom a policy's true value is averaged."""

Reward = Literal["often", "rare", "spend"]
COMMON: dict[Reward, float] = {"often": -1.0, "rare": -5.0, "spend": -3.0}
"""Log-odds of a reward before customer and offer count: about 30 %, 1 % and 6 % have one."""
SPEND = (3.0, 1.0)
"""Mean and deviation of the logarithm of what is spent, by who spends."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How surely it chooses what it likes, and how often it chooses at random."""

    sureness: float
    at_random: float


@dataclass(frozen=True, slots=True)
class Shift:
    """The policy that is logged, and the other."""

    logged: Policy
    other: Policy


SHIFTS = {
    "mild": Shift(Policy(0.3, 0.3), Policy(1.0, 0.1)),
    "medium": Shift(Policy(-0.3, 0.2), Policy(1.5, 0.05)),
    "hard": Shift(Policy(-2.0, 0.01), Policy(3.0, 0.0)),
}
"""At 10,000 decisions, some 7,700, 3,000 and 50 effective ones; in the hard one many of the other's
choices were never tried."""


class Shop:
    """Customers, offers and what comes of them."""

    def __init__(self, reward: Reward) -> None:
        """Make the shop, always the same."""
        rng = np.random.default_rng(1)
        self._by_feature = rng.normal(size=(N_FEATURES, N_ACTIONS)) / np.sqrt(N_FEATURES)
        self._by_action = rng.normal(size=N_ACTIONS)
        self._reward: Reward = reward

    def value(self, policy: Policy) -> float:
        """Return what a policy earns a decision."""
        customers = np.random.default_rng(99).normal(size=(_MANY, N_FEATURES))
        return float((self._chosen(customers, policy) * self._means(customers)).sum(axis=1).mean())

    def log(self, n: int, shift: Shift, rng: np.random.Generator) -> Decisions:
        """Return ``n`` logged decisions, with a reward model that is wrong by a third."""
        customers, rows = rng.normal(size=(n, N_FEATURES)), np.arange(n)
        chances, others = (self._chosen(customers, one) for one in (shift.logged, shift.other))
        means = self._means(customers)
        drawn = (chances.cumsum(axis=1) < rng.random((n, 1))).sum(axis=1)
        action = np.minimum(drawn, N_ACTIONS - 1)
        foretold = 0.7 * means + 0.3 * means.mean()
        return Decisions(
            propensity=chances[rows, action],
            reward=self._came(means[rows, action], rng),
            target=others[rows, action],
            estimates=(foretold[rows, action], (others * foretold).sum(axis=1)),
            case=rows,
        )

    def _liking(self, customers: Numbers) -> NDArray[np.float64]:
        return np.asarray(customers @ self._by_feature + self._by_action)

    def _chosen(self, customers: Numbers, policy: Policy) -> NDArray[np.float64]:
        liking = self._liking(customers) * policy.sureness
        chances = np.exp(liking - liking.max(axis=1, keepdims=True))
        chances /= chances.sum(axis=1, keepdims=True)
        return np.asarray((1 - policy.at_random) * chances + policy.at_random / N_ACTIONS)

    def _means(self, customers: Numbers) -> NDArray[np.float64]:
        odds = COMMON[self._reward] + self._liking(customers) / 1.5
        chances = 1 / (1 + np.exp(-odds))
        if self._reward == "spend":
            chances *= np.exp(SPEND[0] + SPEND[1] ** 2 / 2)
        return np.asarray(chances)

    def _came(self, means: Numbers, rng: np.random.Generator) -> Numbers:
        if self._reward != "spend":
            return (rng.random(means.size) < means).astype(np.float64)
        each = np.exp(SPEND[0] + SPEND[1] ** 2 / 2)
        bought = rng.random(means.size) < means / each
        return np.asarray(bought * np.exp(rng.normal(*SPEND, means.size)))
