"""What for somebody who has no list: what goes with what they look at, who buys it, what sells.

Co-purchase alone is beaten by what sells, and what sells by the three together.
"""

from collections.abc import Iterator

import numpy as np

from models.appeal import Appeal
from models.arrays import Rows, Scores, Vector
from models.artifacts.customer_record import Reason
from models.asked import NO_ROWS, Allowed, Query, Ranked
from models.leading import looked_for
from models.loaded import Loaded
from models.ranking import normalised, summed

STRANGERS_TASTE = 0.15
STRANGERS_POPULARITY = 0.5
STRANGERS_CONTEXT = 1.0
STRANGERS_RECENT = 0.1
STRANGERS_DUE = 1.0
STRANGERS_SEARCH = 1.0
"""What the vector folded in, what sells, what goes best with the page or cart, and what goes best
with the latest events count, measured on the Complete Journey's validation window (``make
bench-cold-start``); what is due again, on the same, a visitor's basket paid for and the next to be
foretold: NDCG@10 .080 without, .097 at .5, .105 at 1, .106 at 2; and what holds all words of a
search, which is chosen."""
_NO_COUNTS: Scores = np.empty(0, dtype=np.float32)


def of_a_stranger(
    loaded: Loaded, query: Query, allowed: Allowed, *, taste: Vector | None = None
) -> Ranked:
    """Rank the catalogue by what was seen, the page or cart, the latest events and a search.

    Args:
        loaded: The release.
        query: What is asked.
        allowed: What may be shown.
        taste: Where more is known of it than the latest events tell.
    """
    if taste is None:
        seen = np.unique(np.concatenate([query.in_view, query.latest]))
        taste = loaded.collaborative.fold_in(seen)
    appeal = Appeal(
        vector=taste,
        liking=STRANGERS_TASTE,
        selling=STRANGERS_POPULARITY,
        more=_pointed_at(loaded, query, allowed),
        disliked=query.disliked,
    )
    return appeal.best(loaded, allowed, query.pool)


def _pointed_at(loaded: Loaded, query: Query, allowed: Allowed) -> Ranked:
    """Return what goes with the cart and the latest events or was looked for, and what it counts.

    Where several point at an item, it says the reason of the one that counts most.
    """
    rows, counts, reasons = [NO_ROWS], [_NO_COUNTS], [np.empty(0, dtype=np.uint8)]
    for found, strengths, weight, reason in _pointing(loaded, query):
        keep = allowed.keep(found)
        rows.append(found[keep])
        counts.append(weight * normalised(strengths[keep]))
        reasons.append(np.full(rows[-1].size, int(reason), dtype=np.uint8))
    every, each, why = np.concatenate(rows), np.concatenate(counts), np.concatenate(reasons)
    found, count = summed(every, each)
    told = np.zeros(found.size, dtype=np.uint8)
    order = np.argsort(each, kind="stable")
    told[found.searchsorted(every[order])] = why[order]
    return Ranked(rows=found, scores=count, reasons=told)


def _pointing(loaded: Loaded, query: Query) -> Iterator[tuple[Rows, Scores, float, Reason]]:
    """Yield rows with their strengths, what the strongest of them counts, and for which reason."""
    for near, weight in (
        (query.in_view, STRANGERS_CONTEXT),
        (query.latest, STRANGERS_RECENT),
    ):
        if near.size:
            yield *loaded.copurchase.score(np.unique(near)), weight, Reason.GOES_WITH
    if query.due.size:
        yield query.due, query.due_shares, STRANGERS_DUE * query.due_shares.max(), Reason.REPEAT
    if query.searched:
        yield *looked_for(loaded, query.searched, NO_ROWS), STRANGERS_SEARCH, Reason.SEARCHED
