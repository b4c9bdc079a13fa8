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

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.appeal import Appeal
from models.arrays import Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.asked import MOST_RECENT, NO_ROWS, NOTHING, Allowed, Query, Ranked
from models.errors import NoMargins
from models.loaded import Loaded
from models.ranking import best, normalised
from models.shaping.diversity import diversified
from models.shaping.profit import Earning
from models.strangers import of_a_stranger

CONTEXT_WEIGHT = 1.0
"""What goes best with the page or cart counts as much as the list's best; chosen, not measured."""
RECENT_WEIGHT = 0.3
"""What goes best with the latest events counts this beside 1 for the list's best. Measured on the
Complete Journey's validation window, half of each next basket shown as events and the rest to be
foretold: NDCG@10 .183 without events, .185 at .1, .190 at .3, .186 at 1."""
MOST_RAISED = 100
"""Of what goes with a context or follows events, so many of the strongest are looked at."""


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
    earning = loaded.earning if query.objective == "profit" else None
    if query.objective == "profit" and earning is None:
        raise NoMargins(
            f"release {loaded.version} knows no item's margin, which ranking by profit needs; "
            "train with a margin column in the items file, or ask for relevance"
        )
    allowed = Allowed.of(loaded, query)
    if query.novelty == "new_only":
        allowed = allowed.but(_bought(record, history))
    appeal = partial(_appeal, loaded, record, history, context=query.context)
    ranked = _ranked(loaded, query, allowed, record)
    if ranked.rows.size < query.pool:
        ranked = _filled(loaded, allowed, ranked, appeal, query.pool - ranked.rows.size)
    fresh = allowed
    if query.n_new:
        fresh = allowed.but(_bought(record, history))
        ranked = _with_enough_new(loaded, query, ranked, fresh, appeal)
    else:
        ranked = ranked.head(query.pool)
    if earning is not None:
        ranked = _by_profit(loaded, earning, ranked)
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
        ranked = ranked.take(_share_of_new(ranked, query, fresh))
    level = 0 if record is not None else 2 if query.context.size or query.recent.size else 3
    return Recommendation(ranked=ranked.head(query.limit), level=level)


def rerank(
    loaded: Loaded, rows: Rows, *, record: CustomerRecord | None, history: History | None
) -> Ranked:
    """Put ``rows`` in the customer's order; for an unknown customer, in order of what sells.

    Out-of-stock items are kept: the caller chose the list.
    """
    listed = _listed(record)
    known = listed.take(np.isin(listed.rows, rows).nonzero()[0])
    rest = np.setdiff1d(rows, known.rows).astype(np.int32)
    appeal = _appeal(loaded, record, history, context=NO_ROWS)
    return _below(known, appeal.ranked(loaded, rest, max(rest.size, 1)))


def _bought(record: CustomerRecord | None, history: History | None) -> Rows:
    """Return what the customer bought; where only the record is at hand, what it lists of that."""
    if history is not None:
        return history.rows
    return NO_ROWS if record is None else record.rows[record.reasons == Reason.REPEAT]


def _listed(record: CustomerRecord | None) -> Ranked:
    if record is None:
        return NOTHING
    return Ranked(rows=record.rows, scores=record.scores, reasons=record.reasons)


def _ranked(
    loaded: Loaded, query: Query, allowed: Allowed, record: CustomerRecord | None
) -> Ranked:
    """Return what is allowed of the customer's list, moved by what is in view and what happened.

    Where nothing moves it, no more of it than can be shown.
    """
    listed = _listed(record)
    if not (query.context.size or query.recent.size):
        if query.n_new:
            return allowed.among(listed)
        return allowed.head(listed, query.pool)
    if record is None:
        ranked = of_a_stranger(loaded, query, allowed)
    else:
        ranked = _with_context(loaded, query, allowed, allowed.among(listed))
    return _with_recent(loaded, query, allowed, ranked)


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
    places = allowed.open_(rows).nonzero()[0]
    if places.size > MOST_RAISED:
        strongest = np.argpartition(-strengths.take(places), MOST_RAISED)[:MOST_RAISED]
        places = np.sort(places.take(strongest))
    places = places[allowed.keep(rows.take(places))]
    if not places.size:
        return listed
    rows = rows.take(places)
    best_listed = float(listed.scores.max(initial=0)) or 1.0
    raised = weight * best_listed * normalised(strengths.take(places))
    place = rows.searchsorted(listed.rows)
    both = rows.take(place, mode="clip") == listed.rows
    new = np.ones(rows.size, dtype=np.bool_)
    new[place[both]] = False
    scores = listed.scores + both * raised.take(place, mode="clip")
    added = Ranked.of(rows[new], raised[new], Reason.GOES_WITH)
    ranked = Ranked(rows=listed.rows, scores=scores, reasons=listed.reasons).and_(added)
    return ranked.take(np.lexsort((ranked.rows, -ranked.scores)))


def _appeal(
    loaded: Loaded, record: CustomerRecord | None, history: History | None, *, context: Rows
) -> Appeal:
    """Return what items count where no list was made: by the customer's taste, or the context's."""
    vector = None
    if record is not None:
        vector = record.vector.astype(np.float32)
    elif context.size:
        vector = loaded.collaborative.fold_in(context)
    more = NOTHING
    if history is not None:
        reasons = np.zeros(history.rows.size, dtype=np.uint8)
        reasons[history.repeat > 0] = Reason.REPEAT
        more = Ranked(rows=history.rows, scores=history.repeat, reasons=reasons)
    weights = loaded.weights
    return Appeal(vector=vector, liking=weights.liking, selling=weights.popularity, more=more)


def _filled(
    loaded: Loaded, allowed: Allowed, ranked: Ranked, appeal: Callable[[], Appeal], n: int
) -> Ranked:
    """Append the best ``n`` of the rest of the catalogue."""
    return _below(ranked, appeal().best(loaded, allowed.but(ranked.rows), n))


def _below(upper: Ranked, lower: Ranked) -> Ranked:
    """Append ``lower``, its scores brought under the last of ``upper``."""
    scores = lower.scores
    if upper.rows.size and lower.rows.size:
        span = max(float(scores[0] - scores[-1]), 1e-6)
        floor = float(upper.scores[-1])
        scores = (floor - (scores[0] - scores) / span * abs(floor)).astype(np.float32)
    return upper.and_(Ranked(rows=lower.rows, scores=scores, reasons=lower.reasons))


def _by_profit(loaded: Loaded, earning: Earning, ranked: Ranked) -> Ranked:
    """Order by what each purchase is worth to the shop."""
    worth = earning.worth(ranked.scores, loaded.catalogue.margin[ranked.rows])
    order = best(worth, max(worth.size, 1)).astype(np.intp)
    return Ranked(rows=ranked.rows, scores=worth, reasons=ranked.reasons).take(order)


def _with_enough_new(
    loaded: Loaded, query: Query, ranked: Ranked, fresh: Allowed, appeal: Callable[[], Appeal]
) -> Ranked:
    """Return the head of a list and as much behind it as makes enough of it new."""
    new = fresh.first(ranked.rows, query.n_new)
    head = np.arange(min(query.pool, ranked.rows.size))
    ranked = ranked.take(np.concatenate([head, new[new >= head.size]]))
    if new.size == query.n_new:
        return ranked
    return _filled(loaded, fresh, ranked, appeal, query.n_new - new.size)


def _share_of_new(ranked: Ranked, query: Query, fresh: Allowed) -> NDArray[np.intp]:
    """Return the places of a list in which at least the share asked for is new."""
    chosen = np.zeros(ranked.rows.size, dtype=np.bool_)
    first_new = fresh.first(ranked.rows, query.n_new)
    chosen[first_new] = True
    others = (~chosen).nonzero()[0]
    chosen[others[: query.limit - first_new.size]] = True
    return chosen.nonzero()[0]
