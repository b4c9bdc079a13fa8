import orjson

from app.memory import MAX_AGE_S
from app.refusers import N_MOST, Refusers
from models.artifacts.event import Event
from tests.app.test_memory import Clock


def refusing(at_ms: int = 5, **who: str) -> Event:
    return Event(event="", event_id="", at_ms=at_ms, source="page", **who)  # type: ignore[arg-type]


def told(at_ms: int) -> tuple[bytes | None, ...]:
    return None, None, None, orjson.dumps({"told": {"at": at_ms}}), None, None


def test_a_refusal_holds_for_whoever_it_names_and_nobody_else() -> None:
    refusers = Refusers()

    refusers.hear(refusing(customer_id="ana", anonymous_id="v"))

    assert refusers.holds(None, customer_id="ana")
    assert refusers.holds((), anonymous_id="v")
    assert not refusers.holds(None, customer_id="v")
    assert not refusers.holds(None, anonymous_id="ana")


def test_a_refusal_holds_until_a_live_state_has_that_word_or_a_later_one() -> None:
    refusers = Refusers()
    refusers.hear(refusing(at_ms=5, customer_id="ana"))

    assert refusers.holds(told(4), customer_id="ana")
    assert refusers.holds((None, None, None, b"nonsense", None, None), customer_id="ana")
    assert refusers.holds((b"damaged",), customer_id="ana")
    assert not refusers.holds(told(5), customer_id="ana")
    assert not refusers.holds(None, customer_id="ana")


def test_an_older_refusal_that_comes_late_does_not_stand_for_the_later() -> None:
    refusers = Refusers()
    for at_ms in (5, 3):
        refusers.hear(refusing(at_ms=at_ms, customer_id="ana"))

    assert refusers.holds(told(4), customer_id="ana")


def test_a_refusal_is_forgotten_after_a_day() -> None:
    clock = Clock()
    refusers = Refusers(clock=clock)
    refusers.hear(refusing(customer_id="ana"))

    clock.now = MAX_AGE_S + 1

    assert not refusers.holds(None, customer_id="ana")


def test_of_too_many_refusals_the_oldest_go() -> None:
    refusers = Refusers()
    for n in range(N_MOST + 1):
        refusers.hear(refusing(customer_id=f"c-{n}"))

    assert not refusers.holds(None, customer_id="c-0")
    assert refusers.holds(None, customer_id="c-1")
