"""Habits are counted in orders and dated in days before the fit."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import basket, bought, numbered
from training.data.purchases import Purchases
from training.rank.habits import NEVER, Habits, Orders

UNTIL = 100.0
DAYS = st.integers(0, 99)


def habits(purchases: Purchases, groups: dict[str, int] | None = None) -> Habits:
    """Of each item, or of each group of items."""
    ids = purchases.item_ids[: purchases.n_ranked]
    of = [groups[id_] for id_ in ids] if groups else list(range(len(ids)))
    return Habits.of(
        purchases, np.array(of, np.int32), max(of, default=0) + 1, Orders.of(purchases)
    )


def found(purchases: Purchases, customer: str, item: str) -> dict[str, float]:
    pair = habits(purchases).find(
        np.array([purchases.customer_ids.index(customer)], np.int32),
        np.array([purchases.item_ids.index(item)], np.int32),
    )
    return {name: float(pair[name][0]) for name in pair.habits.columns}


def test_what_was_bought_is_counted_and_dated() -> None:
    shop = numbered(
        *basket("ann", "milk jam", 10),
        *basket("ann", "milk", 40),
        *basket("ann", "beer", 60),
        *basket("ann", "milk", 80),
        *basket("ann", "beer", 95),
        until=UNTIL,
    )

    milk = found(shop, "ann", "milk")

    assert [milk[name] for name in ("times", "last", "second", "third", "first")] == [
        3, 20, 60, 90, 90,
    ]  # fmt: skip
    assert milk["every"] == 35
    assert milk["every_spread"] == 5  # the gaps are 40 and 30 days
    assert [milk[name] for name in ("in_14", "in_28", "in_56")] == [0, 1, 1]
    assert milk["windows"] == 3
    assert milk["orders_since"] == 1
    assert milk["orders_from_first"] == 5
    assert milk["faded_40"] == pytest.approx(np.exp([-0.5, -1.5, -2.25]).sum(), rel=1e-5)


def test_what_was_never_bought_is_never_and_nothing() -> None:
    shop = numbered(*basket("ann", "milk", 10), *basket("bob", "jam", 20), until=UNTIL)

    jam = found(shop, "ann", "jam")

    assert {jam[name] for name in ("last", "second", "third", "first")} == {NEVER}
    assert {value for name, value in jam.items() if value != NEVER} == {0}


def test_an_order_of_two_items_of_a_group_is_one_order_of_it() -> None:
    shop = numbered(*basket("ann", "milk oats jam", 10), *basket("ann", "oats", 20), until=UNTIL)

    group = habits(shop, {"milk": 0, "oats": 0, "jam": 1})

    pair = group.find(np.array([0, 0], np.int32), np.array([0, 1], np.int32))
    assert pair["times"].tolist() == [2, 1]
    assert pair["lines"].tolist() == [3, 1]
    assert pair["last"].tolist() == [80, 90]


def test_what_was_paid_and_what_was_on_offer_is_known() -> None:
    shop = numbered(
        bought("ann", "milk", 10, quantity=3, price=2, order="a"),
        bought("ann", "milk", 20, quantity=1, price=1, discount=0.5, order="b"),
        until=UNTIL,
    )

    milk = found(shop, "ann", "milk")

    assert (milk["quantity"], milk["spend"], milk["on_offer"]) == (4, 7, 1)
    assert (milk["last_quantity"], milk["last_on_offer"]) == (1, 1)


def test_strangers_and_items_without_a_model_leave_no_habit() -> None:
    shop = numbered(
        bought(None, "milk", 10),
        bought("ann", "milk", 10),
        bought("bob", "milk", 10),
        bought("bob", "rare", 10),
        until=UNTIL,
        min_buyers=2,
    )

    assert habits(shop).keys.size == 2


BASKETS = st.dictionaries(
    st.tuples(st.sampled_from(["ann", "bob", "cid"]), DAYS),
    st.sets(st.sampled_from(["beer", "jam", "milk"]), min_size=1),
    min_size=1,
    max_size=25,
)


@settings(deadline=None, max_examples=60)
@given(told=BASKETS)
def test_habits_are_their_plain_definition(told: dict[tuple[str, int], set[str]]) -> None:
    lines: list[dict[str, Any]] = []
    for (customer, on), items in told.items():
        lines += basket(customer, " ".join(sorted(items)), on)
    shop = numbered(*lines, until=UNTIL)

    for customer in shop.customer_ids:
        visits = sorted(UNTIL - on for who, on in told if who == customer)
        for item in shop.item_ids:
            ages = sorted(
                UNTIL - on for (who, on), items in told.items() if who == customer and item in items
            )
            habit = found(shop, customer, item)
            assert habit["times"] == habit["lines"] == len(ages)
            assert habit["last"] == (ages[0] if ages else NEVER)
            assert habit["second"] == (ages[1] if len(ages) > 1 else NEVER)
            assert habit["first"] == (ages[-1] if ages else NEVER)
            if len(ages) > 1:
                gaps = np.diff(ages)
                assert habit["every"] == pytest.approx(gaps.mean(), rel=1e-5)
                assert habit["every_spread"] == pytest.approx(gaps.std(), abs=0.02)
            assert habit["in_28"] == sum(age <= 28 for age in ages)
            if ages:
                assert habit["orders_since"] == sum(age < ages[0] for age in visits)
                assert habit["orders_from_first"] == sum(age <= ages[-1] for age in visits)
