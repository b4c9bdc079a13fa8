"""Orders become what the purchase models look at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.fit import cdnow
from tests.training.tiny import bought, day, lines
from training.data.orders import orders
from training.data.purchases import number
from training.fit.repeat_buying import Counts, by_distinct, counts, discounted

CUSTOMERS = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 2)))


def _counts(*told: dict[str, object], until: float) -> Counts:
    read = lines(*told)
    return counts(orders(number(read, read["item_id"].unique(), until=day(until), min_buyers=1)))


def test_orders_of_one_day_count_once_and_the_first_day_is_not_counted() -> None:
    seen = _counts(
        bought("ann", "tea", 0.1, order="1"),
        bought("ann", "tea", 0.9, order="2"),
        bought("ann", "tea", 7.2, order="3"),
        bought("ann", "tea", 7.3, order="4"),
        bought("ann", "tea", 14.9, order="5"),
        bought("bob", "tea", 8.5, order="6"),
        until=21.5,
    )

    assert seen.frequency.tolist() == [2, 0]
    assert seen.recency.tolist() == [2, 0]
    assert seen.age.tolist() == [3, 13 / 7]
    assert seen.weight.tolist() == [1, 1]


@pytest.mark.parametrize("until", [3.5, 4])
def test_who_came_on_the_last_day_has_no_age(until: float) -> None:
    seen = _counts(bought("ann", "tea", 3.2), until=until)

    assert seen.age.tolist() == [0]


def test_cdnow_is_counted_as_it_was_published() -> None:
    seen, published = counts(cdnow.orders()), cdnow.tenth()

    assert seen.frequency.tolist() == published.frequency.tolist()
    assert seen.recency == pytest.approx(published.recency, abs=0.005)
    assert seen.age == pytest.approx(published.age, abs=0.005)


@given(customers=CUSTOMERS)
def test_distinct_rows_stand_for_the_same_customers(customers: list[tuple[int, int, int]]) -> None:
    x, t_x, age = np.array(customers, dtype=np.int64).reshape(-1, 3).T

    rows = cdnow.counted(x=x, t_x=t_x, age=age).distinct()

    columns = (column.tolist() for column in (rows.frequency, rows.recency, rows.age))
    seen = list(zip(*columns, strict=True))
    assert len(set(seen)) == len(seen)
    assert dict(zip(seen, rows.weight.tolist(), strict=True)) == {
        row: customers.count(row) for row in customers
    }


def test_what_is_computed_once_for_each_pair_is_told_to_all_who_share_it() -> None:
    asked: list[int] = []

    def product(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        asked.append(first.size)
        return np.asarray(first * second)

    told = by_distinct(product, [[3, 2, 3]], [[5, 7, 5]])

    assert told.tolist() == [[15, 14, 15]]
    assert asked == [2]


def test_a_purchase_a_week_is_worth_the_present_value_of_a_rent() -> None:
    worth = discounted(lambda weeks: np.array([weeks]), weeks=52, weekly_rate=0.01)

    assert worth == pytest.approx([(1 - np.exp(-0.52)) / 0.01])
