"""Every model of one shop, fitted on what was bought before one moment."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import scipy.sparse as sp

from models.arrays import Mask, Scores
from models.ranking import normalised
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
from models.shaping.blend import Opinions
from training.data.purchases import Purchases
from training.fit import (
    collaborative,
    copurchase,
    ease,
    neighbours,
    popularity,
    repurchase,
    transitions,
)

FAST_DAYS = 30.0
SLOW_DAYS = (120.0, 240.0, 1000.0)
"""How slowly habits may fade; a shop's validation window picks one."""
BLOCK = 256
"""Customers scored at a time: some 16 MB an opinion at 16,000 items."""


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Fitted models, and the purchases they know."""

    purchases: Purchases
    popularity: Popularity
    trend: Scores
    loyalty: Scores
    collaborative: collaborative.Fitted
    ease: ease.Ease
    copurchase: CoPurchase
    transitions: transitions.Fitted
    neighbours: neighbours.Neighbours

    @cached_property
    def facts(self) -> repurchase.Facts:
        """What each customer bought, counted and dated."""
        return repurchase.facts(self.purchases)

    @cached_property
    def _popular(self) -> Scores:
        return self.popularity.score()[: self.purchases.n_ranked]

    def habit(self, days: float) -> sp.csr_matrix:
        """Return faded counts, customers by items."""
        return repurchase.habit(self.purchases, days=days)

    def blocks(
        self, *, slow_days: float, only: Mask | None = None
    ) -> Iterator[tuple[int, Opinions]]:
        """Yield the opinions of all customers, with each block's first customer.

        Args:
            slow_days: How slowly habits fade.
            only: Shape ``(n_customers,)``: blocks without any of these are left out.
        """
        slow, fast = self.habit(slow_days), self.habit(FAST_DAYS)
        for begin in range(0, self.purchases.n_customers, BLOCK):
            end = min(begin + BLOCK, self.purchases.n_customers)
            if only is not None and not only[begin:end].any():
                continue
            liked = self.collaborative.customers[begin:end] @ self.collaborative.model.items.T
            yield (
                begin,
                Opinions(
                    slow=normalised(slow[begin:end].toarray()),
                    fast=normalised(fast[begin:end].toarray()),
                    ease=normalised(self.ease.score(begin, end)),
                    collaborative=normalised(liked),
                    popularity=self._popular,
                    trend=self.trend,
                    loyalty=self.loyalty,
                    transitions=normalised(self.transitions.score(begin, end)),
                    neighbours=normalised(self.neighbours.score(begin, end)),
                ),
            )


def fit(
    purchases: Purchases, *, seed: int, step: Callable[[str], None] = lambda _name: None
) -> Shop:
    """Fit every model.

    Args:
        purchases: What teaches.
        seed: Makes two runs equal.
        step: Told the name of each model before it is fitted.
    """
    step("what sells, its trend and its loyalty")
    popular = popularity.fit(purchases)
    trend, loyalty = popularity.trend(purchases), popularity.loyalty(purchases)
    step("what goes together")
    together = copurchase.fit(purchases)
    step("what follows what")
    told = transitions.orders(purchases)
    follows = transitions.fit(told)
    step("customers who buy alike")
    alike = neighbours.fit(purchases, told)
    step("EASE")
    explained = ease.fit(purchases)
    step("collaborative factors")
    return Shop(
        purchases=purchases,
        popularity=popular,
        trend=trend,
        loyalty=loyalty,
        collaborative=collaborative.fit(purchases, seed=seed),
        ease=explained,
        copurchase=together,
        transitions=follows,
        neighbours=alike,
    )
