"""Which arm did better, however often one looks."""

import numpy as np
import pytest

from training.judge.trials import Difference, Guardrail, difference, sample_ratio

RNG = np.random.default_rng


def test_a_fair_division_is_likely_and_a_crooked_one_is_not() -> None:
    # Chi-square of one degree: 3.841 is met by chance once in twenty.
    assert sample_ratio([500, 500], [0.5, 0.5]) == 1.0
    assert sample_ratio([10_098, 9_902], [0.5, 0.5]) == pytest.approx(0.166, abs=0.001)
    assert sample_ratio([10_000, 9_300], [0.5, 0.5]) < 1e-6
    assert sample_ratio([9_000, 1_000], [0.9, 0.1]) == 1.0


def test_three_arms_have_two_degrees_of_freedom() -> None:
    # Of two degrees the probability is exp(-x / 2); here x = (10² + 10²) / 100.
    assert sample_ratio([110, 90, 100], [1 / 3, 1 / 3, 1 / 3]) == pytest.approx(np.exp(-1))


def test_a_clear_difference_is_told_and_none_is_not() -> None:
    control, same = RNG(1).normal(10, 2, 5000), RNG(2).normal(10, 2, 5000)

    better, worse = difference(control + 0.5, control), difference(control - 0.5, control)
    alike = difference(same, control)

    assert better is not None
    assert worse is not None
    assert alike is not None
    assert better.value == pytest.approx(0.5)
    verdicts = [one.verdict() for one in (better, worse, alike)]
    assert verdicts == ["better", "worse", "not told apart"]


def test_the_interval_is_the_published_one_at_the_size_it_is_made_for() -> None:
    arm, control = RNG(1).normal(size=5000), RNG(2).normal(size=5000)

    one = difference(arm, control)

    # Waudby-Smith et al., eq. (14) at n rho² = 2 log 20 + log(1 + 2 log 20) = 7.936.
    error = np.sqrt(arm.var(ddof=1) / 5000 + control.var(ddof=1) / 5000)
    assert one is not None
    assert (one.high - one.low) / 2 == pytest.approx(3.034 * error, rel=1e-3)


def test_more_arms_make_wider_intervals() -> None:
    arm, control = RNG(1).normal(size=500), RNG(2).normal(size=500)

    alone, of_three = difference(arm, control), difference(arm, control, n_compared=3)

    assert alone is not None
    assert of_three is not None
    assert of_three.high - of_three.low > 1.05 * (alone.high - alone.low)


def test_it_is_too_early_with_few_customers_or_few_who_bought() -> None:
    many, few = RNG(1).normal(size=200), RNG(2).normal(size=99)
    rare = np.zeros(5000)
    rare[:10] = 1

    assert difference(many, few) is None
    assert difference(rare, rare) is None
    assert difference(np.ones(500), np.ones(500)) is None


def test_looking_forty_times_tells_two_equal_arms_apart_once_in_twenty_at_most() -> None:
    told = 0
    for number in range(200):
        arm, control = RNG([1, number]).exponential(size=(2, 4000))
        looks = [difference(arm[:n], control[:n]) for n in range(100, 4001, 100)]
        told += any(one is not None and one.verdict() != "not told apart" for one in looks)

    assert told <= 10


@pytest.mark.parametrize(
    ("low", "high", "most", "least"),
    [
        (-0.02, 0.01, "kept", "unclear"),
        (0.02, 0.05, "broken", "kept"),
        (-0.05, -0.02, "kept", "broken"),
        (-0.05, 0.05, "unclear", "unclear"),
    ],
)
def test_a_guardrail_is_kept_where_the_whole_interval_keeps_it(
    low: float, high: float, most: str, least: str
) -> None:
    one = Difference(value=(low + high) / 2, low=low, high=high)

    assert one.keeps(Guardrail(name="complaints", is_most=True, limit=0.01)) == most
    assert one.keeps(Guardrail(name="margin", is_most=False, limit=-0.01)) == least
