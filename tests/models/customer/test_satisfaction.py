"""What customers said and showed becomes a level, and silence alone becomes none."""

import numpy as np
import pytest

from models.customer.satisfaction import (
    HALF_LIFE_DAYS,
    WEIGHTS,
    Evidence,
    Satisfaction,
    decay,
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
