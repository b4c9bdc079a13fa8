"""A simulated shop whose truth is known, and what is counted of estimates in it."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import yaml

from benchmarks import experiments, open_bandit
from benchmarks.ope import NAMES, apart, counted, told_of
from benchmarks.ope_shop import COMMON, SHIFTS, Reward, Shift, Shop
from training.judge.off_policy import Told


@pytest.mark.parametrize("reward", COMMON)
def test_a_policy_earns_in_its_own_log_what_it_is_worth(reward: Reward) -> None:
    shop, policy = Shop(reward), SHIFTS["mild"].other

    log = shop.log(40_000, Shift(policy, policy), np.random.default_rng(1))

    error = log.reward.std() / np.sqrt(40_000)
    assert log.target == pytest.approx(log.propensity)
    assert log.reward.mean() == pytest.approx(shop.value(policy), abs=4 * error)


def test_nothing_is_told_of_a_hard_shift_and_everything_of_a_mild_one() -> None:
    mild, hard = (counted(Shop("often"), SHIFTS[name], n_logs=3) for name in ("mild", "hard"))

    assert [mild[f"{name} told"] for name in NAMES] == [1, 1, 1]
    assert [hard[f"{name} told"] for name in NAMES] == [0, 0, 0]
    assert hard["effective decisions"] < 100 < mild["effective decisions"]


def test_figures_are_apart_by_the_sides_of_their_intervals_that_face() -> None:
    one, other = Told(1.0, 0.0, 4.0), Told(6.0, 2.0, 7.0)

    # 5 apart; the lower reaches 3 up, the upper 4 down.
    assert apart(one, other) == apart(other, one) == pytest.approx(1.0)


def test_thompson_sampling_shows_the_likeliest_most_and_something_everywhere(
    tmp_path: Path,
) -> None:
    prior = {"alpha": [90.0] + [1.0] * 45, "beta": [10.0] + [99.0] * 45}
    path = tmp_path / "obp" / "policy" / "conf" / "prior_bts.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(yaml.safe_dump({"women": prior}))

    shown = open_bandit.bts(tmp_path, np.random.default_rng(1))

    assert shown[0, 0] > 0.99
    assert shown.sum(axis=0) == pytest.approx([1, 1, 1])


def test_a_log_of_the_bandit_meets_the_other_policy_by_piece_and_place() -> None:
    log = pl.DataFrame(
        {
            "action": [0, 1],
            "place": [2, 0],
            "reward": [1.0, 0.0],
            "propensity": [0.5, 0.25],
        }
    )
    other = open_bandit.at_random()
    other[0, 2] = 0.9

    found = open_bandit.decisions(log, other)

    assert found.target.tolist() == [0.9, 1 / 46]
    assert told_of(found) == {}


def test_an_experiment_of_equal_arms_is_looked_at_to_its_end() -> None:
    looks = [experiments.looked(experiments.OUTCOMES[0], number) for number in range(3)]

    assert not any(one.ours or one.mismatch for one in looks)
