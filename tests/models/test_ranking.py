"""The best of many is the head of a stable sort, and models compare after normalising."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from models.arrays import Rows, Scores
from models.ranking import Blocks, best, highest, normalised, summed

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


@settings(deadline=None)
@given(
    lengths=arrays(np.float32, st.integers(0, 60), elements=st.integers(0, 6)),
    length=st.sampled_from([0.0, 1.0, 2.5]),
    sells=st.sampled_from([0.0, 0.5, 2.0]),
    k=st.integers(1, 70),
    rng=st.integers(0, 2**32 - 1).map(np.random.default_rng),
)
def test_a_pruned_search_finds_the_head_of_a_stable_sort(
    lengths: Scores, length: float, sells: float, k: int, rng: np.random.Generator
) -> None:
    popular = rng.integers(0, 4, lengths.size).astype(np.float32)
    likeness = rng.choice([-1, 0, 0.5, 1], lengths.size)
    scores = (length * lengths * likeness + sells * popular).astype(np.float32)
    expected = sorted(range(lengths.size), key=lambda row: (-scores[row], row))[:k]

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("models.ranking.BLOCK", 3)
        patched.setattr("models.ranking.FIRST_LOOK", 1)
        patched.setattr("models.ranking.HOPELESS", 1.0)
        found = Blocks.of(lengths=lengths, popular=popular).pruned(
            lambda rows, _: (rows, scores[rows]), k, length=length, sells=sells
        )

    assert found is not None
    rows, theirs = found
    assert rows.tolist() == expected
    assert theirs.tolist() == scores[expected].tolist()


def test_a_pruned_search_looks_at_no_item_that_is_too_short_and_sells_too_little() -> None:
    lengths = np.linspace(1, 0, 10_000, dtype=np.float32)
    popular = np.zeros(10_000, np.float32)
    popular[9_999] = 1
    looked: list[int] = []

    def look(rows: Rows, _: float) -> tuple[Rows, Scores]:
        looked.extend(rows.tolist())
        return rows, lengths[rows] + popular[rows]

    found = Blocks.of(lengths=lengths, popular=popular).pruned(look, 2, length=1, sells=1)

    assert found is not None
    assert found[0].tolist() == [0, 9_999]
    assert len(looked) < 2_000


def test_a_search_that_bounds_do_not_shorten_is_given_up() -> None:
    alike = np.ones(10_000, np.float32)

    found = Blocks.of(lengths=alike, popular=alike).pruned(
        lambda rows, _: (rows, np.zeros(rows.size, np.float32)), 1, length=1, sells=1
    )

    assert found is None


@given(
    rows=arrays(np.int32, st.integers(0, 30), elements=st.integers(-1, 5)),
    rng=st.integers(0, 2**32 - 1).map(np.random.default_rng),
)
def test_amounts_of_one_row_are_added_up(rows: Rows, rng: np.random.Generator) -> None:
    amounts = rng.integers(0, 9, rows.size).astype(np.float32)
    expected = {int(row): float(amounts[rows == row].sum()) for row in sorted(set(rows.tolist()))}
    expected.pop(-1, None)

    found, sums = summed(rows, amounts)

    assert dict(zip(found.tolist(), sums.tolist(), strict=True)) == expected
    assert found.tolist() == list(expected)


@given(
    scores=arrays(np.float32, st.integers(0, 40), elements=st.integers(0, 5)), k=st.integers(1, 50)
)
def test_the_highest_of_rows_in_any_order_are_those_of_rows_in_order(
    scores: Scores, k: int
) -> None:
    rows = np.arange(scores.size, dtype=np.int32)[::-1]

    found, theirs = highest(rows, scores[::-1], k)

    assert found.tolist() == best(scores, k).tolist()
    assert theirs.tolist() == scores[found].tolist()


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
