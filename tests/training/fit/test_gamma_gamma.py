"""Gamma-Gamma says what was published of CDNOW, and what ``lifetimes`` says of anybody."""

from functools import partial

import numpy as np
import pytest

from tests.training.fit import cdnow
from training.fit.gamma_gamma import LEAST_Q, GammaGamma, NoSpend, likelihood
from training.fit.repeat_buying import Numbers

PUBLISHED = GammaGamma(p=6.25, q=3.74, gamma=15.44)


def ones(numbers: Numbers) -> Numbers:
    return np.ones(numbers.size)


def test_cdnow_has_the_published_parameters_and_likelihood() -> None:
    spend, orders = cdnow.repeat_spend()

    model = GammaGamma.fit(spend, orders, ones(spend))

    assert spend.size == 946
    assert [round(v, 2) for v in (model.p, model.q, model.gamma)] == [6.25, 3.74, 15.44]
    assert round(model.log_likelihood(spend, orders, ones(spend)), 2) == -4055.92


@pytest.mark.slow
def test_any_customer_is_told_what_the_oracle_says() -> None:
    rng = np.random.default_rng(7)
    oracle = cdnow.lifetimes().GammaGammaFitter()

    for _ in range(200):
        p, q, gamma = 10 ** rng.uniform([-1, 0.1, -1], [1.5, 1.5, 2])
        spend, orders = rng.gamma(2, 20, 25), rng.integers(1, 200, 25)
        model = GammaGamma(p=p, q=q, gamma=gamma)
        oracle.params_ = {"p": p, "q": q, "v": gamma}

        mean = -oracle._negative_log_likelihood(
            np.log([p, q, gamma]), orders, spend, ones(spend), 0
        )

        assert model.log_likelihood(spend, orders, ones(spend)) == pytest.approx(
            25 * mean, rel=1e-6
        )
        assert model.expected(spend, orders) == pytest.approx(
            oracle.conditional_expected_average_profit(orders, spend), rel=1e-6
        )


def test_the_gradient_is_the_slope_of_the_likelihood() -> None:
    rng = np.random.default_rng(8)

    for _ in range(30):
        parameters = 10 ** rng.uniform([-1, 0.1, -1], [1.5, 1.5, 2])
        spend, orders = rng.gamma(2, 20, 50), rng.integers(1, 40, 50)
        objective = partial(
            likelihood, mean_spend=spend, n_orders=orders, weight=rng.uniform(1, 9, 50)
        )

        _, gradient = objective(parameters)

        slope = cdnow.slope(objective, parameters)
        assert gradient == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_a_weight_is_that_many_customers() -> None:
    spend, orders = cdnow.repeat_spend()
    weight = np.arange(spend.size) % 3

    weighed = GammaGamma.fit(spend, orders, weight.astype(np.float64))
    repeated = GammaGamma.fit(
        spend.repeat(weight), orders.repeat(weight), np.ones(int(weight.sum()))
    )

    assert weighed.mean == pytest.approx(repeated.mean, rel=1e-4)


def test_a_customer_nothing_is_known_of_spends_as_the_shop_does() -> None:
    expected = PUBLISHED.expected([np.nan, 500, 500], [0, 1, 10_000])

    assert expected[0] == pytest.approx(15.44 * 6.25 / 2.74)
    assert expected[0] < expected[1] < 400  # one order is half believed
    assert expected[2] == pytest.approx(500, rel=1e-3)


def test_a_currency_of_large_numbers_changes_nothing_but_the_numbers() -> None:
    spend, orders = cdnow.repeat_spend()

    model = GammaGamma.fit(spend * 1e6, orders, ones(spend))

    assert round(model.p, 2) == 6.25
    assert model.gamma == pytest.approx(15.44e6, rel=1e-3)


def test_orders_that_cost_nothing_teach_nothing() -> None:
    spend, orders = cdnow.repeat_spend()
    gifts = np.zeros(100)

    model = GammaGamma.fit(
        np.append(spend, gifts), np.append(orders, gifts.astype(np.int64)), np.ones(1046)
    )

    assert model == GammaGamma.fit(spend, orders, ones(spend))


def test_spend_without_a_mean_still_has_a_finite_one() -> None:
    spend = np.logspace(0, 11, 12)

    model = GammaGamma.fit(spend, np.full(12, 100), ones(spend))

    assert model.q == pytest.approx(LEAST_Q)
    assert np.isfinite(model.mean)


def test_customers_who_all_spend_alike_are_all_expected_to() -> None:
    spend = np.full(50, 20.0)

    model = GammaGamma.fit(spend, np.arange(1, 51), ones(spend))

    assert model.expected([20, 0], [3, 0]) == pytest.approx([20, 20], rel=1e-3)


def test_a_shop_that_nobody_paid_is_refused_in_words() -> None:
    with pytest.raises(NoSpend, match="none of 2 rows has an order that was paid for"):
        GammaGamma.fit(np.array([0.0, 5]), np.array([1, 0]), np.ones(2))
