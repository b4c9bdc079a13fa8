"""How well seeds are told from others, against plain definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training.audiences import judging

CASES = st.lists(
    st.tuples(st.integers(0, 5), st.booleans(), st.integers(1, 4)), min_size=2, max_size=30
).filter(lambda cases: len({is_seed for _, is_seed, _ in cases}) == 2)
Columns = tuple[np.ndarray, np.ndarray, np.ndarray]


def columns(cases: list[tuple[int, bool, int]]) -> Columns:
    scores, is_seed, counts = zip(*cases, strict=True)
    return np.array(scores, float), np.array(is_seed), np.array(counts, float)


@given(cases=CASES)
def test_the_area_is_the_share_of_pairs_in_the_right_order(
    cases: list[tuple[int, bool, int]],
) -> None:
    scores, is_seed, counts = columns(cases)
    right = whole = 0.0
    for seed, ours in zip(scores[is_seed], counts[is_seed], strict=True):
        for other, theirs in zip(scores[~is_seed], counts[~is_seed], strict=True):
            right += ours * theirs * (1.0 if seed > other else 0.5 if seed == other else 0.0)
            whole += ours * theirs

    found = judging.auc(scores, is_seed, counts)

    assert found.value == pytest.approx(right / whole)
    assert 0 <= found.interval[0] <= found.value + 1e-12
    assert found.value - 1e-12 <= found.interval[1] <= 1


def test_the_interval_holds_the_truth_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(5)
    is_seed = np.arange(200) < 40
    truth = 0.7602  # P(x > y) where x ~ N(1, 1), y ~ N(0, 1): Φ(1 / √2)
    inside = 0

    for _ in range(400):
        found = judging.auc(rng.normal(size=200) + is_seed, is_seed, np.ones(200))
        inside += found.interval[0] <= truth <= found.interval[1]

    assert 0.92 <= inside / 400 <= 0.98


def test_every_seed_ahead_of_everybody_is_still_no_certainty() -> None:
    is_seed = np.arange(100) < 20

    found = judging.auc(is_seed.astype(float), is_seed, np.ones(100))

    assert found.value == 1
    assert found.interval[0] == pytest.approx(20 / (20 + 1.96**2), abs=1e-3)
    assert found.interval[1] == 1


def test_lift_is_how_many_times_more_are_among_the_best_twentieth() -> None:
    scores = np.arange(100, 0, -1).astype(float)
    is_seed = np.isin(np.arange(100), [0, 1, 2, 3, 50, 60, 70, 80, 90, 99])

    found = judging.lift(scores, is_seed, np.ones(100), np.ones(100))

    assert found.value == pytest.approx(0.4 / 0.05)


def test_a_drawn_customer_stands_for_those_who_were_not() -> None:
    scores, is_seed = np.array([4.0, 3.0, 2.0, 1.0]), np.array([True, False, True, False])
    stands_for = np.array([1.0, 49.0, 1.0, 49.0])

    found = judging.lift(scores, is_seed, np.ones(4), stands_for)

    assert found.value == pytest.approx(0.5 / 0.05)


def test_where_all_score_alike_there_is_no_lift() -> None:
    is_seed = np.arange(40) < 10

    found = judging.lift(np.zeros(40), is_seed, np.ones(40), np.ones(40))

    assert found.value == pytest.approx(1)


def test_a_seed_that_counts_more_says_more() -> None:
    scores = np.arange(100, 0, -1).astype(float)
    is_seed, counts = np.isin(np.arange(100), [0, 99]), np.ones(100)
    counts[0] = 3

    assert judging.lift(scores, is_seed, counts, np.ones(100)).value == pytest.approx(0.75 / 0.05)
