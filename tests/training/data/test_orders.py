"""Lines become orders, by customer and oldest first."""

import numpy as np
import pytest

from tests.training.tiny import bought, day, lines
from training.data.orders import Orders, orders
from training.data.purchases import number


def _orders(*, margin_of_a_line: float | None = None) -> Orders:
    told = lines(
        bought("bob", "tea", 2, price=4.0, order="b-1"),
        bought("ann", "tea", 5, price=4.0, order="a-2"),
        bought("ann", "milk", 5, price=1.0, quantity=3, order="a-2"),
        bought("ann", "milk", 1, price=1.0, order="a-1"),
        bought(None, "milk", 3, price=1.0),
    )
    rows = number(told, told["item_id"].unique(), until=day(10), min_buyers=1)
    margin = None if margin_of_a_line is None else np.full(rows.item.size, margin_of_a_line)
    return orders(rows, margin=margin)


def test_orders_stand_by_customer_and_oldest_first() -> None:
    found = _orders()

    assert found.customer.tolist() == [0, 0, 1]
    assert found.starts.tolist() == [0, 2, 3]
    assert found.age_days.tolist() == [9.0, 5.0, 8.0]


def test_an_order_is_the_sum_of_its_lines() -> None:
    assert _orders().spend.tolist() == [1.0, 7.0, 4.0]


def test_the_margin_of_an_order_is_the_sum_of_its_lines() -> None:
    assert _orders(margin_of_a_line=0.5).margin.tolist() == [0.5, 1.0, 0.5]


def test_a_margin_that_nobody_knows_is_no_number() -> None:
    assert np.isnan(_orders().margin).all()


def test_what_nobody_is_known_to_have_bought_is_no_order_of_a_customer() -> None:
    assert _orders().spend.sum() == pytest.approx(12.0)
    assert _orders().n_customers == 2


def test_what_was_given_back_in_part_is_not_spent_saved_or_earned() -> None:
    told = lines(
        bought("ann", "cup", 1, quantity=10, price=100.0, discount=5.0),
        bought("ann", "cup", 5, quantity=-9, price=1.0),
    )
    rows = number(told, told["item_id"].unique(), until=day(10), min_buyers=1)

    found = orders(rows, margin=np.array([300.0]))

    assert found.spend.tolist() == pytest.approx([100.0])
    assert found.saved.tolist() == pytest.approx([5.0])
    assert found.margin.tolist() == pytest.approx([30.0])


def test_an_order_of_which_nothing_was_kept_is_no_order() -> None:
    told = lines(
        bought("bob", "cup", 1, price=100.0),
        bought("bob", "cup", 2, price=100.0),
        bought("bob", "cup", 9, quantity=-1),
    )
    rows = number(told, told["item_id"].unique(), until=day(10), min_buyers=1)

    found = orders(rows)

    assert found.spend.tolist() == [100.0]
    assert found.age_days.tolist() == [9.0]
    assert rows.matrix().sum() == 2  # to a recommender it is a habit
