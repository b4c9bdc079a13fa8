"""What lands in one basket: sums of strengths, and the best companion of an item."""

import numpy as np
import pytest

from models.scorers.copurchase import CoPurchase

BREAD, BUTTER, JAM, BEER, NEVER_BOUGHT = range(5)


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


@pytest.fixture
def breakfast() -> CoPurchase:
    """Bread and butter 0.75, bread and jam 0.5, butter and jam 0.25; beer goes with nothing."""
    return CoPurchase(
        companions=np.array([[BUTTER, JAM], [BREAD, JAM], [BREAD, BUTTER], [-1, -1]], np.int32),
        strengths=np.array([[0.75, 0.5], [0.75, 0.25], [0.5, 0.25], [0, 0]], np.float32),
    )


def test_companions_come_in_row_order_with_their_strength(breakfast: CoPurchase) -> None:
    found, strengths = breakfast.score(rows(BREAD))

    assert found.tolist() == [BUTTER, JAM]
    assert strengths.tolist() == [0.75, 0.5]


def test_strengths_of_a_basket_add_up_each_companion_once(breakfast: CoPurchase) -> None:
    found, strengths = breakfast.score(rows(BREAD, BUTTER))

    assert found.tolist() == [BREAD, BUTTER, JAM]
    assert strengths.tolist() == [0.75, 0.75, 0.75]


@pytest.mark.parametrize("basket", [(), (BEER,), (NEVER_BOUGHT,), (BEER, NEVER_BOUGHT)])
def test_a_basket_without_companions_gives_none(
    breakfast: CoPurchase, basket: tuple[int, ...]
) -> None:
    found, strengths = breakfast.score(rows(*basket))

    assert found.size == strengths.size == 0
    assert found.dtype == np.int32
    assert strengths.dtype == np.float32


@pytest.mark.parametrize(
    ("row", "among", "best"),
    [
        (BUTTER, (BREAD, JAM), BREAD),
        (JAM, (BUTTER, BREAD), BREAD),
        (JAM, (BUTTER,), BUTTER),
        (BEER, (BREAD, BUTTER, JAM), None),
        (JAM, (), None),
        (JAM, (BEER, NEVER_BOUGHT), None),
        (NEVER_BOUGHT, (BREAD,), None),
    ],
)
def test_the_strongest_companion_is_named_where_there_is_one(
    breakfast: CoPurchase, row: int, among: tuple[int, ...], best: int | None
) -> None:
    assert breakfast.strongest(row, rows(*among)) == best
