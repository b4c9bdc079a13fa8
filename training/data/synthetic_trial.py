"""Customers that never were, of whom it is known what an incentive does to each: for a trial.

Four kinds, after what an incentive does to them:

    sure things      buy anyway, and take the money too
    persuadables     buy seldom, and often if there is something in it
    sleeping dogs    buy less where somebody pushes
    lost causes      hardly buy

A kind shows in what the shop sees (how often they ordered, how much of it at a discount, how long
ago, how large the basket), and never for certain: it is drawn. So nobody who sees the columns alone
can reach what the truth would earn. What a policy earns here says that it works, not what it would
earn in a real shop.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

KINDS = ("sure thing", "persuadable", "sleeping dog", "lost cause")
DISCOUNTS = (0.0, 0.05, 0.15)
"""The arms of the trial, as shares of the basket."""
MARGIN = 0.3
"""Of the basket, before the discount."""
CHANCES = np.array(
    [[0.45, 0.46, 0.47], [0.08, 0.20, 0.36], [0.30, 0.22, 0.18], [0.02, 0.025, 0.03]]
)
"""To buy, by kind and arm."""
_APART = 0.15
"""By how much customers of a kind differ: standard deviation of the logarithm of a chance."""
_SHARP = 1.3
"""How clearly the columns tell the kind; 0 is not at all."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialCustomers:
    """Customers with what is seen of them, and what is true of them."""

    columns: Numbers
    """Shape ``(n, 4)``: log orders, share at a discount, log days since the last, log basket."""
    kinds: NDArray[np.intp]
    """Shape ``(n,)``, places in ``KINDS``."""
    chances: Numbers
    """To buy, shape ``(n, n_arms)``."""
    costs: Numbers
    """Money that the discount takes of a purchase, shape ``(n, n_arms)``."""
    keeps: Numbers
    """Money that is earned of a purchase, shape ``(n, n_arms)``."""

    def outcome(self, arms: NDArray[np.intp], rng: np.random.Generator) -> NDArray[np.bool_]:
        """Draw who buys if each is given the arm named, shape ``(n,)``."""
        chances = self.chances[np.arange(arms.size), arms]
        return np.asarray(rng.random(arms.size) < chances, dtype=np.bool_)


def trial_customers(n: int, rng: np.random.Generator) -> TrialCustomers:
    """Draw customers.

    Args:
        n: How many, at least 1.
        rng: Draws everything.
    """
    loyal, thrifty, away = rng.normal(size=(3, n))
    blur = rng.normal(0, 0.3, size=(3, n))
    basket = np.exp(3.4 + 0.1 * loyal + 0.4 * rng.normal(size=n))
    columns = np.column_stack(
        [
            1.2 + 0.7 * loyal + blur[0],
            expit(-0.8 + 1.3 * thrifty + blur[1]),
            3.2 + 0.7 * away - 0.3 * loyal + blur[2],
            np.log(basket),
        ]
    )
    leaning = np.column_stack(
        [
            1.6 * loyal - 0.8 * thrifty,
            1.6 * thrifty - 0.2 * loyal,
            0.6 * away - 1.2 * thrifty - 0.2,
            1.6 * away - 0.8 * loyal + 0.4,
        ]
    )
    kinds = np.argmax(_SHARP * leaning + rng.gumbel(size=leaning.shape), axis=1)
    apart = np.exp(rng.normal(0, _APART, size=(n, 1)))
    costs = basket[:, None] * np.array(DISCOUNTS)
    return TrialCustomers(
        columns=columns,
        kinds=kinds,
        chances=np.clip(CHANCES[kinds] * apart, 0, 0.95),
        costs=costs,
        keeps=MARGIN * basket[:, None] - costs,
    )
