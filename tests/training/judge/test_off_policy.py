"""What another policy would have earned, where the answer is known by hand."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from training.errors import TooThin
from training.judge.evidence import Numbers
from training.judge.off_policy import Decisions, Judged, Told, judge, overlap_of

TIMES = 100


def log(propensity: Sequence[float], reward: Sequence[float], target: Sequence[float]) -> Decisions:
    """A few decisions, each a hundred times over."""
    n = TIMES * len(reward)
    return Decisions(
        propensity=np.tile(propensity, TIMES),
        reward=np.tile(reward, TIMES),
        target=np.tile(target, TIMES),
        estimates=None,
        case=np.arange(n),
    )


def told(judged: Judged, name: str) -> Told:
    (one,) = (one.told for one in judged.estimates if one.name == name)
    assert one is not None
    return one


# Two actions, chosen evenly; the first always earns 1, the second nothing. The other policy takes
# the first in three of four.
EVEN = log([0.5, 0.5], [1.0, 0.0], [0.75, 0.25])


def test_a_policy_that_prefers_what_earns_would_have_earned_more() -> None:
    judged = judge(EVEN)

    assert told(judged, "logged").value == pytest.approx(0.5)
    assert told(judged, "IPS").value == pytest.approx(0.75)
    assert told(judged, "SNIPS").value == pytest.approx(0.75)
    assert told(judged, "IPS").low < 0.75 < told(judged, "IPS").high
    assert [one.name for one in judged.estimates] == ["logged", "IPS", "SNIPS"]


def test_the_effective_size_is_that_of_kish() -> None:
    overlap = overlap_of(EVEN)

    # Weights 1.5 and 0.5: (2)² / (2.25 + 0.25) = 1.6 of two.
    assert overlap.effective == pytest.approx(0.8 * 2 * TIMES)
    assert overlap.mean_weight == pytest.approx(1)
    assert overlap.largest_share == pytest.approx(0.75 / TIMES)


def test_self_normalising_divides_by_the_weights_and_ips_by_the_decisions() -> None:
    judged = judge(log([0.5, 0.5, 0.5], [1.0, 0.0, 1.0], [0.75, 0.25, 0.45]))

    # Weights 1.5, 0.5 and 0.9.
    assert told(judged, "IPS").value == pytest.approx(2.4 / 3)
    assert told(judged, "SNIPS").value == pytest.approx(2.4 / 2.9)


def test_a_perfect_model_leaves_doubly_robust_only_the_customers_chance() -> None:
    rng = np.random.default_rng(1)
    n = 4000
    liking = rng.random(n)
    first = rng.random(n) < 0.5
    decisions = Decisions(
        propensity=np.full(n, 0.5),
        reward=np.where(first, liking, 0.0),
        target=np.where(first, 0.9, 0.1),
        estimates=(np.where(first, liking, 0.0), 0.9 * liking),
        case=np.arange(n),
    )

    judged = judge(decisions)

    assert told(judged, "DR").value == pytest.approx(0.9 * liking.mean())
    width = {
        name: told(judged, name).high - told(judged, name).low for name in ("IPS", "SNIPS", "DR")
    }
    assert width["DR"] < width["SNIPS"] < width["IPS"]


def test_a_worthless_model_leaves_doubly_robust_right() -> None:
    zeros = np.zeros(2 * TIMES)

    judged = judge(replace(EVEN, estimates=(zeros, zeros)))

    assert told(judged, "DR") == told(judged, "IPS")


def test_ten_copies_of_one_customers_decision_are_no_more_evidence() -> None:
    def tenfold(values: Numbers) -> Numbers:
        return np.repeat(values, 10)

    copies = Decisions(
        propensity=tenfold(EVEN.propensity),
        reward=tenfold(EVEN.reward),
        target=tenfold(EVEN.target),
        estimates=None,
        case=np.repeat(EVEN.case, 10),
    )

    once, ten = judge(EVEN), judge(copies)

    assert ten.overlap.effective == pytest.approx(once.overlap.effective)
    for name in ("IPS", "SNIPS"):
        assert told(ten, name) == pytest.approx(told(once, name))


def test_policies_that_hardly_ever_choose_alike_are_not_judged() -> None:
    target = np.zeros(10_000)
    target[:40] = 1.0
    decisions = Decisions(
        propensity=np.full(10_000, 40 / 10_000),
        reward=np.ones(10_000),
        target=target,
        estimates=None,
        case=np.arange(10_000),
    )

    with pytest.raises(TooThin, match=r"10,000 logged cases are worth 40\.0.*at least 100") as said:
        judge(decisions)

    assert "explore more" in str(said.value)


def test_a_policy_that_never_chooses_what_was_logged_is_not_judged() -> None:
    with pytest.raises(TooThin, match=r"worth 0\.0"):
        judge(log([0.5, 0.5], [1.0, 0.0], [0.0, 0.0]))


def test_propensities_that_cannot_be_true_are_found_by_their_weights() -> None:
    # Half of what the other policy would choose was never tried, so weights average a half.
    with pytest.raises(TooThin, match=r"weights average 0\.500; expected 1"):
        judge(log([0.5, 0.5], [1.0, 0.0], [0.3, 0.2]))


def test_rewards_of_a_few_are_not_judged_and_neither_are_none() -> None:
    reward = np.zeros(1000)
    few = Decisions(
        propensity=np.full(1000, 0.5),
        reward=reward,
        target=np.full(1000, 0.5),
        estimates=None,
        case=np.arange(1000),
    )

    with pytest.raises(TooThin, match=r"rests on 0\.0"):
        judge(few)
    few.reward[:3] = 1.0
    with pytest.raises(TooThin, match=r"rests on 3\.0"):
        judge(few)
    few.reward[:8] = 1.0
    assert told(judge(few), "IPS").value == pytest.approx(0.008)


def test_an_estimate_may_be_refused_alone() -> None:
    of_logged = np.zeros(2 * TIMES)
    of_logged[0] = 1e6

    judged = judge(replace(EVEN, estimates=(of_logged, np.zeros(2 * TIMES))))

    assert {one.name: one.told is None for one in judged.estimates} == {
        "logged": False,
        "IPS": False,
        "SNIPS": False,
        "DR": True,
    }
