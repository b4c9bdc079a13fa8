"""Folding in more is solving equation 4 with more in it."""

import numpy as np
import pytest

from models.scorers.collaborative import Collaborative

RNG = np.random.default_rng(7)
MODEL = Collaborative(
    items=RNG.normal(size=(30, 4)).astype(np.float32), alpha=1.0, regularization=0.5
)
BOUGHT, TIMES = np.array([2, 5, 9], np.int32), np.array([1, 4, 2], np.float32)
NO_ROWS, NONE = np.empty(0, np.int32), np.empty(0, np.float32)


def solved(rows: np.ndarray, times: np.ndarray) -> np.ndarray:
    """Return the vector by the plain definition: every item seen, those bought with more weight."""
    items = MODEL.items.astype(np.float64)
    confidence, wanted = np.ones(30), np.zeros(30)
    confidence[rows], wanted[rows] = np.log1p(times), 1
    left = items.T @ (confidence[:, None] * items) + MODEL.regularization * np.eye(4)
    return np.asarray(np.linalg.solve(left, items.T @ (confidence * wanted)))


def test_nothing_more_leaves_the_vector_as_it_is() -> None:
    vector = np.array([0.3, -0.2, 0.1, 0.5], np.float32)

    after = MODEL.fold_in_more(vector, bought=BOUGHT, times=TIMES, rows=NO_ROWS, amounts=NONE)

    assert after == pytest.approx(vector, abs=1e-5)


def test_more_of_what_was_bought_and_something_new_are_as_if_learned_together() -> None:
    after = MODEL.fold_in_more(
        solved(BOUGHT, TIMES).astype(np.float32),
        bought=BOUGHT,
        times=TIMES,
        rows=np.array([5, 7, 29], np.int32),
        amounts=np.array([1, 0.5, 1], np.float32),
    )

    rows, times = np.array([2, 5, 7, 9, 29]), np.array([1, 5, 0.5, 2, 1])
    assert after == pytest.approx(solved(rows, times), abs=1e-4)


def test_of_somebody_unknown_it_is_the_fold_in() -> None:
    rows = np.array([3, 4], np.int32)

    after = MODEL.fold_in_more(
        None, bought=NO_ROWS, times=NONE, rows=rows, amounts=np.ones(2, np.float32)
    )

    assert after == pytest.approx(MODEL.fold_in(rows), abs=1e-5)
