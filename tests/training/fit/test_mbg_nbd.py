"""MBG/NBD says what was published of CDNOW, and what ``lifetimes`` says of anybody."""

from functools import partial

import numpy as np
import pytest

from tests.training.fit import cdnow
from training.fit.bg_nbd import likelihood
from training.fit.mbg_nbd import MBGNBD


def test_cdnow_has_the_published_parameters_and_likelihood() -> None:
    model = MBGNBD.fit(cdnow.tenth())

    parameters = [round(v, 3) for v in (model.r, model.alpha, model.a, model.b)]
    assert parameters == [0.525, 6.183, 0.891, 1.614]
    assert round(model.log_likelihood(cdnow.tenth()), 2) == -9582.13


@pytest.mark.slow
def test_any_customer_is_told_what_the_oracle_says() -> None:
    rng = np.random.default_rng(7)
    oracle = cdnow.lifetimes().ModifiedBetaGeoFitter()

    for _ in range(200):
        r, alpha, a, b = 10 ** rng.uniform([-1, 0, -0.5, -0.5], [0.5, 1.5, 0.7, 1])
        customers, weeks = cdnow.drawn(rng, 25), rng.uniform(1, 60)
        seen = customers.frequency, customers.recency, customers.age
        model = MBGNBD(r=r, alpha=alpha, a=a, b=b)
        oracle.params_ = {"r": r, "alpha": alpha, "a": a, "b": b}

        mean = -oracle._negative_log_likelihood(
            np.log([r, alpha, a, b]), *seen, customers.weight, 0
        )
        purchases = oracle.conditional_expected_number_of_purchases_up_to_time(weeks, *seen)

        assert model.log_likelihood(customers) == pytest.approx(25 * mean, rel=1e-6)
        assert model.alive(*seen) == pytest.approx(
            oracle.conditional_probability_alive(*seen), rel=1e-6
        )
        assert model.purchases(weeks, *seen) == pytest.approx(purchases, rel=1e-6)


def test_the_gradient_is_the_slope_of_the_likelihood() -> None:
    rng = np.random.default_rng(8)

    for _ in range(30):
        parameters = 10 ** rng.uniform([-1, -1, -1, -1], [1, 2, 1, 1])
        customers, rows = cdnow.drawn(rng, 50), np.arange(50)
        objective = partial(likelihood, customers, rows=rows, first_chances=1)

        _, gradient = objective(parameters)

        slope = cdnow.slope(objective, parameters)
        assert gradient == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_who_came_once_fades_with_time() -> None:
    model = MBGNBD(r=0.525, alpha=6.183, a=0.891, b=1.614)

    alive = model.alive(0, 0, np.array([0, 1, 10, 100]))

    assert alive[0] == pytest.approx(1.614 / (0.891 + 1.614))  # the chance to stay, on average
    assert (np.diff(alive) < 0).all()


@pytest.mark.slow
def test_customers_made_by_the_model_give_their_parameters_back() -> None:
    rng = np.random.default_rng(11)
    n = 10_000
    rate, leaves = rng.gamma(0.8, 1 / 4, n), rng.beta(1, 3, n)
    age = np.full(n, 50.0)
    x, last, moment = np.zeros(n, np.int64), np.zeros(n), np.zeros(n)
    stays = rng.random(n) >= leaves
    while stays.any():
        moment = moment + rng.exponential(1 / rate)
        stays &= moment <= age
        x, last = x + stays, np.where(stays, moment, last)
        stays &= rng.random(n) >= leaves

    model = MBGNBD.fit(cdnow.counted(x=x, t_x=last, age=age))

    assert model.r / model.alpha == pytest.approx(0.2, rel=0.1)
    assert model.a / (model.a + model.b) == pytest.approx(0.25, rel=0.1)
