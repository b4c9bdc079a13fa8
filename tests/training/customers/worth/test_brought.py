"""What customers brought, by hand."""

import pytest

from tests.training.customers.value_shops import shop
from training.customers.worth.brought import SHOP_ORDERS, Worth

ANN, BOB = [(30.0, 10.0), (10.0, 30.0)], [(5.0, 20.0)]


def test_without_margins_value_is_money_paid() -> None:
    worth = Worth.of(shop(ANN, BOB))

    assert worth.basis == "revenue"
    assert worth.historic.tolist() == [40.0, 20.0]
    assert worth.share.tolist() == [1.0, 1.0]


def test_with_margins_value_is_what_was_earned() -> None:
    worth = Worth.of(shop(ANN, BOB, margins=[5.0, 9.0, 4.0]))

    assert worth.basis == "margin"
    assert worth.historic.tolist() == [14.0, 4.0]


def test_an_order_of_unknown_margin_earns_what_is_usual() -> None:
    worth = Worth.of(shop(ANN, BOB, margins=[5.0, 15.0, float("nan")]))

    assert worth.historic.tolist() == [20.0, 10.0]


def test_a_customers_share_is_drawn_to_the_shops() -> None:
    worth = Worth.of(shop(ANN, BOB, margins=[10.0, 30.0, 0.0]))

    usual, drawn = 40 / 60, SHOP_ORDERS * 20
    assert worth.share == pytest.approx(
        [(40 + usual * drawn) / (40 + drawn), usual * drawn / (20 + drawn)]
    )


def test_where_all_orders_were_free_the_share_is_nothing() -> None:
    worth = Worth.of(shop([(3.0, 0.0)], margins=[0.0]))

    assert worth.share.tolist() == [0.0]
