"""Probabilities are judged by their plain definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.judge import chances

CASES = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.booleans()), min_size=1)


@given(cases=CASES)
def test_auc_is_the_share_of_pairs_in_the_right_order_with_ties_as_halves(
    cases: list[tuple[float, bool]],
) -> None:
    told, came = np.array([one[0] for one in cases]), np.array([one[1] for one in cases])
    pairs = [
        (above > below) + (above == below) / 2 for above in told[came] for below in told[~came]
    ]

    found = chances.auc(told, came)

    assert found == pytest.approx(np.mean(pairs) if pairs else np.nan, nan_ok=True)


def test_being_half_sure_costs_log_2_and_being_sure_and_wrong_is_not_infinite() -> None:
    told, came = np.array([0.5, 0.5, 0.0, 1.0]), np.array([True, False, True, True])

    losses = chances.log_losses(told, came)

    assert losses[:2] == pytest.approx(np.log(2))
    assert losses[2] == pytest.approx(-np.log(1e-6))
    assert losses[3] == pytest.approx(0, abs=1e-5)


def test_deciles_go_from_the_least_likely_to_the_likeliest() -> None:
    told = np.arange(20)[::-1] / 20
    came = told >= 0.5

    parts = chances.deciles(told, came)

    assert [part["cases"] for part in parts] == [2] * 10
    assert [part["came"] for part in parts] == [0.0] * 5 + [1.0] * 5
    assert parts[0]["foretold"] == pytest.approx(0.025)


def test_of_three_cases_there_are_three_parts() -> None:
    assert len(chances.deciles(np.array([0.1, 0.2, 0.3]), np.array([True, False, True]))) == 3


def test_auc_within_counts_the_pairs_of_one_group_each_alike() -> None:
    told = np.array([0.9, 0.1, 0.2, 0.8, 0.7, 0.6, 0.5])
    came = np.array([True, False, True, False, False, True, False])
    group = np.array([1, 1, 2, 2, 2, 3, 3])

    found = chances.auc_within(told, came, group)

    # one pair in order of the first group, none of two in the second, one of one in the third
    assert found == pytest.approx(2 / 4)


def test_auc_within_is_nan_where_no_group_has_both() -> None:
    told, came = np.array([0.9, 0.1]), np.array([True, False])

    assert np.isnan(chances.auc_within(told, came, np.array(["a", "b"])))


def test_lift_is_how_many_times_as_often_the_likeliest_came() -> None:
    told = np.arange(20.0)
    came = np.isin(told, [19.0, 3.0])

    assert chances.lift(told, came, share=0.05) == pytest.approx(10)
    assert chances.lift(told, came, share=0.001) == pytest.approx(10)
    assert np.isnan(chances.lift(told, np.zeros(20, dtype=bool), share=0.05))
