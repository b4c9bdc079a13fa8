"""What is asked of a release, what may be shown for it, and a list as it takes shape."""

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows, Scores
from models.artifacts.customer_record import Reason
from models.loaded import Loaded
from models.shaping.rules import Filter

NO_ROWS: Rows = np.empty(0, dtype=np.int32)

PLENTY = 150
"""Asked for or excluded, more than this may use up a record's list; then the history is needed."""

MOST_RECENT = 10
"""Events of a customer that a request looks back on; those before count under a thirtieth."""

FEW = 50
"""Up to so many banned items are compared one by one, which is faster than ``np.isin``."""

POOL = 5
"""Diversity, novelty and profit choose among this many times the items asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked, with ids already turned into rows."""

    limit: int = 10
    context: Rows = field(default_factory=lambda: NO_ROWS)
    """The page's item, the cart: what is in view now, and therefore not recommended."""
    recent: Rows = field(default_factory=lambda: NO_ROWS)
    """The items of the customer's latest events, oldest first; the last ``MOST_RECENT`` count."""
    exclude: Rows = field(default_factory=lambda: NO_ROWS)
    filter: Filter | None = None
    diversity: float = 0.0
    novelty: Literal["any", "new_only"] | float = "any"
    """A number is the share of the list, 0 to 1, that must be new to the customer."""
    objective: Literal["relevance", "profit"] = "relevance"
    explain: bool = False

    @property
    def needs_history(self) -> bool:
        """Whether the answer depends on all that was bought, not on the record alone."""
        beyond = self.exclude.size + self.context.size + self.pool > PLENTY
        return self.explain or self.filter is not None or self.novelty != "any" or beyond

    @property
    def n_new(self) -> int:
        """How many items must be new to the customer, where a share of the list must."""
        return 0 if isinstance(self.novelty, str) else ceil(round(self.novelty * self.limit, 9))

    @property
    def pool(self) -> int:
        """How many candidates the last steps choose from."""
        plain = self.diversity == 0 and self.novelty in ("any", "new_only")
        return self.limit if plain and self.objective == "relevance" else self.limit * POOL


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """Items, best first."""

    rows: Rows
    scores: Scores
    reasons: NDArray[np.uint8]

    @classmethod
    def of(cls, rows: Rows, scores: Scores, reason: Reason) -> "Ranked":
        """Return ``rows`` in the order given, all for one reason."""
        return cls(rows=rows, scores=scores, reasons=np.full(rows.size, reason, dtype=np.uint8))

    def take(self, places: NDArray[np.intp]) -> "Ranked":
        """Return the items at ``places``, in that order."""
        return Ranked(
            rows=self.rows[places], scores=self.scores[places], reasons=self.reasons[places]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Which items may be on this list."""

    open_: Mask
    """In stock, and meeting the filter."""
    banned: Rows
    """Excluded, in view, or not new where new items are asked for."""

    @classmethod
    def of(cls, loaded: Loaded, query: Query) -> "Allowed":
        """Return what ``query`` allows, whoever asks."""
        open_ = loaded.showable
        if query.filter is not None:
            open_ = open_ & query.filter.mask(loaded.catalogue)
        return cls(open_=open_, banned=np.concatenate([query.exclude, query.context]))

    def but(self, rows: Rows) -> "Allowed":
        """Return the same without ``rows``."""
        return replace(self, banned=np.concatenate([self.banned, rows]))

    def keep(self, rows: Rows) -> Mask:
        """Return which of ``rows`` are allowed."""
        kept = self.open_[rows]
        if not self.banned.size:
            return kept
        if self.banned.size <= FEW:
            return np.asarray(kept & (rows[:, None] != self.banned).all(axis=1))
        return kept & np.isin(rows, self.banned, invert=True)

    def among(self, ranked: Ranked) -> Ranked:
        """Return those of ``ranked`` that are allowed, in their order."""
        return ranked.take(np.flatnonzero(self.keep(ranked.rows)))

    def everything(self, but: Rows = NO_ROWS) -> Rows:
        """Return every allowed item except ``but``, by ascending row."""
        open_ = self.open_.copy()
        open_[self.banned] = False
        open_[but] = False
        return np.flatnonzero(open_).astype(np.int32)
