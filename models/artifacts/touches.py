"""What somebody was shown, followed and ordered of late: the field ``t`` of a live state.

    {"shown":   [[recommendation id, shown at, placement, release, [item, …], [item, …], at], …],
     "ordered": [[order, ordered at, placement, release, currency,
                  [line, …], confirmed, [return, …], [return, …]], …]}

The second list of items holds those that were clicked, the last number of the row when one was last
clicked, 0 for never. A line is item, quantity, revenue and margin, as sold. Beside what was sold
stands what came back: as backends told, and as pages told that nobody has confirmed. A return is
item, how many at the credited price, and money where it was returned at a price of its own.

A page can be made to say anything, so all of it is bounded, to some 150 KB at the very most: what
is oldest is forgotten first.

Items are checksums of their ids and orders digests of theirs: they are only ever compared, and a
hostile page may send 200 ids of 256 characters each. Two of 200 items have one checksum once in
215,000 lists.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple, Self
from zlib import crc32

import orjson

from models.artifacts.event import MAX_ITEMS
from models.errors import ArtifactCorrupt

N_SHOWN = 20
N_ORDERED = 20
MAX_SHOWN = MAX_ITEMS
"""Items of one list, however often it is told."""
N_ITEMS = 2000
"""Items of all lists, shown and clicked."""
N_LINES = 1000
"""Of all orders, sold and returned; one alone has no more than 600."""
_DAY_MS = 86_400_000
SHOWN_MS = 7 * _DAY_MS
"""An order within seven days is credited."""
ORDERED_MS = 30 * _DAY_MS
"""Who sends something back mostly does so within a month; so long an order is known."""
_N_ORDER_DIGEST = 8


class Shown(NamedTuple):
    """A list that was seen."""

    recommendation_id: str
    at_ms: int
    placement: str
    release: str
    items: list[int]
    """What it showed; empty where the page did not say."""
    clicked: list[int]
    clicked_at_ms: int = 0

    @property
    def last_ms(self) -> int:
        """When it was last seen or clicked."""
        return max(self.at_ms, self.clicked_at_ms)


class Sold(NamedTuple):
    """What is credited of one item of an order."""

    item: int
    quantity: float
    revenue: int
    """As attribution counts money."""
    margin: int


class Returned(NamedTuple):
    """What came back of one item of an order."""

    item: int
    """``ALL`` of the whole order."""
    quantity: float
    """At the credited price."""
    asked: int
    """Money, of what came back at a price of its own."""


ALL = -1


class Ordered(NamedTuple):
    """An order that a list was credited with."""

    order: str
    at_ms: int
    placement: str
    release: str
    currency: str
    lines: list[Sold]
    """As sold, whatever came back."""
    confirmed: bool
    """Whether a backend told what was sold."""
    returned: list[Returned]
    """As backends told."""
    doubted: list[Returned]
    """As pages told, and no backend has confirmed."""

    @property
    def n_lines(self) -> int:
        """Rows that it takes."""
        return len(self.lines) + len(self.returned) + len(self.doubted)


@dataclass(frozen=True, slots=True)
class Touches:
    """What there is to credit."""

    shown: tuple[Shown, ...] = ()
    """In the order in which it was first seen."""
    ordered: tuple[Ordered, ...] = ()

    def at(self, now_ms: int) -> Self:
        """Return what of it still counts, and what of that there is room for."""
        shown = [one for one in self.shown if now_ms - one.last_ms <= SHOWN_MS]
        ordered = [one for one in self.ordered if now_ms - one.at_ms <= ORDERED_MS]
        return type(self)(_newest_shown(shown), _newest_ordered(ordered))

    def joined_with(self, others: Self) -> Self:
        """Return both, for a visitor who turned out to be the customer; what both know, as here."""
        known = {one.recommendation_id for one in self.shown}
        orders = {one.order for one in self.ordered}
        shown = [*self.shown, *(one for one in others.shown if one.recommendation_id not in known)]
        ordered = [*self.ordered, *(one for one in others.ordered if one.order not in orders)]
        return type(self)(
            _newest_shown(sorted(shown, key=lambda one: one.at_ms)),
            _newest_ordered(sorted(ordered, key=lambda one: one.at_ms)),
        )

    def pack(self) -> bytes:
        """Return it as JSON."""
        ordered = [
            [*one[:5], _rows(one.lines), one.confirmed, _rows(one.returned), _rows(one.doubted)]
            for one in self.ordered
        ]
        return orjson.dumps({"shown": [[*one] for one in self.shown], "ordered": ordered})

    @classmethod
    def unpack(cls, packed: bytes | None) -> Self:
        """Read what ``pack`` wrote; None is nothing.

        Raises:
            ArtifactCorrupt: It is none of ours.
        """
        if not packed:
            return cls()
        try:
            told = orjson.loads(packed)
            shown = tuple(Shown(*one) for one in told["shown"])
            orders = (Ordered(*one) for one in told["ordered"])
            ordered = tuple(
                one._replace(
                    lines=[Sold(*line) for line in one.lines],
                    returned=[Returned(*line) for line in one.returned],
                    doubted=[Returned(*line) for line in one.doubted],
                )
                for one in orders
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt("what was shown and followed is not one of ours") from problem
        return cls(shown, ordered)


def _newest_shown(shown: Sequence[Shown]) -> tuple[Shown, ...]:
    first = _first([len(one.items) + len(one.clicked) for one in shown], most=N_ITEMS)
    return tuple(shown[max(first, len(shown) - N_SHOWN) :])


def _newest_ordered(ordered: Sequence[Ordered]) -> tuple[Ordered, ...]:
    first = _first([one.n_lines for one in ordered], most=N_LINES)
    return tuple(ordered[max(first, len(ordered) - N_ORDERED) :])


def _first(sizes: Sequence[int], *, most: int) -> int:
    """Return the place of the first of those, counted from the end, that take ``most`` together."""
    left = most
    for place in range(len(sizes) - 1, -1, -1):
        left -= sizes[place]
        if left < 0:
            return place + 1
    return 0


def _rows(lines: Iterable[Sold | Returned]) -> list[list[float]]:
    return [[*line] for line in lines]


def item_code(item_id: str) -> int:
    """Return what stands for an item here."""
    return crc32(item_id.encode())


def item_codes(item_ids: Iterable[str]) -> list[int]:
    """Return what stands for each item, each once, in their order."""
    return list(dict.fromkeys(map(item_code, item_ids)))


def order_code(transaction_id: str) -> str:
    """Return what stands for an order here."""
    return blake2b(transaction_id.encode(), digest_size=_N_ORDER_DIGEST).hexdigest()
