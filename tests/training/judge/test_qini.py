"""The area between what a ranking finds and what chance finds, over the most there is to find."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.judge.qini import coefficient

TREATED = np.array([True, True, False, False, True, False])
CAME = np.array([True, False, False, True, True, False])


def one(scores: np.ndarray, treated: np.ndarray = TREATED, came: np.ndarray = CAME) -> float:
    return coefficient(scores, treated=treated, came=came)


def plainly(scores: np.ndarray, treated: np.ndarray, came: np.ndarray) -> float:
    """The definition, depth by depth."""

    def area(ranked: np.ndarray) -> float:
        points = [(0.0, 0.0)]
        for least in sorted(set(ranked.tolist()), reverse=True):
            top = ranked >= least
            n_treated, n_untreated = (top & treated).sum(), (top & ~treated).sum()
            won, lost = (top & treated & came).sum(), (top & ~treated & came).sum()
            against = lost * n_treated / n_untreated if n_untreated else 0
            points.append((float(top.sum()), float(won - against)))
        x, y = np.array(points).T
        return float(np.trapezoid(y, x) - x[-1] * y[-1] / 2)

    perfect = came * np.where(treated, 1.0, -1.0)
    return area(scores) / area(perfect)


def test_a_small_trial_by_hand() -> None:
    scores = np.array([6.0, 4.0, 2.0, 1.0, 5.0, 3.0])

    found = one(scores)

    # Q: 0 1 2 2 2 2 1; area 9.5, line 3; perfect 2 in two steps, flat, and 1 lost: 9.5 too
    assert found == pytest.approx(1)


def test_the_reverse_of_a_perfect_ranking_is_worse_than_chance() -> None:
    assert one(CAME * np.where(TREATED, -1.0, 1.0)) < 0


def test_a_score_that_tells_nobody_apart_finds_what_chance_finds() -> None:
    assert one(np.zeros(6)) == 0


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 9999), n=st.integers(8, 60))
def test_it_is_its_definition_ties_included(seed: int, n: int) -> None:
    rng = np.random.default_rng(seed)
    scores, treated, came = rng.integers(6, size=n) / 1.0, rng.random(n) < 0.6, rng.random(n) < 0.4
    treated[:4], came[:4] = [True, True, False, False], [True, False, True, False]

    assert one(scores, treated, came) == pytest.approx(plainly(scores, treated, came))


def test_nobody_came_or_nobody_was_treated_is_no_figure() -> None:
    assert np.isnan(one(np.arange(6.0), came=np.zeros(6, dtype=bool)))
    assert np.isnan(one(np.arange(6.0), treated=np.zeros(6, dtype=bool)))
