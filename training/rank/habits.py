"""How often, how lately and how regularly customers buy something: an item, a kind, a brand.

One table for each grouping of items: a row a pair of customer and group that was ever bought.
Everything is counted in orders, however many items of the group one order held, and in days before
the moment of the fit.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from training.data.purchases import Purchases

NEVER = 999.0
"""Days since a purchase that never was; older ones than any shop remembers."""
FADES = (5.0, 14.0, 40.0, 120.0)
"""Days in which what counts falls to 1/e."""
WINDOW_DAYS = 28
N_WINDOWS = 6
AGES = ("last", "second", "third", "first")
"""Columns of days since an order: the latest, those before it, and the very first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The orders of every customer, dated."""

    starts: NDArray[np.int64]
    """Shape ``(n_customers + 1,)``."""
    customer: Rows
    age: NDArray[np.float64]
    """Shape ``(n_orders,)``: days; ascending within a customer."""

    @classmethod
    def of(cls, purchases: Purchases) -> "Orders":
        """Date every order of a known customer with an item with a model, by its first line."""
        lines = purchases.known
        lines = lines[np.argsort(-purchases.age_days[lines], kind="stable")]
        _, first = np.unique(purchases.order[lines], return_index=True)
        customer, age = purchases.customer[lines][first], purchases.age_days[lines][first]
        order = np.lexsort((age, customer))
        return cls(
            starts=np.searchsorted(customer[order], np.arange(purchases.n_customers + 1)),
            customer=customer[order],
            age=age[order],
        )

    def since(self, customer: Rows, age: Scores) -> Scores:
        """Return how many orders each customer made after ``age`` days before the fit."""
        span = float(self.age.max(initial=1)) + NEVER
        places = np.searchsorted(self.customer * span + self.age, customer * span + age - 1e-3)
        return (places - self.starts[customer]).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """A row a pair of customer and group, sorted by both; every column is of shape ``(n_rows,)``.

    Ages are in days; those of a purchase that never was are ``NEVER``.
    """

    n_groups: int
    keys: NDArray[np.int64]
    columns: dict[str, Scores]

    @classmethod
    def of(cls, purchases: Purchases, group: Rows, n_groups: int, orders: Orders) -> "Habits":
        """Count and date each customer's orders of each group.

        Args:
            purchases: What teaches.
            group: The group of each ranked item, 0 to ``n_groups - 1``.
            n_groups: How many there are.
            orders: Of the same purchases.
        """
        lines = purchases.known
        key = purchases.customer[lines].astype(np.int64) * n_groups + group[purchases.item[lines]]
        sort = np.lexsort((purchases.order[lines], purchases.age_days[lines], key))
        lines, key = lines[sort], key[sort]
        first = _begins(key)
        bought = {
            "last_quantity": purchases.quantity[lines][first],
            "last_on_offer": purchases.saved[lines][first] > 0,
            "quantity": np.add.reduceat(purchases.quantity[lines], first),
            "spend": np.add.reduceat(purchases.spend[lines], first),
            "on_offer": np.add.reduceat((purchases.saved[lines] > 0).astype(np.float32), first),
            "lines": np.diff(np.append(first, lines.size)),
        }
        order = purchases.order[lines]
        once = np.ones(lines.size, dtype=np.bool_)
        once[1:] = (key[1:] != key[:-1]) | (order[1:] != order[:-1])
        key, age = key[once], purchases.age_days[lines][once]
        dated = _dated(key, age)
        customer = (np.unique(key) // n_groups).astype(np.int32)
        dated["orders_since"] = orders.since(customer, dated["last"])
        dated["orders_from_first"] = orders.since(customer, dated["first"] + 1e-2)
        return cls(
            n_groups=n_groups,
            keys=key[_begins(key)],
            columns={
                name: np.asarray(column, dtype=np.float32)
                for name, column in (bought | dated).items()
            },
        )

    def find(self, customer: Rows, group: Rows) -> "Found":
        """Look pairs up."""
        wanted = customer.astype(np.int64) * self.n_groups + group
        places = np.minimum(np.searchsorted(self.keys, wanted), max(self.keys.size - 1, 0))
        return Found(habits=self, places=places, known=self.keys[places] == wanted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Rows of a table for pairs that may or may not be in it."""

    habits: Habits
    places: NDArray[np.intp]
    known: NDArray[np.bool_]

    def __getitem__(self, name: str) -> Scores:
        """Return a column for the pairs; 0, or ``NEVER`` for an age, where never bought."""
        absent = NEVER if name in AGES else 0.0
        return self.take(self.habits.columns[name], absent=absent)

    def take(self, column: Scores, *, absent: float = 0.0) -> Scores:
        """Return any column of the table's length for the pairs."""
        return np.where(self.known, column[self.places], np.float32(absent)).astype(np.float32)


def _begins(key: NDArray[np.int64]) -> NDArray[np.intp]:
    begins = np.ones(key.size, dtype=np.bool_)
    begins[1:] = key[1:] != key[:-1]
    return np.flatnonzero(begins)


def _dated(key: NDArray[np.int64], age: NDArray[np.float64]) -> dict[str, Scores]:
    """Count and date orders: ``key`` ascending, ages ascending within each."""
    first = _begins(key)
    end = np.append(first, key.size)[1:]
    times = end - first
    window = age // WINDOW_DAYS
    last, oldest = age[first], age[end - 1]
    every = np.where(times > 1, (oldest - last) / np.maximum(times - 1, 1), 0)
    gaps = np.diff(age, prepend=0)
    gaps[first] = 0
    spread = np.add.reduceat(gaps**2, first) / np.maximum(times - 1, 1) - every**2

    def nth(n: int) -> NDArray[np.float64]:
        return np.where(times > n, age[np.minimum(first + n, age.size - 1)], NEVER)

    return (
        {
            "times": times,
            "last": last,
            "second": nth(1),
            "third": nth(2),
            "first": oldest,
            "every": every,
            "every_spread": np.where(times > 2, np.sqrt(np.maximum(spread, 0)), 0),
            "windows": np.sum(
                [np.logical_or.reduceat(window == place, first) for place in range(N_WINDOWS)],
                axis=0,
            ),
        }
        | {
            f"in_{days}": np.add.reduceat((age <= days).astype(np.float32), first)
            for days in (14, 28, 56)
        }
        | {f"faded_{days:g}": np.add.reduceat(np.exp(-age / days), first) for days in FADES}
    )
