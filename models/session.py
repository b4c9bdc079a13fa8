"""What a customer or visitor did a moment ago, and what it asks of the very next list.

    looked at, selected, wished for   what goes with it moves up
    put into the cart                 it is not recommended while it is there, what goes with it is;
                                      taken out again, all is as before
    searched for                      what holds the words moves up, until something is bought
    bought                            it leaves until it is due again, or for good; then it moves up
                                      (``models.due``)
    given back                        as if it had not been bought
    not interesting                   it is hidden as long as the live state says, and what is like
                                      it moves down some

Nothing of this is kept: it is made anew of the events for each list, so it counts once, whichever
record it meets. Of what the loaded release has learned, purchases up to its last, only the latest
are heeded, which are not due yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from models.arrays import Rows, Scores
from models.artifacts.customer_record import History
from models.artifacts.live_state import LiveState
from models.asked import MOST_RECENT, NO_ROWS, NO_SCORES, Query
from models.due import DAY_MS, NOTHING_BOUGHT, bought, just_bought
from models.happenings import happenings
from models.loaded import Loaded

FADE_DAYS = 1.0
"""After so long, a customer's latest events count half; chosen, not measured."""
MOST_DISLIKED = 20
"""Hidden items, the latest, whose like moves down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What a live state says to a release, in its rows."""

    cart: Rows = field(default_factory=lambda: NO_ROWS)
    """In the cart, oldest first."""
    recent: Rows = field(default_factory=lambda: NO_ROWS)
    """The latest items looked at or bought, oldest first, at most ``MOST_RECENT``."""
    bought: Rows = field(default_factory=lambda: NO_ROWS)
    """Since the release, ascending."""
    held: Rows = field(default_factory=lambda: NO_ROWS)
    """What was bought and is not due yet: of ``bought``, or just before the release."""
    due: Rows = field(default_factory=lambda: NO_ROWS)
    """The others, ascending, and
    """
    due_shares: Scores = field(default_factory=lambda: NO_SCORES)
    """how many buy each again."""
    hidden: Rows = field(default_factory=lambda: NO_ROWS)
    """Latest last."""
    searched: str = ""
    freshness: float = 1.0
    """1 for what happens now, towards 0 for what happened long ago."""

    def asked(self, query: Query) -> Query:
        """Return what is asked, with all that a session adds; what the request gives stays."""
        gone = [rows for rows in (query.exclude, self.held, self.hidden, self.cart) if rows.size]
        return replace(
            query,
            cart=self.cart,
            recent=np.concatenate([self.recent, query.recent])
            if query.recent.size
            else self.recent,
            exclude=np.concatenate(gone) if len(gone) > 1 else [*gone, NO_ROWS][0],
            bought=self.bought,
            due=self.due,
            due_shares=self.due_shares,
            disliked=self.hidden[-MOST_DISLIKED:],
            searched=self.searched,
            freshness=self.freshness,
        )


QUIET = Session()


def of(loaded: Loaded, live: LiveState, *, history: History | None, now_ms: int) -> Session:
    """Return what ``live`` says to ``loaded``.

    Items that the release does not know say nothing.

    Args:
        loaded: The release.
        live: Of the customer or visitor who asks.
        history: What the customer bought; without it whatever was bought since waits for the next
            release.
        now_ms: In milliseconds since 1970.
    """
    if not (live.events or live.hidden):
        return QUIET
    hidden = [id_ for id_, until_ms in live.hidden.items() if until_ms > now_ms]
    told = happenings(live.events, learned_until_ms=loaded.learned_until_ms)
    gone = {*told.cart, *hidden}
    recent = [id_ for id_ in told.recent if id_ not in gone][-MOST_RECENT:]
    cart, looked, out = _rows(loaded, list(told.cart), recent, hidden)
    paid = NOTHING_BOUGHT
    if told.bought:
        paid = bought(loaded, told.bought, history, now_ms=now_ms)
    held = paid.held
    if told.learned:
        just = just_bought(loaded, told.learned, now_ms=now_ms)
        held = np.concatenate([held, np.array(just, dtype=np.int32)])
    age_days = max(now_ms - told.last_ms, 0) / DAY_MS
    return Session(
        cart=cart,
        recent=looked,
        bought=paid.rows,
        held=held,
        due=paid.due,
        due_shares=paid.shares,
        hidden=out,
        searched=told.searched,
        freshness=0.5 ** (age_days / FADE_DAYS),
    )


def _rows(loaded: Loaded, *lists: Sequence[str]) -> list[Rows]:
    """Return the rows of each list that the release knows; one look-up for all."""
    rows = iter(loaded.catalogue.ids.each_row_of([id_ for ids in lists for id_ in ids]))
    found = []
    for ids in lists:
        known = [row for _, row in zip(ids, rows, strict=False) if row is not None]
        found.append(np.array(known, dtype=np.int32) if known else NO_ROWS)
    return found


def has_bought(loaded: Loaded, live: LiveState) -> bool:
    """Whether something was bought since the release, so that the history is of use."""
    until_ms = loaded.learned_until_ms
    return any(one.event == "purchase" and one.at_ms > until_ms for one in live.events)
