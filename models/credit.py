"""What of an order a list is credited with, and what stays of it: the money of attribution.

Money is counted in whole parts of a currency's unit, for sums of floating point numbers depend on
their order, and several workers add. Price times quantity is what a line brings: a price is as
paid, and the discount beside it is for information. A line without a price brings nothing.

A page can be made to say anything, so what it says of money is provisional until a backend confirms
the order, and brings no margin. What came back stands beside what was sold, so that neither word
undoes the other: a page's refund counts while the order is provisional, a backend's always, and
where it confirms a page's it takes that one's place.

No line brings more than a trillion, and a page's order no more than a billion: such a line, or such
an order, brings no money at all. So sums stay within the store's numbers (2 to the 63rd) until they
hold a thousand such lines of one day.
"""

from collections.abc import Callable, Iterable
from typing import NamedTuple

from models.artifacts.event import Event, Line
from models.artifacts.touches import ALL, Ordered, Returned, Sold, item_code

UNIT = 10_000
"""Parts of a currency's unit."""
MOST_OF_A_LINE = 10**12
"""In the currency's unit: the largest price that the interface takes."""
MOST_OF_A_PAGE = 10**9
"""Of an order that only a page has told."""

Margin = Callable[[str], float | None]
"""The share of an item's price that the shop earns; None where unknown."""


class Brought(NamedTuple):
    """What an order brought, after what came back; in parts."""

    revenue: int
    margin: int
    provisional: int
    """Revenue that nobody has confirmed; then there is no other."""


def sold(lines: Iterable[Line], margin: Margin) -> list[Sold]:
    """Return what each item of some lines brings; an item on two lines is there once."""
    found: dict[int, Sold] = {}
    for line in lines:
        item, share = item_code(line.item_id), margin(line.item_id)
        paid = (line.price or 0.0) * line.quantity
        revenue = round(paid * UNIT) if abs(paid) <= MOST_OF_A_LINE else 0
        earned = round(revenue * share) if share is not None else 0
        before = found.get(item, Sold(item, 0, 0, 0))
        found[item] = Sold(
            item,
            before.quantity + line.quantity,
            before.revenue + revenue,
            before.margin + earned,
        )
    return list(found.values())


def told(event: Event, lines: Iterable[Line], margin: Margin) -> list[Sold]:
    """Return what an order's lines bring by the word of ``event``."""
    found = sold(lines, margin)
    if event.source == "page" and sum(line.revenue for line in found) > MOST_OF_A_PAGE * UNIT:
        return [line._replace(revenue=0, margin=0) for line in found]
    return found


def brought(order: Ordered) -> Brought:
    """Return what an order brought, as far as it is known by now."""
    came_back: dict[int, Returned] = {}
    for one in [*order.returned, *([] if order.confirmed else order.doubted)]:
        came_back[one.item] = _both(came_back.get(one.item), one)
    revenue = margin = 0
    for line in () if ALL in came_back else order.lines:
        left = _left(line, came_back.get(line.item))
        revenue += left
        margin += round(line.margin * left / line.revenue) if line.revenue else 0
    return Brought(revenue, margin, 0) if order.confirmed else Brought(0, 0, revenue)


def corrected(order: Ordered, event: Event, margin: Margin) -> Ordered:
    """Return an order as the backend's copy of it has it; items not credited before are not now.

    A copy without lines confirms no money: that stays provisional.
    """
    if not event.items:
        return order
    credited = {line.item for line in order.lines}
    of_it = [line for line in event.items if item_code(line.item_id) in credited]
    return order._replace(
        currency=event.currency or order.currency, lines=sold(of_it, margin), confirmed=True
    )


def given_back(order: Ordered, event: Event) -> Ordered:
    """Return an order of which something came back: all of it, where a refund names no items."""
    if event.source == "page":
        return order._replace(doubted=_with(order.doubted, event, order))
    doubted = [] if event.confirms else order.doubted
    return order._replace(returned=_with(order.returned, event, order), doubted=doubted)


def _with(before: Iterable[Returned], event: Event, order: Ordered) -> list[Returned]:
    found = {one.item: one for one in before}
    if not event.items:
        found[ALL] = Returned(ALL, 0, 0)
    credited = {line.item for line in order.lines}
    for line in event.items:
        item = item_code(line.item_id)
        if item in credited:
            found[item] = _both(found.get(item), _returned(item, line))
    return list(found.values())


def _returned(item: int, line: Line) -> Returned:
    if line.price is None:
        return Returned(item, line.quantity, 0)
    paid = min(line.price * line.quantity, MOST_OF_A_LINE)  # more was not credited
    return Returned(item, 0, round(paid * UNIT))


def _both(one: Returned | None, other: Returned) -> Returned:
    if one is None:
        return other
    asked = min(one.asked + other.asked, MOST_OF_A_LINE * UNIT)
    return Returned(one.item, one.quantity + other.quantity, asked)


def _left(line: Sold, came_back: Returned | None) -> int:
    """Return the money that stays: never less than none."""
    if came_back is None:
        return line.revenue
    share = min(1.0, came_back.quantity / line.quantity) if line.quantity else 1.0
    return max(0, line.revenue - came_back.asked - round(line.revenue * share))
