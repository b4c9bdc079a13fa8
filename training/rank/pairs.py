"""Customers and items to be scored, one customer's after another's."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Flat columns, so that a feature is computed for all customers of a block at once."""

    customers: Rows
    """Shape ``(n_customers,)``: whose pairs these are."""
    starts: NDArray[np.int64]
    """Shape ``(n_customers + 1,)``: where each one's pairs begin and end."""
    customer: Rows
    """Shape ``(n_pairs,)``."""
    item: Rows
    """Shape ``(n_pairs,)``: ascending within a customer."""

    @classmethod
    def of(cls, items: dict[int, Rows]) -> "Pairs":
        """Return the pairs of each customer with its items."""
        sizes = np.array([rows.size for rows in items.values()], dtype=np.int64)
        customers = np.array(list(items), dtype=np.int32)
        return cls(
            customers=customers,
            starts=np.concatenate([[0], np.cumsum(sizes)]),
            customer=np.repeat(customers, sizes),
            item=np.concatenate([*items.values(), np.empty(0, np.int32)]).astype(np.int32),
        )

    def __len__(self) -> int:
        """Return the number of pairs."""
        return self.item.size

    def spans(self) -> Sequence[tuple[int, slice]]:
        """Return each customer with the place of its pairs."""
        ends = self.starts.tolist()
        return [
            (int(customer), slice(ends[place], ends[place + 1]))
            for place, customer in enumerate(self.customers)
        ]

    def places(self, scores: Scores) -> Scores:
        """Return each pair's place among its customer's, 0 for the highest score."""
        order = np.lexsort((-scores, self._whose()))
        places = np.empty(len(self), dtype=np.float32)
        places[order] = np.arange(len(self)) - np.repeat(self.starts[:-1], np.diff(self.starts))
        return places

    def _whose(self) -> NDArray[np.int64]:
        return np.repeat(np.arange(self.customers.size), np.diff(self.starts))
