"""Intervals of what comes, checked on customers whose spend is drawn by a known rule."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.customers.worth.intervals import LEAST_CUSTOMERS, Spread
from training.customers.worth.wander import INSIDE

N = 6000
RNG = np.random.default_rng(7)
PURCHASES = RNG.uniform(0.05, 8, N)
EXPECTED = PURCHASES * 10


def drawn(seed: int) -> np.ndarray:
    """Return what comes: 10 for each of a chance number of purchases."""
    return np.random.default_rng(seed).poisson(PURCHASES) * 10.0


def learned() -> Spread:
    spread = Spread.fit(expected=EXPECTED, actual=drawn(1), purchases=PURCHASES)
    assert spread is not None
    return spread


def test_four_in_five_of_other_customers_end_up_inside_or_more_where_most_buy_nothing() -> None:
    came = drawn(2)

    _, low, high = learned().around(EXPECTED, purchases=PURCHASES).T

    inside = (came >= low) & (came <= high)
    assert inside[PURCHASES > 3].mean() == pytest.approx(INSIDE, abs=0.06)
    assert inside[PURCHASES < 0.15].mean() >= INSIDE


def test_who_is_expected_to_buy_hardly_ever_may_bring_nothing() -> None:
    interval = learned().around(np.array([1.0, 80.0]), purchases=np.array([0.1, 8.0]))

    assert interval[0, 1] == 0
    assert interval[1, 1] > 0


@settings(max_examples=30)
@given(seed=st.integers(0, 1000), n=st.integers(LEAST_CUSTOMERS, 900))
def test_what_is_expected_is_always_inside(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    expected, actual = rng.exponential(5, n), rng.exponential(5, n) * (rng.random(n) < 0.4)
    spread = Spread.fit(expected=expected, actual=actual, purchases=expected)
    assert spread is not None

    told, low, high = spread.around(expected, purchases=expected).T

    assert (low <= told).all()
    assert (told <= high).all()


def test_an_interval_learned_on_all_holds_four_in_five_of_them() -> None:
    actual = np.arange(1.0, 101.0)
    spread = Spread.fit(expected=np.full(100, 50.0), actual=actual, purchases=np.ones(100))
    assert spread is not None

    _, low, high = spread.around(np.array([50.0]), purchases=np.array([1.0]))[0]

    assert ((actual >= low) & (actual <= high)).sum() == 81


def test_too_few_customers_say_nothing() -> None:
    few = np.ones(LEAST_CUSTOMERS - 1)

    assert Spread.fit(expected=few, actual=few, purchases=few) is None


def test_a_wandering_level_stretches_both_ends() -> None:
    spread = learned()

    narrow, wide = (
        one.around(np.array([80.0]), purchases=np.array([8.0]))[0]
        for one in (spread, spread.stretched(2.0))
    )

    assert wide == pytest.approx([80.0, narrow[1] / 2, narrow[2] * 2])


def test_an_interval_that_holds_too_much_already_is_not_stretched() -> None:
    told = np.full(100, 5.0)
    nearly_nothing = np.where(np.arange(100) < 95, 0.0, 50.0)
    spread = Spread.fit(expected=told, actual=nearly_nothing, purchases=np.full(100, 0.1))
    assert spread is not None

    interval = spread.stretched(3.0).around(told[:1], purchases=np.array([0.1]))[0]

    assert interval.tolist() == [5.0, 0.0, 5.0]


SOME_OR_NOTHING = np.maximum(np.arange(-100.0, 200.0), 0)
"""A third brings nothing, the others anything up to 199."""


def beside_many_who_bring_nothing(brought: np.ndarray) -> Spread:
    """Learn from 300 who bring nothing and 300 others, of each of whom 100 was expected."""
    spread = Spread.fit(
        expected=np.full(600, 100.0),
        actual=np.concatenate([np.zeros(300), brought]),
        purchases=np.repeat([0.1, 1.0], 300),
    )
    assert spread is not None
    return spread


def interval_of_the_others(spread: Spread) -> np.ndarray:
    return spread.around(np.array([100.0]), purchases=np.ones(1)).ravel()


def test_where_many_bring_nothing_the_upper_ends_of_others_are_lowered_and_hold_enough() -> None:
    spread = beside_many_who_bring_nothing(SOME_OR_NOTHING)

    _, low, high = interval_of_the_others(spread.stretched(1.2))

    inside = (low <= SOME_OR_NOTHING) & (high >= SOME_OR_NOTHING)
    assert low == 0
    assert high < 1.2 * interval_of_the_others(spread)[2]
    assert inside.mean() == pytest.approx(INSIDE, abs=0.01)


def test_who_brings_something_for_certain_does_not_give_way_to_those_who_bring_nothing() -> None:
    spread = beside_many_who_bring_nothing(np.linspace(50.0, 150.0, 300))

    expected, low, high = interval_of_the_others(spread)

    stretched = interval_of_the_others(spread.stretched(1.2))
    assert stretched == pytest.approx([expected, low / 1.2, high * 1.2])


def test_where_the_level_does_not_wander_nobody_gives_way() -> None:
    spread = beside_many_who_bring_nothing(SOME_OR_NOTHING)

    found = interval_of_the_others(spread.stretched(1.0))

    assert found.tolist() == interval_of_the_others(spread).tolist()


def test_a_variance_is_the_mean_square_of_what_customers_are_off() -> None:
    expected, actual = np.full(50, 10.0), np.where(np.arange(50) % 2, 13.0, 7.0)
    spread = Spread.fit(expected=expected, actual=actual, purchases=np.ones(50))
    assert spread is not None

    variances = spread.variances(np.array([10.0, 20.0]), purchases=np.ones(2))

    assert variances == pytest.approx([9.0, 36.0])


def test_who_was_expected_to_buy_less_than_once_in_a_million_times_says_nothing() -> None:
    expected, actual = np.full(50, 1e-20), np.full(50, 5.0)

    assert Spread.fit(expected=expected, actual=actual, purchases=expected) is None
