"""The decision: what for this customer, now. Pure, and the only place that decides.

The server calls it for a request, ``cartera evaluate`` for held-out customers; so what is judged is
what is served.

    1  the customer's list, ranked by the trainer with every model       (level 0)
       without one: what goes with the items of the request              (level 2)
       without any: what sells                                           (level 3)
    2  what goes with the page's item or the cart moves up, and what follows the latest events;
       what is like a hidden item moves down, what was searched for moves up
    3  what may not be shown leaves: out of stock, excluded, filtered, not new, just bought
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

from models import session
from models.appeal import Appeal, disliked
from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.artifacts.live_state import NOTHING_HAPPENED, LiveState
from models.asked import NO_ROWS, NOTHING, Allowed, Query, Ranked
from models.errors import NoMargins
from models.leading import led, with_recent
from models.loaded import Loaded
from models.ranking import best
from models.session import QUIET, Session
from models.shaping.diversity import diversified
from models.shaping.profit import Earning
from models.strangers import of_a_stranger


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The answer: a list, and the rung of the ladder it was served from."""

    ranked: Ranked
    level: int
    session: Session = QUIET
    """What of the live state there was to heed."""


def recommend(
    loaded: Loaded,
    query: Query,
    *,
    record: CustomerRecord | None = None,
    history: History | None = None,
    live: LiveState = NOTHING_HAPPENED,
    now_ms: int = 0,
) -> Recommendation:
    """Return up to ``query.limit`` items for one customer or visitor, best first.

    Args:
        loaded: The release.
        query: What is asked.
        record: The customer's record; None for a visitor or an unknown customer.
        history: What the customer bought; needed where ``query.needs_history``, and where
            ``models.session.has_bought``.
        live: What happened since. Whoever refuses to be known by it is answered as a stranger.
        now_ms: In milliseconds since 1970; needed with ``live``.

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
    if not live.may_personalize:
        record, history, live = None, None, NOTHING_HAPPENED
    happened = session.of(loaded, live, history=history, now_ms=now_ms)
    if happened is not QUIET:
        query = happened.asked(query)
    allowed = Allowed.of(loaded, query)
    if query.novelty == "new_only":
        allowed = allowed.but(_bought(query, record, history))
    appeal = partial(_appeal, loaded, query, record, history)
    ranked = _ranked(loaded, query, allowed, record)
    if ranked.rows.size < query.pool:
        ranked = _filled(loaded, allowed, ranked, appeal, query.pool - ranked.rows.size)
    fresh = allowed
    if query.n_new:
        fresh = allowed.but(_bought(query, record, history))
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
    level = 0 if record is not None else 2 if query.is_led else 3
    return Recommendation(ranked=ranked.head(query.limit), level=level, session=happened)


def rerank(
    loaded: Loaded,
    rows: Rows,
    *,
    record: CustomerRecord | None,
    history: History | None,
    live: LiveState = NOTHING_HAPPENED,
    now_ms: int = 0,
) -> Ranked:
    """Put ``rows`` in the customer's order; for an unknown customer, in order of what sells.

    Out-of-stock items are kept, for the caller chose the list; what is hidden, in the cart or not
    due again comes last. Arguments are as for ``recommend``.
    """
    if not live.may_personalize:
        record, history, live = None, None, NOTHING_HAPPENED
    happened = session.of(loaded, live, history=history, now_ms=now_ms)
    query = happened.asked(Query())
    listed = _listed(loaded, query, record)
    known = listed.take(np.isin(listed.rows, rows).nonzero()[0])
    rest = np.setdiff1d(rows, known.rows).astype(np.int32)
    appeal = _appeal(loaded, query, record, history)
    ranked = _below(known, appeal.ranked(loaded, rest, max(rest.size, 1)))
    return _last(ranked, query.exclude)


def _last(ranked: Ranked, rows: Rows) -> Ranked:
    """Return the same list with ``rows`` at its end, their scores brought under the others'."""
    if not rows.size:
        return ranked
    late = np.isin(ranked.rows, rows)
    return _below(ranked.take((~late).nonzero()[0]), ranked.take(late.nonzero()[0]))


def _bought(query: Query, record: CustomerRecord | None, history: History | None) -> Rows:
    """Return what the customer bought; where only the record is at hand, what it lists of that."""
    if history is not None:
        before = history.rows
    else:
        before = NO_ROWS if record is None else record.rows[record.reasons == Reason.REPEAT]
    return np.concatenate([before, query.bought]) if query.bought.size else before


def _listed(loaded: Loaded, query: Query, record: CustomerRecord | None) -> Ranked:
    """Return the customer's list, what is like a hidden item moved down."""
    if record is None:
        return NOTHING
    listed = Ranked(rows=record.rows, scores=record.scores, reasons=record.reasons)
    if not query.disliked.size:
        return listed
    scores = disliked(loaded, query.disliked, listed.rows, listed.scores)
    lowered = Ranked(rows=listed.rows, scores=scores, reasons=listed.reasons)
    return lowered.take(np.argsort(-scores, kind="stable"))


def _ranked(
    loaded: Loaded, query: Query, allowed: Allowed, record: CustomerRecord | None
) -> Ranked:
    """Return what is allowed of the customer's list, moved by what is in view and what happened.

    Where nothing moves it, no more of it than can be shown.
    """
    listed = _listed(loaded, query, record)
    if not query.is_led:
        if query.n_new:
            return allowed.among(listed)
        return allowed.head(listed, query.pool)
    if not listed.rows.size:
        taste = None if record is None else record.vector.astype(np.float32)
        ranked = of_a_stranger(loaded, query, allowed, taste=taste)
    else:
        ranked = led(loaded, query, allowed, allowed.among(listed))
    return with_recent(loaded, query, allowed, ranked)


def _appeal(
    loaded: Loaded, query: Query, record: CustomerRecord | None, history: History | None
) -> Appeal:
    """Return what items count where no list was made: by the customer's taste, or the context's."""
    vector = None
    if record is not None:
        vector = record.vector.astype(np.float32)
    elif query.in_view.size:
        vector = loaded.collaborative.fold_in(query.in_view)
    more = NOTHING
    if history is not None:
        reasons = np.zeros(history.rows.size, dtype=np.uint8)
        reasons[history.repeat > 0] = Reason.REPEAT
        more = Ranked(rows=history.rows, scores=history.repeat, reasons=reasons)
    weights = loaded.weights
    return Appeal(
        vector=vector,
        liking=weights.liking,
        selling=weights.popularity,
        more=more,
        disliked=query.disliked,
    )


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
