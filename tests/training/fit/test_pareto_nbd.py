"""Pareto/NBD says what was published of CDNOW, and what ``lifetimes`` says of anybody.

Where α and β are far apart the oracle's hypergeometric functions cancel; there scipy's adaptive
quadrature of the plain integral, in pieces, stands in.
"""

from functools import partial
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import expit, gammaln, hyperu

from tests.training.fit import cdnow
from training.fit.pareto_likelihood import likelihood
from training.fit.pareto_nbd import ParetoNBD
from training.fit.repeat_buying import NoRepeatBuyers, counts, discounted

PUBLISHED = ParetoNBD(r=0.553, alpha=10.578, s=0.606, beta=11.669)


def integrated(model: ParetoNBD, x: int, t_x: float, age: float) -> tuple[float, float]:
    """The log-likelihood and P(alive) of a customer, by the definition."""

    def log_left(y: float) -> float:
        by_rate = (model.r + x) * np.log(model.alpha + y)
        return float(-by_rate - (model.s + 1) * np.log(model.beta + y))

    nearer = min(model.alpha, model.beta) + t_x
    ends = t_x + nearer * np.expm1(np.linspace(0, np.log1p((age - t_x) / nearer), 60))
    pieces = [
        quad(lambda y: np.exp(log_left(y) - log_left(t_x)), *piece, epsabs=0, epsrel=1e-12)[0]
        for piece in pairwise(ends)
    ]
    log_left_all = np.log(model.s) + log_left(t_x) + np.log(sum(pieces))
    log_stayed = log_left(age) + np.log(model.beta + age)
    first = gammaln(model.r + x) - gammaln(model.r)
    first += model.r * np.log(model.alpha) + model.s * np.log(model.beta)
    both = float(first + np.logaddexp(log_stayed, log_left_all))
    return both, float(expit(log_stayed - log_left_all))


def test_cdnow_has_the_published_parameters_and_likelihood() -> None:
    customers = counts(cdnow.orders())  # in days: β ends in an 8 where weeks are rounded

    model = ParetoNBD.fit(customers)

    parameters = [round(v, 3) for v in (model.r, model.alpha, model.s, model.beta)]
    assert parameters == [0.553, 10.578, 0.606, 11.669]
    assert round(model.log_likelihood(customers), 1) == -9595.0


@pytest.mark.slow
def test_any_customer_is_told_what_the_oracle_says() -> None:
    rng = np.random.default_rng(7)
    oracle = cdnow.lifetimes().ParetoNBDFitter()

    for _ in range(200):
        r, alpha, s, beta = 10 ** rng.uniform([-1, 0, -1, 0], [0.5, 1.5, 0.5, 1.5])
        customers, weeks = cdnow.drawn(rng, 25), rng.uniform(1, 60)
        seen = customers.frequency, customers.recency, customers.age
        model = ParetoNBD(r=r, alpha=alpha, s=s, beta=beta)
        oracle.params_ = {"r": r, "alpha": alpha, "s": s, "beta": beta}

        log_likelihood = oracle._conditional_log_likelihood([r, alpha, s, beta], *seen).sum()
        purchases = oracle.conditional_expected_number_of_purchases_up_to_time(weeks, *seen)

        assert model.log_likelihood(customers) == pytest.approx(log_likelihood, rel=1e-6)
        assert model.alive(*seen) == pytest.approx(
            oracle.conditional_probability_alive(*seen), rel=1e-6
        )
        assert model.purchases(weeks, *seen) == pytest.approx(purchases, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("alpha", "beta"), [(1, 1000), (1000, 1), (5, 1005), (1005, 5), (0.01, 10), (10, 0.01), (3, 3)]
)
def test_rates_of_very_different_sizes_lose_no_digits(alpha: float, beta: float) -> None:
    rng = np.random.default_rng(8)

    for _ in range(10):
        r, s = 10 ** rng.uniform(-1, 1, 2)
        model = ParetoNBD(r=r, alpha=alpha, s=s, beta=beta)
        customer = cdnow.drawn(rng, 1)
        seen = int(customer.frequency[0]), customer.recency[0], customer.age[0]

        log_likelihood, alive = integrated(model, *seen)

        assert model.log_likelihood(customer) == pytest.approx(log_likelihood, rel=1e-8, abs=1e-10)
        assert model.alive(*seen) == pytest.approx(alive, rel=1e-6)


def test_hundreds_of_orders_lose_no_digits() -> None:
    for model in (PUBLISHED, ParetoNBD(r=2, alpha=0.01, s=3, beta=500)):
        for x, t_x, age in ((300, 10, 11), (900, 100, 2000), (500, 1, 500)):
            log_likelihood, alive = integrated(model, x, t_x, age)

            customer = cdnow.counted(x=[x], t_x=[t_x], age=[age])
            assert model.log_likelihood(customer) == pytest.approx(log_likelihood, rel=1e-8)
            assert model.alive(x, t_x, age) == pytest.approx(alive, rel=1e-6, abs=1e-300)


def test_the_gradient_is_the_slope_of_the_likelihood() -> None:
    rng = np.random.default_rng(9)

    for _ in range(30):
        parameters = 10 ** rng.uniform([-1, -1, -1, -1], [1, 3, 1, 3])
        customers, rows = cdnow.drawn(rng, 50), np.arange(0, 50, 2)
        objective = partial(likelihood, customers, rows=rows)

        _, gradient = objective(parameters)

        slope = cdnow.slope(objective, parameters)
        assert gradient == pytest.approx(slope, rel=1e-4, abs=1e-8)


def test_who_bought_this_very_moment_is_a_customer() -> None:
    assert PUBLISHED.alive([0, 1, 5], [0, 0.1, 20], [0, 0.1, 20]).tolist() == [1, 1, 1]


def test_who_came_once_fades_with_time() -> None:
    alive = PUBLISHED.alive(0, 0, np.array([0, 1, 10, 100, 1000]))

    assert (np.diff(alive) < 0).all()


@pytest.mark.parametrize("s", [1 - 1e-12, 1, 1 + 1e-12])
def test_weeks_with_the_shop_have_no_gap_at_s_of_one(s: float) -> None:
    model = ParetoNBD(r=0.5, alpha=2, s=s, beta=4)

    expected = model.purchases_if_alive(12, 1, 0)

    assert expected == pytest.approx(1.5 / 2 * 4 * np.log(1 + 12 / 4), rel=1e-9)


def test_no_week_ahead_brings_no_purchase() -> None:
    assert PUBLISHED.purchases(0, [0, 2, 500], [0, 30.43, 38], 38.86).tolist() == [0, 0, 0]


def test_all_future_orders_of_the_customer_of_the_papers_are_worth_6_48377_now() -> None:
    worth = PUBLISHED.discounted(0.0027, 2, 30.43, 38.86)

    assert round(float(worth), 5) == 6.48377


def test_all_future_orders_are_worth_what_the_published_formula_says() -> None:
    rng = np.random.default_rng(10)

    for _ in range(50):
        s, beta, rate = 10 ** rng.uniform([-1, 0, -4], [0.5, 2, -1])
        model = ParetoNBD(r=0.5, alpha=10, s=s, beta=beta)

        worth = model.discounted(rate, 3, 20, 20)  # surely a customer: they have just bought

        z = rate * (beta + 20)
        formula = 3.5 / 30 * (beta + 20) * z ** (s - 1) * hyperu(s, s, z)
        assert worth == pytest.approx(formula, rel=1e-9)


def test_worth_over_a_horizon_nears_worth_for_ever_and_is_the_sum_of_its_weeks() -> None:
    rate, customer = 0.0027, (2, 30.43, 38.86)
    purchases = partial(PUBLISHED.purchases, x=2, t_x=30.43, T=38.86)

    a_year = discounted(purchases, weeks=52, weekly_rate=rate)
    an_age = discounted(purchases, weeks=3000, weekly_rate=rate)

    ends = np.arange(0, 52.01, 0.25)
    in_all = np.array([purchases(end) for end in ends])
    summed = (np.diff(in_all) * np.exp(-rate * (ends[1:] - 0.125))).sum()
    assert a_year == pytest.approx(summed, rel=1e-6)
    assert an_age == pytest.approx(PUBLISHED.discounted(rate, *customer), rel=1e-2)


@pytest.mark.slow
def test_customers_made_by_the_model_give_their_parameters_back() -> None:
    rng = np.random.default_rng(11)
    n = 20_000
    rate, leaving = rng.gamma(0.8, 1 / 4, n), rng.gamma(2, 1 / 40, n)
    age = rng.uniform(20, 104, n)
    stayed = np.minimum(rng.exponential(1 / leaving), age)
    x = rng.poisson(rate * stayed)
    last = np.where(x > 0, stayed * rng.random(n) ** (1 / np.maximum(x, 1)), 0)

    model = ParetoNBD.fit(cdnow.counted(x=x, t_x=last, age=age))

    assert model.r == pytest.approx(0.8, rel=0.1)
    assert model.alpha == pytest.approx(4, rel=0.1)
    assert model.s / model.beta == pytest.approx(2 / 40, rel=0.1)


def test_a_shop_without_repeat_buyers_is_refused_in_words() -> None:
    once = cdnow.counted(x=[0, 0], t_x=[0, 0], age=[3, 0])

    with pytest.raises(NoRepeatBuyers, match="none of 2 customers bought on two days"):
        ParetoNBD.fit(once)
