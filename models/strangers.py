"""What for somebody who has no list: what goes with what they look at, who buys it, what sells.

Co-purchase alone is beaten by what sells, and what sells by the three together.
"""

import numpy as np

from models.appeal import Appeal
from models.artifacts.customer_record import Reason
from models.asked import MOST_RECENT, NO_ROWS, Allowed, Query, Ranked
from models.loaded import Loaded
from models.ranking import normalised, summed

STRANGERS_TASTE = 0.15
STRANGERS_POPULARITY = 0.5
STRANGERS_CONTEXT = 1.0
STRANGERS_RECENT = 0.1
"""What the vector folded in, what sells, what goes best with the page or cart, and what goes best
with the latest events count. Measured on the Complete Journey's validation window (``make
bench-cold-start``)."""


def of_a_stranger(loaded: Loaded, query: Query, allowed: Allowed) -> Ranked:
    """Rank the catalogue by what was seen, the page or cart and the latest events."""
    recent = query.recent[-MOST_RECENT:]
    seen = np.unique(np.concatenate([query.context, recent]))
    appeal = Appeal(
        vector=loaded.collaborative.fold_in(seen),
        liking=STRANGERS_TASTE,
        selling=STRANGERS_POPULARITY,
        more=_going_with(loaded, query, allowed),
    )
    return appeal.best(loaded, allowed, query.pool)


def _going_with(loaded: Loaded, query: Query, allowed: Allowed) -> Ranked:
    """Return what goes with the cart and with the latest events, and what that counts."""
    rows, counts = [NO_ROWS], [np.empty(0, dtype=np.float32)]
    for near, weight in (
        (query.context, STRANGERS_CONTEXT),
        (query.recent[-MOST_RECENT:], STRANGERS_RECENT),
    ):
        if near.size:
            companions, strengths = loaded.copurchase.score(np.unique(near))
            keep = allowed.keep(companions)
            rows.append(companions[keep])
            counts.append(weight * normalised(strengths[keep]))
    return Ranked.of(*summed(np.concatenate(rows), np.concatenate(counts)), Reason.GOES_WITH)
