"""A date is given where it beats a guess, and to nobody else."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.customers.coming.test_soon import past_of
from tests.training.customers.visiting import at_their_own_pace, visiting
from training.customers.coming import due_dates, soon
from training.customers.coming.due_dates import DueDates
from training.customers.coming.visits import Visits

HORIZONS = (7.0, 28.0, 84.0)


def learned(shop: Visits) -> DueDates:
    past = past_of(shop)
    verdicts = [soon.contest(past, horizon) for horizon in HORIZONS]
    return due_dates.learn(past, [one for one in verdicts if one.name is not None])


@given(rate=st.floats(0.01, 3.0))
def test_who_comes_at_random_is_due_at_the_median_of_the_gaps(rate: float) -> None:
    buys = -np.expm1(-rate * np.array([HORIZONS]))

    found = due_dates.median_days(HORIZONS, buys)

    assert found == pytest.approx([np.log(2) / rate])


def test_half_is_passed_between_the_horizons_that_lie_around_it() -> None:
    buys = np.array([[0.5, 0.6, 0.7], [0.2, 0.5, 0.9], [0.1, 0.2, 0.5], [0.1, 0.2, 0.3], [1, 1, 1]])

    found = due_dates.median_days(HORIZONS, buys)

    assert found[:3] == pytest.approx([7, 28, 84])
    assert np.isnan(found[3])
    assert 0 < found[4] < 1


def test_dates_by_the_clock_are_given_where_the_shops_own_gap_tells_them_not() -> None:
    rng = np.random.default_rng(7)
    gaps = np.tile([35, 56], 150)
    begun = rng.uniform(0, gaps)
    shop = visiting(
        *(np.arange(400 - first, 0, -gap).tolist() for first, gap in zip(begun, gaps, strict=True))
    )

    found = learned(shop)

    # Most gaps are 35 days, so that to whom they are usual the shop's median is as good a guess.
    rows = {row["orders"]: row for row in found.choice["mean error, days"]}
    assert found.choice["chosen"] == {"4 to 7 orders": due_dates.BY_CLOCK}
    assert rows["4 to 7"][due_dates.BY_CLOCK] < 0.01
    assert rows["8 to 15"][due_dates.SHOP_GAP] < 0.01
    assert rows["1"] == {"orders": "1", "dated": 0, "given": None}
    due = found.days(shop, np.full((300, 3), 0.9))
    assert due[shop.times < 8] == pytest.approx((56 - shop.last)[shop.times < 8], abs=1e-3)
    assert np.isnan(due[gaps == 35]).all()


def test_customers_who_all_come_at_random_alike_are_given_none() -> None:
    rng = np.random.default_rng(7)
    shop = visiting(
        *([400.0, *np.sort(rng.uniform(0, 400, rng.poisson(20)))[::-1]] for _ in range(300))
    )

    found = learned(shop)

    assert found.choice["chosen"] == {}
    assert np.isnan(found.days(shop, np.full((300, 3), 0.9))).all()


def test_dates_are_given_by_number_of_orders_and_only_within_the_horizons() -> None:
    ways = (None, due_dates.BY_CHANCES, due_dates.BY_CLOCK, None, None, None)
    dates = DueDates(horizons=HORIZONS[:2], ways=ways, choice={})
    past = visiting([9], [9, 5], [9, 5, 2], [31, 21, 11, 1], [31, 21, 11, 1], [70, 50, 40, 30])

    found = dates.days(past, np.array([[0.5, 0.9, 1.0]] * 4 + [[0.1, 0.3, 0.9], [0.5, 0.5, 0.5]]))

    assert found == pytest.approx([np.nan, 7, 7, 9, np.nan, 0], nan_ok=True)


def test_a_history_of_three_days_gives_no_date_and_says_why() -> None:
    found = learned(visiting([3.0, 2.0], [1.0]))

    assert found.horizons == ()
    assert "too short" in found.choice["why"]
    assert np.isnan(found.days(visiting([3.0]), np.full((1, 3), np.nan))).all()


def test_dates_of_random_visitors_are_given_to_who_comes_often() -> None:
    found = learned(at_their_own_pace(n=1000, days=400, seed=7))

    assert found.choice["chosen"]["32 or more orders"] == due_dates.BY_CHANCES
