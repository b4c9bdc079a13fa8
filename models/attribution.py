"""Which list earned what: impressions, clicks and orders, joined by the list's recommendation id.

Per customer or visitor, in the order in which their events were stored:

- **impression**: the first ``view_item_list`` that names a recommendation id. Later ones add items,
  up to 200 in all.
- **click**: ``select_item``, or a ``view_item`` or ``add_to_cart`` that names the id, of an item
  that the list showed, within 30 minutes of the impression; each item of a list once. Without an
  impression there is nothing to click.
- **order**: a ``purchase`` within 7 days of the click, credited to the list clicked last of those
  that showed an item of it. Was none clicked, to the list that the purchase itself names, if it
  was seen in the last 7 days and showed one. If nobody told that it was seen, as with a mail, it
  must be an id of ours made in the last 7 days, and then every line is credited.
- **revenue**: of the lines that the list showed, price times quantity, for the price is as paid and
  a discount stands beside it for information. A line without a price earns nothing.
- **margin**: of that revenue the share that the release says of the item: its margin by its price.
  An item of unknown margin adds none.
- **provisional_revenue**: revenue by a page's word alone. Once a backend confirms the order, it
  moves to revenue and margin; an order that nobody confirms stays provisional.

An order counts once. The backend's copy of an order that a page has told (``confirms``) is no
second order; but its money is the truth, so what was credited is corrected to it, on the day of the
order. A refund takes back revenue and margin on that day too: of the lines it names, at its price
or else at the credited one, never more than is left; all of them, where it names none. A page's
refund takes back provisional revenue only. The order stays an order, for the list did its work.
What is older than a month is not taken back.

A backend's copy of an order that somebody else's page has told (``contested``) is credited to what
its own customer clicked or saw. Where they did neither, its list may have been credited with that
page's copy, so it is not by its name alone. Whoever clicks as one and as another is taken for two.

Placement and release of a list are decided at its impression, so that its clicks and orders stand
beside it: the placement that a backend says; the one that a page says, if it is that whose code the
id carries (``models.artifacts.recommendation_id``); else the name among the usual ones, or of a
release that is there, whose code that is; else ``unknown``.

The day is the event's, in UTC. An event older than 31 days when it is stored, or a page's that is
older than 8, counts nothing; one from later than an hour ahead counts as of then. So a page cannot
make days up. How counts are kept: ``models.counted``.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from models.artifacts.event import Event
from models.artifacts.recommendation_id import code, codes
from models.artifacts.touches import (
    MAX_SHOWN,
    SHOWN_MS,
    Ordered,
    Shown,
    Touches,
    item_code,
    item_codes,
    order_code,
)
from models.counted import Counts, Field, What
from models.credit import Margin, brought, corrected, given_back, told

UNKNOWN = "unknown"
CLICK_MS = 30 * 60_000
_DAY_MS = 86_400_000
LATE_MS, LATE_OF_PAGES_MS, AHEAD_MS = 31 * _DAY_MS, 8 * _DAY_MS, 3_600_000
"""How old an event may be when it is stored, and how far ahead of that a clock may be."""
USUAL = (
    "home", "product", "cart", "category", "search", "checkout", "email", "ad", "sms", "push",
)  # fmt: skip
"""Placements that shops have; others are known by what the events say."""

_OF_LISTS = frozenset({"view_item_list", "select_item", "view_item", "add_to_cart"})
_OF_ORDERS = frozenset({"purchase", "refund"})
_PLACEMENTS = {code(name): name for name in USUAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What there must be known of the shop."""

    releases: Mapping[int, str]
    """Versions that are there, by their codes."""
    margin: Margin


def attribute(
    event: Event, touches: Touches, *, known: Known, stored_ms: int
) -> tuple[Touches, Counts]:
    """Return what the event leaves to credit, and what it adds to the counts.

    Args:
        event: Of one customer or visitor; what names nobody counts nothing.
        touches: Theirs, as the event before left them.
        known: Of the shop.
        stored_ms: When the store took the event, in ms since 1970.
    """
    counts: Counts = Counter()
    lately = _lately(event, stored_ms)
    if lately is None or not matters(event):
        return touches, counts
    if event.event in _OF_ORDERS:
        after = _told_of_an_order(lately, touches, known, counts)
    elif event.event == "view_item_list":
        after = _seen(lately, touches.at(lately.at_ms), known, counts)
    else:
        after = _clicked(lately, touches, counts)
    return after if after is touches else after.at(lately.at_ms), counts


def _lately(event: Event, stored_ms: int) -> Event | None:
    """Return an event as of a time that can be; None of one that is too old to count."""
    late_ms = stored_ms - event.at_ms
    if late_ms > (LATE_OF_PAGES_MS if event.source == "page" else LATE_MS):
        return None
    return replace(event, at_ms=stored_ms) if late_ms < -AHEAD_MS else event


def matters(event: Event) -> bool:
    """Whether an event is one of those that are joined here."""
    if event.customer_id is None and event.anonymous_id is None:
        return False
    named = event.recommendation_id is not None and event.event in _OF_LISTS
    return named or event.event in _OF_ORDERS


def _seen(event: Event, touches: Touches, known: Known, counts: Counts) -> Touches:
    items = item_codes(line.item_id for line in event.items)
    before = _named(event, touches)
    if before is not None:
        shown = list(dict.fromkeys([*before.items, *items]))[:MAX_SHOWN]
        return _with(touches, before._replace(items=shown))
    placement, release = _origin(event, known)
    counts[_field(event.at_ms, placement, release, "impressions")] += 1
    seen = Shown(event.recommendation_id or "", event.at_ms, placement, release, items, [])
    return Touches((*touches.shown, seen), touches.ordered)


def _clicked(event: Event, touches: Touches, counts: Counts) -> Touches:
    shown = _named(event, touches)
    if shown is None or not 0 <= event.at_ms - shown.at_ms <= CLICK_MS:
        return touches
    items = item_codes(line.item_id for line in event.items) or [0]
    showed, before = {*shown.items}, {*shown.clicked}
    of_it = [item for item in items if item in showed or not showed or item == 0]
    if not of_it:
        return touches
    new = [item for item in of_it if item not in before][: MAX_SHOWN - len(before)]
    if new:
        counts[_field(event.at_ms, shown.placement, shown.release, "clicks")] += len(new)
    last_ms = max(shown.clicked_at_ms, event.at_ms)
    return _with(touches, shown._replace(clicked=[*shown.clicked, *new], clicked_at_ms=last_ms))


def _told_of_an_order(event: Event, touches: Touches, known: Known, counts: Counts) -> Touches:
    order = _ordered(event, touches)
    if order is None:
        fresh = event.event == "purchase" and not event.confirms
        return _bought(event, touches.at(event.at_ms), known, counts) if fresh else touches
    if event.event == "refund":
        return _changed(order, given_back(order, event), touches, counts)
    if event.confirms:
        return _changed(order, corrected(order, event, known.margin), touches, counts)
    return touches


def _bought(event: Event, touches: Touches, known: Known, counts: Counts) -> Touches:
    credited = _credited(event, touches, known)
    if credited is None:
        return touches
    placement, release, of_it = credited
    lines = [line for line in event.items if of_it(item_code(line.item_id))]
    order = Ordered(
        order_code(event.transaction_id or event.event_id),
        event.at_ms,
        placement,
        release,
        event.currency or "",
        told(event, lines, known.margin),
        confirmed=event.source == "backend",
        returned=[],
        doubted=[],
    )
    counts[_field(event.at_ms, placement, release, "orders")] += 1
    _add(counts, order, times=1)
    return Touches(touches.shown, (*touches.ordered, order))


def _credited(
    event: Event, touches: Touches, known: Known
) -> tuple[str, str, Callable[[int], bool]] | None:
    """Return placement and release of the list that an order is credited to, and what of it."""
    bought = set(item_codes(line.item_id for line in event.items))

    def showed(shown: Shown) -> bool:
        return not shown.items or not bought.isdisjoint(shown.items)

    clicked = [
        shown
        for shown in touches.shown
        if shown.clicked and 0 <= event.at_ms - shown.clicked_at_ms <= SHOWN_MS and showed(shown)
    ]
    named = _named(event, touches)
    if clicked:
        shown = max(clicked, key=lambda one: one.clicked_at_ms)
    elif named is not None and 0 <= event.at_ms - named.at_ms <= SHOWN_MS and showed(named):
        shown = named
    elif named is None and not event.contested and _made_lately(event):
        return *_origin(event, known), lambda _item: True
    else:
        return None
    items = {*shown.items}
    return shown.placement, shown.release, lambda item: not items or item in items


def _made_lately(event: Event) -> bool:
    if event.recommendation_id is None or codes(event.recommendation_id) is None:
        return False
    made_ms = int(event.recommendation_id.replace("-", "")[:12], 16)
    return 0 <= event.at_ms - made_ms <= SHOWN_MS


def _changed(before: Ordered, after: Ordered, touches: Touches, counts: Counts) -> Touches:
    """Put what an order is now in its place, and count the difference."""
    _add(counts, before, times=-1)
    _add(counts, after, times=1)
    ordered = (after if one is before else one for one in touches.ordered)
    return Touches(touches.shown, tuple(ordered))


def _add(counts: Counts, order: Ordered, *, times: int) -> None:
    money = brought(order)
    where = _field(order.at_ms, order.placement, order.release, "revenue", order.currency)
    counts[where] += times * money.revenue
    counts[where._replace(what="margin")] += times * money.margin
    counts[where._replace(what="provisional_revenue")] += times * money.provisional


def _origin(event: Event, known: Known) -> tuple[str, str]:
    """Placement and release of the list that an event names."""
    said = codes(event.recommendation_id or "")
    placement = _PLACEMENTS.get(said.placement) if said else None
    if event.source == "backend" or (said and said.placement == code(event.placement)):
        placement = event.placement or placement
    release = known.releases.get(said.release) if said else None
    return placement or UNKNOWN, release or UNKNOWN


def _field(at_ms: int, placement: str, release: str, what: What, currency: str = "") -> Field:
    day = datetime.fromtimestamp(at_ms / 1000, UTC).date().isoformat()
    return Field(day, placement, release, currency, what)


def _named(event: Event, touches: Touches) -> Shown | None:
    shown = (one for one in touches.shown if one.recommendation_id == event.recommendation_id)
    return next(shown, None)


def _ordered(event: Event, touches: Touches) -> Ordered | None:
    if event.transaction_id is None:
        return None
    order = order_code(event.transaction_id)
    return next((one for one in touches.ordered if one.order == order), None)


def _with(touches: Touches, after: Shown) -> Touches:
    shown = (
        after if one.recommendation_id == after.recommendation_id else one for one in touches.shown
    )
    return Touches(tuple(shown), touches.ordered)
