"""What happened since a customer's record was made: read with every request.

A hash in the store (``models.artifacts.keys``), a field a matter:

    e  events     lines of JSON, oldest first: the last 50, or 16 KiB of them
                  ["view_item", at_ms, ["p-77"], search term or null, origin or null]
    f  feedback   likewise, the last 20: ["satisfaction", at_ms, value or null, origin or null]
    h  hidden     JSON object: item id -> until when, in ms
    k  consent    JSON object: {"told": {…}, "decided": {…}}, by events and by the customer; where
                  ``decided`` has "ads_by": "file", a file of the shop said so on their behalf
    r  renewed    the record as a near-line worker last renewed it: version, a line feed, its bytes
    p  preferences  JSON, as the customer put it; read where a customer is contacted
    c  contacts   JSON list of [channel, at_ms], the last 31 days'; likewise
    j  joined     a visitor's: the id of the customer they turned out to be
    t  touches    a worker's: what was shown and followed lately
    i:id          a customer's: when the visitor of this id was joined to them, in ms; the last 50

An origin is the visitor whose event it was before a join, so that the join can be undone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from models.artifacts.event import FEEDBACK, Event
from models.errors import ArtifactCorrupt

FIELDS = (b"e", b"f", b"h", b"k", b"r", b"j")
"""What is read of a live state for a request, in this order."""
N_EVENTS = 50
N_FEEDBACK = 20
MAX_EVENT_BYTES = 16 * 1024
MAX_LINE_BYTES = 4 * 1024
"""Of one event: one of 200 items with long ids must not push out all others."""
TTL_S = 30 * 86_400
HIDDEN_MS = 180 * 86_400_000
"""How long "not interested" hides an item: half a year, for tastes change."""

WEIGHING = frozenset(
    {
        "view_item", "select_item", "add_to_wishlist", "add_to_cart", "remove_from_cart",
        "view_cart", "begin_checkout", "purchase", "refund", "search",
    }
)  # fmt: skip
"""Events that stand in a live state; a list that was shown, say, does not."""


class Happened(NamedTuple):
    """One event, as a live state has it."""

    event: str
    at_ms: int
    item_ids: list[str]
    search_term: str | None = None
    origin: str | None = None


class Said(NamedTuple):
    """One piece of feedback, as a live state has it."""

    kind: str
    at_ms: int
    value: int | str | None = None
    origin: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """A live state, read."""

    events: Sequence[Happened] = ()
    """Oldest first."""
    feedback: Sequence[Said] = ()
    """Oldest first."""
    hidden: dict[str, int] = field(default_factory=dict)
    """Item id -> until when, in ms since 1970."""
    may_personalize: bool = True
    """False once the customer, or a page on their behalf, has refused."""
    joined: str | None = None
    """The customer a visitor turned out to be."""
    renewed: tuple[str, bytes] | None = None
    """A release's version and the packed record a worker made for it."""

    @classmethod
    def unpack(cls, fields: Sequence[bytes | None]) -> "LiveState":
        """Read the values of ``FIELDS``.

        Raises:
            ArtifactCorrupt: They are none of ours.
        """
        try:
            events, feedback, hidden, consent, renewed, joined = fields
            version, _, record = renewed.partition(b"\n") if renewed else (b"", b"", b"")
            return cls(
                events=[Happened(*line) for line in _lines(events)],
                feedback=[Said(*line) for line in _lines(feedback)],
                hidden=dict(orjson.loads(hidden)) if hidden else {},
                may_personalize=_may_personalize(orjson.loads(consent)) if consent else True,
                renewed=(version.decode(), record) if record else None,
                joined=joined.decode() if joined else None,
            )
        except (AttributeError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt("a live state's bytes are not ours") from problem


NOTHING_HAPPENED = LiveState()


def entry(event: Event, *, origin: str | None = None) -> bytes:
    """Return the line of an event for ``e``, or of feedback for ``f``; empty where it has none.

    A backend's copy that confirms a page's has none, for the page's line stands there already. Of
    more items than fit ``MAX_LINE_BYTES`` the first stand.

    Args:
        event: What happened.
        origin: The visitor whose event it was, where a join brings it to a customer.
    """
    if event.event == FEEDBACK and event.feedback is not None:
        if event.feedback.kind == "not_interested":
            return b""
        return orjson.dumps([event.feedback.kind, event.at_ms, event.feedback.value, origin])
    if event.event not in WEIGHING or event.confirms:
        return b""
    items = list(dict.fromkeys([line.item_id for line in event.items]))
    packed = orjson.dumps([event.event, event.at_ms, items, event.search_term, origin])
    while items and len(packed) > MAX_LINE_BYTES:
        items = items[: len(items) * MAX_LINE_BYTES // len(packed)]
        packed = orjson.dumps([event.event, event.at_ms, items, event.search_term, origin])
    return packed


def of_origin(lines: bytes, origin: str) -> bytes:
    """Return lines of ``e`` or ``f`` as those of a visitor who is joined to a customer now.

    Raises:
        ArtifactCorrupt: They are none of ours.
    """
    try:
        return b"\n".join(orjson.dumps([*line[:-1], origin]) for line in _lines(lines))
    except (TypeError, ValueError) as problem:
        raise ArtifactCorrupt("a live state's bytes are not ours") from problem


def _lines(packed: bytes | None) -> Sequence[Any]:
    return orjson.loads(b"[" + packed.replace(b"\n", b",") + b"]") if packed else ()


def _may_personalize(consent: dict[str, dict[str, Any]]) -> bool:
    return all(said.get("personalization") is not False for said in consent.values())
