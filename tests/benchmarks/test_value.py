"""Sets that are cut by hand, and what is said of forecasts for them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from benchmarks import value as bench
from benchmarks.value import Judged, goals_of
from benchmarks.value_baselines import baselines
from benchmarks.value_coverage import inside_soon, soon_table, sums_inside
from benchmarks.value_scale import made_up
from benchmarks.value_sets import Held, cdnow, orders_of
from models.customer.summary import Sum
from tests.training.customers.value_shops import by_chance
from training.customers.worth import value
from training.customers.worth.past import following, then

BOUGHT = pl.DataFrame(
    {
        "customer": ["ann", "ann", "ann", "bob", "cas"],
        "order": ["1", "1", "2", "1", "9"],
        "at": [
            datetime(2026, 1, 1, 9),  # noqa: DTZ001
            datetime(2026, 1, 1, 8),  # noqa: DTZ001
            datetime(2026, 1, 20),  # noqa: DTZ001
            datetime(2026, 1, 5),  # noqa: DTZ001
            datetime(2026, 1, 21),  # noqa: DTZ001
        ],
        "spend": [1.0, 2.0, 4.0, 8.0, 16.0],
    }
)
UNTIL = datetime(2026, 1, 29, tzinfo=UTC)


def test_lines_of_one_order_are_summed() -> None:
    orders = orders_of(BOUGHT, until=UNTIL)

    assert orders.spend.tolist() == [3.0, 4.0, 8.0, 16.0]
    assert orders.age_days[1] == 9.0
    assert orders.starts.tolist() == [0, 2, 3, 4]


def test_only_who_bought_before_the_cut_is_judged_by_what_came_after() -> None:
    held = Held.of("tiny", BOUGHT, until=UNTIL, weeks=2)

    assert held.orders.n_customers == 2
    assert held.orders.spend.tolist() == [3.0, 8.0]
    assert held.spent.tolist() == [4.0, 0.0]


def test_cdnow_is_cut_after_september_with_all_its_customers() -> None:
    held = cdnow()

    assert held.orders.n_customers == 23_570
    assert held.orders.until == datetime(1997, 10, 1, tzinfo=UTC)
    assert held.spent.mean() == pytest.approx(32.96, abs=0.01)


def test_made_up_customers_buy_within_two_years_in_order() -> None:
    orders = made_up(500, seed=7)

    inner = np.diff(orders.customer) == 0
    assert orders.n_customers == 500
    assert (np.diff(orders.age_days)[inner] <= 0).all()
    assert (orders.age_days > 0).all()
    assert made_up(500, seed=7).spend.tolist() == orders.spend.tolist()


@pytest.fixture(scope="module")
def judged() -> Judged:
    orders = by_chance(600, weeks=60)
    moment = then(orders, 12 * 7)
    came = following(orders, moment, 12 * 7)
    held = Held(
        name="chance",
        orders=moment.orders,
        weeks=12,
        came=came,
        soon={4: following(orders, moment, 4 * 7), 12: came},
    )
    ours = value.fit(held.orders, horizon_weeks=12, annual_rate=0, seed=7, step=lambda _: None)
    return Judged(held=held, ours=(ours, ours), others=baselines(held.orders, weeks=12, seed=7))


def test_every_baseline_foretells_something_of_everybody(judged: Judged) -> None:
    for foretold in judged.others.values():
        assert foretold.shape == judged.held.spent.shape
        assert (foretold >= 0).all()
    assert len(judged.others) == 7


def test_the_last_period_is_what_was_spent_in_as_many_weeks(judged: Judged) -> None:
    orders = judged.held.orders
    lately = np.where(orders.age_days <= 12 * 7, orders.spend, 0)

    spent = np.bincount(orders.customer, lately)

    assert judged.others["last period"] == pytest.approx(spent)


def test_figures_and_words_tell_of_the_same_error(judged: Judged) -> None:
    figures = judged.figures()

    assert figures["Cartera: mae"] == judged.mae(judged.foretold)
    assert f"{figures['Cartera: mae']:.2f}" in " ".join(bench.words(judged))
    assert bench.table(judged).row_count == 8


def test_a_perfect_choice_reaches_what_errors_can(judged: Judged) -> None:
    goals = goals_of([perfect(judged), perfect(judged), perfect(judged)])

    ahead = goals["sets of 3 on which the choice is ahead"]
    assert (ahead.value, ahead.goal, ahead.holds) == (3, 2, True)
    assert goals[f"chance: MAE by that of {judged.best}"].value == pytest.approx(0, abs=1e-6)


def test_without_every_set_it_is_not_known_on_how_many_the_choice_is_ahead(judged: Judged) -> None:
    goals = goals_of([perfect(judged), perfect(judged)])

    missing = goals["sets of 3 on which the choice is ahead, not measured: only 2 are there"]
    assert (missing.value, missing.goal, missing.holds) == (2, 2, False)


def test_a_set_is_followed_for_the_horizons_that_it_is_long_enough_for() -> None:
    assert set(Held.of("tiny", BOUGHT, until=UNTIL, weeks=2).soon) == set()
    assert set(Held.of("tiny", BOUGHT, until=UNTIL, weeks=4).soon) == {4}


def test_coverage_is_told_of_customers_and_of_sums_over_each_short_horizon(judged: Judged) -> None:
    figures = inside_soon(judged.held, judged.ours[0])

    assert set(figures) == {
        f"{what} of {weeks} weeks: {share}"
        for what in ("spend", "purchases")
        for weeks in (4, 12)
        for share in ("share inside", "sums of tenths inside")
    }
    assert figures["spend of 12 weeks: share inside"] == pytest.approx(judged.inside().mean())
    assert soon_table(judged.held, judged.ours[0]).row_count == 4


def test_a_sum_without_an_interval_is_not_inside() -> None:
    told = [Sum(expected=1.0, low=0.0, high=2.0), None, Sum(expected=1.0, low=0.0, high=2.0), None]

    assert sums_inside(told, [2.0, 1.0, 3.0, 0.0]) == 0.25


def test_too_wide_intervals_fall_short(judged: Judged) -> None:
    goals = goals_of([perfect(judged)])

    assert goals["chance: inside intervals of 80 %"].value == 1
    assert not goals["chance: inside intervals of 80 %"].holds


@pytest.mark.slow
def test_the_cost_is_measured_in_a_process_of_its_own() -> None:
    took: Mapping[str, float] = bench.cost(300)

    assert set(took) == {"300 customers: CPU s", "300 customers: peak GiB"}
    assert all(figure > 0 for figure in took.values())


def perfect(judged: Judged) -> Judged:
    """Return the same set where the first seed had foretold what was spent."""
    spent = judged.held.spent
    right = np.stack([spent, spent - 1, spent + 1], axis=1).astype(np.float32)
    ours = replace(judged.ours[0], clv=right)
    return replace(judged, ours=(ours,))
