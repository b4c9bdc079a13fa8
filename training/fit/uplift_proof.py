"""Whether a trial shows that an offer moves some more than others, before anybody acts upon it.

The people are dealt into five parts; each part is ranked by a model that learned from the other
four, and judged by the Qini coefficient. That is done fifty times, dealt anew, for one deal alone
moves the figure. Where the 95 % interval of the mean touches 0, the trial does not show whom to
choose, and the model is refused: then the offer goes to all or to none, whichever is best on the
whole.

For the interval people are drawn again, and everything is learned and judged anew, all copies of a
person in one part. To draw only the judged and keep the models is quicker and wrong, since the
people of each part taught the models of all others: of 120 simulated trials in which nobody was
moved, 7 passed for proven so, where 3 should. Drawn as here, 1 of 100 did, so it is careful.

Sources: Chernozhukov et al., "Double/debiased Machine Learning for Treatment and Structural
Parameters", The Econometrics Journal 2018 (crossing folds, and dealing them several times); Efron
and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 6 and 13.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.fit.uplift import Learn, Trial
from training.judge.qini import coefficient

LEAST = 50
"""People who came, and who did not, without whom a group shows nothing."""
N_PARTS = 5
N_DEALS = 50
N_RESAMPLES = 100
_ENDS = 1.96
"""Standard errors, of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """How well people are ranked by models that have not seen them."""

    qini: float
    drawn: NDArray[np.float64]
    """The same of every resample, shape ``(n_resamples,)``; paired where the seed is the same."""

    @property
    def interval(self) -> tuple[float, float]:
        """The ends of the 95 % interval."""
        return around(self.qini, self.drawn)

    @property
    def is_given(self) -> bool:
        """Whether the interval lies above 0."""
        return self.interval[0] > 0

    def ahead_of(self, other: "Proof") -> tuple[float, float]:
        """Return the 95 % interval of this less the other, of one trial and one seed."""
        return around(self.qini - other.qini, self.drawn - other.drawn)


def around(value: float, drawn: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95 % interval of a figure, by the spread of its resamples."""
    error = float(drawn.std(ddof=1))
    return value - _ENDS * error, value + _ENDS * error


def proof(trial: Trial, learn: Learn, *, seed: int) -> Proof:
    """Judge a way of learning on people whom it has not seen.

    Args:
        trial: Judged as a whole, part by part.
        learn: Makes the model that is judged.
        seed: Deals the parts and draws the people; two ways with one seed are paired.

    Raises:
        ValueError: A group has too few who came, or too few who did not.
    """
    _check(trial)
    rng = np.random.default_rng(seed)
    everybody = np.arange(trial.came.size)
    dealt = [_dealt(trial, learn, people=everybody, rng=rng) for _ in range(N_DEALS)]
    drawn = [
        _dealt(trial, learn, people=rng.integers(everybody.size, size=everybody.size), rng=rng)
        for _ in range(N_RESAMPLES)
    ]
    return Proof(qini=float(np.mean(dealt)), drawn=np.array(drawn))


def _check(trial: Trial) -> None:
    for name, group in (("treated", trial.treated), ("not treated", ~trial.treated)):
        n_came, n_people = int(trial.came[group].sum()), int(group.sum())
        if min(n_came, n_people - n_came) < LEAST:
            raise ValueError(
                f"of {n_people} people {name}, {n_came} came; at least {LEAST} must have come "
                f"and {LEAST} not: wait until the trial has more people"
            )


def _dealt(
    trial: Trial, learn: Learn, *, people: NDArray[np.intp], rng: np.random.Generator
) -> float:
    """Return the mean coefficient of the parts of one deal; a person drawn twice is in one part."""
    part = parts(trial, rng)[people]
    found = []
    for number in range(N_PARTS):
        gain = learn(trial.only(people[part != number]))
        judged = trial.only(people[part == number])
        scores = gain(judged.columns)
        found.append(coefficient(scores, treated=judged.treated, came=judged.came))
    return float(np.mean(found))


def parts(trial: Trial, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return each person's part, such that every part has its share of each group and outcome."""
    dealt = rng.permutation(trial.came.size)
    order = dealt[np.lexsort((trial.came[dealt], trial.treated[dealt]))]
    part = np.empty(order.size, dtype=np.intp)
    part[order] = np.arange(order.size) % N_PARTS
    return part


def verdict(found: Proof) -> str:
    """Return in words whether the offer may be given to some and not to others."""
    low, high = found.interval
    told = f"Qini {found.qini:.3f} (95 % interval {low:.3f} to {high:.3f})"
    if found.is_given:
        return f"{told}: some are moved more than others, and the model finds them"
    return f"{told}: not distinguishable from chance, so nobody is chosen by it"
