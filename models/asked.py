"""What is asked of a release, what may be shown for it, and a list as it takes shape."""

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows, Scores
from models.artifacts.customer_record import Reason
from models.loaded import Loaded
from models.shaping.meeting import Meeting
from models.shaping.policies import Policy
from models.shaping.rules import Filter

NO_ROWS: Rows = np.empty(0, dtype=np.int32)

NO_SCORES: Scores = np.empty(0, dtype=np.float32)

PLENTY = 150
"""Asked for or excluded, more than this may use up a record's list; then the history is needed."""

MOST_RECENT = 10
"""Events of a customer that a request looks back on; those before count under a thirtieth."""

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
    cart: Rows = field(default_factory=lambda: NO_ROWS)
    """In the cart, as events tell, oldest first."""
    bought: Rows = field(default_factory=lambda: NO_ROWS)
    """Bought since the release; the latest are in ``recent`` too."""
    due: Rows = field(default_factory=lambda: NO_ROWS)
    """Those of ``bought`` that may be wanted again, ascending, and
    """
    due_shares: Scores = field(default_factory=lambda: NO_SCORES)
    """how many buy each again, 0 to 1; they move up by it."""
    disliked: Rows = field(default_factory=lambda: NO_ROWS)
    """What is like these moves down."""
    searched: str = ""
    """Words looked for; what holds them moves up."""
    freshness: float = 1.0
    """What ``recent`` and ``searched`` count for a known customer, 0 to 1."""
    exclude: Rows = field(default_factory=lambda: NO_ROWS)
    filter: Filter | None = None
    diversity: float = 0.0
    novelty: Literal["any", "new_only"] | float = "any"
    """A number is the share of the list, 0 to 1, that must be new to the customer."""
    objective: Literal["relevance", "profit"] = "relevance"
    explain: bool = False

    def under(self, policy: Policy) -> "Query":
        """Return what is asked where a placement's policy has its say.

        Args:
            policy: Of the customer's tier, without the columns that the request itself fills.
        """
        told = {name: said for name, said in policy.told.items() if name != "categories"}
        if policy.filter is not None:
            told["filter"] = policy.filter.and_(self.filter)
        return replace(self, **told) if told else self

    @property
    def needs_history(self) -> bool:
        """Whether the answer depends on all that was bought, not on the record alone."""
        beyond = self.exclude.size + self.context.size + self.pool > PLENTY
        return self.explain or self.filter is not None or self.novelty != "any" or beyond

    @property
    def is_led(self) -> bool:
        """Whether something in view, an event or a search leads the list somewhere."""
        near = self.context.size + self.cart.size + self.recent.size
        return near > 0 or self.due.size > 0 or self.searched != ""

    @property
    def in_view(self) -> Rows:
        """What the request says is in view; where it says nothing, the cart."""
        return self.context if self.context.size else self.cart

    @property
    def latest(self) -> Rows:
        """The latest events, oldest first; before them the cart, where something else is in view.

        At most ``MOST_RECENT``.
        """
        if self.context.size and self.cart.size:
            return np.concatenate([self.cart, self.recent])[-MOST_RECENT:]
        return self.recent[-MOST_RECENT:]

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
        return cls(
            rows=rows, scores=scores, reasons=np.full(rows.size, int(reason), dtype=np.uint8)
        )

    def take(self, places: NDArray[np.intp]) -> "Ranked":
        """Return the items at ``places``, in that order."""
        return Ranked(
            rows=self.rows.take(places),
            scores=self.scores.take(places),
            reasons=self.reasons.take(places),
        )

    def and_(self, behind: "Ranked") -> "Ranked":
        """Return the same with ``behind`` at the end."""
        return Ranked(
            rows=np.concatenate([self.rows, behind.rows]),
            scores=np.concatenate([self.scores, behind.scores]),
            reasons=np.concatenate([self.reasons, behind.reasons]),
        )

    def head(self, n: int) -> "Ranked":
        """Return the first ``n`` items, or all where there are fewer."""
        if self.rows.size <= n:
            return self
        return Ranked(rows=self.rows[:n], scores=self.scores[:n], reasons=self.reasons[:n])


NOTHING = Ranked.of(NO_ROWS, NO_SCORES, Reason.POPULAR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Which items may be on this list; asked of the items in question, not of the catalogue."""

    loaded: Loaded
    meeting: Meeting | None
    """What meets the filter, where there is one."""
    banned: Rows
    """Excluded, in view, or not new where new items are asked for; ascending, and ``_END``."""

    @classmethod
    def of(cls, loaded: Loaded, query: Query) -> "Allowed":
        """Return what ``query`` allows, whoever asks."""
        meeting = query.filter.of(loaded.catalogue) if query.filter is not None else None
        everybody = cls(loaded=loaded, meeting=meeting, banned=_END)
        return everybody.but(query.exclude).but(query.context)

    def but(self, rows: Rows) -> "Allowed":
        """Return the same without ``rows``."""
        if not rows.size:
            return self
        banned = np.concatenate([rows, self.banned])
        banned.sort()
        return Allowed(loaded=self.loaded, meeting=self.meeting, banned=banned)

    def open_(self, rows: Rows | slice) -> Mask:
        """Return which of ``rows`` are in stock and meet the filter, banned or not."""
        kept = self.loaded.showable[rows]
        return kept if self.meeting is None else kept & self.meeting.meets(rows)

    def keep(self, rows: Rows) -> Mask:
        """Return which of ``rows`` are allowed."""
        kept = self.open_(rows)
        if self.banned.size > _END.size:
            kept = kept & (self.banned.take(self.banned.searchsorted(rows)) != rows)
        return kept

    def among(self, ranked: Ranked) -> Ranked:
        """Return those of ``ranked`` that are allowed, in their order."""
        return ranked.take(self.keep(ranked.rows).nonzero()[0])

    def head(self, ranked: Ranked, n: int) -> Ranked:
        """Return the first ``n`` of ``ranked`` that are allowed; ``n`` at least 1."""
        places = self.first(ranked.rows, n)
        as_it_is = places.size == n and places[-1] == n - 1
        return ranked.head(n) if as_it_is else ranked.take(places)

    def first(self, rows: Rows, n: int) -> NDArray[np.intp]:
        """Return the places of the first ``n`` of ``rows`` that are allowed, reading little more.

        Args:
            rows: In any order.
            n: At least 1.
        """
        read = n if self.meeting is None else 16 * n
        places = self.keep(rows[:read]).nonzero()[0]
        while places.size < n and read < rows.size:
            more = self.keep(rows[read : 4 * read]).nonzero()[0]
            places = np.concatenate([places, more + read])
            read *= 4
        return places[:n]

    def everything(self) -> Rows:
        """Return every allowed item by ascending row; where no filter names them, reads all."""
        if self.meeting is not None and self.meeting.named is not None:
            rows = self.meeting.named()
        else:
            rows = self.open_(slice(None)).nonzero()[0].astype(np.int32)
        kept = self.loaded.showable.take(rows)
        if rows.size:
            places = rows.searchsorted(self.banned)
            kept[places[rows.take(places, mode="clip") == self.banned]] = False
        return rows[kept]


_END: Rows = np.array([np.iinfo(np.int32).max], dtype=np.int32)
"""Beyond every row, so that a search among banned rows always ends at one."""
