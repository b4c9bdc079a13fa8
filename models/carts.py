"""What customers left behind: in the cart, or looked at, and not bought.

    in the cart   put there, or seen there, and not taken out again
    looked at     never put into the cart, and nothing else is in it

Whatever is bought, a purchase ends what came before it: the cart was paid for, and what was only
looked at was thought over. That is stricter than what lists heed (``models.happenings``): somebody
is addressed because of this, and to be reminded of what one has just bought, under another id or in
another size, is worse than to hear nothing.

Events say which items, not how many of each.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import fsum

import numpy as np

from models.arrays import Rows
from models.artifacts.live_state import Happened, LiveState
from models.asked import Allowed, Query
from models.loaded import Loaded

CART = frozenset({"add_to_cart", "remove_from_cart", "view_cart", "begin_checkout"})
"""Events by which it is told when somebody last had to do with their cart."""
LOOKED = frozenset({"view_item", "select_item"})
"""Likewise, when they last looked at an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What one customer left; all in ids."""

    item_ids: Sequence[str] = ()
    """The latest first, without what is hidden; empty where nothing is left."""
    bought: bool = False
    """Whether there was something, and a purchase ended it."""
    last: Happened | None = None
    """The last event of its kind."""
    active_ms: int = 0
    """When they last did anything at all."""


def in_cart(live: LiveState, *, now_ms: int) -> Left:
    """Return what is in the cart of a customer or visitor.

    Args:
        live: Theirs; of who refuses to be known by it, nothing may be asked here.
        now_ms: In milliseconds since 1970.
    """
    trail = _followed(live.events)
    return Left(
        item_ids=_latest_first(trail.cart, live, now_ms),
        bought=trail.paid_cart and not trail.cart,
        last=trail.last_of_cart,
        active_ms=trail.active_ms,
    )


def looked_at(live: LiveState, *, now_ms: int) -> Left:
    """Return what a customer or visitor looked at and no more; arguments are those of ``in_cart``.

    Whoever has something in the cart has left that: of them this is nothing.
    """
    trail = _followed(live.events)
    seen = () if trail.cart else [id_ for id_ in trail.seen if id_ not in trail.carted]
    return Left(
        item_ids=_latest_first(seen, live, now_ms),
        bought=trail.paid_seen and not trail.seen,
        last=trail.last_look,
        active_ms=trail.active_ms,
    )


def shown(loaded: Loaded, item_ids: Sequence[str], query: Query) -> Rows:
    """Return the rows of those items that may be shown where ``query`` is asked, in order.

    What the release does not know may not.
    """
    rows = loaded.catalogue.ids.rows_of(item_ids)
    return rows[Allowed.of(loaded, query).keep(rows)]


def value(loaded: Loaded, rows: Rows) -> float | None:
    """Return what one of each item costs, as far as prices are known; None where none is."""
    prices = loaded.catalogue.price[rows]
    known = prices[np.isfinite(prices)]
    return round(fsum(known.tolist()), 6) if known.size else None


@dataclass(slots=True)
class _Trail:
    """What events come to, taken in one after the other."""

    cart: dict[str, None] = field(default_factory=dict)
    """Each at its latest place, the oldest first."""
    seen: dict[str, None] = field(default_factory=dict)
    """Likewise."""
    carted: set[str] = field(default_factory=set)
    """What was ever in the cart since the last purchase."""
    paid_cart: bool = False
    paid_seen: bool = False
    last_of_cart: Happened | None = None
    last_look: Happened | None = None
    active_ms: int = 0

    def add(self, event: Happened) -> None:
        """Take in one event; none may come before one that was taken in."""
        self.active_ms = event.at_ms
        if event.event == "purchase":
            self._paid()
        elif event.event in CART:
            self.last_of_cart = event
            self._touched(event)
        elif event.event in LOOKED:
            self.last_look = event
            _move(event.item_ids, self.seen)

    def _paid(self) -> None:
        self.paid_cart = self.paid_cart or bool(self.cart)
        self.paid_seen = self.paid_seen or bool(self.seen)
        for ended in (self.cart, self.seen, self.carted):
            ended.clear()

    def _touched(self, event: Happened) -> None:
        self.carted.update(event.item_ids)
        if event.event == "remove_from_cart":
            for id_ in event.item_ids:
                self.cart.pop(id_, None)
        else:
            _move(event.item_ids, self.cart)


def _followed(events: Iterable[Happened]) -> _Trail:
    """Follow events in the order of their times, of one moment as they came."""
    trail = _Trail()
    for event in sorted(events, key=_when):
        trail.add(event)
    return trail


def _when(event: Happened) -> int:
    return event.at_ms


def _move(item_ids: Iterable[str], to: dict[str, None]) -> None:
    """Put items at the end, wherever they stood."""
    for id_ in item_ids:
        to.pop(id_, None)
        to[id_] = None


def _latest_first(item_ids: Iterable[str], live: LiveState, now_ms: int) -> Sequence[str]:
    return [id_ for id_ in item_ids if live.hidden.get(id_, 0) <= now_ms][::-1]
