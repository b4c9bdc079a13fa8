"""On how many cases a figure rests."""

import numpy as np
import pytest

from training.judge.evidence import effective, rests_on


def test_equal_weights_count_each_and_one_giant_counts_alone() -> None:
    assert effective(np.full(40, 0.3)) == pytest.approx(40)
    assert effective(np.array([1e9, 1.0, 1.0])) == pytest.approx(1)
    assert effective(np.zeros(3)) == 0


def test_the_variance_of_a_rare_yes_rests_on_those_who_said_it() -> None:
    said = np.zeros(10_000)
    said[:30] = 1

    assert rests_on(said - said.mean()) == pytest.approx(30, rel=0.05)


def test_the_variance_of_a_coin_rests_on_all_and_of_a_constant_on_nobody() -> None:
    coin = np.tile([-0.5, 0.5], 50)

    assert rests_on(coin) == pytest.approx(100)
    assert rests_on(np.zeros(5)) == 0
    assert rests_on(np.zeros(0)) == 0


def test_the_unit_of_money_does_not_matter() -> None:
    spent = np.random.default_rng(1).normal(size=100)

    assert rests_on(spent * 1e-200) == pytest.approx(rests_on(spent))
