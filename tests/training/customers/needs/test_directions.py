"""What a customer needs, as a direction."""

import numpy as np
import pytest
import scipy.sparse as sp

from training.customers.needs.directions import Needs, directions

BABY, WINE = (0.2, 0.6, 0.2), (0.2, 0.2, 0.6)
"""Shares of bread, baby food and wine."""


def spent(*shares: tuple[float, ...], of: float = 100.0) -> sp.csr_matrix:
    return sp.csr_matrix(np.array(shares, np.float32) * of)


def learned() -> Needs:
    lines = np.tile([20, 40, 80, 160], 2)
    return Needs.of(spent(*[BABY] * 4, *[WINE] * 4), lines)


def seen(money: sp.csr_matrix, lines: list[int]) -> np.ndarray:
    return directions(learned().coordinates(money, np.array(lines)), 2)


def test_customers_of_two_needs_lean_in_opposite_directions() -> None:
    one, other = seen(spent(BABY, WINE), [50, 50])

    assert one @ other == pytest.approx(-1, abs=0.01)
    assert np.linalg.norm(one) == pytest.approx(1)


def test_who_spends_ten_times_as_much_leans_the_same_way() -> None:
    one, other = (seen(spent(BABY, of=money), [50])[0] for money in (10, 100))

    assert one == pytest.approx(other, abs=1e-6)


def test_who_bought_more_leans_the_same_way_and_further() -> None:
    coordinates = learned().coordinates(spent(BABY, BABY), np.array([20, 160]))

    short, far = np.linalg.norm(coordinates, axis=1)
    one, other = directions(coordinates, 2)
    assert far > 2 * short
    assert one @ other > 0.99


def test_who_bought_nothing_leans_nowhere() -> None:
    assert seen(spent((0, 0, 0)), [0]).tolist() == [[0, 0]]


def test_what_everybody_buys_counts_for_less() -> None:
    money = spent((0.5, 0.5, 0), (0.5, 0, 0.5), (0.5, 0.5, 0), (0.5, 0, 0.5))

    bread, baby, wine = Needs.of(money, np.array([10, 20, 30, 40])).weight

    assert 0 < bread < baby == wine


def test_more_groups_look_along_more_axes() -> None:
    coordinates = np.arange(22, dtype=np.float32).reshape(2, 11)

    assert [directions(coordinates, k).shape[1] for k in (2, 3, 4, 12)] == [2, 2, 3, 11]
