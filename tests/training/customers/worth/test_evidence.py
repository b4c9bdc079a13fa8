"""What the report draws, on values that are known."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tests.training.customers.value_shops import by_chance
from training.customers.worth.evidence import (
    N_BARS,
    THE_MIX,
    by_tenths,
    figures,
    histogram,
    lorenz,
    of_customers,
    of_learned,
)
from training.customers.worth.learned import learn

SHOP = by_chance(200, weeks=60)


def test_equal_values_have_a_straight_lorenz_curve() -> None:
    assert lorenz(np.full(40, 3.0)) == pytest.approx(np.linspace(0, 1, 101), abs=1e-4)


def test_one_rich_customer_of_four_holds_all_at_the_end_of_the_curve() -> None:
    curve = lorenz(np.array([0.0, 9.0, 0.0, -1.0]))

    assert curve[75] == 0
    assert curve[88] == pytest.approx(0.52)
    assert curve[100] == 1


def test_where_there_is_no_value_the_curve_is_flat() -> None:
    assert lorenz(np.zeros(3)) == [0.0] * 101


def test_a_histogram_counts_every_customer_once_and_the_largest_in_the_last_bar() -> None:
    values = np.append(np.arange(1000.0), 1e9)

    told = histogram(values)

    assert len(told["edges"]) == N_BARS + 1
    assert sum(told["customers"]) == 1001
    assert told["edges"][-1] < 1000


def test_a_histogram_of_the_unknown_is_empty() -> None:
    assert histogram(np.full(3, np.nan)) == {"edges": [], "customers": []}


def test_tenths_begin_with_who_was_foretold_the_least() -> None:
    foretold = np.arange(20.0)[::-1]

    tenths = by_tenths(foretold, foretold + 1)

    assert [tenth["foretold"] for tenth in tenths] == [0.5 + 2 * place for place in range(10)]
    assert tenths[0] == {"customers": 2, "foretold": 0.5, "came": 1.5}


def test_few_customers_have_fewer_than_ten_tenths() -> None:
    assert len(by_tenths(np.arange(3.0), np.zeros(3))) == 3


def test_a_figure_without_meaning_is_none_and_never_nan() -> None:
    learned = learn(SHOP, horizons=[4.0], seed=7, step=lambda _: None)
    alike = {"all alike": np.ones_like(learned.cuts[0].came.spend)}
    cut = replace(learned.cuts[0], foretold=dict(learned.cuts[0].foretold) | alike)

    told = figures(replace(learned, cuts=(cut,)))

    assert told["all alike"]["spearman"] is None
    assert told["all alike"]["mae"] is not None


def test_everything_that_is_drawn_is_small_and_goes_into_json() -> None:
    learned = learn(SHOP, horizons=[4.0, 12.0, 52.0], seed=7, step=lambda _: None)

    told = of_learned(learned) | of_customers(np.arange(200.0), np.arange(200.0))

    assert len(json.dumps(told, allow_nan=False)) < 8_000
    assert THE_MIX in told["back_test"]
    assert sum(tenth["customers"] for tenth in told["alive"]) == sum(
        tenth["customers"] for tenth in told["spend"]
    )
