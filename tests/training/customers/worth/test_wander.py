"""A level that goes up and down by a known factor."""

import numpy as np
import pytest

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


def test_errors_grow_as_a_root_for_a_season_and_shrink_as_a_root_beyond() -> None:
    one, four, season, years = (UP_AND_DOWN.error(weeks) for weeks in (1, 4, 13, 52))

    assert four == pytest.approx(2 * one)
    assert season == pytest.approx(np.sqrt(SEASON_WEEKS) * one)
    assert years == pytest.approx(season / 2)


def test_a_sum_of_many_is_as_sure_as_the_level_and_no_surer() -> None:
    whole = UP_AND_DOWN.around(1000.0, own=0.0, unfit=0.0, weeks=4)

    assert whole.high / whole.expected == pytest.approx(UP_AND_DOWN.times(4))
    assert whole.expected / whole.low == pytest.approx(UP_AND_DOWN.times(4))


def test_a_group_that_the_forecast_does_not_fit_has_a_wider_sum() -> None:
    some, none = (UP_AND_DOWN.around(100.0, own=0.0, unfit=unfit, weeks=4) for unfit in (30.0, 0.0))

    assert some.low < none.low < none.high < some.high


def test_customers_own_chance_widens_a_sum() -> None:
    few, many = (UP_AND_DOWN.around(100.0, own=own, unfit=0.0, weeks=4) for own in (2500.0, 25.0))

    assert few.high - few.low > many.high - many.low


def test_a_sum_of_losses_has_its_low_end_below() -> None:
    loss = UP_AND_DOWN.around(-100.0, own=0.0, unfit=0.0, weeks=4)

    assert loss.low < -100.0 < loss.high < 0


def test_nothing_is_expected_of_nobody() -> None:
    nobody = UP_AND_DOWN.around(0.0, own=0.0, unfit=0.0, weeks=4)

    assert (nobody.low, nobody.expected, nobody.high) == (0.0, 0.0, 0.0)
