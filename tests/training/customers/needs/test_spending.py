"""What each customer spends on each category."""

import numpy as np

from tests.training.customers.shopping import shopped
from training.customers.needs import spending
from training.data.purchases import ANONYMOUS, Purchases

CATEGORY = np.array([0, 1, 1, -1], np.int32)


def some() -> Purchases:
    """Customer 0 has two orders, customer 1 one; the rest does not count."""
    return shopped(
        np.array([0, 0, 0, 1, 1, ANONYMOUS, 1]),
        np.array([0, 0, 1, 2, 2, 3, 2]),
        np.array([0, 1, 2, 2, 3, 0, 0]),
        spend=np.array([1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 0.0]),
        n_customers=3,
        n_items=4,
    )


def test_money_is_summed_by_customer_and_category() -> None:
    lines = spending.countable(some(), CATEGORY)

    spent = spending.by_category(some(), CATEGORY, lines=lines, n_categories=2)

    assert spent.money.toarray().tolist() == [[1, 6], [0, 8], [0, 0]]
    assert spent.lines.tolist() == [3, 1, 0]
    assert spent.orders.tolist() == [2, 1, 0]


def test_who_bought_too_seldom_or_too_little_is_left_out() -> None:
    lines = spending.countable(some(), CATEGORY)
    spent = spending.by_category(some(), CATEGORY, lines=lines, n_categories=2)

    assert spent.told(orders=1, lines=1).tolist() == [0, 1]
    assert spent.told(orders=2, lines=1).tolist() == [0]
    assert spent.told(orders=1, lines=4).tolist() == []


def test_an_order_is_never_torn_in_two() -> None:
    order = np.repeat(np.arange(200), 3)
    shop = shopped(order // 4, order, order % 4, n_customers=50, n_items=4)
    every = np.arange(order.size)

    one, other = spending.halves_of_orders(shop, every, rng=np.random.default_rng(7))

    assert sorted([*one, *other]) == every.tolist()
    assert not set(order[one]) & set(order[other])
    assert 60 < len(set(order[one])) < 140


def test_a_shop_without_purchases_has_no_halves() -> None:
    nothing = np.empty(0, np.int64)
    shop = shopped(nothing, nothing, nothing, n_customers=0, n_items=1)

    one, other = spending.halves_of_orders(shop, nothing, rng=np.random.default_rng(7))

    assert one.size == other.size == 0
