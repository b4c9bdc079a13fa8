"""Forecasts that are right, too high or too low, and what is made of them."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance, shop
from training.customers.worth.back_test import (
    Cut,
    back_test,
    error,
    errors,
    mean_error,
    mixed,
    shares,
    window_weeks,
)

SHOP = by_chance(80, weeks=40)
CUTS = back_test(SHOP, weeks=12, seed=7, step=lambda _: None)


def foretelling(**factors: float) -> list[Cut]:
    """Return the cuts with candidates that say so many times what was spent."""
    return [
        replace(cut, foretold={name: factor * cut.came.spend for name, factor in factors.items()})
        for cut in CUTS
    ]


@pytest.mark.parametrize(("days", "weeks"), [(3, 0), (41.9, 0), (42, 2), (210, 10), (900, 12)])
def test_the_window_is_a_third_of_history_and_at_most_a_quarter_of_a_year(
    days: float, weeks: float
) -> None:
    assert window_weeks(days) == pytest.approx(weeks)


def test_the_error_counts_what_each_is_off_and_a_quarter_of_what_all_are() -> None:
    spent = np.array([0.0, 4.0])

    assert error(np.array([2.0, 2.0]), spent) == 1.0
    assert error(np.array([0.0, 0.0]), spent) == 1.25
    assert error(spent, spent) == 0.0


def test_a_forecast_that_is_always_right_stays_alone() -> None:
    cuts = foretelling(right=1.0, high=2.0)

    assert shares(cuts, among=["right", "high"]) == {"right": 1.0}


def test_forecasts_too_high_and_too_low_are_mixed_to_the_middle() -> None:
    cuts = foretelling(none=0.0, twice=2.0, thrice=3.0)

    mix = shares(cuts, among=["none", "twice", "thrice"])

    assert mix == {"none": 0.5, "twice": 0.5}
    assert mean_error(cuts, mix) == pytest.approx(0)


def test_what_may_not_be_chosen_is_not() -> None:
    assert shares(foretelling(right=1.0, high=2.0), among=["high"]) == {"high": 1.0}


def test_a_candidate_that_one_cut_lacks_is_not_chosen() -> None:
    first, *rest = foretelling(right=1.0, high=2.0)
    lacking = replace(first, foretold={"high": first.foretold["high"]})

    assert list(errors([lacking, *rest])) == ["high"]


def test_errors_are_told_the_best_first() -> None:
    assert list(errors(foretelling(high=2.0, right=1.0))) == ["right", "high"]


def test_a_mix_is_the_weighted_mean() -> None:
    foretold = {"one": np.array([1.0, 0.0]), "other": np.array([5.0, 4.0])}

    assert mixed(foretold, {"one": 0.75, "other": 0.25}).tolist() == [2.0, 1.0]


def test_what_is_bought_after_a_cut_changes_nothing_that_was_foretold_at_it() -> None:
    ago = CUTS[0].moment.days_ago
    dearer = replace(SHOP, spend=np.where(SHOP.age_days <= ago, 9 * SHOP.spend, SHOP.spend))

    again = back_test(dearer, weeks=12, seed=7, step=lambda _: None)

    for name, foretold in CUTS[0].foretold.items():
        assert again[0].foretold[name].tolist() == foretold.tolist()
    assert again[0].came.spend == pytest.approx(9 * CUTS[0].came.spend)


def test_moments_before_anybody_came_back_are_left_out() -> None:
    orders = shop(*[[(70.0 - row, 5.0), (15.0, 5.0)] for row in range(5)])

    assert back_test(orders, weeks=3, seed=7, step=lambda _: None) == ()


def test_moments_after_which_nobody_bought_are_left_out() -> None:
    orders = shop(*[[(250.0, 5.0), (240.0 - row, 5.0)] for row in range(5)])

    assert back_test(orders, weeks=4, seed=7, step=lambda _: None) == ()
