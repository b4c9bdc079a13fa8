"""Every model of one shop, fitted on what was bought before one moment."""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy.sparse as sp

from models.arrays import Mask, Rows, Scores
from models.ranking import normalised
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity
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
from training.fit.opinions import N_HEAD, Block, normalised_rows, split

FAST_DAYS = 30.0
SLOW_DAYS = (120.0, 240.0, 1000.0)
"""How slowly habits may fade; a shop's validation window picks one."""
TASTES = ("ease", "collaborative", "transitions", "neighbours")
"""Opinions on what was never bought."""
BLOCK = 128
"""Customers scored at a time, 128 at most, since a place has 7 bits in ``records``: 8 MB a dense
opinion, which processors keep at hand."""


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
    def _common(self) -> dict[str, Scores]:
        popular = self.popularity.score()[: self.purchases.n_ranked]
        return {"popularity": popular, "trend": self.trend, "loyalty": self.loyalty}

    @property
    def n_head(self) -> int:
        """How many items, the best-selling, everybody is scored on."""
        return min(self.purchases.n_ranked, N_HEAD)

    def habit(self, days: float) -> sp.csr_matrix:
        """Return faded counts, customers by items."""
        return repurchase.habit(self.purchases, days=days)

    def blocks(
        self, *, slow_days: float, only: Mask | None = None, heeded: Container[str] = TASTES
    ) -> Iterator[Block]:
        """Yield the opinions on customers, a block of them at a time, in row order.

        What is said of a customer does not depend on who else is asked about.

        Args:
            slow_days: How slowly habits fade.
            only: Shape ``(n_customers,)``: whom to ask about; None is everybody.
            heeded: Which tastes are wanted.
        """
        n = self.purchases.n_customers
        rows = np.arange(n) if only is None else np.flatnonzero(only)
        slow, fast = self.habit(slow_days), self.habit(FAST_DAYS)
        for begin in range(0, rows.size, BLOCK):
            customers = rows[begin : begin + BLOCK].astype(np.int32)
            dense, sparse = self._tastes(customers, heeded)
            sparse["slow"] = normalised_rows(slow[customers])
            sparse["fast"] = normalised_rows(fast[customers])
            yield Block(
                customers=customers,
                n_head=self.n_head,
                dense=dense,
                sparse=sparse,
                common=self._common,
            )

    def _tastes(
        self, customers: Rows, heeded: Container[str]
    ) -> tuple[dict[str, Scores], dict[str, sp.csr_matrix]]:
        """Return what tastes say of the head, and of the tail."""
        dense, sparse = {}, {}
        for name, scores in {"ease": self._explained, "collaborative": self._liked}.items():
            if name in heeded:
                dense[name] = scores(customers)
        for name, told in {
            "transitions": self.transitions.score,
            "neighbours": self.neighbours.score,
        }.items():
            if name in heeded:
                dense[name], sparse[name] = split(normalised_rows(told(customers)), self.n_head)
        return dense, sparse

    def _explained(self, customers: Rows) -> Scores:
        told = normalised(self.ease.score(customers)[:, : self.n_head])
        scores = np.zeros((customers.size, self.n_head), dtype=np.float32)
        scores[:, : told.shape[1]] = told
        return scores

    def _liked(self, customers: Rows) -> Scores:
        """Multiply as many rows whoever is asked about: others would be rounded otherwise."""
        padded = np.pad(customers, (0, BLOCK - customers.size), mode="edge")
        head = self.collaborative.model.items[: self.n_head]
        return normalised((self.collaborative.customers[padded] @ head.T)[: customers.size])


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
