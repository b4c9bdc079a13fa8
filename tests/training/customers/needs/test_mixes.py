"""What customers like this one buy."""

import numpy as np
import pytest
import scipy.sparse as sp

from training.customers.needs.mixes import Mixes, shop_mix

BABY, WINE = (50.0, 50.0, 0.0, 0.0), (50.0, 0.0, 25.0, 25.0)
"""Bread, baby food, wine and cheese."""


def learned(n: int = 400) -> Mixes:
    money = sp.csr_matrix(np.array([BABY, WINE] * n, np.float32))
    return Mixes.of(money, rng=np.random.default_rng(7))


def covered(*money: tuple[float, ...]) -> list[float]:
    found: list[float] = learned().covered(sp.csr_matrix(np.array(money, np.float32))).tolist()
    return found


def test_who_buys_all_that_their_like_buy_is_covered() -> None:
    baby, wine = covered(BABY, WINE)

    assert baby > 0.97
    assert wine > 0.97


def test_who_buys_no_cheese_with_their_wine_lacks_its_share() -> None:
    assert covered((50, 0, 25, 0)) == pytest.approx([0.75], abs=0.02)


def test_who_bought_nothing_is_not_covered() -> None:
    assert covered((0, 0, 0, 0)) == [0]


def test_a_mix_is_shares_of_spend() -> None:
    assert learned().mix.sum(axis=1) == pytest.approx(1)


def test_a_few_customers_are_one_group_pulled_to_the_shop() -> None:
    assert learned(2).mix.tolist() == [pytest.approx([0.5, 0.25, 0.125, 0.125])]


def test_the_mix_of_the_shop_is_of_all_money() -> None:
    money = sp.csr_matrix(np.array([[1.0, 0.0], [2.0, 5.0]]))

    assert shop_mix(money).tolist() == pytest.approx([3 / 8, 5 / 8])
