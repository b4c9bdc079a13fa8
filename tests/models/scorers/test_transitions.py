"""What follows what: sums of strengths, the latest item counting most."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scorers.transitions import Transitions

TEA, BISCUIT, JAM, NEVER_BOUGHT = range(4)


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


@pytest.fixture
def afternoon() -> Transitions:
    """After tea a biscuit 0.75 or jam 0.5, after a biscuit jam 1; half of that a step on."""
    return Transitions(
        successors=np.array([[BISCUIT, JAM], [JAM, -1], [-1, -1]], np.int32),
        strengths=np.array([[0.75, 0.5], [1.0, 0.0], [0.0, 0.0]], np.float32),
        decay=0.5,
    )


def answer(model: Transitions, *recent: int) -> dict[int, float]:
    found, strengths = model.score(rows(*recent))
    assert found.dtype == np.int32
    assert strengths.dtype == np.float32
    return dict(zip(found.tolist(), strengths.tolist(), strict=True))


def test_the_successors_of_one_item_come_with_their_strengths(afternoon: Transitions) -> None:
    assert answer(afternoon, TEA) == {BISCUIT: 0.75, JAM: 0.5}


def test_the_latest_item_counts_most(afternoon: Transitions) -> None:
    assert answer(afternoon, TEA, BISCUIT) == {BISCUIT: 0.375, JAM: 0.25 + 1}
    assert answer(afternoon, BISCUIT, TEA) == {BISCUIT: 0.75, JAM: 0.5 + 0.5}


def test_what_has_no_model_is_a_step_all_the_same(afternoon: Transitions) -> None:
    assert answer(afternoon, BISCUIT, NEVER_BOUGHT) == {JAM: 0.5}


def test_an_item_that_came_twice_counts_twice(afternoon: Transitions) -> None:
    assert answer(afternoon, BISCUIT, BISCUIT) == {JAM: 1.5}


@pytest.mark.parametrize("recent", [(), (JAM,), (NEVER_BOUGHT,), (JAM, NEVER_BOUGHT)])
def test_what_leads_nowhere_is_answered_by_nothing(
    afternoon: Transitions, recent: tuple[int, ...]
) -> None:
    assert answer(afternoon, *recent) == {}


def test_a_release_that_learned_none_answers_nothing() -> None:
    assert answer(Transitions.none(3), TEA, JAM) == {}


@given(
    successors=st.lists(
        st.lists(st.integers(-1, 5), min_size=3, max_size=3), min_size=6, max_size=6
    ),
    recent=st.lists(st.integers(0, 8), max_size=12),
)
def test_the_answer_is_its_plain_definition(successors: list[list[int]], recent: list[int]) -> None:
    strengths = np.arange(1, 19).reshape(6, 3) / 8
    model = Transitions(
        successors=np.array(successors, np.int32), strengths=strengths.astype(np.float32), decay=0.5
    )
    expected: dict[int, float] = {}
    for age, row in enumerate(reversed(recent)):
        for place, successor in enumerate(successors[row] if row < 6 else ()):
            if successor >= 0:
                told = strengths[row, place] * 0.5**age
                expected[successor] = expected.get(successor, 0.0) + told

    assert answer(model, *recent) == pytest.approx(expected, rel=1e-5)
