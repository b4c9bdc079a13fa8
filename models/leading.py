"""What leads a list somewhere: what is in view, what was looked for, what just happened.

Each raises the items that it points at, by a share of the list's best score, the strongest most;
what is not on the list yet joins it.
"""

from math import sqrt

import numpy as np

from models.arrays import Rows, Scores
from models.artifacts.customer_record import Reason
from models.asked import Allowed, Query, Ranked
from models.loaded import Loaded
from models.ranking import best, normalised

CONTEXT_WEIGHT = 1.0
"""What goes best with the page or cart counts as much as the list's best; chosen, not measured."""
CART_WEIGHT = 2.0
"""What goes with one item of the cart in every basket would count so much beside 1 for the list's
best. Measured on the Complete Journey's validation window, baskets played again item by item: of
the next item NDCG@10 .0862 without, .0878 at 1, .0889 at 2, .0885 at 4."""
DUE_WEIGHT = 0.2
"""What everybody buys again counts this beside 1 for the list's best, once it is due. Measured on
that window, a basket paid for and the next to be foretold: NDCG@10 .1920 without, .1938 at .1,
.1947 at .2, .1901 at .4."""
RECENT_WEIGHT = 0.3
"""What goes best with the latest events counts this beside 1 for the list's best. Measured on the
Complete Journey's validation window, half of each next basket shown as events and the rest to be
foretold: NDCG@10 .183 without events, .185 at .1, .190 at .3, .186 at 1."""
SEARCH_WEIGHT = 1.0
"""What holds all words of a search counts as much as the list's best; chosen, not measured."""
MOST_RAISED = 100
"""Of what goes with a context or follows events, so many of the strongest are looked at."""


def led(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what goes with the page's item and with the cart, and what was searched for."""
    listed = _with_context(loaded, query, allowed, listed)
    listed = _with_cart(loaded, query, allowed, listed)
    listed = _with_due(query, allowed, listed)
    return _with_search(loaded, query, allowed, listed)


def _with_context(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what goes with the context, by its share of the strongest companion."""
    if not query.context.size:
        return listed
    companions, strengths = loaded.copurchase.score(query.context)
    return _raised(listed, allowed, companions, strengths, weight=CONTEXT_WEIGHT, most=MOST_RAISED)


def _with_cart(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what goes with what events have put into the cart, by how well it does.

    Not by its share of the strongest: a basket of groceries holds much that goes with nothing.
    """
    if not query.cart.size:
        return listed
    return _raised(
        listed,
        allowed,
        *loaded.copurchase.score(query.cart),
        weight=CART_WEIGHT / sqrt(query.cart.size),
        most=MOST_RAISED,
        unit=1.0,
    )


def _with_due(query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what was bought since the release and may be wanted again."""
    if not query.due.size:
        return listed
    return _raised(
        listed,
        allowed,
        query.due,
        query.due_shares,
        weight=DUE_WEIGHT,
        reason=Reason.REPEAT,
        most=query.due.size,
        unit=1.0,
    )


def with_recent(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what follows the latest events, or in other shops what goes with them.

    What follows, by the shop's own weight of transitions, where it is the larger; then what is in
    view is the latest of the events. One of the two, because a customer is waiting. What was bought
    leads to what follows, not to what goes with it: that was not bought, a moment ago.
    """
    recent, heeded = query.latest, loaded.weights.transitions
    follows = heeded >= RECENT_WEIGHT
    if follows:
        recent = np.concatenate([recent, query.in_view])
    elif query.bought.size:
        recent = recent[~np.isin(recent, query.bought)]
    if not recent.size:
        return listed
    found = (loaded.transitions if follows else loaded.copurchase).score(recent)
    weight = query.freshness * (heeded if follows else RECENT_WEIGHT)
    return _raised(listed, allowed, *found, weight=weight, most=MOST_RAISED)


def _with_search(loaded: Loaded, query: Query, allowed: Allowed, listed: Ranked) -> Ranked:
    """Raise what holds the words looked for."""
    if not query.searched:
        return listed
    rows, shares = looked_for(loaded, query.searched, listed.rows)
    weight = query.freshness * SEARCH_WEIGHT
    return _raised(
        listed, allowed, rows, shares, weight=weight, reason=Reason.SEARCHED, most=rows.size
    )


def looked_for(loaded: Loaded, term: str, listed: Rows) -> tuple[Rows, Scores]:
    """Return what holds words of ``term``, and what share of them, 0 to 1.

    Where many items do, what of them is ``listed``, and of the others those that hold most and sell
    best.

    Returns:
        Rows, ascending, each once, and their shares.
    """
    rows, shares = loaded.catalogue.searched(term)
    if rows.size <= MOST_RAISED:
        return rows, shares
    kept = np.zeros(rows.size, dtype=np.bool_)
    kept[best(shares + loaded.popular.take(rows), MOST_RAISED)] = True
    places = rows.searchsorted(listed)
    kept[places[rows.take(places, mode="clip") == listed]] = True
    return rows[kept], shares[kept]


def _raised(
    listed: Ranked,
    allowed: Allowed,
    rows: Rows,
    strengths: Scores,
    *,
    weight: float,
    reason: Reason = Reason.GOES_WITH,
    most: int,
    unit: float | None = None,
) -> Ranked:
    """Add ``weight`` times the best listed score to the strongest of ``rows``, less to others.

    Of equal scores what stood before the other still does, and what was listed before what was not.

    Args:
        listed: The list, best first.
        allowed: What may be shown; the rest of ``rows`` is left out.
        rows: Ascending, each once.
        strengths: Of each of ``rows``.
        weight: What the strongest counts.
        reason: Of those of ``rows`` that are not on the list yet.
        most: So many of the strongest are looked at.
        unit: The strength that counts ``weight``; None is the strongest there is.
    """
    places = allowed.keep(rows).nonzero()[0]
    if not places.size:
        return listed
    strengths = strengths.take(places)
    if places.size > most:
        strongest = (-strengths).argpartition(most)[:most]
        strongest.sort()
        places, strengths = places.take(strongest), strengths.take(strongest)
    rows = rows.take(places)
    best_listed = float(listed.scores.max(initial=0)) or 1.0
    shares = normalised(strengths) if unit is None else strengths / np.float32(unit)
    raised = weight * best_listed * shares
    place = rows.searchsorted(listed.rows)
    both = rows.take(place, mode="clip") == listed.rows
    new = np.ones(rows.size, dtype=np.bool_)
    new[place[both]] = False
    scores = listed.scores + both * raised.take(place, mode="clip")
    added = Ranked.of(rows[new], raised[new], reason)
    ranked = Ranked(rows=listed.rows, scores=scores, reasons=listed.reasons).and_(added)
    return ranked.take((-ranked.scores).argsort(kind="stable"))
