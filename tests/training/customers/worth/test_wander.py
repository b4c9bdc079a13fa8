"""A level that goes up and down by a known factor."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import t as students_t

from training.customers.worth.wander import SEASON_WEEKS, Wander

UP_AND_DOWN = Wander(step=0.1, weeks=1.0, n_parts=6)


def test_a_level_that_is_off_by_the_same_factor_always_does_not_wander() -> None:
    found = Wander.fit(foretold=np.array([10.0, 20, 30]), came=np.array([20.0, 40, 60]), weeks=2)

    assert found is not None
    assert found.step == pytest.approx(0)
    assert found.times(4) == pytest.approx(1)


def test_steps_are_the_scatter_of_the_logarithm() -> None:
    came = np.exp([0.3, -0.3, 0.3, -0.3])

    found = Wander.fit(foretold=np.ones(4), came=came, weeks=1)

    assert found is not None
    assert found.step == pytest.approx(0.3 * np.sqrt(4 / 3))


@pytest.mark.parametrize("came", [[0.0, 0, 5], [0.0, 0, 0]])
def test_parts_in_which_nothing_came_say_nothing(came: list[float]) -> None:
    assert Wander.fit(foretold=np.ones(3), came=np.array(came), weeks=1) is None


def test_errors_grow_as_a_root_for_a_season_and_stay_beyond() -> None:
    one, four, season, years = (UP_AND_DOWN.error(weeks) for weeks in (1, 4, 13, 52))

    assert four == pytest.approx(2 * one)
    assert season == pytest.approx(np.sqrt(SEASON_WEEKS) * one)
    assert years == season


def test_a_sum_of_many_is_as_sure_as_the_level_and_no_surer() -> None:
    whole = UP_AND_DOWN.around(1000.0, gross=1000.0, own=0.0, unfit=0.0, weeks=4)

    assert whole.high / whole.expected == pytest.approx(UP_AND_DOWN.times(4))
    assert whole.expected / whole.low == pytest.approx(UP_AND_DOWN.times(4))


def test_a_group_that_the_forecast_does_not_fit_has_a_wider_sum() -> None:
    some, none = (
        UP_AND_DOWN.around(100.0, gross=100.0, own=0.0, unfit=unfit, weeks=4)
        for unfit in (30.0, 0.0)
    )

    assert some.low < none.low < none.high < some.high


def test_customers_own_chance_widens_a_sum() -> None:
    few, many = (
        UP_AND_DOWN.around(100.0, gross=100.0, own=own, unfit=0.0, weeks=4)
        for own in (2500.0, 25.0)
    )

    assert few.high - few.low > many.high - many.low


def test_a_sum_of_losses_has_its_low_end_below() -> None:
    loss = UP_AND_DOWN.around(-100.0, gross=100.0, own=0.0, unfit=0.0, weeks=4)

    assert loss.low < -100.0 < loss.high < 0


def test_nothing_is_expected_of_nobody() -> None:
    nobody = UP_AND_DOWN.around(0.0, gross=0.0, own=0.0, unfit=0.0, weeks=4)

    assert (nobody.low, nobody.expected, nobody.high) == (0.0, 0.0, 0.0)


def test_errors_of_level_fit_and_chance_add_up_as_squares_where_signs_are_mixed() -> None:
    mixed = UP_AND_DOWN.around(10.0, gross=200.0, own=500.0, unfit=30.0, weeks=4)

    off = students_t.ppf(0.9, 5) * np.sqrt(500 + 30**2 + (0.2 * 200) ** 2)
    assert (mixed.low, mixed.high) == pytest.approx((10 - off, 10 + off))


def test_a_sum_near_nothing_of_gains_and_losses_may_end_up_on_either_side() -> None:
    nearly_nothing = UP_AND_DOWN.around(1e-9, gross=2000.0, own=500.0, unfit=300.0, weeks=52)

    assert -2000 < nearly_nothing.low < 0 < nearly_nothing.high < 2000


def test_who_costs_nothing_brings_no_less_than_nothing_however_unsure() -> None:
    unsure = UP_AND_DOWN.around(1.0, gross=1.0, own=500.0, unfit=300.0, weeks=52)

    assert unsure.low == 0
    assert unsure.high < 1000


def test_a_level_seen_twice_that_went_wild_makes_no_sum_infinite() -> None:
    wild = Wander(step=20.0, weeks=1.0, n_parts=2)

    found = wild.around(1e6, gross=1e6, own=1e6, unfit=0.0, weeks=52)

    assert (found.low, found.expected) == (0, 1e6)
    assert found.high < 1e9


MONEY = st.floats(-1e6, 1e6, width=32)


@given(
    clv=st.lists(MONEY, min_size=1, max_size=20),
    relative=st.floats(0, 1e3),
    misfit=st.floats(0, 10),
    step=st.floats(0, 10),
    n_parts=st.integers(2, 6),
)
def test_every_sum_holds_what_is_expected_and_is_finite(
    clv: list[float], relative: float, misfit: float, step: float, n_parts: int
) -> None:
    theirs = np.array(clv)
    gross = float(np.abs(theirs).sum())

    found = Wander(step=step, weeks=2.0, n_parts=n_parts).around(
        float(theirs.sum()),
        gross=gross,
        own=relative * float(theirs @ theirs),
        unfit=misfit * gross,
        weeks=52,
    )

    assert found.low <= found.expected <= found.high
    assert np.isfinite([found.low, found.high]).all()
