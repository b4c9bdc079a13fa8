"""What an item without a past is like, told by its label: category, brand, price, title.

An item that too few have bought has no vector of its own. ``training.fit.content`` learns what each
word of a label says of the items that sell, and so estimates a vector for those that do not yet,
and how many will buy the new ones. With it an item can be found, ranked and recommended on its
first day.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from numpy.typing import NDArray

from models.arrays import Arrays, Factors, Rows, Scores, Vector
from models.scorers.collaborative import cosines, directions, lengths, products

TRUST = 0.5
"""What an estimated likeness counts beside a learned one: labels tell about half of a vector."""


@dataclass(frozen=True, kw_only=True)
class Content:
    """Estimates for the items without a model, in row order behind those that have one."""

    items: Factors
    """Shape ``(n_items - n_ranked, n_factors)``: in the space of ``Collaborative.items``."""
    buyers: Scores
    """Shape ``(n_items - n_ranked,)``: expected buyers of an item that is new, in the days that
    popularity counts; 0 for an item that had its time and did not sell."""

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the estimates as a bundle's arrays."""
        return {"content.items": self.items, "content.buyers": self.buyers}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self | None:
        """Read what ``arrays`` returned; None where every item has a model, and of old releases."""
        if not any(name.startswith("content.") for name in arrays):
            return None
        return cls(items=arrays["content.items"], buyers=arrays["content.buyers"])

    def score(self, vector: Vector, places: Rows) -> Scores:
        """Return the score of the items at ``places`` behind the ranked ones."""
        return products(self.items, places, vector)

    def directions(self, places: Rows) -> Factors:
        """Return the vectors of the items at ``places``, each of length ``TRUST`` (or 0)."""
        return TRUST * directions(self.items[places])

    def similar(self, direction: Vector, places: Rows) -> Scores:
        """Return the cosine of each with ``direction``, as far as an estimate is trusted."""
        return TRUST * cosines(self.items, self.lengths, places, direction)

    @cached_property
    def lengths(self) -> Scores:
        """The length of each item's estimated vector."""
        return lengths(self.items)
