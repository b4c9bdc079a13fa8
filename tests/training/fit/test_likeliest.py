"""The top of a hill is found, and a hill without a top is left at the limits."""

import numpy as np
import pytest
from numpy.typing import NDArray

from training.fit.likeliest import HIGHEST, LOWEST, SAMPLE_ROWS, Parameters, likeliest

TOP = np.array([0.5, 300.0])


def hill(parameters: Parameters, rows: NDArray[np.intp]) -> tuple[float, Parameters]:
    away = np.log(parameters / TOP)
    return float(-(away**2).sum()), -2 * away / parameters


def test_the_top_is_found_from_far_away() -> None:
    assert likeliest(hill, n_rows=1, starts=[(1000, 1), (1e-3, 1)]) == pytest.approx(TOP, rel=1e-5)


def test_the_higher_of_two_tops_is_taken() -> None:
    def two_tops(parameters: Parameters, rows: NDArray[np.intp]) -> tuple[float, Parameters]:
        z = np.log(parameters)
        return float((z**2 - z**4 / 8 + z / 2).sum()), (2 * z - z**3 / 2 + 0.5) / parameters

    low, high = (likeliest(two_tops, n_rows=1, starts=[[at]]) for at in (0.1, 10))

    assert low < 1 < high
    assert likeliest(two_tops, n_rows=1, starts=[[0.1], [10]]) == pytest.approx(high)


@pytest.mark.parametrize(("side", "limit"), [(1, HIGHEST), (-1, LOWEST)])
def test_what_rises_for_ever_ends_at_the_limit(side: int, limit: float) -> None:
    def ridge(parameters: Parameters, rows: NDArray[np.intp]) -> tuple[float, Parameters]:
        return side * float(np.log(parameters).sum()), side / parameters

    assert likeliest(ridge, n_rows=1, starts=[[1.0]]) == pytest.approx(limit)


def test_a_parameter_stays_above_its_own_limit() -> None:
    found = likeliest(hill, n_rows=1, starts=[(0.1, 1)], lowest=(2, LOWEST))

    assert found == pytest.approx([2, 300])


def test_many_rows_are_climbed_on_a_sample_first_and_then_all_together() -> None:
    sizes: list[int] = []

    def noted(parameters: Parameters, rows: NDArray[np.intp]) -> tuple[float, Parameters]:
        sizes.append(rows.size)
        return hill(parameters, rows)

    found = likeliest(noted, n_rows=10 * SAMPLE_ROWS, starts=[(1, 1), (2, 2)])

    assert found == pytest.approx(TOP, rel=1e-5)
    assert sizes == sorted(sizes)
    assert set(sizes) == {SAMPLE_ROWS, 10 * SAMPLE_ROWS}
