"""Heads of rows are those of a plain sort, ties included."""

import numpy as np
import scipy.sparse as sp
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from models.ranking import best
from training.fit.heads import ranked_in, reaching, row_blocks, strongest

FEW = st.sampled_from([0.0, 0.25, 0.5, 1.0])
"""Few different values, so that most heads end in a tie."""
TABLES = hnp.arrays(np.float32, hnp.array_shapes(min_dims=2, max_dims=2, max_side=40), elements=FEW)


@given(scores=TABLES, k=st.integers(1, 12))
def test_the_strongest_of_a_row_are_the_head_of_a_stable_sort(scores: np.ndarray, k: int) -> None:
    matrix = sp.csr_matrix(scores)

    rows, ranks, places = strongest(matrix, k)

    for row in range(scores.shape[0]):
        stored = np.where(scores[row] > 0, scores[row], -np.inf)
        assert matrix.indices[places[rows == row]].tolist() == best(stored, k).tolist()
        assert ranks[rows == row].tolist() == list(range(int((rows == row).sum())))


@given(scores=TABLES, k=st.integers(1, 5))
def test_what_reaches_a_head_holds_all_of_it(scores: np.ndarray, k: int) -> None:
    shown = np.where(scores > 0, scores, -np.inf)

    rows, columns = reaching(shown, k)

    for row in range(scores.shape[0]):
        found = columns[rows == row]
        assert set(best(shown[row], k).tolist()) <= set(found.tolist())
        assert (shown[row, found] > -np.inf).all()


def test_little_more_than_a_head_reaches_it() -> None:
    scores = np.random.default_rng(3).random((20, 16_000)).astype(np.float32)

    rows, _ = reaching(scores, 200)

    assert np.bincount(rows).max() < 300


def test_places_are_numbered_within_their_row() -> None:
    assert ranked_in(np.array([2, 2, 5, 7, 7, 7])).tolist() == [0, 1, 0, 0, 1, 2]
    assert ranked_in(np.array([], dtype=np.int64)).tolist() == []


@given(sizes=st.lists(st.integers(0, 9), max_size=30), most=st.integers(1, 20))
def test_blocks_hold_every_row_once_and_not_much(sizes: list[int], most: int) -> None:
    matrix = sp.csr_matrix(
        (np.ones(sum(sizes)), np.zeros(sum(sizes), int), np.cumsum([0, *sizes])),
        shape=(len(sizes), 1),
    )

    blocks = list(row_blocks(matrix, most=most))

    assert [row for rows in blocks for row in range(rows.start, rows.stop)] == list(
        range(len(sizes))
    )
    for rows in blocks:
        assert sum(sizes[rows]) <= most or rows.stop - rows.start == 1
