import orjson
import pytest

from app.memory import MAX_AGE_S
from app.refusers import N_MOST, Refusers
from models.artifacts.event import Consent, Event
from tests.app.test_memory import Clock

REFUSES = Consent(personalization=False)


def refusing(at_ms: int = 5, **who: str) -> Event:
    return Event(event="", event_id="", at_ms=at_ms, source="page", **who)  # type: ignore[arg-type]


def told(at_ms: int) -> tuple[bytes | None, ...]:
    return None, None, None, orjson.dumps({"told": {"at": at_ms}}), None, None


def test_a_refusal_holds_for_whoever_it_names_and_nobody_else() -> None:
    refusers = Refusers()

    refusers.hear(refusing(customer_id="ana", anonymous_id="v"), REFUSES)

    assert refusers.holds(None, customer_id="ana")
    assert refusers.holds((), anonymous_id="v")
    assert not refusers.holds(None, customer_id="v")
    assert not refusers.holds(None, anonymous_id="ana")


def test_a_refusal_holds_until_a_live_state_has_that_word_or_a_later_one() -> None:
    refusers = Refusers()
    refusers.hear(refusing(at_ms=5, customer_id="ana"), REFUSES)

    assert refusers.holds(told(4), customer_id="ana")
    assert refusers.holds((None, None, None, b"nonsense", None, None), customer_id="ana")
    assert refusers.holds((b"damaged",), customer_id="ana")
    assert not refusers.holds(told(5), customer_id="ana")
    assert not refusers.holds(None, customer_id="ana")


def test_an_older_refusal_that_comes_late_does_not_stand_for_the_later() -> None:
    refusers = Refusers()
    for at_ms in (5, 3):
        refusers.hear(refusing(at_ms=at_ms, customer_id="ana"), REFUSES)

    assert refusers.holds(told(4), customer_id="ana")


def test_a_refusal_is_forgotten_after_a_day() -> None:
    clock = Clock()
    refusers = Refusers(clock=clock)
    refusers.hear(refusing(customer_id="ana"), REFUSES)

    clock.now = MAX_AGE_S + 1

    assert not refusers.holds(None, customer_id="ana")


def test_of_too_many_refusals_the_oldest_go() -> None:
    refusers = Refusers()
    for n in range(N_MOST + 1):
        refusers.hear(refusing(customer_id=f"c-{n}"), REFUSES)

    assert not refusers.holds(None, customer_id="c-0")
    assert refusers.holds(None, customer_id="c-1")


@pytest.mark.parametrize(
    ("said", "is_unknown", "is_untold"),
    [
        (Consent(personalization=False), True, True),
        (Consent(ads=False), False, True),
        (Consent(sale_opt_out=True), False, True),
        (Consent(analytics=False), False, False),
        (Consent(personalization=True, ads=True, sale_opt_out=False), False, False),
    ],
)
def test_who_refuses_ads_alone_is_still_known_by_what_they_do(
    said: Consent, is_unknown: bool, is_untold: bool
) -> None:
    refusers = Refusers()

    refusers.hear(refusing(customer_id="ana"), said)

    assert refusers.holds(None, customer_id="ana") is is_unknown
    assert refusers.objects(None, customer_id="ana") is is_untold
    assert refusers.objects(b"", customer_id="ana") is is_untold
    assert not refusers.objects(orjson.dumps({"told": {"at": 5}}), customer_id="ana")
    assert not refusers.objects(None, customer_id="ana")
