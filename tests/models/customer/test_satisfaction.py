"""What customers said and showed becomes a level, and silence alone becomes none."""

import numpy as np
import pytest

from models.artifacts.live_state import Said
from models.customer.satisfaction import (
    DAY_MS,
    HALF_LIFE_DAYS,
    WEIGHTS,
    Evidence,
    Satisfaction,
    decay,
    level_now,
    levels,
)


def level_of(
    *told: tuple[str, float, float],
    return_days: int = 0,
    return_age: float = 0.0,
    orders: int = 10,
    silence: float = 1.0,
) -> Satisfaction:
    """The level of one customer by kind, what it says, and its age in days."""
    weights = [WEIGHTS[kind] * decay(np.array([age]))[0] for kind, _, age in told]
    said = sum(weight * says for weight, (_, says, _) in zip(weights, told, strict=True))
    evidence = Evidence(
        weight=np.array([sum(weights)], dtype=np.float64),
        said=np.array([said], dtype=np.float64),
        return_weight=WEIGHTS["return"] * return_days * decay(np.array([return_age])),
        return_days=np.array([return_days]),
        orders=np.array([orders]),
        silence=np.array([silence]),
    )
    return Satisfaction(int(levels(evidence)[0]))


def test_evidence_weighs_half_after_the_half_life() -> None:
    ages = np.array([0.0, HALF_LIFE_DAYS, 2 * HALF_LIFE_DAYS])

    assert decay(ages).tolist() == [1.0, 0.5, 0.25]


@pytest.mark.parametrize("says", [1, 2, 3, 4, 5])
def test_one_answer_is_the_level_that_it_says(says: int) -> None:
    assert level_of(("satisfaction", says, 30.0)) == says


def test_a_complaint_says_the_lowest_level() -> None:
    assert level_of(("complaint", 1, 0.0)) == Satisfaction.COMPLETELY_DISSATISFIED


def test_a_complaint_outweighs_a_rating_of_the_same_day() -> None:
    # (1 · 1 + 0.5 · 5) / 1.5 = 2.33
    assert level_of(("complaint", 1, 0.0), ("rating", 5, 0.0)) == Satisfaction.DISSATISFIED


def test_what_was_said_lately_counts_for_more() -> None:
    # (1 · 5 + 0.25 · 1) / 1.25 = 4.2, and the other way round 1.8
    long_ago = 2 * HALF_LIFE_DAYS

    assert level_of(("complaint", 1, long_ago), ("satisfaction", 5, 0.0)) == 4
    assert level_of(("complaint", 1, 0.0), ("satisfaction", 5, long_ago)) == 2


def test_nothing_said_and_nothing_shown_is_unknown_however_often_they_buy() -> None:
    assert level_of(orders=500) == Satisfaction.UNKNOWN


def test_silence_alone_never_makes_a_level() -> None:
    assert level_of(silence=100.0) == Satisfaction.UNKNOWN


@pytest.mark.parametrize(
    ("says", "silence", "level"),
    [(5, 3.9, 5), (5, 4.0, 4), (3, 50.0, 2), (1, 50.0, 1), (4, np.nan, 4)],
)
def test_long_silence_takes_one_level_off(says: int, silence: float, level: int) -> None:
    assert level_of(("satisfaction", says, 0.0), silence=silence) == level


def test_an_answer_is_forgotten_after_two_half_lives_and_a_rating_after_one() -> None:
    assert level_of(("satisfaction", 5, 2 * HALF_LIFE_DAYS - 1)) == 5
    assert level_of(("satisfaction", 5, 2 * HALF_LIFE_DAYS)) == Satisfaction.UNKNOWN
    assert level_of(("rating", 5, HALF_LIFE_DAYS - 1)) == 5
    assert level_of(("rating", 5, HALF_LIFE_DAYS)) == Satisfaction.UNKNOWN


def test_a_single_return_tells_nothing() -> None:
    assert level_of(return_days=1, orders=1) == Satisfaction.UNKNOWN


def test_returns_tell_where_there_is_one_to_every_two_orders() -> None:
    assert level_of(return_days=4, orders=8) == Satisfaction.DISSATISFIED
    assert level_of(return_days=4, orders=9) == Satisfaction.UNKNOWN


def test_old_returns_are_forgotten() -> None:
    assert level_of(return_days=2, orders=2, return_age=HALF_LIFE_DAYS) == Satisfaction.UNKNOWN


def test_returns_temper_what_was_said_unless_they_are_rare() -> None:
    # (0.5 · 5 + 1 · 2) / 1.5 = 3
    assert level_of(("rating", 5, 0.0), return_days=4, orders=4) == Satisfaction.NEUTRAL
    assert level_of(("rating", 5, 0.0), return_days=4, orders=40) == 5


def test_customers_are_told_at_once_as_one_by_one() -> None:
    n = 3
    evidence = Evidence(
        weight=np.array([1.0, 0.0, 1.0]),
        said=np.array([5.0, 0.0, 5.0]),
        return_weight=np.zeros(n),
        return_days=np.zeros(n, dtype=np.int64),
        orders=np.ones(n, dtype=np.int64),
        silence=np.array([1.0, 9.0, 9.0]),
    )

    assert levels(evidence).tolist() == [5, 0, 4]
    assert levels(evidence).dtype == np.uint8


NOW = 1_760_000_000_000
OPENED, RESOLVED, THANKS = ("complaint", "opened"), ("complaint", "resolved"), ("thanks", None)


def now_of(level: int, *said: tuple[str, int | str | None], days_ago: float = 0.0) -> int:
    """The level after a release's, of what was said in this order, all that many days ago."""
    at = NOW - int(days_ago * DAY_MS)
    spoken = [Said(kind, at + place, value) for place, (kind, value) in enumerate(said)]
    return int(level_now(Satisfaction(level), spoken, now_ms=NOW))


@pytest.mark.parametrize("level", list(Satisfaction))
def test_who_said_nothing_since_has_the_releases_level(level: Satisfaction) -> None:
    assert level_now(level, [], now_ms=NOW) is level


def test_an_answer_beside_the_releases_level_counts_as_much() -> None:
    # (4 + 1) / 2 = 2.5, halves upwards; (5 + 5 + 2) / 3 = 4
    assert now_of(4, ("satisfaction", 1)) == Satisfaction.NEUTRAL
    assert now_of(5, ("satisfaction", 5), ("satisfaction", 2)) == Satisfaction.SATISFIED


@pytest.mark.parametrize("kind", ["satisfaction", "rating"])
def test_of_who_was_unknown_one_answer_is_the_level(kind: str) -> None:
    assert [now_of(0, (kind, value)) for value in range(1, 6)] == [1, 2, 3, 4, 5]


def test_a_rating_weighs_half_an_answer() -> None:
    # (5 + 0.5 · 1) / 1.5 = 3.67
    assert now_of(5, ("rating", 1)) == Satisfaction.SATISFIED


def test_what_was_said_after_the_release_fades_too() -> None:
    # (5 + 0.5 · 1) / 1.5 = 3.67, and forgotten where it is all there is
    assert now_of(5, ("satisfaction", 1), days_ago=HALF_LIFE_DAYS) == Satisfaction.SATISFIED
    assert now_of(0, ("satisfaction", 1), days_ago=2 * HALF_LIFE_DAYS) == Satisfaction.UNKNOWN


def test_thanks_lift_a_known_mood_a_little_and_make_none_known() -> None:
    # (2 + 0.25 · 5) / 1.25 = 2.6, and one alone is .25, which is not enough
    assert now_of(2, THANKS) == Satisfaction.NEUTRAL
    assert now_of(0, THANKS) == Satisfaction.UNKNOWN
    assert now_of(0, THANKS, THANKS) == Satisfaction.COMPLETELY_SATISFIED


@pytest.mark.parametrize("level", list(Satisfaction))
def test_whoever_waits_for_a_complaint_is_dissatisfied_at_best(level: Satisfaction) -> None:
    praised = now_of(level, OPENED, ("satisfaction", 5), ("satisfaction", 5), ("satisfaction", 5))

    assert praised == Satisfaction.DISSATISFIED
    assert 1 <= now_of(level, OPENED) <= 2


def test_an_open_complaint_does_not_fade() -> None:
    assert now_of(0, OPENED, days_ago=10 * HALF_LIFE_DAYS) == Satisfaction.COMPLETELY_DISSATISFIED


def test_a_resolved_complaint_says_neither_good_nor_bad() -> None:
    # alone 3; (5 + 3) / 2 = 4; (1 + 3) / 2 = 2
    assert now_of(0, OPENED, RESOLVED) == Satisfaction.NEUTRAL
    assert now_of(5, OPENED, RESOLVED) == Satisfaction.SATISFIED
    assert now_of(1, OPENED, RESOLVED) == Satisfaction.DISSATISFIED


def test_one_resolution_closes_one_complaint() -> None:
    assert now_of(5, OPENED, OPENED, RESOLVED) == Satisfaction.DISSATISFIED
    assert now_of(5, OPENED, RESOLVED, OPENED) == Satisfaction.DISSATISFIED
    # (5 + 3 + 3) / 3 = 3.67
    assert now_of(5, OPENED, OPENED, RESOLVED, RESOLVED) == Satisfaction.SATISFIED


def test_a_resolution_whose_complaint_is_forgotten_closes_no_later_one() -> None:
    assert now_of(5, RESOLVED, RESOLVED, OPENED) == Satisfaction.DISSATISFIED


def test_feedback_counts_by_its_time_and_not_by_its_place() -> None:
    later = Said("complaint", NOW + 60_000, "resolved")
    earlier = Said("complaint", NOW, "opened")

    level = level_now(Satisfaction.UNKNOWN, [later, earlier], now_ms=NOW)

    assert level is Satisfaction.NEUTRAL


def test_kinds_that_say_nothing_of_a_mood_are_left_out() -> None:
    assert now_of(4, ("not_interested", None), ("rating", None)) == Satisfaction.SATISFIED
