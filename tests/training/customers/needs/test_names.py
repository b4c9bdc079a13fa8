"""What a portfolio is called."""

import numpy as np
import scipy.sparse as sp

from training.customers.needs.names import named
from training.customers.needs.spending import Spending

NAMES = ["bread", "baby food", "wine", "cheese", "toys"]


def spent(*money: tuple[float, ...]) -> Spending:
    n = len(money)
    return Spending(
        money=sp.csr_matrix(np.array(money, np.float32)),
        lines=np.full(n, 20),
        orders=np.full(n, 5),
    )


def codes(*of: int) -> np.ndarray:
    return np.array(of, np.uint8)


def test_a_portfolio_is_called_by_what_it_buys_more_of_than_the_shop() -> None:
    shop = spent((50, 50, 0, 0, 0), (50, 0, 50, 0, 0), (100, 0, 0, 0, 0), (100, 0, 0, 0, 0))

    titles, descriptions = named(
        codes(1, 2, 0, 0), shop, names=NAMES, value=np.array([30.0, 10.0, 30.0, 30.0])
    )

    assert titles == ["baby food", "wine"]
    assert descriptions == [
        "baby food, 4.0 times the shop's share of spend; 25 % of customers, 30 % of value",
        "wine, 4.0 times the shop's share of spend; 25 % of customers, 10 % of value",
    ]


def test_at_most_three_categories_are_named_and_the_dearest_first() -> None:
    shop = spent((10, 40, 30, 15, 5), (100, 0, 0, 0, 0))

    titles, descriptions = named(codes(1, 0), shop, names=NAMES, value=np.ones(2))

    assert titles == ["baby food · wine · cheese"]
    assert descriptions[0].count("times") == 3


def test_what_one_customer_buys_by_the_pallet_names_nobody_else() -> None:
    many = [(90.0, 10.0, 0.0, 0.0, 0.0)] * 9
    shop = spent(*many, (0, 0, 100, 0, 0), *[(100, 0, 0, 0, 0)] * 10)

    titles, _ = named(codes(*[1] * 10, *[0] * 10), shop, names=NAMES, value=np.ones(20))

    assert titles == ["baby food · wine"]


def test_portfolios_alike_in_three_categories_are_told_apart_by_a_fourth() -> None:
    shop = spent((7, 40, 30, 20, 3), (10, 40, 30, 20, 0), *[(100.0, 0.0, 0.0, 0.0, 0.0)] * 4)

    titles, _ = named(codes(1, 2, 0, 0, 0, 0), shop, names=NAMES, value=np.ones(6))

    assert titles == ["baby food · wine · cheese · toys", "baby food · wine · cheese"]


def test_portfolios_alike_in_everything_are_numbered() -> None:
    shop = spent((0, 100, 0, 0, 0), (0, 90, 0, 0, 0), (100, 0, 0, 0, 0))

    titles, _ = named(codes(1, 2, 0), shop, names=NAMES, value=np.ones(3))

    assert titles == ["baby food", "baby food (2)"]


def test_a_portfolio_like_the_shop_says_so() -> None:
    shop = spent((60, 40, 0, 0, 0), (50, 50, 0, 0, 0))

    titles, descriptions = named(codes(1, 2), shop, names=NAMES, value=np.zeros(2))

    assert titles == ["Much like the shop", "Much like the shop (2)"]
    assert descriptions[0] == (
        "No category takes much more of their money than of the shop's; 50 % of customers"
    )
