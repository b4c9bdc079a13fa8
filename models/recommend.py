"""The decision: what for this customer, now. Pure, and the only place that decides.

The server calls it for a request, ``cartera evaluate`` for held-out customers; so what is judged is
what is served.

    1  the customer's list, ranked by the trainer with every model       (level 0)
       without one: what goes with the items of the request              (level 2)
       without any: what sells                                           (level 3)
    2  what goes with the page's item or the cart moves up, and what follows the latest events
    3  what may not be shown leaves: out of stock, excluded, filtered, not new
    4  where that leaves too few, the rest of the catalogue is scored on the spot
    5  profit, diversity and novelty choose and order

A list the trainer ranked comes before what is scored on the spot, because it was made by better
models: EASE has no place in a request, and its scores would not compare.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.asked import MOST_RECENT, NO_ROWS, Allowed, Query, Ranked
from models.errors import NoMargins
from models.loaded import Loaded
from models.ranking import best, normalised
from models.shaping import blend
from models.shaping.diversity import diversified

CONTEXT_WEIGHT = 1.0
"""What goes best with the page or cart counts as much as the list's best; chosen, not measured."""
RECENT_WEIGHT = 0.3
"""What goes best with the latest events counts this beside 1 for the list's best. Measured on the
Complete Journey's validation window, half of each next basket shown as events and the rest to be
foretold: NDCG@10 .183 without events, .185 at .1, .190 at .3, .186 at 1."""
MOST_RAISED = 100
"""Of what goes with a context or follows events, so many of the strongest are looked at."""
STRANGERS_TASTE = 0.15
STRANGERS_POPULARITY = 0.5
STRANGERS_RECENT = 0.1
"""What the vector folded in, what sells, and what goes with the latest events count, beside 1 for
what goes best with the page or cart, for whoever has no list. Measured on the Complete Journey's
validation window (``make bench-cold-start``): co-purchase alone is beaten by what sells."""


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
    bought = _bought(record, history)
    allowed = Allowed.of(loaded, query)
    if query.novelty == "new_only":
        allowed = allowed.but(bought)
    if record is None and (query.context.size or query.recent.size):
        ranked = _of_a_stranger(loaded, query, allowed)
    else:
        ranked = _with_context(loaded, query, allowed, allowed.among(_listed(record)))
    ranked = _with_recent(loaded, query, allowed, ranked)
    if ranked.rows.size < query.pool:
        n = query.pool - ranked.rows.size
        ranked = _filled(loaded, query, allowed, ranked, n, record=record, history=history)
    head = np.arange(min(query.pool, ranked.rows.size))
    if query.n_new:
        allowed = allowed.but(bought)
        new = np.flatnonzero(allowed.keep(ranked.rows))[: query.n_new]
        ranked = ranked.take(np.union1d(head, new))
        if new.size < query.n_new:
            n = query.n_new - new.size
            ranked = _filled(loaded, query, allowed, ranked, n, record=record, history=history)
    else:
        ranked = ranked.take(head)
    if query.objective == "profit":
        ranked = _by_profit(loaded, ranked)
    if query.diversity > 0:
        order = diversified(
            ranked.scores,
            categories=loaded.catalogue.category[ranked.rows],
            brands=loaded.catalogue.brand[ranked.rows],
            diversity=query.diversity,
            n_picks=ranked.rows.size if query.n_new else query.limit,
        )
        ranked = ranked.take(order)
    if query.n_new:
        ranked = ranked.take(_with_new(ranked, query, bought))
    level = 0 if record is not None else 2 if query.context.size or query.recent.size else 3
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


def _bought(record: CustomerRecord | None, history: History | None) -> Rows:
    """Return what the customer bought; where only the record is at hand, what it lists of that."""
    if history is not None:
        return history.rows
    return NO_ROWS if record is None else record.rows[record.reasons == Reason.REPEAT]


def _listed(record: CustomerRecord | None) -> Ranked:
    if record is None:
        return Ranked.of(NO_ROWS, np.empty(0, np.float32), Reason.TASTE)
    return Ranked(rows=record.rows, scores=record.scores, reasons=record.reasons)


def _with_context(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what goes with the context, by its share of the strongest companion."""
    if not query.context.size:
        return listed
    companions, strengths = loaded.copurchase.score(query.context)
    return _raised(listed, allowed, companions, strengths, weight=CONTEXT_WEIGHT)


def _with_recent(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what follows the latest events, or in other shops what goes with them.

    What follows, by the shop's own weight of transitions, where it is the larger; then what is in
    view is the latest of the events. One of the two, because a customer is waiting.
    """
    recent, heeded = query.recent[-MOST_RECENT:], loaded.weights.transitions
    if heeded >= RECENT_WEIGHT:
        recent = np.concatenate([recent, query.context])
    if not recent.size:
        return listed
    if heeded >= RECENT_WEIGHT:
        return _raised(listed, allowed, *loaded.transitions.score(recent), weight=heeded)
    return _raised(listed, allowed, *loaded.copurchase.score(recent), weight=RECENT_WEIGHT)


def _raised(
    listed: Ranked, allowed: Allowed, rows: Rows, strengths: Scores, *, weight: float
) -> Ranked:
    """Add ``weight`` times the best listed score to the strongest of ``rows``, less to others.

    Args:
        listed: The list, best first.
        allowed: What may be shown; the rest of ``rows`` is left out.
        rows: Ascending, each once.
        strengths: Of each of ``rows``.
        weight: What the strongest counts.
    """
    keep = np.flatnonzero(allowed.open_[rows])
    if keep.size > MOST_RAISED:
        keep = np.sort(keep[np.argpartition(-strengths[keep], MOST_RAISED)[:MOST_RAISED]])
    keep = keep[allowed.keep(rows[keep])]
    if not keep.size:
        return listed
    rows = rows[keep]
    best_listed = float(listed.scores.max(initial=0)) or 1.0
    raised = weight * best_listed * normalised(strengths[keep])
    place = np.minimum(np.searchsorted(rows, listed.rows), rows.size - 1)
    both = rows[place] == listed.rows
    scores = listed.scores + np.where(both, raised[place], np.float32(0))
    new = np.ones(rows.size, dtype=np.bool_)
    new[place[both]] = False
    added = Ranked.of(rows[new], raised[new], Reason.GOES_WITH)
    rows = np.concatenate([listed.rows, added.rows])
    scores = np.concatenate([scores, added.scores]).astype(np.float32)
    reasons = np.concatenate([listed.reasons, added.reasons])
    order = np.lexsort((rows, -scores))
    return Ranked(rows=rows, scores=scores, reasons=reasons).take(order)


def _of_a_stranger(loaded: Loaded, query: Query, allowed: Allowed) -> Ranked:
    """Rank the catalogue by what was seen: what goes with it, who buys it, and what sells."""
    rows = allowed.everything()
    recent = query.recent[-MOST_RECENT:]
    seen = np.unique(np.concatenate([query.context, recent]))
    taste = loaded.taste(loaded.collaborative.fold_in(seen), rows)
    scores = np.asarray(
        STRANGERS_TASTE * np.maximum(normalised(taste), 0)
        + STRANGERS_POPULARITY * loaded.popular[rows],
        dtype=np.float32,
    )
    reasons = _reasons(loaded, rows, repeat=np.zeros_like(taste), taste=taste)
    for near, weight in ((query.context, CONTEXT_WEIGHT), (recent, STRANGERS_RECENT)):
        companions, strengths = loaded.copurchase.score(np.unique(near))
        keep = allowed.keep(companions)
        places = np.searchsorted(rows, companions[keep])
        scores[places] += weight * normalised(strengths[keep])
        reasons[places] = Reason.GOES_WITH
    order = best(scores, query.pool).astype(np.intp)
    return Ranked(rows=rows, scores=scores, reasons=reasons).take(order)


def _filled(
    loaded: Loaded,
    query: Query,
    allowed: Allowed,
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
    taste = np.zeros(rows.size, dtype=np.float32)
    if record is not None:
        taste = loaded.taste(record.vector.astype(np.float32), rows)
    elif context.size:
        taste = loaded.taste(loaded.collaborative.fold_in(context), rows)
    popularity = loaded.popular[rows]
    scores = blend.live(
        repeat=repeat, collaborative=taste, popularity=popularity, weights=loaded.weights
    )
    return Ranked(
        rows=rows, scores=scores, reasons=_reasons(loaded, rows, repeat=repeat, taste=taste)
    )


def _reasons(loaded: Loaded, rows: Rows, *, repeat: Scores, taste: Scores) -> NDArray[np.uint8]:
    """Say why each of ``rows`` would be listed; only a learned vector tells who buys an item."""
    reasons = np.full(rows.size, Reason.POPULAR, dtype=np.uint8)
    liked = taste > 0
    reasons[liked] = Reason.TASTE
    reasons[liked & (rows >= loaded.catalogue.n_ranked)] = Reason.ALIKE
    reasons[repeat > 0] = Reason.REPEAT
    return reasons


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
    """Order by score times unit margin.

    An item of unknown margin earns nothing for certain; nor does one that scores below 0, whatever
    its margin: two negatives are no profit.
    """
    margins = np.nan_to_num(loaded.catalogue.margin[ranked.rows], nan=0.0)
    worth = (np.maximum(ranked.scores, 0) * margins).astype(np.float32)
    order = best(worth, max(worth.size, 1)).astype(np.intp)
    return Ranked(rows=ranked.rows, scores=worth, reasons=ranked.reasons).take(order)


def _with_new(ranked: Ranked, query: Query, bought: Rows) -> NDArray[np.intp]:
    """Return the places of a list in which at least the share asked for is new."""
    new = np.isin(ranked.rows, bought, invert=True)
    first_new = np.flatnonzero(new)[: query.n_new]
    others = np.setdiff1d(np.arange(ranked.rows.size), first_new)
    return np.sort(np.concatenate([first_new, others[: query.limit - first_new.size]]))
