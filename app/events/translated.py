"""An event on its way to our own form, and where each of its parts stood in the caller's body.

Others' names become ours by fixed tables. The tables serve twice: forwards to translate, and
backwards, when a rule is broken, to point at the part of the body that the caller knows.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

Aliases = Mapping[str, tuple[str, ...]]
"""Our name of a field -> others' names for it, the one that counts first."""
Loc = tuple[int | str, ...]
"""Where in a JSON text: names of members, and places in lists."""

IDS = frozenset(
    {"event_id", "customer_id", "anonymous_id", "session_id", "transaction_id", "item_id"}
)
_MONEY = ("price", "discount")
_WHOLE = frozenset({"consent"})
"""Fields whose parts others name so differently that only the whole is pointed at."""
ATTRIBUTION: Aliases = {
    name: (name,) for name in ("recommendation_id", "placement", "offer_id", "channel")
}
"""What only Cartera's own customers send, in any dialect: under our names."""


class Place(NamedTuple):
    """An object of the body, and what of ours may stand in it."""

    at: Loc
    members: Mapping[str, Any]
    names: Aliases

    def of(self, field: str) -> Loc:
        """Return where ``field`` stands, or would."""
        names = self.names[field]
        return (*self.at, next((name for name in names if _is_said(self.members, name)), names[0]))

    def has(self, field: str) -> bool:
        """Whether it says ``field``."""
        return any(_is_said(self.members, name) for name in self.names[field])


class Lines(NamedTuple):
    """The items of an event, as they came."""

    at: Loc
    members: Sequence[Mapping[str, Any]]
    names: Aliases
    is_one: bool = False
    """Whether the event is about one item, and has no list of them."""

    def of(self, n: int, part: str) -> Loc:
        """Return where a part of the ``n``-th item stands, or would."""
        at = self.at if self.is_one else (*self.at, n)
        return Place(at, self.members[n], self.names).of(part)


NO_LINES = Lines((), (), {})


class Told(NamedTuple):
    """One event in our own words, not yet checked."""

    place: int
    """Which of the caller's it is."""
    at: Loc
    raw: Any
    """As it came."""
    said: Any
    context: Mapping[str, Any]
    """What the body says for all its events and its time, for the id of one that has none."""
    places: Sequence[Place] = ()
    """None where the words are ours already."""
    lines: Lines = NO_LINES

    def whence(self, ours: Loc) -> Loc:
        """Return where in the body that part stands which we call ``ours``."""
        if not self.places or not ours:
            return (*self.at, *ours)
        field, *inside = ours
        match inside:
            case [int(n), str(part)] if field == "items" and n < len(self.lines.members):
                return self.lines.of(n, part)
        if field == "properties":
            return self.places[0].at
        if field in _WHOLE:
            inside = []
        known = [place for place in self.places if field in place.names]
        said = [place for place in known if place.has(str(field))]
        return (*(said or known)[0].of(str(field)), *inside) if known else self.at


class RuleBroken(Exception):
    """An event breaks a rule."""

    def __init__(self, code: str, detail: str, *loc: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail
        self.loc: Loc = loc
        """In our words; nowhere is the whole event."""


class Untold(NamedTuple):
    """What cannot be an event at all."""

    place: int
    at: Loc
    code: str
    detail: str


def no_object(index: int, at: Loc) -> Untold:
    """Return the refusal of something that is no object."""
    return Untold(index, at, "not-an-object", "an event is an object")


def taken(
    members: Mapping[str, Any], names: Aliases, rest: dict[str, Any] | None = None
) -> dict[str, Any]:
    """Return under our names what ``members`` says of what ``names`` knows.

    Where several of others' names are ours, the first that says something counts. Null and the
    empty text say nothing. A whole number that is an id becomes its text.

    Args:
        members: Under others' names.
        names: Others' names for ours.
        rest: A copy of ``members``, out of which goes what was taken or says nothing.
    """
    said = {}
    for ours, theirs in names.items():
        for name in theirs:
            if name not in members:
                continue
            value = members[name]
            if rest is not None:
                del rest[name]
            if value is not None and value != "":
                said[ours] = str(value) if type(value) is int and ours in IDS else value
                break
    return said


def lines(items: object, at: Loc, names: Aliases) -> tuple[Any, Lines]:
    """Return items in our words, as far as they are any, and how they came."""
    if not (isinstance(items, list) and all(isinstance(line, dict) for line in items)):
        return items, NO_LINES
    return [taken(line, names) for line in items], Lines(at, items, names)


def priced(said: dict[str, Any], came: Lines) -> None:
    """Settle what money the prices of others' items are in; the vendors hardly ask for it.

    The event's currency counts, in capitals; else the one that all items name. Where there is none,
    a price says nothing and is left out, except of an order, which is then refused.
    """
    currency = said.get("currency")
    if currency is None:
        named = {word for line in came.members if isinstance(word := line.get("currency"), str)}
        if len(named) == 1:
            (currency,) = named
    if currency:
        said["currency"] = currency.upper() if isinstance(currency, str) else currency
    elif said.get("event") not in ("purchase", "refund") and came.members:
        for line in said["items"]:
            for name in _MONEY:
                line.pop(name, None)


def _is_said(members: Mapping[str, Any], name: str) -> bool:
    return members.get(name) not in (None, "")
