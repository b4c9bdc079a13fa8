"""Usual days between orders are told from order days, and silence is measured in them."""

from itertools import pairwise
from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.customers.ordering import ordered
from training.customers import rhythm
from training.customers.rhythm import LEAST_CUSTOMERS

HISTORIES = st.lists(st.lists(st.integers(1, 400), min_size=1, max_size=8), min_size=1, max_size=12)


def test_the_usual_days_are_the_mean_of_the_gaps_with_the_shops_as_one_more() -> None:
    found = rhythm.fit(ordered([61, 51, 31, 1], [30, 20], [70, 40], [5]))

    assert found.shop_days == 20.0
    assert found.order_days.tolist() == [4, 2, 2, 1]
    assert found.usual_days.tolist() == [(60 + 20) / 4, (10 + 20) / 2, (30 + 20) / 2, 20.0]


def test_every_gap_is_kept_with_what_was_usual_until_then() -> None:
    found = rhythm.fit(ordered([5], [61, 51, 31, 1], [30, 10]))

    assert found.customer.tolist() == [1, 1, 1, 2]
    assert found.gap.tolist() == [10, 20, 30, 20]
    assert found.ended_ago.tolist() == [51, 31, 1, 10]
    assert found.usual_before.tolist() == [20.0, (10 + 20) / 2, (30 + 20) / 3, 20.0]


def test_where_nobody_ordered_just_twice_the_median_of_all_gaps_is_the_shops() -> None:
    found = rhythm.fit(ordered([90, 60, 40], [5]))

    assert found.shop_days == 25.0
    assert found.usual_days.tolist() == [25.0, 25.0]


def test_the_gap_of_a_few_who_ordered_twice_does_not_speak_for_the_shop() -> None:
    few = [[11, 10]] * (LEAST_CUSTOMERS - 1)
    one_more = [[90, 60, 40]]

    assert rhythm.fit(ordered(*few, [60, 30])).shop_days == 1.0
    assert rhythm.fit(ordered(*few[:9], *one_more * 30)).shop_days == 20.0


def test_where_nobody_ordered_twice_nothing_is_usual() -> None:
    found = rhythm.fit(ordered([60], [5]))

    assert np.isnan(found.shop_days)
    assert np.isnan(found.usual_days).all()
    assert np.isnan(found.silence).all()


def test_orders_of_one_day_count_once_and_midnight_parts_days() -> None:
    together = rhythm.fit(ordered([10.4, 10.0, 9.6]))
    apart = rhythm.fit(ordered([10.6, 10.4]))

    assert together.order_days.tolist() == [1]
    assert apart.gap.tolist() == [1]


def test_silence_is_the_days_since_the_last_order_in_usual_ones() -> None:
    found = rhythm.fit(ordered([35, 25, 15, 5.25]))

    assert found.silent_days.tolist() == [5.25]
    assert found.silence.tolist() == [0.525]


@given(histories=HISTORIES)
def test_a_rhythm_is_what_counting_customer_by_customer_gives(histories: list[list[int]]) -> None:
    days = [sorted(set(history), reverse=True) for history in histories]
    gaps = [[a - b for a, b in pairwise(one)] for one in days]
    every = [one for gap in gaps for one in gap]  # of fewer than LEAST_CUSTOMERS
    shop = median(every) if every else np.nan

    found = rhythm.fit(ordered(*histories))

    expected = [(sum(gap) + shop) / (len(gap) + 1) for gap in gaps]
    assert found.usual_days.tolist() == pytest.approx(expected, nan_ok=True)
    assert found.order_days.tolist() == [len(one) for one in days]
    assert found.days_ago.tolist() == [one[-1] for one in days]
