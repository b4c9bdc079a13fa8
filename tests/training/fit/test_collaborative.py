"""Vectors that implicit learns: like customers lie near, and a fold-in finds its own way back."""

import numpy as np
import pytest
from implicit.cpu.als import AlternatingLeastSquares

from tests.training.tiny import bought, numbered
from training.data.purchases import Purchases
from training.fit import collaborative
from training.fit.collaborative import ALPHA, N_FACTORS, REGULARIZATION


@pytest.fixture(scope="module")
def two_tastes() -> Purchases:
    """Sixty customers, half of whom buy even items and half odd ones, each once."""
    rng = np.random.default_rng(11)
    return numbered(
        *(
            bought(f"c-{customer:02d}", f"p-{item:02d}", 1)
            for customer in range(60)
            for item in range(customer % 2, 40, 2)
            if rng.uniform() < 0.7
        )
    )


@pytest.fixture(scope="module")
def fitted(two_tastes: Purchases) -> collaborative.Fitted:
    return collaborative.fit(two_tastes, seed=7)


def parity(purchases: Purchases) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.array([int(item[2:]) % 2 for item in purchases.item_ids])


def test_vectors_have_one_shape_a_side(two_tastes: Purchases, fitted: collaborative.Fitted) -> None:
    assert fitted.model.items.shape == (40, N_FACTORS)
    assert fitted.customers.shape == (60, N_FACTORS)
    assert fitted.model.items.dtype == fitted.customers.dtype == np.float32
    assert (fitted.model.alpha, fitted.model.regularization) == (ALPHA, REGULARIZATION)


def test_customers_like_what_their_like_buy(
    two_tastes: Purchases, fitted: collaborative.Fitted
) -> None:
    odd = parity(two_tastes) == 1

    scores = fitted.customers @ fitted.model.items.T

    assert (scores[::2, ~odd].min(axis=1) > scores[::2, odd].max(axis=1)).all()
    assert (scores[1::2, odd].min(axis=1) > scores[1::2, ~odd].max(axis=1)).all()


def test_one_seed_gives_the_same_vectors_and_another_gives_others(
    two_tastes: Purchases, fitted: collaborative.Fitted
) -> None:
    again = collaborative.fit(two_tastes, seed=7)
    other = collaborative.fit(two_tastes, seed=8)

    assert np.array_equal(again.customers, fitted.customers)
    assert np.array_equal(again.model.items, fitted.model.items)
    assert not np.array_equal(other.model.items, fitted.model.items)


@pytest.mark.parametrize("customer", [0, 7, 59])
def test_folding_in_what_was_bought_once_is_what_implicit_would_do(
    two_tastes: Purchases, fitted: collaborative.Fitted, customer: int
) -> None:
    counts = two_tastes.matrix()
    counts.data = np.log1p(counts.data)
    theirs = AlternatingLeastSquares(
        factors=N_FACTORS, regularization=REGULARIZATION, alpha=ALPHA, random_state=7
    )
    theirs.item_factors = fitted.model.items

    ours = fitted.model.fold_in(two_tastes.bought_by(customer))

    assert ours == pytest.approx(
        theirs.recalculate_user(customer, counts[customer]), rel=1e-3, abs=1e-5
    )
