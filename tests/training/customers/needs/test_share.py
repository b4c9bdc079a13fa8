"""How much of what a customer needs they buy here."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from tests.training.customers.shopping import drawn
from training.customers.needs import share
from training.data.purchases import Purchases

NARROW, WIDE = 5, 25
"""Categories that one kind of customers buys, and those that the other buys."""
CATEGORY = np.arange(NARROW + WIDE, dtype=np.int32)


def kinds() -> Purchases:
    """One kind needs few categories, the other many: three are much to one, little to the other."""
    narrow = np.repeat([1 / NARROW, 0.0], [NARROW, WIDE])
    wide = np.repeat([0.0, 1 / WIDE], [NARROW, WIDE])
    chances = np.repeat([narrow, wide], 300, axis=0)
    return dearly(drawn(chances, n_orders=20, n_lines=5, rng=np.random.default_rng(1)))


def alike() -> Purchases:
    chances = np.full((600, CATEGORY.size), 1 / CATEGORY.size)
    return dearly(drawn(chances, n_orders=10, n_lines=5, rng=np.random.default_rng(1)))


def dearly(shop: Purchases) -> Purchases:
    """Have each customer pay a price of their own, or money would tell what is hidden."""
    price = np.random.default_rng(2).lognormal(0, 1.5, shop.n_customers)
    return replace(shop, spend=price[shop.customer].astype(np.float32))


def test_customers_of_two_kinds_are_estimated_by_their_like() -> None:
    told = share.fit(kinds(), category=CATEGORY, seed=7)

    assert told.choice["chosen"] == "customers like them"
    assert told.choice["spearman"] > told.choice["spearman_of_shop_mix"]
    assert told.choice["error"] < told.choice["error_of_shop_mix"]
    assert np.median(told.share) > 0.9
    assert ((told.share > 0) & (told.share <= 1)).all()


def test_customers_who_are_all_alike_are_not_estimated() -> None:
    told = share.fit(alike(), category=CATEGORY, seed=7)

    assert np.isnan(told.share).all()
    assert told.choice["chosen"] == "none"
    assert told.choice["why"] == "not better than by the mix of the whole shop"
    assert min(told.choice["spearman_gain_low"], told.choice["error_gain_low"]) <= 0


def test_one_seed_estimates_the_same_twice() -> None:
    one, other = (share.fit(kinds(), category=CATEGORY, seed=3) for _ in range(2))

    assert one.share.tolist() == other.share.tolist()
    assert one.choice == other.choice


def test_a_shop_of_few_categories_is_not_estimated() -> None:
    told = share.fit(alike(), category=np.full(CATEGORY.size, -1, np.int32), seed=7)

    assert np.isnan(told.share).all()
    assert told.choice["why"] == "0 categories; it takes 5"


def test_a_shop_of_few_customers_is_not_estimated() -> None:
    shop = drawn(np.full((40, 6), 1 / 6), n_orders=5, n_lines=5, rng=np.random.default_rng(1))

    told = share.fit(shop, category=np.arange(6, dtype=np.int32), seed=7)

    assert np.isnan(told.share).all()
    assert told.choice["why"] == (
        "40 customers bought in 3 orders and 20 lines or more; it takes 200"
    )


def test_hiding_takes_whole_categories_and_tells_what_is_left() -> None:
    money = sp.csr_matrix(np.random.default_rng(1).integers(1, 9, (300, 60)).astype(np.float32))

    copies, left = share.hidden(money, rng=np.random.default_rng(7))

    there = copies.toarray() > 0
    assert copies.shape == (300, 60)
    assert (copies.toarray()[there] == money.toarray()[there]).all()
    assert left == pytest.approx(copies.toarray().sum(axis=1) / money.toarray().sum(axis=1))
    assert 0.2 < 1 - there.mean() < 0.5


def test_who_has_nothing_left_is_left_out() -> None:
    money = sp.csr_matrix(np.ones((300, 1), np.float32))

    copies, left = share.hidden(money, rng=np.random.default_rng(7))

    assert 100 < copies.shape[0] < 300
    assert (left == 1).all()
