"""How far chance reaches in a ratio of sums."""

import numpy as np
import pytest

from training.judge.off_policy_intervals import interval


def test_of_many_even_cases_it_is_the_standard_error_twice() -> None:
    values = np.random.default_rng(1).normal(5, 2, 10_000)

    low, high = interval(values, np.ones_like(values))

    assert (low + high) / 2 == pytest.approx(values.mean(), abs=0.001)
    assert high - low == pytest.approx(2 * 1.96 * 2 / 100, rel=0.03)


def test_of_rare_rewards_it_reaches_further_up_than_down() -> None:
    clicks = np.zeros(1000)
    clicks[:8] = 1

    low, high = interval(clicks, np.ones_like(clicks))

    assert high - 0.008 > 1.3 * (0.008 - low)
    assert low > 0


def test_mirrored_values_have_the_mirrored_interval() -> None:
    values = np.random.default_rng(2).exponential(size=200)

    low, high = interval(values, np.ones_like(values))

    assert interval(-values, np.ones_like(values)) == pytest.approx((-high, -low))


def test_a_ratio_whose_parts_move_together_is_surer_than_its_upper_sum() -> None:
    weight = np.random.default_rng(3).exponential(size=2000)
    reward = 3.0 + np.random.default_rng(4).normal(0, 0.1, 2000)

    low, high = interval(weight * reward, weight)

    assert low < 3.0 < high
    assert high - low < 0.03
    assert np.diff(interval(weight * reward, np.ones_like(weight))) > 0.2


def test_what_never_varies_has_no_width() -> None:
    assert interval(np.full(10, 2.0), np.ones(10)) == (2.0, 2.0)


@pytest.mark.parametrize("n", [50, 400])
def test_nineteen_in_twenty_hold_the_mean_of_skewed_values(n: int) -> None:
    rng = np.random.default_rng(5)
    drawn = rng.exponential(size=(600, n))

    held = [low < 1 < high for low, high in (interval(one, np.ones(n)) for one in drawn)]

    assert np.mean(held) == pytest.approx(0.95, abs=0.025)
