"""BG/NBD says what was published of CDNOW, and what ``lifetimes`` says of anybody."""

from functools import partial

import numpy as np
import pytest
from scipy.special import betaln
from scipy.stats import nbinom

from tests.training.fit import cdnow
from training.fit.bg_nbd import BGNBD, likelihood
from training.fit.repeat_buying import NoRepeatBuyers

PUBLISHED = BGNBD(r=0.243, alpha=4.414, a=0.793, b=2.426)


def test_cdnow_has_the_published_parameters_and_likelihood() -> None:
    model = BGNBD.fit(cdnow.tenth())

    assert [round(v, 3) for v in (model.r, model.a, model.b)] == [0.243, 0.793, 2.426]
    assert round(model.alpha, 3) == 4.414
    assert round(model.log_likelihood(cdnow.tenth()), 1) == -9582.4


def test_the_customer_of_the_paper_buys_1_2259_times_in_39_weeks() -> None:
    model = BGNBD.fit(cdnow.tenth())

    expected = model.purchases(39, 2, 30.43, 38.86)

    assert round(float(expected), 4) == 1.2259


@pytest.mark.slow
def test_any_customer_is_told_what_the_oracle_says() -> None:
    rng = np.random.default_rng(7)
    oracle = cdnow.lifetimes().BetaGeoFitter()

    for _ in range(200):
        r, alpha, a, b = 10 ** rng.uniform(
            [-1, 0, -0.5, 0], [0.5, 1.5, 0.7, 1]
        )  # it is lost where a + b < 1
        customers, weeks = cdnow.drawn(rng, 25), rng.uniform(1, 60)
        seen = customers.frequency, customers.recency, customers.age
        model = BGNBD(r=r, alpha=alpha, a=a, b=b)
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
        customers, rows = cdnow.drawn(rng, 50), np.arange(0, 50, 2)
        objective = partial(likelihood, customers, rows=rows, first_chances=0)

        _, gradient = objective(parameters)

        slope = cdnow.slope(objective, parameters)
        assert gradient == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_purchases_are_counted_one_by_one_whatever_the_parameters() -> None:
    rng = np.random.default_rng(9)

    for _ in range(60):
        a, b, x = 10 ** rng.uniform(-2, 3), 10 ** rng.uniform(-2, 3), rng.integers(0, 1000)
        z = 10 ** rng.uniform(-3, 2)
        model = BGNBD(r=0.5, alpha=10 / z, a=a, b=b)

        expected = model.purchases_if_alive(10, x, 0)

        nth = np.arange(50 + int(30 * (x + 10) * (1 + z) ** 0.5 + 60 * z))
        still_there = np.exp(betaln(a, b + x + nth) - betaln(a, b + x))
        one_by_one = (nbinom.sf(nth, 0.5 + x, 1 / (1 + z)) * still_there).sum()
        assert expected == pytest.approx(one_by_one, rel=1e-6)


def test_who_came_once_is_held_for_a_customer_however_long_ago() -> None:
    alive = PUBLISHED.alive([0, 0, 1], [0, 0, 1], [1, 1000, 1000])

    assert alive[:2].tolist() == [1, 1]
    assert alive[2] < 0.5


def test_no_week_ahead_brings_no_purchase() -> None:
    assert PUBLISHED.purchases(0, [0, 2, 500], [0, 30.43, 38], 38.86).tolist() == [0, 0, 0]


def test_customers_of_the_last_day_and_of_thousands_of_weeks_are_answered() -> None:
    expected = PUBLISHED.purchases(520, [0, 1, 900, 900], [0, 0.1, 5, 2e3], [0, 4e3, 2e3, 2e3])

    assert np.isfinite(expected).all()
    assert (expected >= 0).all()
    assert expected[3] > expected[2]


def test_where_nobody_leaves_all_go_on_at_the_rate_of_the_shop() -> None:
    rng = np.random.default_rng(10)
    age = rng.uniform(10, 100, 2000)
    x = rng.poisson(0.3 * age)
    customers = cdnow.counted(x=x, t_x=np.where(x > 0, age - rng.random(2000), 0), age=age)

    model = BGNBD.fit(customers)

    assert model.purchases(10, x, customers.recency, age).mean() == pytest.approx(3, rel=0.02)


def test_a_shop_without_repeat_buyers_is_refused_in_words() -> None:
    once = cdnow.counted(x=[0, 0], t_x=[0, 0], age=[3, 0])

    with pytest.raises(NoRepeatBuyers, match="none of 2 customers bought on two days"):
        BGNBD.fit(once)
