"""A gain counts by customers, and only beyond chance."""

import numpy as np
import pytest

from training.judge.ahead import is_ahead

FOUR = np.arange(4)


@pytest.mark.parametrize(
    ("gains", "ahead"),
    [
        ([2.0, 2.0, 2.0, 2.0], True),
        ([0.0, 0.0, 0.0, 0.0], False),
        ([-1.0, -1.0, -1.0, -1.0], False),
        ([3.0, 3.0, 3.0, -1.0], True),  # mean 2, standard error 1: 2 of them
        ([3.0, 3.0, 1.0, -1.0], False),  # mean 1.5, standard error .96: 1.57 of them
    ],
)
def test_a_gain_counts_beyond_1_64_standard_errors(gains: list[float], ahead: bool) -> None:
    assert is_ahead([np.array(gains)], [FOUR]) is ahead


def test_less_may_be_asked_of_a_gain() -> None:
    gains = [np.array([3.0, 3.0, 1.0, -1.0])]

    assert is_ahead(gains, [FOUR], by=1.5)
    assert not is_ahead(gains, [FOUR], by=1.6)


def test_what_is_asked_of_a_customer_twice_counts_once() -> None:
    gains = np.array([3.0, 3.0, 1.0, -1.0])

    assert is_ahead([np.tile(gains, 5)], [np.arange(20)])
    assert not is_ahead([np.tile(gains, 5)], [np.tile(FOUR, 5)])
    assert not is_ahead([gains] * 5, [FOUR] * 5)


def test_windows_of_other_customers_are_more_evidence() -> None:
    gains = np.array([3.0, 3.0, 1.0, -1.0])

    assert is_ahead([gains] * 5, [FOUR + 4 * window for window in range(5)])


def test_windows_count_alike_however_many_they_judge() -> None:
    """Five of six gained; but the mean over windows is 0."""
    assert not is_ahead([np.ones(5), np.array([-1.0])], [np.arange(5), np.array([5])])


def test_of_one_customer_nothing_can_be_said() -> None:
    assert not is_ahead([np.ones(9)], [["ann"] * 9])


def test_no_gain_at_all_is_ahead_one_time_in_twenty() -> None:
    rng = np.random.default_rng(7)
    tests = [is_ahead([rng.normal(size=200)], [np.arange(200)]) for _ in range(2000)]

    assert 0.035 < np.mean(tests) < 0.065
