"""A model acts only where people it has not seen show that it finds who is moved."""

from dataclasses import replace

import numpy as np
import pytest

from tests.training.fit.trials import trial
from training.fit import uplift_proof
from training.fit.uplift import Columns, Gain, Gains, Trial, crossed, two_models
from training.fit.uplift_proof import N_PARTS, Proof, parts, proof, verdict


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uplift_proof, "N_RESAMPLES", 20)
    monkeypatch.setattr(uplift_proof, "N_DEALS", 10)


def test_what_moves_some_is_proven() -> None:
    found = proof(trial(3000, seed=1), two_models, seed=7)

    assert found.is_given
    assert "some are moved more than others" in verdict(found)


@pytest.mark.slow
def test_what_moves_nobody_is_proven_by_hardly_any_trial() -> None:
    found = [proof(trial(1200, seed=seed, moves=0), two_models, seed=7) for seed in range(8)]

    assert sum(one.is_given for one in found) <= 1
    refused = next(one for one in found if not one.is_given)
    assert verdict(refused).endswith("not distinguishable from chance, so nobody is chosen by it")


def test_nobody_is_judged_by_a_model_that_they_taught() -> None:
    made = trial(800, seed=1)
    numbered = replace(made, columns=np.arange(800.0)[:, None])

    def checked(taught: Trial) -> Gain:
        def gain(columns: Columns) -> Gains:
            assert not np.isin(columns, taught.columns).any()
            return columns[:, 0]

        return gain

    assert proof(numbered, checked, seed=7).drawn.size == 20


def test_a_trial_in_which_hardly_anybody_came_shows_nothing() -> None:
    made = replace(trial(400, seed=1), came=np.zeros(400, dtype=np.bool_))

    with pytest.raises(ValueError, match=r"people treated, 0 came; at least 50 must"):
        proof(made, two_models, seed=7)


def test_every_part_has_its_share_of_each_group_and_outcome() -> None:
    made = trial(4003, seed=1)

    part = parts(made, np.random.default_rng(1))

    for group in (made.treated & made.came, ~made.treated & ~made.came):
        counts = np.bincount(part[group], minlength=N_PARTS)
        assert counts.max() - counts.min() <= 1


def test_a_proof_is_the_same_twice_and_two_ways_are_judged_on_the_same_draws() -> None:
    made = trial(1000, seed=1)
    found, again, other = (
        proof(made, learn, seed=3) for learn in (two_models, two_models, crossed)
    )

    assert found.interval == again.interval
    assert found.ahead_of(again) == (0, 0)
    low, high = found.ahead_of(other)
    assert high - low < 0.5 * (found.interval[1] - found.interval[0])


def test_an_interval_is_the_spread_of_the_draws_around_the_figure() -> None:
    found = Proof(qini=0.05, drawn=np.array([0.01, 0.03, 0.05]))

    assert found.interval == pytest.approx((0.05 - 1.96 * 0.02, 0.05 + 1.96 * 0.02))
    assert found.is_given
