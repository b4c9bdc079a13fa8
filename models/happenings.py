"""What the events of a live state come to: in the cart, looked at, bought, searched for.

Later events undo earlier ones: what is taken out of the cart was never in it, what is given back
was never bought. A purchase takes its items out of the cart and ends a search.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from models.artifacts.live_state import Happened

_LOOKED = frozenset({"view_item", "select_item", "add_to_wishlist"})
_IN_CART = frozenset({"add_to_cart", "view_cart", "begin_checkout"})


@dataclass(slots=True)
class Happenings:
    """What events come to, each seen in the light of those after it; all in ids."""

    learned_until_ms: int
    cart: dict[str, None] = field(default_factory=dict)
    """Oldest first."""
    recent: dict[str, None] = field(default_factory=dict)
    """Looked at or bought, each at its latest place."""
    bought: dict[str, list[int]] = field(default_factory=dict)
    """When, oldest first, as far as the release does not know it."""
    learned: dict[str, int] = field(default_factory=dict)
    """When last, of what the release knows to have been bought."""
    searched: str = ""
    """Since the latest purchase."""
    last_ms: int = 0

    def add(self, event: Happened) -> None:
        """Take in one event; none may come before one that was taken in."""
        name, self.last_ms, ids, term, _ = event
        if name in _LOOKED:
            self._noticed(ids)
        elif name in _IN_CART:
            self.cart.update(dict.fromkeys(ids))
        elif name == "remove_from_cart":
            self._dropped(ids)
        elif name == "purchase":
            self._paid(ids)
        elif name == "refund":
            self._returned(ids)
        elif name == "search" and term:
            self.searched = term

    def _paid(self, ids: Sequence[str]) -> None:
        self._dropped(ids)
        self.searched = ""
        if self.last_ms <= self.learned_until_ms:
            self.learned.update(dict.fromkeys(ids, self.last_ms))
            return
        self._noticed(ids)
        for id_ in ids:
            self.bought.setdefault(id_, []).append(self.last_ms)

    def _noticed(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.recent.pop(id_, None)
            self.recent[id_] = None

    def _dropped(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.cart.pop(id_, None)

    def _returned(self, ids: Sequence[str]) -> None:
        for id_ in ids:
            self.recent.pop(id_, None)
            self.learned.pop(id_, None)
            if times := self.bought.get(id_):
                times.pop()
                if not times:
                    del self.bought[id_]


def happenings(events: Iterable[Happened], *, learned_until_ms: int) -> Happenings:
    """Return what ``events`` come to, in the order of their times, of one moment as they came.

    Args:
        events: Of one live state.
        learned_until_ms: Purchases up to then are the release's; they empty the cart, and are not
            shown again at once.
    """
    found = Happenings(learned_until_ms)
    for event in sorted(events, key=_when):
        found.add(event)
    return found


def _when(event: Happened) -> int:
    return event.at_ms
