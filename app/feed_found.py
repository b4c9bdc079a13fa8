"""What becomes of a customer who did something with a cart, or looked at an item.

    on the feed    something is left, and they may be addressed about it, now or when their quiet
                   hours end
    left out       they mind, have bought since, are dissatisfied or have heard from the shop too
                   often; how many of each is told
    nothing left   all was taken out again, is hidden, cannot be shown any more, or was not left at
                   the right time

Who refuses to be known by what they do is left out before it is looked at what that was.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, Protocol

from app.contact import Contact
from app.feed_index import Window
from app.ladder import Customer
from app.listing import Known, Made, Read
from app.store import StoreAway
from models import carts
from models.arrays import Rows
from models.artifacts.keys import Keys
from models.artifacts.live_state import Happened, LiveState
from models.asked import Query
from models.carts import Left
from models.customer.permission import Permission, Reason, quiet_until

Suppressed = Reason | Literal["bought-since"]


class LeftBy(Protocol):
    """Says what a customer left: ``models.carts``."""

    def __call__(self, live: LiveState, *, now_ms: int) -> Left:
        """Return what is left."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """One of the feeds."""

    name: str
    index: Callable[[Keys, int], str]
    """The key of a shard's customers by when they did what the feed is about."""
    left: LeftBy


CARTS = Feed(name="abandoned-carts", index=Keys.carts, left=carts.in_cart)
BROWSED = Feed(name="browse-abandonment", index=Keys.browsed, left=carts.looked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A customer who left something, and what may be said to them about it."""

    customer_id: str
    known: Known
    contact: Contact
    """Looked into for now, or for when their quiet hours end."""
    last: Happened
    item_ids: tuple[str, ...]
    """All that was left."""
    rows: Rows
    """What of it may be shown, the latest first."""
    value: float | None
    not_before_ms: int | None = None
    """When their quiet hours end; None where it need not be waited for."""
    show: Made | None = None
    """What goes with it, once it was made."""


class Judged(NamedTuple):
    """What became of a customer; neither where nothing is left."""

    found: Found | None = None
    suppressed: Suppressed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Says what becomes of customers, as far as their contacts need not be counted for it."""

    feed: Feed
    window: Window
    """When it must have been left."""
    min_value: float
    now_ms: int

    def judged(self, customer_id: str, of: Read) -> Judged:
        """Return what becomes of one customer.

        Args:
            customer_id: Theirs.
            of: All that was read of them, for a contact.

        Raises:
            StoreAway: It is not known now.
        """
        known, contact = of
        if known is None or contact is None:
            raise StoreAway
        if known.customer.damaged:
            return Judged()
        if _is_away(known.customer, contact):
            raise StoreAway
        if not known.customer.live.may_personalize:
            return Judged(suppressed="personalization-refused")
        left = self.feed.left(known.customer.live, now_ms=self.now_ms)
        if left.bought:
            return Judged(suppressed="bought-since")
        found = self._found(customer_id, known, contact, left)
        if found is None:
            return Judged()
        if known.treatment is not None and known.treatment.row.list is False:
            return Judged(suppressed="dissatisfied")
        return Judged(found)

    def _found(self, customer_id: str, known: Known, contact: Contact, left: Left) -> Found | None:
        last = left.last
        if last is None or last.at_ms < self.window.begin_ms:
            return None
        if left.active_ms > self.window.end_ms:
            return None
        rows = carts.shown(known.loaded, left.item_ids, contact.of(Query()))
        value = carts.value(known.loaded, rows)
        if not rows.size or (value or 0) < self.min_value:
            return None
        found = Found(
            customer_id=customer_id,
            known=known,
            contact=contact,
            last=last,
            item_ids=tuple(left.item_ids),
            rows=rows,
            value=value,
        )
        quiet = contact.preferences.quiet_hours
        if contact.permission.refused != "quiet-hours" or quiet is None:
            return found
        ends_ms = quiet_until(quiet, now_ms=self.now_ms)
        return replace(found, contact=contact.at(ends_ms), not_before_ms=ends_ms)


def if_permitted(one: Judged, permission: Permission) -> Judged:
    """Return what becomes of a customer whose contacts were counted.

    Raises:
        StoreAway: They could not be.
    """
    if permission.refused == "store-away":
        raise StoreAway
    return one if permission.refused is None else Judged(suppressed=permission.refused)


def _is_away(customer: Customer, contact: Contact) -> bool:
    """Whether more might be known of a customer if the store answered."""
    return customer.missed or customer.remembered or contact.permission.refused == "store-away"
