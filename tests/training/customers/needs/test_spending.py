"""What each customer spends on each category."""

from dataclasses import replace

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


def test_what_was_given_back_is_not_spent() -> None:
    half = replace(some(), kept=np.array([1, 0.5, 0, 1, 1, 1, 1], np.float32))

    lines = spending.countable(half, CATEGORY)
    spent = spending.by_category(half, CATEGORY, lines=lines, n_categories=2)

    assert spent.money.toarray().tolist() == [[1, 1], [0, 8], [0, 0]]
    assert spent.lines.tolist() == [2, 1, 0]


def test_of_too_many_categories_those_with_most_buyers_are_left() -> None:
    """The first has one buyer of many lines, the second of no price; each other has two."""
    n = spending.MOST_CATEGORIES + 2
    item = np.concatenate([np.zeros(9), np.arange(1, n), np.arange(2, n)]).astype(np.int64)
    customer = np.concatenate([np.zeros(9), np.zeros(n - 1), np.ones(n - 2)]).astype(np.int64)
    shop = shopped(
        customer, customer, item, spend=(item != 1).astype(float), n_customers=2, n_items=n + 1
    )
    category = np.append(np.arange(n), -1).astype(np.int32)

    codes, left = spending.most_bought(shop, category, n_categories=n)

    assert left.tolist() == list(range(2, n))
    assert codes.tolist() == [-1, -1, *range(n - 2), -1]


def test_so_many_categories_as_may_be_all_count() -> None:
    codes, left = spending.most_bought(some(), CATEGORY, n_categories=2)

    assert codes is CATEGORY
    assert left.tolist() == [0, 1]
