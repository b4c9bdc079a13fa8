"""The best of many is the head of a stable sort, and models compare after normalising."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from models.arrays import Scores
from models.ranking import best, normalised

SCORE = st.one_of(
    st.sampled_from([-np.inf, np.nan, -1.0, 0.0, 0.5, 1.0]),
    st.floats(-(2.0**100), 2.0**100, width=32),
)
SCORES = arrays(np.float32, st.integers(0, 60), elements=SCORE)
FINITE = arrays(
    np.float32,
    array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=12),
    elements=st.floats(0, 2.0**100, width=32),
)


@given(scores=SCORES, k=st.integers(1, 70))
def test_best_is_the_head_of_a_stable_sort(scores: Scores, k: int) -> None:
    showable = [row for row in range(scores.size) if np.isfinite(scores[row])]
    expected = sorted(showable, key=lambda row: (-scores[row], row))[:k]

    rows = best(scores, k)

    assert rows.tolist() == expected
    assert rows.dtype == np.int32


def test_equal_scores_come_in_row_order_at_the_bar() -> None:
    scores = np.array([1, 2, 1, 3, 1], dtype=np.float32)

    assert best(scores, 3).tolist() == [3, 1, 0]


@pytest.mark.parametrize("k", [0, -1])
def test_best_of_none_is_a_mistake_of_the_caller(k: int) -> None:
    with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
        best(np.ones(3, np.float32), k)


def test_best_leaves_its_input_as_it_was() -> None:
    scores = np.array([3, 1, 2], dtype=np.float32)

    best(scores, 2)

    assert scores.tolist() == [3, 1, 2]


def test_each_row_is_divided_by_its_own_highest() -> None:
    scores = np.array([[1, 2, 4], [10, -5, 0], [0, 0, 0], [-1, -2, -3]], dtype=np.float32)

    shares = normalised(scores)

    assert shares.tolist() == [[0.25, 0.5, 1], [1, -0.5, 0], [0, 0, 0], [0, 0, 0]]


@given(scores=FINITE)
def test_normalised_scores_are_at_most_1_and_keep_their_order(scores: Scores) -> None:
    shares = normalised(scores)

    assert shares.dtype == np.float32
    assert shares.shape == scores.shape
    assert np.isfinite(shares).all()
    assert (shares <= 1).all()
    for row, share in zip(np.atleast_2d(scores), np.atleast_2d(shares), strict=True):
        assert (np.diff(share[np.argsort(row)]) >= 0).all()


def test_habits_faded_for_eight_years_still_compare() -> None:
    faded = np.exp(-np.array([2900, 2930], dtype=np.float32) / np.float32(30))
    scores = np.append(faded, np.float32(0)).astype(np.float32)

    shares = normalised(scores)

    assert shares[0] == 1
    assert 0 < shares[1] < 1
    assert shares[2] == 0
