"""How many groups there are."""

import numpy as np
import pytest

from training.customers.needs.stability import Grouped, jaccard, tried


def test_three_heaps_are_three_groups_and_no_more() -> None:
    rng = np.random.default_rng(1)
    corners = np.array([[0, 0], [10, 0], [0, 10]])
    points = (np.repeat(corners, 40, axis=0) + rng.normal(0, 1, (120, 2))).astype(np.float32)

    groups = tried(lambda k: points, most=4, rng=np.random.default_rng(7))

    assert groups[3].found_again == pytest.approx(1.0)
    assert groups[3].smallest == pytest.approx(1 / 3)
    assert max(k for k, one in groups.items() if one.is_stable) == 3


def test_one_round_cloud_has_no_groups() -> None:
    points = np.random.default_rng(1).normal(0, 1, (150, 3)).astype(np.float32)

    groups = tried(lambda k: points, most=4, rng=np.random.default_rng(7))

    assert list(groups) == [2, 3, 4]
    assert not any(one.is_stable for one in groups.values())


@pytest.mark.parametrize(
    ("found_again", "smallest", "stable"),
    [(0.85, 0.02, True), (0.84, 0.02, False), (0.85, 0.019, False)],
)
def test_every_group_must_be_found_again_and_none_be_tiny(
    found_again: float, smallest: float, stable: bool
) -> None:
    nowhere = np.zeros((2, 1), np.float32)

    grouped = Grouped(centres=nowhere, found_again=found_again, smallest=smallest)

    assert grouped.is_stable is stable


def test_jaccard_is_both_over_either_of_the_likest_group() -> None:
    groups = np.array([0, 0, 0, 1, 1, 1])
    others = np.array([1, 1, 0, 0, 0, 0])

    assert jaccard(groups, others, 2).tolist() == pytest.approx([2 / 3, 3 / 4])


def test_a_group_without_members_is_not_found_again() -> None:
    one = np.array([0, 0, 1, 1])

    assert jaccard(one, one, 4).tolist() == [1, 1, 0, 0]
    assert jaccard(one, np.array([3, 3, 2, 2]), 3).tolist() == [1, 1, 0]
