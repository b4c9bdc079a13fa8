"""Whom the treatment moves is learned from a trial."""

import numpy as np
import pytest
from scipy.special import expit

from tests.training.fit.trials import trial
from training.fit import uplift
from training.fit.uplift import crossed, learned, response, two_models


def truth(columns: np.ndarray) -> np.ndarray:
    return np.asarray(expit(columns[:, 0] - 1 + 2 * columns[:, 1]) - expit(columns[:, 0] - 1))


@pytest.mark.parametrize("learn", [two_models, crossed])
def test_both_ways_find_by_how_much_each_is_moved(learn: uplift.Learn) -> None:
    gain = learn(trial(40_000, seed=1))

    columns = np.random.default_rng(2).normal(size=(2000, 2))
    assert np.corrcoef(gain(columns), truth(columns))[0, 1] > 0.9
    assert gain(columns).mean() == pytest.approx(truth(columns).mean(), abs=0.02)


def test_two_models_find_the_true_gain_where_it_is_of_their_form() -> None:
    gain = two_models(trial(100_000, seed=1))

    columns = np.random.default_rng(2).normal(size=(500, 2))
    assert gain(columns) == pytest.approx(truth(columns), abs=0.03)


def test_a_response_model_takes_who_comes_anyway_for_who_is_moved() -> None:
    told = response(trial(40_000, seed=1))

    columns = np.array([[2.0, 0.0], [-2.0, 0.0]])
    found = told(columns)
    assert found[0] > found[1] + 0.4


def test_a_group_much_the_smaller_is_learned_crossed_and_others_as_two_models() -> None:
    columns = np.random.default_rng(2).normal(size=(10, 2))
    small, even = trial(4000, seed=1, treated=0.1), trial(4000, seed=1)

    assert (learned(small)(columns) == crossed(small)(columns)).all()
    assert (learned(even)(columns) == two_models(even)(columns)).all()
