"""Who buys on offer."""

import numpy as np
import pytest

from tests.training.customers.shopping import drawn, shopped
from training.customers import discounts
from training.data.purchases import ANONYMOUS, Purchases

N_CUSTOMERS, N_ORDERS, N_LINES = 200, 10, 4


def offered(chances: np.ndarray) -> Purchases:
    """Customers each of whose lines is on offer with a chance of their own."""
    rng = np.random.default_rng(1)
    each = N_ORDERS * N_LINES
    saved = rng.uniform(size=chances.size * each) < np.repeat(chances, each)
    return drawn(
        np.ones((chances.size, 1)), n_orders=N_ORDERS, n_lines=N_LINES, rng=rng, saved=saved * 0.5
    )


def test_who_buys_on_offer_is_told_from_who_does_not() -> None:
    told = discounts.fit(offered(np.repeat([0.2, 0.8], 100)), seed=7)

    assert told.sensitivity[:100].mean() == pytest.approx(0.2, abs=0.05)
    assert told.sensitivity[100:].mean() == pytest.approx(0.8, abs=0.05)
    assert told.choice["split_half_correlation"] > 0.8


def test_few_lines_are_pulled_to_the_shop_and_are_less_reliable() -> None:
    shop = offered(np.repeat([0.2, 0.8], 100))
    few = (shop.customer == 150) & (shop.order % N_ORDERS > 0)
    kept = shopped(
        shop.customer[~few],
        shop.order[~few],
        shop.item[~few],
        saved=np.where(shop.customer == 150, 1, shop.saved)[~few],
        n_customers=N_CUSTOMERS,
        n_items=1,
    )

    told = discounts.fit(kept, seed=7)

    k = told.choice["lines_like_nothing"]
    assert told.reliability[150] == pytest.approx(4 / (4 + k), abs=0.01)
    assert told.reliability[0] == pytest.approx(40 / (40 + k), abs=0.01)
    usual = told.choice["share_on_offer"]
    assert told.sensitivity[150] == pytest.approx((4 + k * usual) / (4 + k), abs=0.01)


def test_a_line_weighs_what_the_spread_of_customers_says() -> None:
    """By chance a line varies .25 less the spread; customers spread by a beta of 6 lines."""
    chances = np.random.default_rng(3).beta(3, 3, 3000)

    told = discounts.fit(offered(chances), seed=7)

    assert told.choice["lines_like_nothing"] == pytest.approx(6, rel=0.1)


def test_customers_who_do_not_differ_are_not_told_apart() -> None:
    told = discounts.fit(offered(np.full(N_CUSTOMERS, 0.3)), seed=7)

    assert np.isnan(told.sensitivity).all()
    assert np.isnan(told.reliability).all()
    assert told.choice["why"].startswith("two halves of a customer's orders are no more alike")


@pytest.mark.parametrize("saved", [0.0, 1.0])
def test_a_shop_where_nothing_or_all_is_on_offer_tells_nothing(saved: float) -> None:
    shop = drawn(np.ones((40, 1)), n_orders=3, n_lines=2, rng=np.random.default_rng(1), saved=saved)

    told = discounts.fit(shop, seed=7)

    assert np.isnan(told.sensitivity).all()
    assert told.choice["chosen"] == "none"
    assert (told.choice["why"] == "no purchase names a discount") is (saved == 0)


def test_discounts_of_strangers_tell_nothing_of_customers() -> None:
    shop = shopped(
        np.array([ANONYMOUS, 0]),
        np.array([0, 1]),
        np.zeros(2, np.intp),
        saved=np.array([1.0, 0.0]),
        n_customers=1,
        n_items=1,
    )

    assert discounts.fit(shop, seed=7).choice["why"] == "no purchase names a discount"


@pytest.mark.parametrize("n_orders", [1, 4])
def test_few_customers_are_too_few_to_compare(n_orders: int) -> None:
    shop = drawn(
        np.ones((3, 1)), n_orders=n_orders, n_lines=2, rng=np.random.default_rng(1), saved=1.0
    )

    told = discounts.fit(shop, seed=7)

    assert told.choice["why"] == "fewer than 30 customers have two orders to compare"
    assert told.choice["customers_compared"] <= 3
