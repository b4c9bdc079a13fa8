"""What a refusal leaves of an event.

Whoever refuses to be counted is not in their event: not by an id, not by words of their own, not by
a code that others lack. What is needed to count an event once stays as a digest.
"""

from collections.abc import Sequence
from dataclasses import replace

import orjson

from app.ingest.lua import NO_ADS, NO_ANALYTICS, NO_PERSONALIZATION, NO_SALE
from models.artifacts.event import NOTHING_SAID, Consent, Event

ORDERS = frozenset({"purchase", "refund"})
"""Events that claim the transaction they name."""


def nobodys(event: Event) -> Event:
    """Return an event without who did it, and without what they might be known by.

    Its id becomes a digest of what it was and of whose: refusers whose pages count 1, 2, 3 do not
    use up each other's ids. That of an order is made of the order, so that its subject's page tells
    it once. Nobody's event stays as it is.
    """
    if event.is_nobodys:
        return event
    by_order = event.source == "page" and event.event in ORDERS and event.order is not None
    feedback = event.feedback
    return replace(
        event,
        event_id=(event.order_mark if by_order else event.digest).hex(),
        customer_id=None,
        anonymous_id=None,
        session_id=None,
        items=tuple(replace(line, coupon=None) for line in event.items),
        properties={},
        search_term=None,
        transaction_id=event.order,
        consent=replace(event.consent, tcf=None, gpp=None),
        feedback=None if feedback is None else replace(feedback, text=None),
        joined=False,
    )


def refusing(event: Event, refused: int) -> Event:
    """Return an event as of somebody who has refused what the bits say, too."""
    said = event.consent
    consent = replace(
        said,
        analytics=False if refused & NO_ANALYTICS else said.analytics,
        personalization=False if refused & NO_PERSONALIZATION else said.personalization,
        ads=False if refused & NO_ADS else said.ads,
        sale_opt_out=True if refused & NO_SALE else said.sale_opt_out,
    )
    strict = replace(event, consent=consent)
    return nobodys(strict) if refused & NO_ANALYTICS else strict


def told(event: Event) -> Sequence[Event]:
    """Return nothing but an event's words on consent: to its customer, and to its visitor."""
    alone = Event(
        event="", event_id="", at_ms=event.at_ms, source=event.source, consent=event.consent
    )
    words = []
    if event.customer_id is not None:
        words.append(replace(alone, customer_id=event.customer_id))
    if event.anonymous_id is not None:
        words.append(replace(alone, anonymous_id=event.anonymous_id))
    return words


def bits(consent: Consent) -> int:
    """Return what a consent refuses."""
    if consent is NOTHING_SAID:
        return 0
    return (
        NO_ANALYTICS * (consent.analytics is False)
        + NO_PERSONALIZATION * (consent.personalization is False)
        + NO_ADS * (consent.ads is False)
        + NO_SALE * (consent.sale_opt_out is True)
    )


def words(consent: Consent) -> bytes:
    """Return as JSON what a consent names, as a live state keeps it; empty where it is nothing."""
    if consent is NOTHING_SAID:
        return b""
    said = consent.said()
    said.pop("tcf", None)
    said.pop("gpp", None)
    return orjson.dumps(said) if said else b""


def refusals(consent: Consent) -> Consent:
    """Return what a consent refuses, without what it allows."""
    if consent is NOTHING_SAID:
        return consent
    return Consent(
        analytics=consent.analytics and None,
        personalization=consent.personalization and None,
        ads=consent.ads and None,
        sale_opt_out=consent.sale_opt_out or None,
    )
