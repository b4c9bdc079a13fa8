"""One event as it is to be stored: what consent leaves of it, and what it changes.

    an event                    stored; its subject's live state follows it
    personalisation refused     stored; the live state only remembers the refusal
    analytics refused           nobody's: stored without who and what for; where the event said so
                                itself, its subjects' live states remember the refusal
    a visitor who was joined    stored as the customer's; an echo for the visitor's own live state
    a customer and a visitor    the visitor is asked first; stored as the customer's

Where consent is refused by what a live state remembers, the store says so and stores nothing; the
event is then sent again as what is left of it. What a visitor refused, before or after they were
joined, holds for their events, whoever's those become.

**Who may loosen.** The page of a joined visitor, whose key is public, can only refuse for the
customer: to allow again takes what names the customer itself, which is a token's page or a backend,
or the preferences. In the visitor's own live state the page's latest word counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from app.ingest.lua import ASK, BACKEND, ECHO, NO_ANALYTICS, NORMAL, PAGE, TOLD
from app.ingest.strictness import ORDERS, bits, nobodys, refusals, refusing, told, words
from models.artifacts.event import FEEDBACK, NOTHING_SAID, Consent, Event
from models.artifacts.keys import Keys, shard_of
from models.artifacts.live_state import entry


class Claim(NamedTuple):
    """An order that an event claims, or tells of."""

    order: str
    """Its name; a refund of a purchase is another."""
    side: bytes
    mine: bytes
    marks: Sequence[bytes]
    """Of whoever is told to have bought: where their pages have told it, this confirms it."""


@dataclass(slots=True, kw_only=True)
class Operation:
    """What is to be done for one event of a request."""

    place: int
    """Of the event in its request."""
    event: Event
    mode: str = NORMAL
    as_came: Event
    """What is put on disk where the store does not take it."""
    consent: Consent
    """What the event said itself."""
    refused: int = 0
    """The bits of what a visitor has refused whose event it is too."""
    claim: Claim | None = None
    packed: bytes = b""
    """The event, once it was packed to be sent."""

    @property
    def _customer(self) -> str | None:
        """The customer whose it is; nobody where it is for a visitor's own live state."""
        return self.event.customer_id if self.mode in (NORMAL, TOLD) else None

    def key(self, keys: Keys) -> str | None:
        """Return the key of its live state; nobody has none."""
        if (customer_id := self._customer) is not None:
            return keys.live_of_customer(customer_id)
        if self.event.anonymous_id is not None:
            return keys.live_of_visitor(self.event.anonymous_id)
        return None

    @property
    def shard(self) -> int:
        """The shard of its subject; nobody's event is on that of its own id."""
        if (customer_id := self._customer) is not None:
            return shard_of(customer_id)
        event = self.event
        return shard_of(event.anonymous_id if event.anonymous_id is not None else event.event_id)

    def arguments(self, number: int) -> tuple[bytes | str | int, ...]:
        """Return what ``STORE`` is told of it; ``number`` is that of its live state among all."""
        event, mode = self.event, self.mode
        consent = self.consent
        if event.joined and event.source == "page" and mode != ECHO:
            consent = refusals(consent)
        of_consent = event.at_ms, bits(event.consent), words(consent)
        if mode in (TOLD, ASK):
            return mode, number, b"", b"", b"", b"", *of_consent, b"", self.refused
        field, line = _change(event)
        whose = event
        if mode == ECHO:
            whose = replace(event, customer_id=None)
        else:
            self.packed = event.pack()
        digest, mark = whose.digest, b""
        if self.claim is not None and self.claim.side == PAGE and not event.is_nobodys:
            mark = whose.order_mark
        return mode, number, digest, self.packed, field, line, *of_consent, mark, self.refused

    def joined(self, customer_id: str, refused: int) -> "Operation":
        """Return what is to be done for the customer that the visitor turned out to be."""
        event = replace(self.event, customer_id=customer_id, joined=True)
        return replace(self, event=event, refused=refused)

    def echo(self) -> "Operation":
        """Return what is left to be done for the visitor."""
        return replace(self, mode=ECHO, packed=b"", refused=0)

    def stricter(self, refused: int) -> "Operation":
        """Return what is to be done where more is refused than the event says."""
        if self.mode == ASK:
            return replace(self, mode=NORMAL, refused=refused)
        event = refusing(self.event, refused)
        return replace(self, event=event, as_came=event if event.is_nobodys else self.as_came)

    def confirming(self) -> "Operation":
        """Return it as the backend's copy of what its subject's page has told already."""
        return replace(self, event=replace(self.event, confirms=True))

    def contested(self) -> "Operation":
        """Return it as the backend's copy of what somebody else's page has told already."""
        return replace(self, event=replace(self.event, contested=True))

    @property
    def refuses(self) -> bool:
        """Whether the event itself said that its subject minds, be it only ads."""
        return bits(self.consent) & ~NO_ANALYTICS != 0


def operations(place: int, event: Event) -> Sequence[Operation]:
    """Return what is to be done for an event: one operation, or one more for each of its words."""
    said = event.consent
    if said.analytics is not False:
        asks = event.customer_id is not None and event.anonymous_id is not None
        return (
            Operation(
                place=place,
                event=event,
                as_came=event,
                consent=said,
                mode=ASK if asks else NORMAL,
                claim=_claim(event),
            ),
        )
    bare = nobodys(event)
    done = Operation(
        place=place, event=bare, as_came=bare, consent=NOTHING_SAID, claim=_claim(bare)
    )
    return done, *(of_word(place, word) for word in told(event))


def of_word(place: int, word: Event) -> Operation:
    """Return what is to be done for words on consent that ``told`` has made."""
    return Operation(place=place, event=word, as_came=word, mode=TOLD, consent=word.consent)


def _claim(event: Event) -> Claim | None:
    if event.event not in ORDERS or event.transaction_id is None:
        return None
    marks = [event.order_mark]
    if event.customer_id is not None and event.anonymous_id is not None:
        marks.append(replace(event, customer_id=None).order_mark)
    side = BACKEND if event.source == "backend" else PAGE
    return Claim(f"{event.event}:{event.order}", side, event.digest, marks)


def _change(event: Event) -> tuple[str, bytes]:
    """Return the field of the live state that the event changes, and by what."""
    if event.consent.personalization is False or event.is_nobodys:
        return "", b""
    if event.feedback is not None and event.feedback.kind == "not_interested":
        return "h", "\n".join(line.item_id for line in event.items).encode()
    line = entry(event, origin=event.anonymous_id if event.joined else None)
    return "f" if event.event == FEEDBACK else "e", line
