"""Before the cut it teaches, after it examines, and what examines never teaches."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import ZERO, basket, bought, day, lines, numbered
from training.data.purchases import Purchases
from training.data.split import HeldOut, hold_out, validation_cuts

CUT = 50
TAUGHT = [
    *basket("ann", "milk bread jam", 1),
    *basket("bob", "milk bread", 40),
    *basket("bob", "milk", 45),
    *basket("cid", "milk", 3),
]
"""Milk is row 0, bread 1, jam 2, which only ann ever bought."""


def teacher(min_buyers: int = 1) -> Purchases:
    return numbered(*TAUGHT, until=CUT, min_buyers=min_buyers)


def held(*after: dict[str, Any], days: int | None = 28, min_buyers: int = 1) -> HeldOut:
    return hold_out(lines(*TAUGHT, *after), teacher(min_buyers), days=days)


def listed(arrays: list[Any]) -> list[list[float]]:
    return [array.tolist() for array in arrays]


def test_what_was_bought_in_the_window_is_held_out_with_what_was_spent() -> None:
    found = held(
        bought("bob", "bread", 51, quantity=2, price=1.5),
        bought("bob", "bread", 60, price=2),
        bought("bob", "milk", 52, price=4),
        bought("ann", "jam", 77.9, price=7),
    )

    assert found.customer_ids == ["ann", "bob"]
    assert found.customers.tolist() == [0, 1]
    assert listed(found.bought) == [[2], [0, 1]]
    assert listed(found.spend) == [[7], [4, 5]]
    assert listed(found.quantity) == [[1], [1, 3]]
    assert listed(found.bought_before) == [[0, 1, 2], [0, 1]]


def test_the_window_begins_at_the_cut_and_ends_before_its_last_moment() -> None:
    found = held(
        bought("ann", "milk", CUT),
        bought("ann", "bread", CUT + 7 - 0.001),
        bought("ann", "jam", CUT + 7),
        days=7,
    )

    assert listed(found.bought) == [[0, 1]]


def test_a_window_without_days_runs_to_the_end_of_the_file() -> None:
    found = held(bought("ann", "milk", 49), bought("ann", "jam", 400), days=None)

    assert listed(found.bought) == [[2]]


def test_whoever_is_new_is_a_stranger() -> None:
    found = held(bought("dan", "milk", 51), bought("ann", "milk", 51))

    assert found.customer_ids == ["ann", "dan"]
    assert found.customers.tolist() == [0, -1]
    assert listed(found.bought_before) == [[0, 1, 2], []]


@pytest.mark.parametrize(
    "no_purchase",
    [
        bought(None, "milk", 51),
        bought("ann", "milk", 51, quantity=-1),
        bought("ann", "milk", 51, price=0),
        bought("ann", "never seen", 51),
        bought("ann", "milk", 49),
    ],
)
def test_what_cannot_be_judged_is_not_held_out(no_purchase: dict[str, Any]) -> None:
    found = held(no_purchase)

    assert found.customer_ids == []
    assert found.customers.size == 0
    assert found.bought == found.spend == found.next_basket == []


def test_an_item_without_a_model_is_not_held_out() -> None:
    found = held(bought("ann", "jam", 51), bought("ann", "milk", 51), min_buyers=2)

    assert listed(found.bought) == [[0]]


def test_the_next_basket_is_the_first_order_of_the_window() -> None:
    found = held(
        *basket("ann", "milk bread", 52),
        *basket("ann", "jam", 51.5),
        *basket("ann", "milk", 51.6),
        *basket("bob", "milk jam", 60),
    )

    assert listed(found.next_basket) == [[2], [0, 2]]


def test_of_two_orders_at_one_moment_the_next_basket_is_that_of_the_lesser_id() -> None:
    after = [
        bought("ann", "milk", 51, order="b"),
        bought("ann", "jam", 51, order="a"),
        bought("ann", "bread", 51, order="c"),
    ]

    for turned in (after, after[::-1]):
        assert listed(held(*turned).next_basket) == [[2]]


def test_without_order_ids_the_next_basket_is_the_first_day() -> None:
    found = held(
        bought("ann", "milk", 51.9), bought("ann", "jam", 51.1), bought("ann", "bread", 52.1)
    )

    assert listed(found.next_basket) == [[0, 2]]


MOMENT = st.integers(0, 80 * 24).map(lambda hour: hour / 24)
LINES = st.lists(
    st.builds(
        bought,
        st.sampled_from(["ann", "bob", "dan", None]),
        st.sampled_from(["milk", "bread", "jam", "ale"]),
        MOMENT,
        quantity=st.sampled_from([-1.0, 1.0, 2.0]),
        price=st.sampled_from([0.0, 1.0, 2.5]),
        order=st.none(),
    ),
    max_size=30,
    unique_by=lambda line: line["timestamp"],
)


@settings(deadline=None, max_examples=60)
@given(after=LINES, named=st.booleans())
def test_holding_out_is_its_plain_definition(after: list[dict[str, Any]], *, named: bool) -> None:
    if named:
        after = [line | {"order_id": f"{line['timestamp'].hour % 3}"} for line in after]
    purchases = teacher()
    row_of = {item: row for row, item in enumerate(purchases.item_ids)}
    window = [
        line
        for line in sorted([*TAUGHT, *after], key=lambda line: line["timestamp"])
        if timedelta(days=CUT) <= line["timestamp"] - ZERO < timedelta(days=CUT + 28)
        and line["customer_id"]
        and line["item_id"] in row_of
        and line["quantity"] > 0
        and line["price"] > 0
    ]
    by_customer: dict[str, list[dict[str, Any]]] = {}
    for line in window:
        by_customer.setdefault(line["customer_id"], []).append(line)

    found = hold_out(lines(*TAUGHT, *after), purchases)

    assert found.customer_ids == sorted(by_customer)
    for place, who in enumerate(found.customer_ids):
        theirs = by_customer[who]
        first = theirs[0]
        together = [
            line
            for line in theirs
            if (line["order_id"] == first["order_id"] if named
                else line["timestamp"].date() == first["timestamp"].date())
        ]  # fmt: skip
        rows = sorted({row_of[line["item_id"]] for line in theirs})
        spend = [
            sum(one["quantity"] * one["price"] for one in theirs if row_of[one["item_id"]] == row)
            for row in rows
        ]
        assert found.bought[place].tolist() == rows
        assert found.spend[place].tolist() == pytest.approx(spend)
        assert found.next_basket[place].tolist() == sorted(
            {row_of[line["item_id"]] for line in together}
        )


def test_what_happens_after_the_window_changes_nothing() -> None:
    found = held(bought("ann", "milk", 51))
    later = held(bought("ann", "milk", 51), *basket("bob", "jam milk", 79))

    assert later.customer_ids == found.customer_ids
    assert listed(later.bought) == listed(found.bought)


@pytest.mark.parametrize(
    ("history_days", "cuts"),
    [
        (10, []),
        (83.9, []),
        (84, [56]),
        (111, [83]),
        (112, [84, 56]),
        (139, [111, 83]),
        (140, [112, 84, 56]),
        (365, [337, 309, 281]),
    ],
)
def test_validation_windows_follow_two_windows_of_history(
    history_days: float, cuts: list[float]
) -> None:
    assert validation_cuts(ZERO, day(history_days)) == [day(cut) for cut in cuts]


def test_rows_of_the_window_are_rows_of_the_teacher() -> None:
    found = held(bought("ann", "milk", 51))

    assert found.bought[0].dtype == np.int32
    assert found.customers.dtype == np.int32


def test_what_some_of_the_customers_bought_is_theirs() -> None:
    found = held(
        bought("ann", "milk", 51, price=3),
        bought("bob", "bread", 52),
        bought("new", "milk", 53, price=5),
    )

    some = found.only({"new", "ann", "nobody"})

    assert some.customer_ids == ["ann", "new"]
    assert some.customers.tolist() == [found.customers[0], -1]
    assert listed(some.bought) == [listed(found.bought)[place] for place in (0, 2)]
    assert listed(some.spend) == [[3], [5]]
    assert listed(some.next_basket) == listed(some.bought)
    assert listed(some.bought_before) == [listed(found.bought_before)[0], []]


def test_none_of_the_customers_bought_nothing() -> None:
    none = held(bought("ann", "milk", 51)).only(set())

    assert none.customer_ids == none.bought == none.spend == []
    assert none.customers.size == 0
