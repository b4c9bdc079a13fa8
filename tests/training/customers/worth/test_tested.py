"""Which moments each horizon is judged at."""

import pytest

from tests.training.customers.value_shops import by_chance, shop
from training.customers.worth import tested as judging
from training.customers.worth.back_test import back_test, window_weeks
from training.customers.worth.outlook import Choice
from training.customers.worth.past import DAYS_PER_WEEK, following, history_days
from training.data.orders import Orders

CHOICE = Choice(mix={"last period": 1.0}, process="MBG/NBD")


def found_in(orders: Orders, *horizons: float) -> dict[float, judging.Tested]:
    weeks = window_weeks(history_days(orders))
    cuts = back_test(orders, weeks=weeks, seed=7, step=lambda _: None)
    return judging.tested(orders, cuts, CHOICE, horizons=horizons, seed=7, step=lambda _: None)


def test_short_horizons_are_judged_at_every_cut_and_long_ones_as_long_ago_as_history_allows() -> (
    None
):
    found = found_in(by_chance(150, weeks=60), 4.0, 12.0, 13.0, 20.0, 52.0)

    weeks = {horizon: one.weeks for horizon, one in found.items() if horizon != one.weeks}
    cuts = {horizon: len(found[horizon].judged) for horizon in (4.0, 12.0, 20.0, 52.0)}
    assert weeks == {13.0: 12.0, 52.0: pytest.approx(30, abs=0.5)}
    assert cuts == {4.0: 3, 12.0: 3, 20.0: 1, 52.0: 1}


def test_what_is_judged_is_what_followed_the_cut() -> None:
    orders = by_chance(150, weeks=60)
    cuts = back_test(orders, weeks=12, seed=7, step=lambda _: None)

    judged = judging.tested(orders, cuts, CHOICE, horizons=[4.0], seed=7, step=lambda _: None)[
        4.0
    ].judged

    for cut, one in zip(cuts, judged, strict=True):
        came = following(orders, cut.moment, 4 * DAYS_PER_WEEK)
        assert one.spent.tolist() == came.spend.tolist()
        assert one.bought.tolist() == came.days.tolist()


def test_where_half_of_history_is_too_short_to_learn_from_the_cuts_judge_all_horizons() -> None:
    found = found_in(by_chance(150, weeks=9), 52.0)

    assert found[52.0].weeks == pytest.approx(window_weeks(history_days(by_chance(150, weeks=9))))
    assert len(found[52.0].judged) == 3


def test_where_nobody_had_come_back_by_half_of_history_the_cuts_judge_all_horizons() -> None:
    again = [(float(day), 5.0) for day in (200, 150, 120, 100, 70, 40, 10)]
    orders = shop(*[[(600.0 - row, 5.0), *again] for row in range(30)])

    found = found_in(orders, 52.0)

    assert found[52.0].weeks == 12
    assert len(found[52.0].judged) == 3


def test_few_customers_have_no_intervals() -> None:
    found = found_in(by_chance(5, weeks=60), 12.0)[12.0]

    assert found.spend is None
    assert found.purchases is None


def test_the_level_is_followed_from_the_earliest_cut() -> None:
    orders = by_chance(300, weeks=60)
    cuts = back_test(orders, weeks=12, seed=7, step=lambda _: None)

    found = judging.wander(orders, cuts, CHOICE)

    assert found is not None
    assert found.weeks == pytest.approx(18 / 6)
    assert found.n_parts == 6
    assert 0 < found.step < 1
