"""The decision: what for this customer, now. Pure, and the only place that decides.

The server calls it for a request, ``cartera evaluate`` for held-out customers; so what is judged is
what is served.

    1  the customer's list, ranked by the trainer with every model       (level 0)
       without one: what goes with the items of the request              (level 2)
       without any: what sells                                           (level 3)
    2  what goes with the page's item or the cart moves up
    3  what may not be shown leaves: out of stock, excluded, filtered, not new
    4  where that leaves too few, the rest of the catalogue is scored on the spot
    5  profit, diversity and novelty choose and order

A list the trainer ranked comes before what is scored on the spot, because it was made by better
models: EASE has no place in a request, and its scores would not compare.
"""

from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes, Mask, Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.errors import NoMargins
from models.loaded import Loaded
from models.ranking import best, normalised
from models.shaping import blend
from models.shaping.diversity import diversified
from models.shaping.rules import Filter

NO_ROWS: Rows = np.empty(0, dtype=np.int32)

CONTEXT_WEIGHT = 1.0
"""What goes with the page or cart counts as much as the strongest habit; chosen, not measured."""

SAME_CATEGORY = 0.75
"""Of being of one kind, the share that is the category; the rest is the brand. Chosen by eye."""

POOL = 5
"""Diversity, novelty and profit choose among this many times the items asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked, with ids already turned into rows."""

    limit: int = 10
    context: Rows = field(default_factory=lambda: NO_ROWS)
    """The page's item, the cart: what is in view now, and therefore not recommended."""
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
        return self.explain or self.filter is not None or self.novelty != "any"

    @property
    def n_new(self) -> int:
        """How many items must be new to the customer, where a share of the list must."""
        return 0 if isinstance(self.novelty, str) else ceil(self.novelty * self.limit)

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

    def take(self, places: NDArray[np.intp]) -> "Ranked":
        """Return the items at ``places``, in that order."""
        return Ranked(
            rows=self.rows[places], scores=self.scores[places], reasons=self.reasons[places]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The answer: a list, and the rung of the ladder it was served from."""

    ranked: Ranked
    level: int


def recommend(
    loaded: Loaded,
    query: Query,
    *,
    record: CustomerRecord | None = None,
    history: History | None = None,
) -> Recommendation:
    """Return up to ``query.limit`` items for one customer or visitor, best first.

    Args:
        loaded: The release.
        query: What is asked.
        record: The customer's record; None for a visitor or an unknown customer.
        history: What the customer bought; needed where ``query.needs_history``.

    Returns:
        Fewer items than asked for where no more may be shown. The score compares within the list;
        diversity and novelty may put a lower score before a higher one.

    Raises:
        NoMargins: Profit is asked for, and the release knows no margin.
    """
    if query.objective == "profit" and not loaded.has_margins:
        raise NoMargins(
            f"release {loaded.version} knows no item's margin, which ranking by profit needs; "
            "train with a margin column in the items file, or ask for relevance"
        )
    allowed = _Allowed.of(loaded, query, history)
    ranked = _with_context(loaded, query, allowed, allowed.among(_listed(record)))
    if ranked.rows.size < query.pool:
        n = query.pool - ranked.rows.size
        ranked = _filled(loaded, query, allowed, ranked, n, record=record, history=history)
    if query.n_new and history is not None:
        allowed = allowed.but(history.rows)
        n = query.n_new - int(allowed.keep(ranked.rows).sum())
        if n > 0:
            ranked = _filled(loaded, query, allowed, ranked, n, record=record, history=history)
    if query.objective == "profit":
        ranked = _by_profit(loaded, ranked)
    if query.diversity > 0:
        codes = loaded.catalogue.category[ranked.rows]
        ranked = ranked.take(diversified(codes, diversity=query.diversity))
    if query.n_new and history is not None:
        ranked = ranked.take(_with_new(ranked, query, history))
    level = 0 if record is not None else 2 if query.context.size else 3
    return Recommendation(
        ranked=ranked.take(np.arange(query.limit)[: ranked.rows.size]), level=level
    )


def rerank(
    loaded: Loaded, rows: Rows, *, record: CustomerRecord | None, history: History | None
) -> Ranked:
    """Put ``rows`` in the customer's order; for an unknown customer, in order of what sells.

    Out-of-stock items are kept: the caller chose the list.
    """
    listed = _listed(record)
    known = listed.take(np.flatnonzero(np.isin(listed.rows, rows)))
    rest = np.setdiff1d(rows, known.rows).astype(np.int32)
    scored = _scored(loaded, rest, record, history, context=NO_ROWS)
    order = best(scored.scores, max(rest.size, 1)) if rest.size else NO_ROWS
    return _below(known, scored.take(order.astype(np.intp)))


def similar(loaded: Loaded, query: Query) -> Ranked:
    """Return the items most like ``query.context``: of their kind, and bought by like customers.

    Half of the score is the cosine of the vectors, half what the catalogue says: category and
    brand. So substitutes come before what merely sells to the same people, and an item too new for
    a vector is answered by its kind. Items that share neither are left out.
    """
    catalogue = loaded.catalogue
    rows = _Allowed.of(loaded, query, None).everything()
    alike = np.maximum(loaded.collaborative.similar(query.context, rows), 0)
    kin = SAME_CATEGORY * _shares(catalogue.category, rows, query.context)
    kin += (1 - SAME_CATEGORY) * _shares(catalogue.brand, rows, query.context)
    scores = ((alike + kin) / 2).astype(np.float32)
    scores[scores == 0] = -np.inf
    places = best(scores, query.limit)
    return Ranked(
        rows=rows[places], scores=scores[places], reasons=_reasons(places.size, Reason.ALIKE)
    )


def bought_together(loaded: Loaded, query: Query) -> Ranked:
    """Return what lands in one basket with ``query.context``; as many as there are."""
    rows, strengths = loaded.copurchase.score(query.context)
    keep = _Allowed.of(loaded, query, None).keep(rows)
    rows, strengths = rows[keep], strengths[keep]
    places = best(strengths, query.limit)
    return Ranked(
        rows=rows[places],
        scores=strengths[places],
        reasons=_reasons(places.size, Reason.GOES_WITH),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Allowed:
    """Which items may be on this list."""

    open_: Mask
    """In stock, and meeting the filter."""
    banned: Rows
    """Excluded, in view, or not new."""

    @classmethod
    def of(cls, loaded: Loaded, query: Query, history: History | None) -> "_Allowed":
        open_ = loaded.showable
        if query.filter is not None:
            open_ = open_ & query.filter.mask(loaded.catalogue)
        bought = history.rows if query.novelty == "new_only" and history is not None else NO_ROWS
        return cls(open_=open_, banned=np.concatenate([query.exclude, query.context, bought]))

    def but(self, rows: Rows) -> "_Allowed":
        return replace(self, banned=np.concatenate([self.banned, rows]))

    def keep(self, rows: Rows) -> Mask:
        kept = self.open_[rows]
        return kept & np.isin(rows, self.banned, invert=True) if self.banned.size else kept

    def among(self, ranked: Ranked) -> Ranked:
        return ranked.take(np.flatnonzero(self.keep(ranked.rows)))

    def everything(self, but: Rows = NO_ROWS) -> Rows:
        open_ = self.open_.copy()
        open_[self.banned] = False
        open_[but] = False
        return np.flatnonzero(open_).astype(np.int32)


def _shares(codes: Codes, rows: Rows, context: Rows) -> Scores:
    """Return 1 for each of ``rows`` that has a code of the context's items, else 0."""
    wanted = codes[context]
    return np.isin(codes[rows], wanted[wanted >= 0]).astype(np.float32)


def _listed(record: CustomerRecord | None) -> Ranked:
    if record is None:
        return Ranked(
            rows=NO_ROWS, scores=np.empty(0, np.float32), reasons=_reasons(0, Reason.TASTE)
        )
    return Ranked(rows=record.rows, scores=record.scores, reasons=record.reasons)


def _reasons(n: int, reason: Reason) -> NDArray[np.uint8]:
    return np.full(n, reason, dtype=np.uint8)


def _with_context(loaded: Loaded, query: Query, allowed: _Allowed, listed: Ranked) -> Ranked:
    """Raise what goes with the context, by its share of the strongest companion."""
    if not query.context.size:
        return listed
    companions, strengths = loaded.copurchase.score(query.context)
    keep = allowed.keep(companions)
    companions, strengths = companions[keep], strengths[keep]
    if not companions.size:
        return listed
    rows = np.concatenate([listed.rows, companions])
    raised = CONTEXT_WEIGHT * normalised(strengths)
    rows, first, place = np.unique(rows, return_index=True, return_inverse=True)
    scores = np.bincount(place, np.concatenate([listed.scores, raised])).astype(np.float32)
    reasons = np.concatenate([listed.reasons, _reasons(companions.size, Reason.GOES_WITH)])[first]
    order = best(scores, scores.size).astype(np.intp)
    return Ranked(rows=rows.astype(np.int32), scores=scores, reasons=reasons).take(order)


def _filled(
    loaded: Loaded,
    query: Query,
    allowed: _Allowed,
    ranked: Ranked,
    n: int,
    *,
    record: CustomerRecord | None,
    history: History | None,
) -> Ranked:
    """Append the best ``n`` of the rest of the catalogue."""
    rest = allowed.everything(but=ranked.rows)
    scored = _scored(loaded, rest, record, history, context=query.context)
    order = best(scored.scores, n).astype(np.intp)
    return _below(ranked, scored.take(order))


def _scored(
    loaded: Loaded,
    rows: Rows,
    record: CustomerRecord | None,
    history: History | None,
    *,
    context: Rows,
) -> Ranked:
    """Score ``rows`` on the spot, in the order given."""
    repeat = np.zeros(rows.size, dtype=np.float32)
    if history is not None:
        _, here, there = np.intersect1d(rows, history.rows, assume_unique=True, return_indices=True)
        repeat[here] = history.repeat[there]
    vector = (
        record.vector.astype(np.float32)
        if record is not None
        else loaded.collaborative.fold_in(context)
    )
    taste = loaded.collaborative.score(vector, rows)
    popularity = loaded.popular[rows]
    scores = blend.live(
        repeat=repeat, collaborative=taste, popularity=popularity, weights=loaded.weights
    )
    reasons = np.where(
        repeat > 0,
        np.uint8(Reason.REPEAT),
        np.where(taste > 0, np.uint8(Reason.TASTE), np.uint8(Reason.POPULAR)),
    ).astype(np.uint8)
    return Ranked(rows=rows, scores=scores, reasons=reasons)


def _below(upper: Ranked, lower: Ranked) -> Ranked:
    """Append ``lower``, its scores brought under the last of ``upper``."""
    scores = lower.scores
    if upper.rows.size and lower.rows.size:
        span = max(float(scores[0] - scores[-1]), 1e-6)
        floor = float(upper.scores[-1])
        scores = (floor - (scores[0] - scores) / span * abs(floor)).astype(np.float32)
    return Ranked(
        rows=np.concatenate([upper.rows, lower.rows]),
        scores=np.concatenate([upper.scores, scores]),
        reasons=np.concatenate([upper.reasons, lower.reasons]),
    )


def _by_profit(loaded: Loaded, ranked: Ranked) -> Ranked:
    """Order by score times unit margin; an item of unknown margin earns nothing for certain."""
    margins = np.nan_to_num(loaded.catalogue.margin[ranked.rows], nan=0.0)
    worth = (ranked.scores * margins).astype(np.float32)
    order = best(worth, max(worth.size, 1)).astype(np.intp)
    return Ranked(rows=ranked.rows, scores=worth, reasons=ranked.reasons).take(order)


def _with_new(ranked: Ranked, query: Query, history: History) -> NDArray[np.intp]:
    """Return the places of a list in which at least the share asked for is new."""
    new = np.isin(ranked.rows, history.rows, invert=True)
    first_new = np.flatnonzero(new)[: query.n_new]
    others = np.setdiff1d(np.arange(ranked.rows.size), first_new)
    return np.sort(np.concatenate([first_new, others[: query.limit - first_new.size]]))
