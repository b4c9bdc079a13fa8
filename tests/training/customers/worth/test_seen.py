"""Recency, frequency and money of a shop that opened 8 weeks ago."""

import numpy as np
import pytest

from tests.training.customers.value_shops import shop
from training.customers.worth.seen import HALF_LIVES_WEEKS, Seen

SHOP = shop([(56.0, 10.0), (7.0, 30.0)], [(14.0, 6.0)])


def test_money_is_told_in_all_and_by_day() -> None:
    seen = Seen.of(SHOP, weeks=4)

    assert seen.paid.tolist() == [40.0, 6.0]
    assert seen.per_day.tolist() == [20.0, 6.0]


def test_the_last_period_counts_what_is_in_it() -> None:
    seen = Seen.of(SHOP, weeks=1)

    assert seen.last.tolist() == [30.0, 0.0]


def test_a_last_period_longer_than_history_is_all_of_it() -> None:
    seen = Seen.of(SHOP, weeks=80)

    assert seen.last == pytest.approx([40 / 8, 6 / 8])


def test_an_average_counts_half_what_is_a_half_life_old() -> None:
    half_life = HALF_LIVES_WEEKS[0]
    orders = shop([(7 * half_life, 10.0)], [(1e-9, 10.0)])

    average = Seen.of(orders, weeks=1).averages[0]

    assert average[1] == pytest.approx(2 * average[0])


def test_who_spends_evenly_has_an_average_of_just_that() -> None:
    orders = shop([(day, 2.0) for day in np.arange(200.5, 0, -1.0)])

    averages = Seen.of(orders, weeks=4, history=200.5).averages[:, 0]

    assert averages == pytest.approx(14.0, rel=0.01)
