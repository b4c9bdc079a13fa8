"""Classifiers learn what tells seeds from others, and no more than the cases say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from training.fit.lookalike import BLOCKS, SINGLES, Lesson, Single, fit, seen_by
from training.fit.lookalike_logistic import fit as fit_logistic


def drawn(n: int, *, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(3, 2, (n, 3)).astype(np.float32)
    is_seed = rng.random(n) < 1 / (1 + np.exp(-(columns[:, 0] - 4)))
    is_seed[:2] = [True, False]
    return columns, is_seed


@settings(deadline=None, max_examples=10)
@given(n=st.integers(10, 60), seed=st.integers(0, 99), prior=st.sampled_from([0.5, 5.0]))
def test_no_other_weights_are_likelier(n: int, seed: int, prior: float) -> None:
    columns, is_seed = drawn(n, seed=seed)
    counts = np.random.default_rng(seed).uniform(0.5, 2, n)

    found = fit_logistic(columns, is_seed, counts, prior=prior)

    z = (columns - columns.mean(axis=0)) / columns.std(axis=0)

    def unlikely(numbers: np.ndarray) -> float:
        odds = z @ numbers[:-1] + numbers[-1]
        fits = counts @ (np.logaddexp(0, odds) - is_seed * odds)
        return float(fits + prior * numbers[:-1] @ numbers[:-1] / 2)

    best = minimize(unlikely, np.zeros(4), method="BFGS").x
    assert found.log_odds(columns) == pytest.approx(z @ best[:-1] + best[-1], abs=0.02)


def test_what_is_not_known_says_nothing() -> None:
    columns, is_seed = drawn(400)
    found = fit_logistic(columns, is_seed, np.ones(400), prior=1.0)
    unknown = np.array([[np.nan, 3.0, 3.0]], dtype=np.float32)
    usual = unknown.copy()
    usual[0, 0] = columns[:, 0].mean()

    assert found.log_odds(unknown) == pytest.approx(found.log_odds(usual), abs=1e-5)


def test_a_column_that_never_changes_counts_for_nothing() -> None:
    columns, is_seed = drawn(100)
    columns[:, 2] = 7
    found = fit_logistic(columns, is_seed, np.ones(100), prior=1.0)
    other = columns.copy()
    other[:, 2] = 99

    assert found.log_odds(other).tolist() == found.log_odds(columns).tolist()


@pytest.mark.parametrize("kind", SINGLES)
def test_each_kind_tells_seeds_by_its_own_columns_and_learns_the_same_twice(kind: Single) -> None:
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(600, 6)).astype(np.float32)
    columns[::7, 5] = np.nan
    blocks = {"vectors": slice(0, 2), "shares": slice(2, 4), "numbers": slice(4, 6)}
    is_seed = columns[:, blocks[BLOCKS[kind][0]]].sum(axis=1) > 1
    cases = Lesson(columns=columns, blocks=blocks, is_seed=is_seed, counts=np.ones(600))
    seen = seen_by(kind, columns, blocks)

    told = [fit(kind, cases, rng_seed=3).log_odds(seen) for _ in range(2)]

    assert told[0].tolist() == told[1].tolist()
    assert told[0][is_seed].mean() > told[0][~is_seed].mean() + 0.5


@pytest.mark.parametrize("kind", SINGLES)
def test_a_seed_that_counts_ten_times_is_worth_ten(kind: Single) -> None:
    rng = np.random.default_rng(4)
    columns = rng.normal(size=(400, 3)).astype(np.float32)
    blocks = {"vectors": slice(0, 1), "shares": slice(1, 2), "numbers": slice(2, 3)}
    is_seed = rng.random(400) < 0.3
    at = blocks[BLOCKS[kind][0]].start
    counts = np.where(is_seed & (columns[:, at] > 0), 10.0, 1.0)
    cases = Lesson(columns=columns, blocks=blocks, is_seed=is_seed, counts=counts)

    told = fit(kind, cases, rng_seed=3).log_odds(seen_by(kind, columns, blocks))

    assert told[columns[:, at] > 0.5].mean() > told[columns[:, at] < -0.5].mean() + 0.2
