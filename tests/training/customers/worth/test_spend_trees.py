"""Half of the customers spend twice what a simple forecast says, the other half none of it."""

import numpy as np
import pytest

from training.customers.worth import spend_trees
from training.customers.worth.spend_trees import ALONE, LEAST_ROWS, MENDING, SpendTrees

N = 2000
KIND = np.arange(N) % 2
SIMPLE = np.full(N, 10.0)
SPENT = np.where(KIND == 1, 20.0, 0.0)
FEATURES = np.stack([KIND, np.zeros(N)], axis=1).astype(np.float64)


def taught(*, seed: int = 7) -> SpendTrees:
    trees = SpendTrees.fit(FEATURES, SIMPLE, SPENT, size=MENDING, seed=seed)
    assert trees is not None
    return trees


def test_trees_learn_who_spends_more_than_was_said() -> None:
    mended = taught().mended(FEATURES, SIMPLE)

    assert (mended[KIND == 1] > 15).all()
    assert (mended[KIND == 0] < 5).all()


def test_a_forecast_is_scaled_and_not_replaced() -> None:
    trees = taught()

    small, large = (trees.mended(FEATURES[:2], np.full(2, money)) for money in (10.0, 1000.0))

    assert large == pytest.approx(100 * small, rel=0.01)


def test_without_a_forecast_trees_begin_from_the_mean() -> None:
    trees = SpendTrees.fit(FEATURES, None, SPENT, size=ALONE, seed=7)
    assert trees is not None

    told = trees.mended(FEATURES, None)

    assert told[KIND == 1] == pytest.approx(20, rel=0.05)
    assert told[KIND == 0] == pytest.approx(0, abs=1)


def test_too_few_customers_teach_nothing() -> None:
    few = slice(LEAST_ROWS - 1)

    assert SpendTrees.fit(FEATURES[few], SIMPLE[few], SPENT[few], size=MENDING, seed=7) is None


def test_where_nobody_spent_nothing_is_learned() -> None:
    assert SpendTrees.fit(FEATURES, SIMPLE, np.zeros(N), size=MENDING, seed=7) is None


def test_one_seed_grows_the_same_trees_twice() -> None:
    first, second = (taught().mended(FEATURES, SIMPLE) for _ in range(2))

    assert first.tolist() == second.tolist()


def test_customers_in_blocks_are_mended_as_all_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    trees = taught()
    at_once = trees.mended(FEATURES, SIMPLE)

    monkeypatch.setattr(spend_trees, "BLOCK", 7)

    assert trees.mended(FEATURES, SIMPLE).tolist() == at_once.tolist()
