"""What a customer or visitor did, in one form whatever it came in: the canonical event.

Servers write it into the store, near-line workers read it there, the archive keeps it. It is packed
as JSON, for people will look at it; what is unknown is absent.

Names are GA4's. Other names are kept and weigh nothing, for what a shop measures is its own matter.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any, Literal

import orjson

from models.errors import ArtifactCorrupt

MAX_ITEMS = 200
"""Lines of one event."""
N_DIGEST = 12
"""Bytes: two of a billion ids are equal once in 10 ** 11 shops."""
FEEDBACK = "feedback"
JOINED, PARTED = "identity_joined", "identity_parted"
"""A visitor turned out to be a customer; that was a mistake."""

Source = Literal["page", "backend"]
Kind = Literal["rating", "satisfaction", "complaint", "not_interested", "thanks"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One item of an event."""

    item_id: str
    price: float | None = None
    """Per unit, as paid."""
    quantity: float = 1
    discount: float | None = None
    """Per unit."""
    coupon: str | None = None
    index: int | None = None
    """Place in the list that was shown, as the caller counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """What the customer allows; None where nobody said. The strictest that is known wins."""

    analytics: bool | None = None
    """To be counted at all: without it an event is kept without saying whose it was."""
    personalization: bool | None = None
    ads: bool | None = None
    sale_opt_out: bool | None = None
    """True where they object to their data being sold or shared (``Sec-GPC: 1``)."""
    tcf: str | None = None
    gpp: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a customer said."""

    kind: Kind
    value: int | str | None = None
    """1 to 5 of a rating or an answer; ``opened`` or ``resolved`` of a complaint; else None."""
    text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened."""

    event: str
    event_id: str
    at_ms: int
    """When, in milliseconds since 1970."""
    source: Source
    """A page can be made to say anything; what it says of money waits for a backend's word."""
    customer_id: str | None = None
    anonymous_id: str | None = None
    session_id: str | None = None
    items: tuple[Line, ...] = ()
    value: float | None = None
    currency: str | None = None
    transaction_id: str | None = None
    confirms: bool = False
    """Whether it is the backend's copy of an order that a page has told already."""
    recommendation_id: str | None = None
    placement: str | None = None
    offer_id: str | None = None
    channel: str | None = None
    search_term: str | None = None
    consent: Consent = Consent()
    feedback: Feedback | None = None
    joined: bool = False
    """Whether the customer is known by a join with ``anonymous_id`` only, which may be undone."""
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """What is remembered of the event so that it counts once: of its subject and its id.

        Of its subject too, so that nobody can use up the ids of others' events.
        """
        if self.customer_id is not None:
            whose = f"c:{self.customer_id}"
        else:
            whose = f"v:{self.anonymous_id}"
        text = f"{len(whose)}:{whose}{self.event_id}"
        return blake2b(text.encode(), digest_size=N_DIGEST).digest()

    def pack(self) -> bytes:
        """Return the event as JSON; what holds its default is left out."""
        told = {
            name: said
            for name in _TOLD
            if (said := getattr(self, name)) is not None and said is not False and said != ()
        }
        if self.items:
            told["items"] = [_said(line, _LINE) for line in self.items]
        if consent := _said(self.consent, _CONSENT):
            told["consent"] = consent
        if self.feedback is not None:
            told["feedback"] = _said(self.feedback, _FEEDBACK)
        if self.properties:
            told["properties"] = self.properties
        return orjson.dumps(told)

    @classmethod
    def unpack(cls, packed: bytes) -> "Event":
        """Read what ``pack`` wrote.

        Raises:
            ArtifactCorrupt: It is none of ours.
        """
        try:
            told = orjson.loads(packed)
            return cls(
                **told
                | {
                    "items": tuple(Line(**line) for line in told.get("items", ())),
                    "consent": Consent(**told.get("consent", {})),
                    "feedback": Feedback(**told["feedback"]) if "feedback" in told else None,
                }
            )
        except (AttributeError, TypeError, ValueError) as problem:
            raise ArtifactCorrupt("an event's bytes are not one of ours") from problem


def _said(part: object, names: tuple[str, ...]) -> dict[str, Any]:
    return {name: said for name in names if (said := getattr(part, name)) is not None}


_APART = ("items", "consent", "feedback", "properties")
_TOLD = tuple(name for name in Event.__slots__ if name not in _APART)
_LINE, _CONSENT, _FEEDBACK = Line.__slots__, Consent.__slots__, Feedback.__slots__
