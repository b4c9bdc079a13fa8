"""What a customer or visitor did, in one form whatever it came in: the canonical event.

Servers write it into the store, near-line workers read it there, the archive keeps it. It is packed
as JSON, for people will look at it; what is unknown is absent.

Names are GA4's. Other names are kept and weigh nothing, for what a shop measures is its own matter.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
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


@dataclass(slots=True, kw_only=True)
class Line:
    """One item of an event.

    Not frozen, though nobody changes one: freezing makes it cost three times as much, and one is
    made of each item that comes.
    """

    item_id: str
    price: float | None = None
    """Per unit, as paid."""
    quantity: float = 1
    discount: float | None = None
    """Per unit."""
    coupon: str | None = None
    index: int | None = None
    """Place in the list that was shown, as the caller counts."""

    def said(self) -> dict[str, Any]:
        """Return what is known of it, by name."""
        said: dict[str, Any] = {"item_id": self.item_id, "quantity": self.quantity}
        if self.price is not None:
            said["price"] = self.price
        if self.discount is not None:
            said["discount"] = self.discount
        if self.coupon is not None:
            said["coupon"] = self.coupon
        if self.index is not None:
            said["index"] = self.index
        return said


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

    def said(self) -> dict[str, Any]:
        """Return what is known of it, by name."""
        return _known(
            {
                "analytics": self.analytics,
                "personalization": self.personalization,
                "ads": self.ads,
                "sale_opt_out": self.sale_opt_out,
                "tcf": self.tcf,
                "gpp": self.gpp,
            }
        )


NOTHING_SAID = Consent()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What a customer said."""

    kind: Kind
    value: int | str | None = None
    """1 to 5 of a rating or an answer; ``opened`` or ``resolved`` of a complaint; else None."""
    text: str | None = None


@dataclass(slots=True, kw_only=True)
class Event:
    """One thing that happened.

    Not frozen, though nobody changes one: freezing makes it cost three times as much, and one is
    made of each event that comes.
    """

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
    """Whether it is the backend's copy of an order that its subject's page has told already."""
    contested: bool = False
    """Whether it is the backend's copy of an order that somebody else's page has told already: the
    same shopper not known to be the same, or a page that makes orders up."""
    recommendation_id: str | None = None
    placement: str | None = None
    offer_id: str | None = None
    channel: str | None = None
    search_term: str | None = None
    consent: Consent = NOTHING_SAID
    feedback: Feedback | None = None
    joined: bool = False
    """Whether the customer is known by a join with ``anonymous_id`` only, which may be undone."""
    properties: Mapping[str, Any] = field(default_factory=dict)

    @property
    def digest(self) -> bytes:
        """What is remembered of the event so that it counts once: of its subject and its id.

        Of its subject too, so that nobody can use up the ids of others' events; and of whether it
        confirms, so that a page which guesses the id of a backend's copy cannot keep that out.
        """
        return self._digest("!" if self.confirms else ":", self.event_id)

    @property
    def order(self) -> str | None:
        """What stands for its order where nobody is to be known by it; None where it names none.

        A digest without a key: whoever has a list of all orders could tell which one it was, so
        it takes away the number, not all ways back to it. Nobody's event has no other.
        """
        if self.transaction_id is None or self.is_nobodys:
            return self.transaction_id
        return order_digest(self.transaction_id)

    @property
    def order_mark(self) -> bytes:
        """What is remembered of an order that its subject has told: of the subject and the order.

        No id of an event can be made to look like it.
        """
        return self._digest("#", f"{self.event}:{self.order}")

    @property
    def is_nobodys(self) -> bool:
        """Whether it does not say whose it was."""
        return self.customer_id is None and self.anonymous_id is None

    def _digest(self, mark: str, what: str) -> bytes:
        if self.customer_id is not None:
            whose = f"c:{self.customer_id}"
        elif self.anonymous_id is not None:
            whose = f"v:{self.anonymous_id}"
        else:
            whose = "n"
        text = f"{len(whose)}{mark}{whose}{what}"
        return blake2b(text.encode(), digest_size=N_DIGEST).digest()

    def pack(self) -> bytes:
        """Return the event as JSON; what holds its default is left out."""
        told: dict[str, Any] = {
            "event": self.event,
            "event_id": self.event_id,
            "at_ms": self.at_ms,
            "source": self.source,
        }
        self._tell_whose(told)
        self._tell_what(told)
        if self.consent is not NOTHING_SAID and (said := self.consent.said()):
            told["consent"] = said
        if self.feedback is not None:
            told["feedback"] = _known(asdict(self.feedback))
        if self.properties:
            told["properties"] = self.properties
        return orjson.dumps(told)

    def _tell_whose(self, told: dict[str, Any]) -> None:
        if self.customer_id is not None:
            told["customer_id"] = self.customer_id
        if self.anonymous_id is not None:
            told["anonymous_id"] = self.anonymous_id
        if self.joined:
            told["joined"] = True
        if self.session_id is not None:
            told["session_id"] = self.session_id
        if self.recommendation_id is not None:
            told["recommendation_id"] = self.recommendation_id
        if self.placement is not None:
            told["placement"] = self.placement
        if self.offer_id is not None:
            told["offer_id"] = self.offer_id
        if self.channel is not None:
            told["channel"] = self.channel

    def _tell_what(self, told: dict[str, Any]) -> None:
        if self.items:
            told["items"] = [line.said() for line in self.items]
        if self.value is not None:
            told["value"] = self.value
        if self.currency is not None:
            told["currency"] = self.currency
        if self.transaction_id is not None:
            told["transaction_id"] = self.transaction_id
        if self.confirms:
            told["confirms"] = True
        if self.contested:
            told["contested"] = True
        if self.search_term is not None:
            told["search_term"] = self.search_term

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


def order_digest(transaction_id: str) -> str:
    """Return what stands for a transaction id in events of those who refuse to be counted."""
    return blake2b(transaction_id.encode(), digest_size=N_DIGEST, person=b"order").hexdigest()


def _known(said: dict[str, Any]) -> dict[str, Any]:
    return {name: word for name, word in said.items() if word is not None}
