"""Purchase lines become rows: best-selling items first, customers by id, an order once."""

from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import basket, bought, day, lines, numbered
from training.data.purchases import ANONYMOUS, Purchases, number


def pairs(purchases: Purchases) -> list[tuple[str | None, str]]:
    """Who bought what, a pair a line."""
    return sorted(
        (
            (
                None if customer == ANONYMOUS else purchases.customer_ids[customer],
                purchases.item_ids[item],
            )
            for customer, item in zip(purchases.customer, purchases.item, strict=True)
        ),
        key=str,
    )


def test_items_are_numbered_by_buyers_then_by_id() -> None:
    purchases = numbered(
        *basket("ann", "milk jam bread", 1),
        *basket("bob", "milk bread", 2),
        *basket("bob", "jam", 3),
        *basket("cid", "milk ale", 4),
        catalogue=("truffle", "caviar", "milk"),
    )

    assert purchases.item_ids == ["milk", "bread", "jam", "ale", "caviar", "truffle"]
    assert purchases.n_ranked == 4


def test_customers_are_numbered_by_id() -> None:
    purchases = numbered(*(bought(who, "milk", 1) for who in ("cid", "ann", "bob", "ann")))

    assert purchases.customer_ids == ["ann", "bob", "cid"]
    assert purchases.customer_row == {"ann": 0, "bob": 1, "cid": 2}
    assert purchases.n_customers == 3


def test_a_buyer_counts_once_however_often_they_buy() -> None:
    purchases = numbered(
        *(bought("ann", "milk", n) for n in range(5)),
        bought("ann", "bread", 1),
        bought("bob", "bread", 1),
    )

    assert purchases.item_ids == ["bread", "milk"]


def test_who_is_unknown_is_no_buyer_but_what_they_bought_is_kept() -> None:
    purchases = numbered(
        bought(None, "ale", 1), bought(None, "ale", 2), bought("ann", "milk", 3), min_buyers=1
    )

    assert purchases.item_ids == ["milk", "ale"]
    assert purchases.n_ranked == 1
    assert pairs(purchases) == [("ann", "milk"), (None, "ale"), (None, "ale")]
    assert purchases.known.tolist() == [2]


def test_an_item_needs_so_many_buyers_for_a_model() -> None:
    purchases = numbered(*basket("ann", "milk jam", 1), *basket("bob", "milk", 2), min_buyers=2)

    assert purchases.item_ids[: purchases.n_ranked] == ["milk"]
    assert purchases.bought_by(0).tolist() == [0]


@pytest.mark.parametrize(
    ("n_customers", "asked"), [(1, 1), (250, 1), (251, 2), (2500, 10), (2600, 10)]
)
def test_one_in_250_customers_is_asked_for_at_most_10(n_customers: int, asked: int) -> None:
    others = [bought(f"c-{n}", "milk", 1) for n in range(n_customers)]
    enough = [bought(f"c-{n}", "enough", 1) for n in range(asked)]
    short = [bought(f"c-{n}", "short", 1) for n in range(asked - 1)]

    purchases = numbered(*others, *enough, *short, min_buyers=None)

    assert "enough" in purchases.item_ids[: purchases.n_ranked]
    assert "short" not in purchases.item_ids[: purchases.n_ranked]


def test_what_was_bought_at_the_moment_of_the_cut_or_later_is_not_known() -> None:
    purchases = numbered(
        bought("ann", "milk", 9.999), bought("ann", "jam", 10), bought("bob", "ale", 11), until=10
    )

    assert purchases.item_ids == ["milk"]
    assert purchases.customer_ids == ["ann"]
    assert purchases.until == day(10)


def test_age_is_counted_in_days_before_the_cut() -> None:
    purchases = numbered(bought("ann", "milk", 1), bought("bob", "milk", 9.5), until=10)

    assert purchases.age_days.tolist() == [9, 0.5]


def test_what_was_wholly_given_back_teaches_nothing() -> None:
    purchases = numbered(
        bought("ann", "boots", 1, quantity=2),
        bought("ann", "boots", 5, quantity=-1),
        bought("ann", "boots", 9, quantity=-1),
        bought("ann", "milk", 1),
    )

    assert pairs(purchases) == [("ann", "milk")]


def test_what_was_given_back_in_part_stays() -> None:
    purchases = numbered(
        bought("ann", "boots", 1, quantity=2), bought("ann", "boots", 5, quantity=-1)
    )

    assert pairs(purchases) == [("ann", "boots")]


@pytest.mark.parametrize(
    "given_back",
    [
        bought("bob", "boots", 5, quantity=-1),
        bought("ann", "milk", 5, quantity=-1),
        bought(None, "boots", 5, quantity=-1),
        bought("ann", "boots", 101, quantity=-1),
    ],
)
def test_only_the_buyers_own_return_of_the_same_item_before_the_cut_counts(
    given_back: dict[str, Any],
) -> None:
    purchases = numbered(bought("ann", "boots", 1), given_back, until=100)

    assert pairs(purchases) == [("ann", "boots")]


def n_orders(purchases: Purchases) -> int:
    return int(np.unique(purchases.order).size)


def test_without_order_ids_a_customers_day_is_an_order() -> None:
    purchases = numbered(
        bought("ann", "milk", 1.1),
        bought("ann", "jam", 1.9),
        bought("ann", "milk", 2.1),
        bought("bob", "milk", 1.1),
    )

    assert n_orders(purchases) == 3
    assert purchases.matrix().toarray().tolist() == [[2, 1], [1, 0]]


def test_without_order_ids_what_strangers_bought_at_one_moment_is_an_order() -> None:
    purchases = numbered(
        bought(None, "milk", 1.1),
        bought(None, "jam", 1.1),
        bought(None, "milk", 1.2),
    )

    assert n_orders(purchases) == 2


def test_order_ids_tell_orders_of_one_day_apart_and_join_two_days() -> None:
    purchases = numbered(
        bought("ann", "milk", 1.1, order="1"),
        bought("ann", "milk", 1.2, order="2"),
        bought("ann", "jam", 2.5, order="2"),
    )

    assert n_orders(purchases) == 2
    assert purchases.matrix().toarray().tolist() == [[1, 2]]


def test_an_item_twice_in_one_order_is_one_line_of_its_earliest_age() -> None:
    purchases = numbered(
        bought("ann", "milk", 1, order="1"), bought("ann", "milk", 3, order="1"), until=4
    )

    assert purchases.item.size == 1
    assert purchases.age_days.tolist() == [3]


def test_lines_are_summed_by_customer_and_item_with_any_weight() -> None:
    purchases = numbered(
        bought("ann", "milk", 1), bought("ann", "milk", 3), bought("bob", "milk", 3), until=5
    )

    weighted = purchases.matrix(purchases.age_days)

    assert weighted.toarray().tolist() == [[4 + 2], [2]]
    assert weighted.dtype == np.float32


def test_a_stranger_bought_nothing_before() -> None:
    purchases = numbered(*basket("ann", "milk jam", 1), *basket("bob", "jam", 1))

    assert purchases.bought_by(-1).tolist() == []
    assert purchases.bought_by(-1).dtype == np.int32
    assert purchases.bought_by(0).tolist() == [0, 1]
    assert purchases.bought_by(1).tolist() == [0]


LINE = st.builds(
    bought,
    st.sampled_from(["ann", "bob", "cid", None]),
    st.sampled_from(["milk", "jam", "ale"]),
    st.sampled_from([0.1, 0.9, 1.5, 1.6, 30.0]),
    quantity=st.sampled_from([-2.0, -1.0, 1.0, 2.0]),
    order=st.sampled_from([None, "1", "2"]),
)


@settings(deadline=None, max_examples=60)
@given(told=st.lists(LINE, max_size=25))
def test_the_matrix_counts_orders_as_its_plain_definition(told: list[dict[str, Any]]) -> None:
    first: dict[tuple[str, str], datetime] = {}
    for line in told:
        pair = line["customer_id"], line["item_id"]
        if line["quantity"] > 0:
            first[pair] = min(line["timestamp"], first.get(pair, line["timestamp"]))
    bought_of: dict[tuple[str, str], float] = defaultdict(float)
    back: dict[tuple[str, str], float] = defaultdict(float)
    for line in told:
        pair = line["customer_id"], line["item_id"]
        if line["quantity"] > 0:
            bought_of[pair] += line["quantity"]
        elif pair in first and line["timestamp"] >= first[pair]:
            back[pair] -= line["quantity"]
    orders = defaultdict(set)
    for line in told:
        who, what = line["customer_id"], line["item_id"]
        kept = not back[who, what] or back[who, what] < bought_of[who, what]
        if who is not None and line["quantity"] > 0 and kept:
            orders[who, what].add(line["order_id"] or line["timestamp"].date())

    purchases = number(
        lines(*told), pl.Series("item_id", [], dtype=pl.String), until=day(99), min_buyers=1
    )

    counts = purchases.matrix().toarray()
    found = {
        (purchases.customer_ids[row], purchases.item_ids[column]): int(counts[row, column])
        for row, column in zip(*counts.nonzero(), strict=True)
    }
    assert found == {pair: len(of) for pair, of in orders.items()}


def test_no_purchases_give_no_rows() -> None:
    purchases = numbered(catalogue=("milk",))

    assert purchases.item_ids == ["milk"]
    assert purchases.n_ranked == purchases.n_customers == purchases.item.size == 0


def test_ages_keep_the_second_over_ten_years() -> None:
    purchases = numbered(bought("ann", "milk", 0), bought("bob", "milk", 0), until=3650)

    moment = purchases.until - timedelta(days=float(purchases.age_days[0]))
    assert moment == day(0)


def test_a_receipt_number_used_again_is_another_order() -> None:
    purchases = numbered(
        *(bought(who, item, 1, order="1") for who, item in (("ann", "milk"), ("bob", "jam"))),
        bought(None, "ale", 1, order="1"),
        bought(None, "ale", 5, order="1"),
    )

    assert len(set(purchases.order.tolist())) == 4


def test_a_return_of_something_older_takes_nothing_away() -> None:
    purchases = numbered(
        bought("ann", "milk", 1, quantity=-5.0), *(bought("ann", "milk", n) for n in (2, 3, 4))
    )

    assert pairs(purchases) == [("ann", "milk")] * 3


def test_an_order_line_knows_its_units_its_money_and_what_was_saved() -> None:
    purchases = numbered(
        bought("ann", "milk", 1, quantity=3, price=2, discount=0.5, order="a"),
        bought("ann", "milk", 1, quantity=1, price=2, order="a"),
        bought("ann", "jam", 1, price=4, order="a"),
    )

    by_item = {
        purchases.item_ids[item]: line
        for item, line in zip(
            purchases.item.tolist(),
            zip(purchases.quantity, purchases.spend, purchases.saved, strict=True),
            strict=True,
        )
    }
    assert by_item == {"milk": (4, 8, 1.5), "jam": (1, 4, 0)}


def test_branches_are_numbered_and_an_order_without_one_has_none() -> None:
    purchases = numbered(
        bought("ann", "milk", 1, store="old town"),
        bought("bob", "milk", 2, store="harbour"),
        bought("cid", "milk", 3),
        bought("dan", "milk", 4, store="old town"),
    )

    assert purchases.n_stores == 2
    assert purchases.store.tolist() == [1, 0, -1, 1]


def test_a_shop_that_does_not_say_where_has_no_branches() -> None:
    purchases = numbered(bought("ann", "milk", 1))

    assert purchases.n_stores == 0
    assert purchases.store.tolist() == [-1]


def test_branches_that_open_after_the_cut_are_not_known() -> None:
    told = (
        bought("ann", "milk", 1, store="zoo"),
        bought("ann", "milk", 60, store="airport"),
    )

    purchases = numbered(*told, until=50)

    assert (purchases.n_stores, purchases.store.tolist()) == (1, [0])
