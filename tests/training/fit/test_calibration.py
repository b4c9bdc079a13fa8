"""A score becomes the probability of a purchase, and no list changes its order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from training.fit import calibration
from training.fit.calibration import Calibration

SCORES = st.lists(st.floats(-50, 50, allow_nan=False), max_size=30)


def drawn(slope: float, offset: float, n: int = 60_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(3)
    scores = rng.normal(1, 2, n)
    return scores, rng.random(n) < expit(slope * scores + offset)


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.5, -2.0), (2.0, 1.0)])
def test_what_made_the_purchases_is_found_again(slope: float, offset: float) -> None:
    found = calibration.fit(*drawn(slope, offset))

    assert found.slope == pytest.approx(slope, rel=0.05)
    assert found.offset == pytest.approx(offset, abs=0.08)


def test_scores_in_other_units_make_the_same_probabilities() -> None:
    scores, bought = drawn(1.0, -1.0)

    plain, far = calibration.fit(scores, bought), calibration.fit(100 * scores - 7, bought)

    assert far.probability(100 * scores - 7) == pytest.approx(plain.probability(scores), abs=1e-3)


@settings(deadline=None, max_examples=100)
@given(scores=SCORES, seed=st.integers(0, 9))
def test_every_probability_lies_between_0_and_1_in_the_order_of_the_scores(
    scores: list[float], seed: int
) -> None:
    told = np.sort(np.array(scores))
    bought = np.random.default_rng(seed).random(told.size) < 0.3

    found = calibration.fit(told, bought)

    probabilities = found.probability(told)
    assert found.slope > 0
    assert ((probabilities >= 0) & (probabilities <= 1)).all()
    assert (np.diff(probabilities) >= 0).all()


@pytest.mark.parametrize(("bought", "above"), [(False, 0.0), (True, 0.95)])
def test_where_all_or_nothing_was_bought_the_share_is_near_it_and_never_certain(
    bought: bool, above: float
) -> None:
    scores = np.linspace(-1, 1, 200)

    probabilities = calibration.fit(scores, np.full(200, bought)).probability(scores)

    assert (probabilities > above).all()
    assert (probabilities < above + 0.05).all()


def test_scores_that_do_not_tell_become_the_share_that_was_bought() -> None:
    bought = np.arange(1000) % 5 == 0

    found = calibration.fit(np.zeros(1000), bought)

    assert found.probability(np.zeros(1)) == pytest.approx([0.2], abs=0.01)


def test_scores_that_mislead_are_drawn_together_and_not_turned_round() -> None:
    scores, bought = drawn(1.0, 0.0)

    probabilities = calibration.fit(scores, ~bought).probability(np.array([-3.0, 3.0]))

    assert probabilities[0] <= probabilities[1] < probabilities[0] + 0.05


def test_nothing_to_learn_from_is_no_failure() -> None:
    found = calibration.fit(np.empty(0), np.empty(0, np.bool_))

    assert found.probability(np.zeros(1)) == pytest.approx([0.5])
    assert calibration.error(np.empty(0, np.float32), np.empty(0, np.bool_)) == 0


@given(st.lists(st.floats(-10, 10, allow_nan=False), min_size=2, max_size=20))
def test_blended_scores_keep_their_order(scores: list[float]) -> None:
    told = np.sort(np.array(scores))

    assert (np.diff(calibration.of_blend(told)) >= 0).all()


def test_blended_scores_are_told_apart_where_they_differ() -> None:
    scores = np.array([-3.0, -1e-3, 0.0, 1e-3, 0.5, 2.0])

    told = Calibration(slope=1.0, offset=-4.0).probability(calibration.of_blend(scores))

    assert (np.diff(told) > 0).all()


def test_the_error_of_who_is_always_right_is_nothing() -> None:
    bought = np.arange(1000) % 2 == 0

    assert calibration.error(bought.astype(np.float32), bought) == 0
    assert calibration.error(np.full(1000, 0.5, np.float32), bought) == pytest.approx(0)


def test_the_error_is_how_far_off_the_shares_are() -> None:
    bought = np.arange(1000) % 4 == 0

    assert calibration.error(np.full(1000, 0.75, np.float32), bought) == pytest.approx(0.5)


def test_two_that_are_wrong_both_ways_are_not_right_together() -> None:
    probabilities = np.repeat(np.array([0.2, 0.8], np.float32), 500)
    bought = np.repeat([True, False], 500)

    assert calibration.error(probabilities, bought) == pytest.approx(0.8)


def test_a_pair_that_stands_for_two_counts_as_two() -> None:
    rng = np.random.default_rng(3)
    scores, bought = rng.normal(size=400), rng.random(400) < 0.3
    counts = np.where(bought, 1.0, 2.0)
    twice = np.concatenate([np.arange(400), np.flatnonzero(~bought)])

    found = calibration.fit(scores, bought, counts)
    expected = calibration.fit(scores[twice], bought[twice])

    told = found.probability(scores)
    assert told == pytest.approx(expected.probability(scores), abs=1e-3)
    assert calibration.error(told, bought, counts) < calibration.error(told, bought)
