"""Why an item is on the list, in words that the data holds up.

Every claim is counted: how often it was bought and when, which bought item it goes with, how many
customers bought it lately. Days are counted to the last purchase that the release has learned, and
the evidence says which day that was.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from models.arrays import Rows
from models.artifacts.customer_record import DAY_ZERO, History, Reason
from models.catalogue import Catalogue
from models.scorers.copurchase import CoPurchase
from models.scorers.popularity import Popularity

_NONE: Rows = np.empty(0, dtype=np.int32)

ENOUGH_ORDERS = 3
"""A habit is told from two gaps at least; one gap is no "usually"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Words for a person, evidence for a machine."""

    text: str
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Explainer:
    """All that an explanation can draw on, for one request."""

    catalogue: Catalogue
    popularity: Popularity
    copurchase: CoPurchase
    last_day: np.datetime64
    """The day of the last purchase that was learned."""
    history: History | None
    """What the customer bought, where it is known."""
    context: Rows
    """Items of the request: the page's, the cart's."""
    cart: Rows = field(default_factory=lambda: _NONE)
    """In the cart, as events told."""
    bought: Rows = field(default_factory=lambda: _NONE)
    """Bought since the release."""
    recent: Rows = field(default_factory=lambda: _NONE)
    """The latest items looked at or bought."""

    def explain(self, row: int, reason: Reason) -> Explanation:
        """Say why ``row`` is listed, given what the list says of it."""
        if reason is Reason.REPEAT and self.history is not None and row in self.history.rows:
            return self._repeat(row, self.history)
        told = self._led_here(row, reason)
        if told is not None:
            return told
        if reason is Reason.ALIKE:
            return self._of_a_kind(row)
        if reason is Reason.POPULAR:
            return self._popular(row)
        if self.history is not None:
            return self._like_yours(row, self.history)
        return self._unproven(reason)

    def _led_here(self, row: int, reason: Reason) -> Explanation | None:
        """Say what of the request or the session points at an item; None where nothing does."""
        if reason is Reason.SEARCHED:
            return Explanation(text="holds what you searched for", evidence={})
        for near, where in (
            (self.context, "which is in view"),
            (self.cart, "which is in your cart"),
            (self.bought, "which you bought lately"),
            (self.recent, "which you looked at"),
        ):
            companion = self.copurchase.strongest(row, near)
            if companion is not None:
                return self._goes_with(companion, where)
        return None

    def _unproven(self, reason: Reason) -> Explanation:
        """Say what can be said without the history."""
        if reason is Reason.REPEAT:
            return Explanation(text="bought before", evidence={})
        whose = "who buy what is in view" if self.context.size else "with like baskets"
        return Explanation(text=f"bought by customers {whose}", evidence={})

    def _like_yours(self, row: int, history: History) -> Explanation:
        companion = self.copurchase.strongest(row, history.rows)
        if companion is not None:
            return self._goes_with(companion, "which you bought")
        return Explanation(text="bought by customers whose baskets are like yours", evidence={})

    def _of_a_kind(self, row: int) -> Explanation:
        """Say what is known of an item that too few have bought: its label."""
        bought = self.history.rows if self.history is not None else self.context[:0]
        shop = self.catalogue
        for known, where in ((self.context, "in view"), (bought, "you bought")):
            for kind, codes, names in (
                ("category", shop.category, shop.categories),
                ("brand", shop.brand, shop.brands),
            ):
                n = int((codes[known] == codes[row]).sum()) if codes[row] >= 0 else 0
                if n:
                    name = names[int(codes[row])]
                    items = "an item" if n == 1 else f"{n} items"
                    return Explanation(
                        text=f"of the {kind} {name}, like {items} {where}",
                        evidence={kind: name, "items": n},
                    )
        return Explanation(text="by its label like what is bought with such baskets", evidence={})

    def _repeat(self, row: int, history: History) -> Explanation:
        place = int(np.flatnonzero(history.rows == row)[0])
        times, every_days = int(history.times[place]), int(history.every_days[place])
        last = DAY_ZERO + np.timedelta64(int(history.last_day[place]), "D")
        ago = int((self.last_day - last).astype(int))
        words = [
            "bought once" if times == 1 else f"bought {times} times",
            f"last {_days(ago)} ago" if ago else "last on the latest day",
        ]
        if every_days and times >= ENOUGH_ORDERS:
            words.append(f"usually every {_days(every_days)}")
        return Explanation(
            text=", ".join(words),
            evidence={
                "item_id": self.catalogue.ids.id_of(row),
                "times": times,
                "last_bought": str(last),
                "counted_to": str(self.last_day),
                "usually_every_days": every_days if times >= ENOUGH_ORDERS else None,
            },
        )

    def _goes_with(self, companion: int, where: str) -> Explanation:
        return Explanation(
            text=f"bought together with {self.catalogue.name(companion)}, {where}",
            evidence={"item_id": self.catalogue.ids.id_of(companion)},
        )

    def _popular(self, row: int) -> Explanation:
        buyers, days = int(self.popularity.buyers[row]), self.popularity.days
        if not buyers:
            return Explanation(
                text=f"within what was asked for; nobody bought it in the last {days} days",
                evidence={"buyers": 0, "days": days},
            )
        customers = "1 customer" if buyers == 1 else f"{buyers} customers"
        return Explanation(
            text=f"bought by {customers} in the last {days} days",
            evidence={"buyers": buyers, "days": days},
        )


def _days(n: int) -> str:
    return "1 day" if n == 1 else f"{n} days"
