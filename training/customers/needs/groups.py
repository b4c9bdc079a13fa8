"""Groups of customers with like needs: found among some, and every customer is sorted into one.

A need shows in every half of a customer's orders, and in every half of the customers. So groups
are looked for only along the axes on which the two halves of customers' orders agree, ``k`` groups
along ``k - 1`` of them; and a number of groups counts only if all are found again (``stability``).
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.customers.needs.clusters import Labels, Points, kappa, nearest
from training.customers.needs.directions import Needs, directions
from training.customers.needs.spending import Customers, Spending
from training.customers.needs.stability import Grouped, tried

LEAST_AGREEMENT = 0.3
"""Correlation of customers' places on an axis by one half of their orders and by the other: chance
reached .13 in made-up shops with needs planted in them, and planted needs began at .39."""
_CELLS = 20_000_000
"""Customers times categories that are in memory at a time."""

Halves = tuple[Spending, Spending]


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedGroups:
    """Groups by the directions in which their customers lean."""

    space: Needs
    centres: Points
    """Shape ``(n_groups, n_axes)``."""

    def sort(self, spent: Spending, customers: Customers) -> Labels:
        """Return the group of each of ``customers``, some at a time: millions fit."""
        k = self.centres.shape[0]
        at_a_time = max(1, _CELLS // max(1, spent.money.shape[1]))
        pieces = np.array_split(customers, 1 + customers.size // at_a_time)
        return np.concatenate(
            [
                nearest(directions(_coordinates(self.space, spent, piece), k), self.centres)
                for piece in pieces
            ]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The groups, and what was seen on the way to them."""

    groups: NeedGroups | None
    """None where customers' halves agree on no axis, or no number of groups is stable."""
    axes: NDArray[np.float64]
    """Shape ``(n_axes,)``: how far the halves of customers' orders agree on each, the widest
    first; 0 where an axis does not vary."""
    tried: Mapping[int, Grouped]
    """By number of groups; empty where the halves agree on no axis."""
    kappa: float
    """How far the halves of a customer's orders say the same group, beyond chance; nan where there
    are no groups."""


def fit(
    spent: Spending,
    halves: Halves,
    customers: Customers,
    *,
    most: int,
    rng: np.random.Generator,
) -> Found:
    """Find as many groups as are stable.

    Args:
        spent: By customer and category.
        halves: Likewise, by one half of each customer's orders and by the other.
        customers: Who teaches, all of whom bought something.
        most: The largest number of groups, 2 or more.
        rng: Halves the customers, and begins the groups.
    """
    space = Needs.of(spent.money[customers], spent.lines[customers])
    axes = _agreement(*(_coordinates(space, half, customers) for half in halves))
    n_axes = int(np.cumprod(axes >= LEAST_AGREEMENT).sum())
    placed = _coordinates(space, spent, customers)
    several = tried(lambda k: directions(placed, k), most=min(most, n_axes + 1), rng=rng)
    k = max((k for k, one in several.items() if one.is_stable), default=None)
    if k is None:
        return Found(groups=None, axes=axes, tried=several, kappa=float("nan"))
    groups = NeedGroups(space=space, centres=several[k].centres)
    agreed = kappa(*(groups.sort(half, customers) for half in halves))
    return Found(groups=groups, axes=axes, tried=several, kappa=agreed)


def _agreement(one: Points, other: Points) -> NDArray[np.float64]:
    """Return the correlation of two columns of each number."""
    left, right = (half - half.mean(axis=0, dtype=np.float64) for half in (one, other))
    length = np.sqrt(np.square(left).sum(axis=0) * np.square(right).sum(axis=0))
    return np.asarray((left * right).sum(axis=0) / np.where(length > 0, length, np.inf))


def _coordinates(space: Needs, spent: Spending, customers: Customers) -> Points:
    return space.coordinates(spent.money[customers], spent.lines[customers])
