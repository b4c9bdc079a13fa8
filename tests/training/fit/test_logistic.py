"""Numbers that speak for something are weighed as they deserve."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from scipy.special import expit

from training.fit import logistic


def drawn(n: int, *, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.normal(5, 2, (n, 3))
    return columns, rng.random(n) < expit(0.8 * columns[:, 0] - 0.5 * columns[:, 1] - 2.0)


def test_the_weights_that_made_the_cases_are_found_again() -> None:
    found = logistic.fit(*drawn(100_000))

    weights = found.weights / found.scale
    assert weights == pytest.approx([0.8, -0.5, 0.0], abs=0.02)
    assert found.offset - found.centre @ weights == pytest.approx(-2.0, abs=0.1)


@settings(deadline=None, max_examples=25)
@given(n=st.integers(5, 60), seed=st.integers(0, 99), scale=st.sampled_from([1e-3, 1.0, 1e3]))
def test_no_other_weights_are_likelier(n: int, seed: int, scale: float) -> None:
    columns, came = drawn(n, seed=seed)
    came[:2] = [True, False]

    found = logistic.fit(scale * columns, came)

    z = (columns - columns.mean(axis=0)) / columns.std(axis=0)

    def unlikely(numbers: np.ndarray) -> float:
        odds = z @ numbers[:-1] + numbers[-1]
        fits = np.logaddexp(0, odds) - came * odds
        return float(fits.sum() + numbers[:-1] @ numbers[:-1] / 2)

    best = minimize(unlikely, np.zeros(4), tol=1e-10).x
    assert unlikely(np.append(found.weights, found.offset)) <= unlikely(best) + 1e-6


def test_a_column_that_never_changes_and_one_that_tells_all_do_no_harm() -> None:
    came = np.arange(40) < 10
    columns = np.column_stack([came, np.full(40, 7.0)]).astype(float)

    told = logistic.fit(columns, came).probability(columns)

    assert (told[came] > 0.8).all()
    assert (told[~came] < 0.2).all()
    assert told.mean() == pytest.approx(0.25)


def test_a_column_that_never_changed_says_nothing_when_it_does() -> None:
    columns, came = drawn(1000)
    columns[:, 2] = 0.1  # whose mean is not 0.1 to the last digit

    found = logistic.fit(columns, came)

    later = columns + np.array([0, 0, 5.0])
    assert found.probability(later) == pytest.approx(found.probability(columns))
