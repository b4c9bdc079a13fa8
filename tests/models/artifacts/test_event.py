"""An event comes back as it was packed, and is told apart from every other."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.artifacts.event import (
    N_DIGEST,
    NOTHING_SAID,
    Consent,
    Event,
    Feedback,
    Line,
)
from models.errors import ArtifactCorrupt

WORD = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
MAYBE = st.none() | WORD
MONEY = st.none() | st.floats(0, 1e12)
SAID = st.none() | st.booleans()
LINES = st.builds(
    Line,
    item_id=WORD,
    price=MONEY,
    quantity=st.floats(0.001, 1e6),
    discount=MONEY,
    coupon=MAYBE,
    index=st.none() | st.integers(0, 1000),
)
CONSENTS = st.builds(
    Consent,
    analytics=SAID,
    personalization=SAID,
    ads=SAID,
    sale_opt_out=SAID,
    tcf=MAYBE,
    gpp=MAYBE,
)
FEEDBACK = st.builds(
    Feedback,
    kind=st.sampled_from(["rating", "complaint", "not_interested"]),
    value=st.none() | st.integers(1, 5) | WORD,
    text=MAYBE,
)
EVENTS = st.builds(
    Event,
    event=WORD,
    event_id=WORD,
    at_ms=st.integers(0, 2**53),
    source=st.sampled_from(["page", "backend"]),
    customer_id=MAYBE,
    anonymous_id=MAYBE,
    session_id=MAYBE,
    items=st.lists(LINES, max_size=3).map(tuple),
    value=MONEY,
    currency=st.none() | st.just("EUR"),
    transaction_id=MAYBE,
    confirms=st.booleans(),
    contested=st.booleans(),
    recommendation_id=MAYBE,
    placement=MAYBE,
    offer_id=MAYBE,
    channel=MAYBE,
    search_term=MAYBE,
    consent=CONSENTS,
    feedback=st.none() | FEEDBACK,
    joined=st.booleans(),
    properties=st.dictionaries(WORD, st.none() | st.booleans() | WORD, max_size=3),
)
PLAIN = Event(event="view_cart", event_id="1", at_ms=7, source="page", anonymous_id="v")


@given(event=EVENTS)
def test_an_event_comes_back_as_it_was_packed(event: Event) -> None:
    assert Event.unpack(event.pack()) == event


def test_what_is_unknown_is_absent() -> None:
    assert json.loads(PLAIN.pack()) == {
        "event": "view_cart",
        "event_id": "1",
        "at_ms": 7,
        "source": "page",
        "anonymous_id": "v",
    }


def test_a_refusal_and_a_zero_are_said() -> None:
    event = Event(
        event="purchase",
        event_id="1",
        at_ms=7,
        source="backend",
        value=0.0,
        items=(Line(item_id="gift", price=0.0, index=0),),
        consent=Consent(ads=False),
    )

    packed = json.loads(event.pack())

    assert packed["value"] == 0
    assert packed["items"] == [{"item_id": "gift", "price": 0.0, "quantity": 1, "index": 0}]
    assert packed["consent"] == {"ads": False}


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"{}", b"1", b'{"event":"x"}', PLAIN.pack()[:-1] + b',"more":1}']
    + [PLAIN.pack()[:-1] + b"," + part + b"}" for part in (b'"items":1', b'"consent":[1]')],
)
def test_what_is_no_event_is_refused(content: bytes) -> None:
    with pytest.raises(ArtifactCorrupt):
        Event.unpack(content)


@given(one=EVENTS, other=EVENTS)
def test_events_have_one_digest_where_subject_id_and_confirmation_are_the_same(
    one: Event, other: Event
) -> None:
    def told(event: Event) -> tuple[object, ...]:
        subject = (
            ("customer", event.customer_id)
            if event.customer_id is not None
            else ("visitor", event.anonymous_id)
        )
        return (*subject, event.event_id, event.confirms)

    assert (one.digest == other.digest) == (told(one) == told(other))
    assert len(one.digest) == N_DIGEST


def digest_of(event_id: str, **subject: str | None) -> bytes:
    return Event(event="x", event_id=event_id, at_ms=1, source="page", **subject).digest  # type: ignore[arg-type]


def test_parts_of_a_digest_cannot_be_taken_for_each_other() -> None:
    digests = {
        digest_of("1", customer_id="v:a"),
        digest_of("1", anonymous_id="a"),
        digest_of("1", customer_id="a"),
        digest_of("a1", customer_id=""),
        digest_of("1", anonymous_id="None"),
        digest_of("1"),
    }

    assert len(digests) == 6


def test_an_event_of_somebody_known_is_theirs_whatever_visitor_they_were() -> None:
    assert digest_of("1", customer_id="a", anonymous_id="v") == digest_of("1", customer_id="a")


def test_who_says_nothing_of_consent_has_said_nothing() -> None:
    assert PLAIN.consent is NOTHING_SAID
    assert NOTHING_SAID.said() == {}


def test_an_order_is_told_to_be_the_same_by_its_own_and_by_nobodys_event() -> None:
    ours = replace(PLAIN, transaction_id="t-1")
    nobodys = replace(ours, anonymous_id=None, transaction_id=ours.order)

    assert ours.order == nobodys.order
    assert ours.order != replace(ours, transaction_id="t-2").order
    assert "t-1" not in str(nobodys)
    assert replace(PLAIN, transaction_id=None).order is None


def test_no_event_can_be_made_to_look_like_an_order_that_was_told() -> None:
    ours = replace(PLAIN, transaction_id="t-1")
    marks = {ours.order_mark, replace(ours, anonymous_id="w").order_mark}
    marks.add(replace(ours, event="refund").order_mark)

    guess = replace(ours, event_id=f"{ours.event}:{ours.order}")

    assert len(marks) == 3
    assert not marks & {guess.digest, replace(guess, confirms=True).digest}
