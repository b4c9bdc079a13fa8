"""What is told of somebody's habits is what their visits say."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training.customers.visiting import visiting
from training.customers.coming import habits
from training.customers.coming.visits import Visits

AGES = st.lists(
    st.lists(st.floats(0.01, 300), min_size=1, max_size=12).map(lambda ages: sorted(ages)[::-1]),
    min_size=1,
    max_size=5,
)


def told(past: Visits, name: str) -> list[float]:
    """Amounts, without their logarithms."""
    column = habits.columns(past)[:, habits.COLUMNS.index(name)]
    return [float(value) for value in (column if name == "once" else np.expm1(column))]


def test_a_weekly_customer_is_told_by_hand() -> None:
    weekly = visiting([29, 22, 15, 8, 1], [40], spend=[1, 2, 3, 4, 5, 6])

    assert told(weekly, "once") == [0, 1]
    assert told(weekly, "times") == pytest.approx([5, 1])
    assert told(weekly, "weeks with a visit") == pytest.approx([5, 1])
    assert told(weekly, "days since the last") == pytest.approx([1, 40])
    for gap in ("mean gap", "usual gap", "longest gap", "latest gap"):
        assert told(weekly, gap) == pytest.approx([7, 0])
    assert told(weekly, "overdue") == pytest.approx([2 / 8, 0])
    assert told(weekly, "spend a visit") == pytest.approx([3, 6])
    assert told(weekly, "times in 28 days") == pytest.approx([4, 0])
    assert told(weekly, "times, half after 14 days")[1] == pytest.approx(2 ** (-40 / 14))


def test_two_visits_in_one_week_are_one_week_with_a_visit() -> None:
    assert told(visiting([20, 2, 1], [20.5, 20.4]), "weeks with a visit") == pytest.approx([2, 1])


@given(ages=AGES)
def test_usual_and_longest_gaps_are_quantiles_of_each_visitors_own(
    ages: list[list[float]],
) -> None:
    past = visiting(*ages)
    gaps = [-np.diff(own) for own in ages]

    assert told(past, "usual gap") == pytest.approx(
        [np.median(own) if own.size else 0 for own in gaps], abs=2e-3
    )
    assert told(past, "longest gap") == pytest.approx(
        [np.quantile(own, 0.9, method="lower") if own.size else 0 for own in gaps], abs=2e-3
    )


@given(ages=AGES)
def test_every_number_is_finite_and_everybody_is_told_as_if_alone(
    ages: list[Sequence[float]],
) -> None:
    together = habits.columns(visiting(*ages))

    assert np.isfinite(together).all()
    assert together.shape == (len(ages), len(habits.COLUMNS))
    for row, own in enumerate(ages):
        assert together[row] == pytest.approx(habits.columns(visiting(own))[0])


def test_money_given_back_counts_as_none() -> None:
    assert told(visiting([3], spend=[-5.0]), "spend a visit") == [0]
