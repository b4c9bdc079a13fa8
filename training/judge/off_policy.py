"""What another policy would have earned, from a log of what one policy chose and what came of it.

A decision that the other policy would have made twice as often counts twice: its weight is the
probability there over the probability it was chosen with. Three estimates of reward per decision:

    IPS     the mean of weight × reward: right on average, and noisy
    SNIPS   the weighted mean: the weights need not average 1, so it wavers less
    DR      a reward model's estimate, corrected by the weighted errors of the model; right where
            either the model or the propensities are

None of them is told where it would rest on too little, or where the weights deny the log:

    effective decisions below 50 or 1 % of all      the policies hardly ever choose alike
    weights do not average 1, by 4 standard errors  propensities are wrong, or what the other
                                                    policy would choose was never tried
    the variance rests on fewer than 5              rewards were too few (each estimate by itself)

Decisions about one customer are not independent: where the log names customers, they are the cases.

Sources: Horvitz and Thompson, JASA 1952 (IPS); Swaminathan and Joachims, "The Self-Normalized
Estimator for Counterfactual Learning", NIPS 2015; Dudík, Langford and Li, "Doubly Robust Policy
Evaluation and Learning", ICML 2011; Lefortier et al., "Large-scale validation of counterfactual
learning methods", 2016 (the mean of the weights as a test).
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from training.errors import TooThin
from training.judge.evidence import Numbers, effective, rests_on
from training.judge.off_policy_intervals import interval

LEAST_EFFECTIVE = 50
LEAST_SHARE = 0.01
LEAST_RESTS = 5
"""Cases on which the variance must rest. In simulated shops intervals held about as often from 5 on
as from 20 on, and 20 would have refused a log in four that 5 does not."""
MOST_ERRORS = 4.0
"""Standard errors by which the mean weight may miss 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """A log, each decision once; all of shape ``(n,)``."""

    propensity: Numbers
    """Probability with which the action was chosen, above 0 to 1."""
    reward: Numbers
    target: Numbers
    """Probability with which the other policy would choose the same action, 0 to 1."""
    estimates: tuple[Numbers, Numbers] | None
    """A reward model's: of the logged action, and the mean over the other policy's choices."""
    case: NDArray[np.intp]
    """Whom it was about, 0 to ``n_cases - 1``; a number of its own where nobody knows."""


class Told(NamedTuple):
    """Reward per decision, and its 95 % interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """One estimate of a policy's reward per decision."""

    name: str
    told: Told | None
    """None where it would rest on too little."""
    rests_on: float
    """How many cases the variance rests on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How much of a log speaks of the other policy."""

    n_decisions: int
    n_cases: int
    effective: float
    """How many cases of equal weight are worth as much."""
    mean_weight: float
    largest_share: float
    """Of all weight, what the heaviest case has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a log tells of another policy."""

    overlap: Overlap
    estimates: tuple[Estimate, ...]
    """Of the policy that was logged, then IPS, SNIPS and, with a reward model, DR."""


def judge(decisions: Decisions) -> Judged:
    """Estimate what another policy would have earned, with 95 % intervals.

    Raises:
        TooThin: The log bears no estimate, or none of the three.
    """
    weight = decisions.target / decisions.propensity
    overlap = overlap_of(decisions)
    _refuse_thin(overlap)
    _refuse_false(decisions, weight)
    estimates = tuple(
        _estimate(name, _by_case(decisions, above), _by_case(decisions, below))
        for name, above, below in _sums(decisions, weight)
    )
    if all(one.told is None for one in estimates[1:]):
        most = max(one.rests_on for one in estimates[1:])
        raise TooThin(
            f"rewards are too few, or too much alike: of {overlap.n_cases:,} logged cases the "
            f"variance rests on {most:.1f}; expected at least {LEAST_RESTS}, or an interval means "
            "nothing; log more"
        )
    return Judged(overlap=overlap, estimates=estimates)


def overlap_of(decisions: Decisions) -> Overlap:
    """Return how much of a log speaks of the other policy, however little it is."""
    weight = decisions.target / decisions.propensity
    weights = _by_case(decisions, weight)
    return Overlap(
        n_decisions=weight.size,
        n_cases=weights.size,
        effective=effective(weights),
        mean_weight=float(weight.mean()),
        largest_share=float(weights.max() / weights.sum()) if weights.any() else 0.0,
    )


def _sums(decisions: Decisions, weight: Numbers) -> Iterator[tuple[str, Numbers, Numbers]]:
    """Yield the parts of each estimate: what is summed, and over what."""
    reward, one = decisions.reward, np.ones_like(weight)
    yield "logged", reward, one
    yield "IPS", weight * reward, one
    yield "SNIPS", weight * reward, weight
    if decisions.estimates is not None:
        of_logged, of_target = decisions.estimates
        yield "DR", of_target + weight * (reward - of_logged), one


def _by_case(decisions: Decisions, values: Numbers) -> Numbers:
    return np.asarray(np.bincount(decisions.case, weights=values), dtype=np.float64)


def _estimate(name: str, above: Numbers, below: Numbers) -> Estimate:
    value = float(above.sum() / below.sum())
    rests = rests_on(above - value * below)
    told = Told(value, *interval(above, below)) if rests >= LEAST_RESTS else None
    return Estimate(name=name, told=told, rests_on=rests)


def _refuse_thin(overlap: Overlap) -> None:
    least = max(LEAST_EFFECTIVE, LEAST_SHARE * overlap.n_cases)
    if overlap.effective < least:
        raise TooThin(
            f"the two policies hardly choose alike: {overlap.n_cases:,} logged cases are worth "
            f"{overlap.effective:.1f} of equal weight, and the heaviest has "
            f"{overlap.largest_share:.0%} of all weight; expected at least {math.ceil(least):,} "
            f"(the larger of {LEAST_EFFECTIVE} and {LEAST_SHARE:.0%}; effective sample size, Kish "
            "1965); log more, explore more, or judge a policy nearer to the one that chose"
        )


def _refuse_false(decisions: Decisions, weight: Numbers) -> None:
    """Refuse weights that do not average 1, which those of true propensities do."""
    off = _by_case(decisions, weight - 1.0)
    error = float(np.sqrt((off * off).sum()))
    if abs(off.sum()) > MOST_ERRORS * error:
        raise TooThin(
            f"the weights average {weight.mean():.3f}; expected 1 within {MOST_ERRORS:g} standard "
            f"errors of {error / weight.size:.3f}; propensities are not those that were chosen "
            "with, or the other policy would choose what was never tried: log the true ones, or "
            "judge a policy that chooses among what was"
        )
