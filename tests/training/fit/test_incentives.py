"""An incentive goes to whom it earns more of, for certain; else the cheaper one stays."""

import numpy as np
import pytest
from scipy.special import expit

from training.fit.incentives import Arm, choose


def arm(chances: np.ndarray, *, n: int, seed: int) -> Arm:
    """Of the two kinds, by the only column, so many buy."""
    rng = np.random.default_rng(seed)
    kind = rng.integers(2, size=n)
    return Arm.of(kind[:, None].astype(float), rng.random(n) < chances[kind])


def keeps(*kept: float) -> np.ndarray:
    return np.tile(np.array(kept), (2, 1))


KINDS = np.array([[0.0], [1.0]])


def test_who_buys_anyway_gets_nothing_and_who_is_persuaded_gets_it() -> None:
    arms = [arm(np.array([0.5, 0.1]), n=4000, seed=1), arm(np.array([0.52, 0.5]), n=4000, seed=2)]

    # 3 are kept of a purchase, 2 with the incentive: 1.5 or 1.04, .3 or 1
    assert choose(arms, KINDS, keeps=keeps(3, 2)).tolist() == [0, 1]


def test_an_incentive_that_costs_more_than_is_earned_is_never_given() -> None:
    arms = [arm(np.array([0.1, 0.1]), n=4000, seed=1), arm(np.array([0.9, 0.9]), n=4000, seed=2)]

    assert choose(arms, KINDS, keeps=keeps(3, -1)).tolist() == [0, 0]


def test_what_a_small_trial_leaves_open_stays_with_the_first_arm() -> None:
    chances = np.array([[0.3, 0.3], [0.4, 0.4]])

    def chosen(n: int) -> list[int]:
        arms = [arm(each, n=n, seed=seed) for seed, each in enumerate(chances)]
        return list(choose(arms, KINDS, keeps=keeps(1, 1)))

    assert chosen(60) == [0, 0]
    assert chosen(20_000) == [1, 1]


def test_a_larger_incentive_is_given_only_where_it_earns_more_than_the_smaller() -> None:
    chances = np.array([[0.1, 0.1], [0.4, 0.4], [0.42, 0.9]])
    arms = [arm(each, n=6000, seed=seed) for seed, each in enumerate(chances)]

    assert choose(arms, KINDS, keeps=keeps(3, 2.5, 2)).tolist() == [1, 2]


def test_the_standard_error_is_the_spread_of_many_trials() -> None:
    rng = np.random.default_rng(1)
    asked = np.array([[0.0, 0.0], [1.0, -1.0]])
    told, errors = [], []
    for _ in range(200):
        columns = rng.normal(size=(800, 2))
        bought = rng.random(800) < expit(columns[:, 0] - 0.5)
        chances, error = Arm.of(columns, bought).chances(asked)
        told.append(chances)
        errors.append(error)

    assert np.mean(errors, axis=0) == pytest.approx(np.std(told, axis=0), rel=0.15)
