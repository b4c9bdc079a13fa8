"""Figures of forecasts whose quality is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import spearmanr

from training.customers.worth.accuracy import accuracy, captured, gini, spearman

SPENT = np.array([0.0, 0.0, 0.0, 10.0, 30.0])
MONEY = arrays(np.float64, 9, elements=st.sampled_from([0.0, 1.0, 2.0, 5.0, 40.0]))


def test_a_right_forecast_has_the_best_of_every_figure() -> None:
    told = accuracy(SPENT, SPENT)

    assert told == pytest.approx({"mae": 0, "bias": 1, "spearman": 1, "gini": 1, "top 10 %": 0.75})


def test_the_wrong_order_is_worth_as_much_less() -> None:
    assert gini(-SPENT, SPENT) == pytest.approx(-1)
    assert spearman(-SPENT, SPENT) == pytest.approx(-1)


def test_half_as_much_is_off_by_half() -> None:
    told = accuracy(SPENT / 2, SPENT)

    assert told["mae"] == 4.0
    assert told["bias"] == 0.5


def test_an_order_by_chance_finds_no_inequality() -> None:
    assert gini(np.zeros(5), SPENT) == 0


@given(foretold=MONEY, spent=MONEY)
def test_spearman_is_that_of_scipy(foretold: np.ndarray, spent: np.ndarray) -> None:
    if np.ptp(foretold) and np.ptp(spent):
        assert spearman(foretold, spent) == pytest.approx(spearmanr(foretold, spent).statistic)
    else:
        assert np.isnan(spearman(foretold, spent))


@given(foretold=MONEY, spent=MONEY)
def test_gini_is_between_the_worst_and_the_best_order(
    foretold: np.ndarray, spent: np.ndarray
) -> None:
    if np.ptp(spent):
        assert -1 - 1e-9 <= gini(foretold, spent) <= 1 + 1e-9


def test_the_top_is_rounded_up_to_whole_customers() -> None:
    assert captured(SPENT, SPENT, share=0.3) == 1.0


def test_where_nobody_spent_nothing_can_be_said_of_order() -> None:
    told = accuracy(SPENT, np.zeros(5))

    assert np.isnan([told["bias"], told["spearman"], told["gini"], told["top 10 %"]]).all()
    assert told["mae"] == 8.0
