"""Ann bought 30, 10 and 2 days ago, bob 5 days ago."""

import numpy as np

from tests.training.customers.value_shops import UNTIL, shop
from training.customers.worth.past import following, history_days, of_customers, then

ANN = [(30.0, 3.0), (10.0, 4.0), (2.0, 5.0)]
BOB = [(5.0, 7.0)]


def test_history_begins_with_the_first_order() -> None:
    assert history_days(shop(BOB, ANN)) == 30.0


def test_at_a_moment_of_the_past_later_orders_and_customers_are_unknown() -> None:
    moment = then(shop(BOB, ANN), 6.0)

    assert moment.rows.tolist() == [1]
    assert moment.orders.spend.tolist() == [3.0, 4.0]
    assert moment.orders.age_days.tolist() == [24.0, 4.0]
    assert moment.orders.starts.tolist() == [0, 2]
    assert (UNTIL - moment.orders.until).days == 6


def test_what_followed_is_told_of_who_was_known_by_then() -> None:
    orders = shop(BOB, ANN, [(20.0, 1.0)])

    came = following(orders, then(orders, 12.0), 8.0)

    assert came.spend.tolist() == [4.0, 0.0]
    assert came.days.tolist() == [1.0, 0.0]


def test_orders_of_one_day_are_one_purchase() -> None:
    orders = shop([(9.0, 1.0), (3.9, 2.0), (3.1, 2.0), (2.9, 2.0)], [(9.0, 1.0), (2.9, 5.0)])

    came = following(orders, then(orders, 8.0), 8.0)

    assert came.days.tolist() == [2.0, 1.0]
    assert came.spend.tolist() == [6.0, 5.0]


def test_customers_are_picked_with_all_their_orders() -> None:
    orders = shop(BOB, ANN, [(20.0, 1.0)])

    some = of_customers(orders, np.array([1, 2]))

    assert some.spend.tolist() == [3.0, 4.0, 5.0, 1.0]
    assert some.customer.tolist() == [0, 0, 0, 1]
    assert some.starts.tolist() == [0, 3, 4]
