"""EASE by the customers' inverse, by the items', and by the textbook are one and the same."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.tiny import bought, numbered
from training.data.purchases import Purchases
from training.fit import ease


def random(n_customers: int, n_items: int, seed: int = 3) -> Purchases:
    """Everybody buys some things, some of them again; every item has a buyer."""
    rng = np.random.default_rng(seed)
    times = rng.poisson(0.4, (n_customers, n_items))
    times[rng.integers(0, n_customers, n_items), np.arange(n_items)] += 1
    return numbered(
        *(
            bought(f"c-{customer:03d}", f"p-{item:03d}", n, order=f"{customer}-{n}")
            for customer, item in zip(*times.nonzero(), strict=True)
            for n in range(times[customer, item])
        )
    )


def faded(purchases: Purchases) -> NDArray[np.float64]:
    """What each customer bought of each item, the latest counting most."""
    counts = purchases.matrix(2 * np.exp(-purchases.age_days / 240)).toarray()
    return np.asarray(np.log1p(counts.astype(np.float64)))


def textbook(purchases: Purchases, strength: float) -> NDArray[Any]:
    """Equation 8 of the paper, as it stands there."""
    counts = faded(purchases)
    P = np.linalg.inv(counts.T @ counts + strength * np.eye(counts.shape[1]))  # noqa: N806  # the paper's
    B = np.eye(counts.shape[1]) - P / np.diag(P)  # noqa: N806
    return np.asarray(counts @ B)


@pytest.mark.parametrize(("n_customers", "n_items"), [(8, 30), (30, 8), (12, 12)])
@pytest.mark.parametrize("strength", [0.5, 50.0])
def test_scores_are_the_textbooks_whichever_side_is_inverted(
    n_customers: int, n_items: int, strength: float
) -> None:
    purchases = random(n_customers, n_items)

    fitted = ease.fit(purchases, strength=strength)

    assert (fitted.dual is not None) == (n_customers < n_items)
    assert fitted.score(np.arange(purchases.n_customers, dtype=np.int32)) == pytest.approx(
        textbook(purchases, strength), rel=1e-3, abs=1e-4
    )


def test_no_item_explains_itself() -> None:
    purchases = numbered(bought("ann", "a", 1), bought("bob", "b", 1), bought("cid", "b", 1))

    scores = ease.fit(purchases, strength=1.0).score(np.arange(3, dtype=np.int32))

    assert scores == pytest.approx(np.zeros((3, 2)), abs=1e-6)


def test_a_block_scores_as_the_whole() -> None:
    purchases = random(9, 20)
    fitted = ease.fit(purchases, strength=2.0)

    assert np.array_equal(
        fitted.score(np.arange(3, 6, dtype=np.int32)),
        fitted.score(np.arange(9, dtype=np.int32))[3:6],
    )


def test_past_the_longest_side_only_the_best_selling_items_are_learned() -> None:
    purchases = random(9, 20)
    counts = faded(purchases)[:, :5]
    inverse = np.linalg.inv(counts.T @ counts + 2.0 * np.eye(5))

    scores = ease.fit(purchases, strength=2.0, max_side=5).score(np.arange(9, dtype=np.int32))

    assert scores == pytest.approx(
        counts @ (np.eye(5) - inverse / np.diag(inverse)), rel=1e-3, abs=1e-4
    )


def test_a_stronger_ridge_says_less() -> None:
    purchases = random(9, 20)

    weak, strong = (
        ease.fit(purchases, strength=s).score(np.arange(9, dtype=np.int32)) for s in (1.0, 1000.0)
    )

    assert np.abs(strong).max() < np.abs(weak).max()
