"""Groups of points that lie together."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from training.customers.needs.clusters import crossed, k_means, kappa, members, nearest

CORNERS = np.array([[0, 0], [10, 0], [0, 10]], np.float32)
POINTS = arrays(np.float32, st.tuples(st.integers(1, 12), st.just(3)), elements=st.integers(-9, 9))


def blobs(rng: np.random.Generator) -> np.ndarray:
    noise = rng.normal(0, 0.5, (90, 2))
    return (np.repeat(CORNERS, 30, axis=0) + noise).astype(np.float32)


def test_the_middles_of_three_heaps_are_found() -> None:
    points = blobs(np.random.default_rng(1))

    centres = k_means(points, 3, rng=np.random.default_rng(7), n_starts=5)

    found = centres[nearest(CORNERS, centres)]
    assert found == pytest.approx(CORNERS, abs=0.5)
    labels = nearest(points, centres).reshape(3, 30)
    assert (labels == labels[:, :1]).all()


def test_one_seed_finds_the_same_groups_twice() -> None:
    points = blobs(np.random.default_rng(1))

    one, other = (k_means(points, 4, rng=np.random.default_rng(3), n_starts=2) for _ in range(2))

    assert one.tolist() == other.tolist()


def test_points_that_are_all_the_same_are_one_group() -> None:
    points = np.ones((8, 2), np.float32)

    centres = k_means(points, 3, rng=np.random.default_rng(7), n_starts=2)

    assert centres.tolist() == [[1, 1]]


def test_a_centre_without_points_stays_where_it_is() -> None:
    points = np.array([[0.0], [0.0], [4.0], [5.0], [9.0]], np.float32)

    for seed in range(20):
        centres = k_means(points, 4, rng=np.random.default_rng(seed), n_starts=1)
        assert np.isfinite(centres).all()


@settings(deadline=None)
@given(points=POINTS, centres=POINTS)
def test_nearest_is_the_first_of_the_least_distances(
    points: np.ndarray, centres: np.ndarray
) -> None:
    distance = np.square(points[:, None] - centres[None]).sum(axis=2)

    assert nearest(points, centres).tolist() == distance.argmin(axis=1).tolist()


def test_kappa_is_agreement_beyond_chance() -> None:
    one = np.repeat([0, 0, 1, 1], [20, 5, 10, 15])
    other = np.repeat([0, 1, 0, 1], [20, 5, 10, 15])

    assert kappa(one, other) == pytest.approx(0.4)
    assert kappa(one, one) == pytest.approx(1.0)


def test_one_group_agrees_by_chance_alone() -> None:
    one = np.zeros(5, np.intp)

    assert np.isnan(kappa(one, one))


def test_groupings_are_crossed_into_a_table() -> None:
    table = crossed(np.array([0, 0, 2]), np.array([1, 1, 0]))

    assert table.tolist() == [[0, 2, 0], [0, 0, 0], [1, 0, 0]]


def test_members_sum_rows_by_group() -> None:
    group = members(np.array([1, 0, 1]), 3)

    assert (group @ np.array([[1.0], [2.0], [4.0]])).ravel().tolist() == [2, 5, 0]
