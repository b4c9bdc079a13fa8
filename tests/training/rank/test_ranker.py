"""Trees learn from a window's pairs what becomes of them."""

import numpy as np
import pytest

from models.arrays import Factors
from tests.training.rank.ranked import auc
from training.rank.ranker import OLDER_COUNTS, SHARE_OF_OTHERS, UNTAUGHT, Lesson, Ranker

NAMES = ["mailer: window", "habit times", 'odd, "kind": window']
N = 4000


def pairs(seed: int, *, sign: int = 1) -> tuple[Factors, np.ndarray]:
    """Of three columns the second tells: the higher, the likelier bought."""
    rng = np.random.default_rng(seed)
    matrix = rng.normal(size=(N, len(NAMES))).astype(np.float32)
    chance = 1 / (1 + np.exp(2 - 3 * sign * matrix[:, 1]))
    return matrix, rng.random(N) < chance


def lesson(seed: int = 1, *, sign: int = 1) -> Lesson:
    made = Lesson(rng=np.random.default_rng(seed))
    matrix, labels = pairs(seed, sign=sign)
    for begin in range(0, N, 1000):
        made.add(matrix[begin : begin + 1000], NAMES, labels[begin : begin + 1000])
    return made


def test_a_lesson_keeps_all_that_was_bought_and_some_of_the_rest() -> None:
    _, labels = pairs(1)

    kept = np.concatenate(lesson().labels)

    assert kept.sum() == labels.sum()
    n_others = int((~labels).sum())
    assert abs((~kept).sum() - SHARE_OF_OTHERS * n_others) < 4 * np.sqrt(n_others)
    assert sum(matrix.shape[0] for matrix in lesson().matrices) == kept.size


def test_a_lesson_knows_how_many_of_its_pairs_are_each_customers() -> None:
    made = Lesson(rng=np.random.default_rng(1))
    matrix, _ = pairs(1)
    whose = np.array([3] * 4 + [7] + [9] * 2, dtype=np.int32)

    made.add(matrix[:7], NAMES, np.ones(7, np.bool_), customer=whose)
    made.add(matrix[7:9], NAMES, np.ones(2, np.bool_), customer=whose[5:])

    assert np.concatenate(made.sizes).tolist() == [4, 1, 2, 2]


@pytest.mark.parametrize(("labels", "teaches"), [([0, 1, 0], True), ([0, 0], False), ([1], False)])
def test_a_lesson_needs_both_what_was_bought_and_what_was_not(
    labels: list[int], teaches: bool
) -> None:
    made = Lesson(rng=np.random.default_rng(0))
    made.labels.append(np.array(labels, dtype=np.bool_))

    assert made.teaches() == teaches


def test_a_lesson_of_nothing_teaches_nothing() -> None:
    assert not Lesson(rng=np.random.default_rng(0)).teaches()


def test_what_tells_is_learned() -> None:
    matrix, labels = pairs(2)

    scores = UNTAUGHT.taught(lesson(), seed=7).log_odds(matrix)

    assert auc(scores, labels) > 0.85
    assert auc(matrix[:, 1].astype(np.float64), labels) > 0.9  # what the one column tells
    assert auc(matrix[:, 0].astype(np.float64), labels) == pytest.approx(0.5, abs=0.03)


def test_a_ranker_learns_the_same_from_one_seed_and_other_things_from_another() -> None:
    matrix, _ = pairs(2)

    first, again = (UNTAUGHT.taught(lesson(), seed=7).log_odds(matrix) for _ in range(2))
    other = UNTAUGHT.taught(lesson(), seed=8).log_odds(matrix)

    assert first.tobytes() == again.tobytes()
    assert first.tobytes() != other.tobytes()


def test_the_latest_window_counts_most_and_the_one_before_half_of_it() -> None:
    matrix, _ = pairs(3)
    old, new = (
        UNTAUGHT.taught(lesson(seed, sign=sign), seed=7) for seed, sign in ((1, 1), (2, -1))
    )

    both = old.taught(lesson(2, sign=-1), seed=7)

    expected = (new.log_odds(matrix) + OLDER_COUNTS * old.log_odds(matrix)) / (1 + OLDER_COUNTS)
    assert both.log_odds(matrix) == pytest.approx(expected)


def test_of_three_windows_the_oldest_is_forgotten() -> None:
    matrix, _ = pairs(3)
    old = UNTAUGHT.taught(lesson(1, sign=-1), seed=7)

    three = old.taught(lesson(2), seed=7).taught(lesson(3), seed=7)
    two = UNTAUGHT.taught(lesson(2), seed=7).taught(lesson(3), seed=7)

    assert three.log_odds(matrix).tobytes() == two.log_odds(matrix).tobytes()


def test_kinds_of_promotions_may_be_called_anything() -> None:
    alike = Lesson(rng=np.random.default_rng(1))
    matrix, labels = pairs(1)
    alike.add(matrix, ["a b: window", "a_b: window", "a,b: window"], labels)

    taught = UNTAUGHT.taught(alike, seed=7)

    assert isinstance(taught, Ranker)
    assert np.isfinite(taught.log_odds(matrix)).all()


def test_few_pairs_teach_little_and_break_nothing() -> None:
    few = Lesson(rng=np.random.default_rng(1))
    matrix, _ = pairs(1)
    few.add(matrix[:3], NAMES, np.array([True, False, True]))
    few.add(matrix[3:5], NAMES, np.array([False, True]))

    scores = UNTAUGHT.taught(few, seed=7).log_odds(matrix)

    assert np.isfinite(scores).all()
