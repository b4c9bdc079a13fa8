"""What customers are worth, in shops large enough to tell and too small to."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance, shop, whole
from training.customers.worth import value
from training.customers.worth.past import following, then
from training.customers.worth.value import Value
from training.data.orders import Orders

SHOP = by_chance(400, weeks=60)


def valued(orders: Orders, *, weeks: int = 52, rate: float = 0.15) -> Value:
    return value.fit(orders, horizon_weeks=weeks, annual_rate=rate, seed=7, step=lambda _: None)


@pytest.fixture(scope="module")
def told() -> Value:
    return valued(SHOP)


def test_everything_is_told_of_every_customer(told: Value) -> None:
    n = SHOP.n_customers
    shapes = [a.shape for a in (told.alive, told.purchases, told.spend, told.clv, told.historic)]

    assert shapes == [(n,), (n, 3, 3), (n, 3, 3), (n, 3), (n,)]
    for column in (told.alive, told.purchases, told.spend, told.clv):
        assert np.isfinite(column).all()
        assert (column >= 0).all()


def test_what_is_expected_is_within_its_interval(told: Value) -> None:
    for column in (told.purchases, told.spend, told.clv):
        expected, low, high = np.moveaxis(column, -1, 0)
        assert (low <= expected).all()
        assert (expected <= high).all()


def test_longer_horizons_bring_more(told: Value) -> None:
    assert (np.diff(told.spend[:, :, 0], axis=1) >= 0).all()
    assert (np.diff(told.purchases[:, :, 0], axis=1) >= 0).all()


def test_lifetime_value_is_less_than_the_money_of_its_horizon(told: Value) -> None:
    year = told.spend[:, 2, 0]

    assert (told.clv[:, 0] <= year).all()
    assert (told.clv[:, 0] >= year / 1.15).all()


def test_without_margins_the_basis_is_revenue(told: Value) -> None:
    assert told.basis == told.choice["basis"] == "revenue"
    assert told.historic.sum() == pytest.approx(SHOP.spend.sum(), rel=1e-5)


def test_a_second_fit_with_one_seed_is_equal(told: Value) -> None:
    again = valued(SHOP)

    assert again.clv.tolist() == told.clv.tolist()
    assert again.spend.tolist() == told.spend.tolist()
    assert dict(again.choice) == dict(told.choice)


def test_customers_in_blocks_are_valued_as_all_at_once(
    told: Value, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(value, "BLOCK", 150)

    assert valued(SHOP).clv.tolist() == told.clv.tolist()


def test_value_is_margin_where_it_is_known(told: Value) -> None:
    earning = valued(shop_with_margins(SHOP, 0.25))

    assert earning.basis == "margin"
    assert earning.clv == pytest.approx(told.clv * 0.25, rel=1e-3)
    assert earning.spend == pytest.approx(told.spend, rel=1e-5)


def test_who_costs_money_has_a_negative_value_with_its_low_end_below() -> None:
    losing = valued(shop_with_margins(SHOP, -0.1))

    expected, low, high = losing.clv.T
    assert (low <= expected).all()
    assert (expected <= high).all()
    assert (expected < 0).any()


def test_the_sum_of_a_group_is_that_of_its_customers(told: Value) -> None:
    members = whole(SHOP) % 3 == 0

    total = told.summed(members)
    by_row = told.summed(np.flatnonzero(members))

    assert total is not None
    assert total == by_row
    assert total.expected == pytest.approx(told.clv[members, 0].sum(), rel=1e-5)
    assert total.low < total.expected < total.high


def test_a_sum_is_surer_than_its_parts_together(told: Value) -> None:
    total = told.summed(whole(SHOP))

    assert total is not None
    assert total.high - total.low < (told.clv[:, 2] - told.clv[:, 1]).sum()


def test_nothing_is_expected_of_an_empty_group(told: Value) -> None:
    nobody = told.summed(np.zeros(SHOP.n_customers, dtype=np.bool_))

    assert nobody is not None
    assert (nobody.low, nobody.expected, nobody.high) == (0.0, 0.0, 0.0)


def test_purchases_and_spend_of_a_group_are_those_of_its_customers_by_horizon(
    told: Value,
) -> None:
    members = whole(SHOP) % 3 == 0

    for column, sums in (
        (told.purchases, told.purchases_of(members)),
        (told.spend, told.spend_of(members)),
    ):
        assert sums is not None
        assert [one.weeks for one in sums] == [4, 12, 52]
        assert [one.expected for one in sums] == pytest.approx(
            column[members, :, 0].sum(axis=0), rel=1e-5
        )
        assert all(one.low < one.expected < one.high for one in sums)


def test_as_many_of_a_group_are_still_customers_as_their_probabilities_add_up_to(
    told: Value,
) -> None:
    members = whole(SHOP) % 3 == 0

    assert told.alive_of(members) == pytest.approx(told.alive[members].sum(), rel=1e-5)


def test_gains_and_losses_that_cancel_out_have_a_finite_interval_on_both_sides() -> None:
    halves = np.where(SHOP.customer % 2, 0.5, -0.5)
    found = valued(replace(SHOP, margin=halves * SHOP.spend))
    gains = np.flatnonzero(found.clv[:, 0] > 0)
    losses = np.flatnonzero(found.clv[:, 0] < 0)
    members = np.concatenate([gains[:60], losses[:60]])
    gross = np.abs(found.clv[members, 0]).sum()

    total = found.summed(members)

    assert total is not None
    assert -5 * gross < total.low < 0 < total.high < 5 * gross
    assert total.low < total.expected < total.high


def test_coverage_is_told_of_weeks_that_nothing_was_learned_from(told: Value) -> None:
    assert set(told.evidence["coverage"]) == {"4", "12"}


@pytest.mark.parametrize(
    ("orders", "why"),
    [
        (shop([(3.0, 8.0), (1.0, 2.0)], [(2.0, 5.0)]), "3 days long"),
        (shop(*[[(float(day), 5.0)] for day in range(1, 200)]), "came back"),
        (shop([(300.0, 8.0), (1.0, 2.0)]), "came back"),
    ],
    ids=["three days", "an order each", "one customer"],
)
def test_where_nothing_can_be_foretold_the_past_is_told_and_why(orders: Orders, why: str) -> None:
    found = valued(orders)

    assert why in found.choice["why"]
    assert found.choice["chosen"] == "nothing"
    for column in (found.alive, found.purchases, found.spend, found.clv):
        assert np.isnan(column).all()
    assert found.historic.sum() == pytest.approx(orders.spend.sum())
    assert found.summed(whole(orders)) is None
    assert found.purchases_of(whole(orders)) is found.spend_of(whole(orders)) is None
    assert found.alive_of(whole(orders)) is None


def test_a_shop_that_woke_up_after_years_has_no_intervals_that_reach_to_heaven() -> None:
    early, late = by_chance(100, weeks=4, seed=1), by_chance(100, weeks=4, seed=2)
    orders = shop(
        *[
            [(age + 700, spend) for age, spend in _orders(early, row)] + _orders(late, row)
            for row in range(100)
        ]
    )

    found = valued(orders)

    told = np.concatenate([found.clv, found.spend.reshape(-1, 3), found.purchases.reshape(-1, 3)])
    assert np.isfinite(found.clv[:, 0]).all()
    assert not (told > 1e6).any()


def test_forty_customers_of_half_a_year_are_valued() -> None:
    found = valued(by_chance(40, weeks=26))

    assert np.isfinite(found.clv).all()


def test_a_dozen_customers_are_valued_without_intervals() -> None:
    orders = by_chance(6, weeks=60)

    found = valued(orders)

    assert np.isfinite(found.clv[:, 0]).all()
    assert np.isnan(found.clv[:, 1:]).all()
    assert found.summed(whole(orders)) is None


@pytest.mark.slow
def test_four_in_five_of_a_shop_without_seasons_end_up_in_their_interval() -> None:
    orders = by_chance(3000, weeks=80)
    moment = then(orders, 12 * 7)

    told = valued(moment.orders, weeks=12, rate=0.0)

    came = following(orders, moment, 12 * 7)
    inside = (came.spend >= told.clv[:, 1]) & (came.spend <= told.clv[:, 2])
    some = told.purchases[:, 1, 0] > 1
    total = told.summed(whole(moment.orders))
    assert 0.75 <= inside[some].mean() <= 0.9
    assert total is not None
    assert total.low <= came.spend.sum() <= total.high


def shop_with_margins(orders: Orders, share: float) -> Orders:
    return replace(orders, margin=share * orders.spend)


def _orders(orders: Orders, row: int) -> list[tuple[float, float]]:
    theirs = slice(orders.starts[row], orders.starts[row + 1])
    return list(zip(orders.age_days[theirs].tolist(), orders.spend[theirs].tolist(), strict=True))
