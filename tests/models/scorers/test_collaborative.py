"""Vectors answer: a dot product, a fold-in by the paper's equation, a cosine."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from models.arrays import Factors
from models.scorers.collaborative import Collaborative

EVEN, ODD = [0, 2, 4], [1, 3, 5]
NEVER_BOUGHT = 6


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


@pytest.fixture
def two_tastes() -> Collaborative:
    """Even items lie one way, odd ones the other; the further down the list, the shorter."""
    items = np.zeros((6, 2), dtype=np.float32)
    items[EVEN, 0] = [1, 0.8, 0.6]
    items[ODD, 1] = [1, 0.8, 0.6]
    return Collaborative(items=items, alpha=40.0, regularization=0.1)


def test_a_basket_of_even_items_ranks_even_items_first(two_tastes: Collaborative) -> None:
    scores = two_tastes.score(two_tastes.fold_in(rows(0, 2)), rows(*range(6)))

    assert scores[4] > scores[5]
    assert scores[EVEN].min() > scores[ODD].max()


@settings(deadline=None)
@given(
    items=arrays(np.float32, (8, 3), elements=st.floats(-2, 2, width=16)),
    basket=st.sets(st.integers(0, 7), max_size=8),
    alpha=st.sampled_from([0.5, 1.0, 40.0]),
)
def test_folding_in_is_equation_4_with_one_purchase_each(
    items: Factors, basket: set[int], alpha: float
) -> None:
    model = Collaborative(items=items, alpha=alpha, regularization=0.5)
    confidence = np.where(np.isin(np.arange(8), list(basket)), alpha * np.log(2), 1.0)
    preference = np.isin(np.arange(8), list(basket)).astype(np.float64)
    factors = items.astype(np.float64)
    expected = np.linalg.solve(
        factors.T @ np.diag(confidence) @ factors + 0.5 * np.eye(3),
        factors.T @ (confidence * preference),
    )

    vector = model.fold_in(rows(*sorted(basket)))

    assert vector == pytest.approx(expected, rel=1e-3, abs=1e-3)


@pytest.mark.parametrize("basket", [(), (NEVER_BOUGHT,)])
def test_a_basket_without_vectors_says_nothing(
    two_tastes: Collaborative, basket: tuple[int, ...]
) -> None:
    vector = two_tastes.fold_in(rows(*basket))

    assert vector.tolist() == [0, 0]
    assert two_tastes.score(vector, rows(0, 1, NEVER_BOUGHT)).tolist() == [0, 0, 0]


def test_items_without_a_vector_score_0(two_tastes: Collaborative) -> None:
    scores = two_tastes.score(np.array([2, 1], np.float32), rows(NEVER_BOUGHT, 1, 0))

    assert scores.tolist() == [0, 1, 2]


def test_likeness_is_the_cosine_and_does_not_see_length(two_tastes: Collaborative) -> None:
    directions = two_tastes.directions(rows(0, 2, 1))

    scores = two_tastes.similar(directions.mean(axis=0), among=rows(4, 5, 0))

    assert scores == pytest.approx([2 / 3, 1 / 3, 2 / 3])


def test_nothing_is_known_of_what_items_without_a_vector_resemble(
    two_tastes: Collaborative,
) -> None:
    breakfast = two_tastes.directions(rows(0, NEVER_BOUGHT))

    assert breakfast.shape == (1, 2)
    assert two_tastes.similar(breakfast[0], among=rows(2, NEVER_BOUGHT)).tolist() == [1, -np.inf]
    assert two_tastes.directions(rows(NEVER_BOUGHT)).shape == (0, 2)


def test_an_item_whose_vector_is_zero_resembles_nothing() -> None:
    model = Collaborative(
        items=np.array([[0, 0], [1, 0]], np.float32), alpha=1.0, regularization=1.0
    )

    assert model.similar(model.directions(rows(1))[0], among=rows(0, 1)).tolist() == [0, 1]
