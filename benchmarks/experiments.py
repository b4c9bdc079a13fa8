"""Whether an experiment may be looked at every day: ``make bench-experiments``.

Simulated experiments of two arms, each looked at forty times while customers arrive, once with no
difference between the arms and once with one. Counted is how often some look tells the arms apart:
by the intervals of `cartera experiment`, which hold at all times, and by a plain 95 % interval,
which holds once. Customers are divided by ``models.arms``, as a shop's are.
"""

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks.results import Goal, Run
from models.arms import Arms
from training.judge.evidence import Numbers
from training.judge.trials import MISMATCH, difference, sample_ratio

N_CUSTOMERS = 20_000
N_LOOKS = 40
N_EXPERIMENTS = 400
SEED = 5
Z = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What customers do: how many buy, and what treatment adds to that."""

    name: str
    buys: float
    lift: float
    has_amounts: bool

    def drawn(self, is_treated: Numbers, rng: np.random.Generator) -> Numbers:
        """Return what each customer does."""
        chances = self.buys + self.lift * is_treated
        came = (rng.random(is_treated.size) < chances).astype(np.float64)
        return came * np.exp(rng.normal(3, 1, came.size)) if self.has_amounts else came


OUTCOMES = (
    Outcome("buys, 5 %", 0.05, 0.0, has_amounts=False),
    Outcome("spends, 20 %", 0.2, 0.0, has_amounts=True),
    Outcome("buys, 5 % and 2 points more", 0.05, 0.02, has_amounts=False),
    Outcome("spends, 20 % and 5 points more", 0.2, 0.05, has_amounts=True),
)


@dataclass(frozen=True, slots=True)
class Looks:
    """What forty looks at one experiment told."""

    ours: bool
    plain: bool
    mismatch: bool


def main() -> None:
    """Run the experiments; print the table and write the figures."""
    run = Run.begin("experiments", "make bench-experiments")
    shown = Table("outcome", title=f"{N_LOOKS} looks at {N_CUSTOMERS:,} customers")
    for head in ("told apart", "by a plain interval", "divided wrongly"):
        shown.add_column(head, justify="right")
    found: dict[str, float] = {}
    for outcome in OUTCOMES:
        looks = [looked(outcome, number) for number in range(N_EXPERIMENTS)]
        for what in ("ours", "plain", "mismatch"):
            found[f"{outcome.name}: {what}"] = float(np.mean([getattr(one, what) for one in looks]))
        told = [found[f"{outcome.name}: {what}"] for what in ("ours", "plain", "mismatch")]
        shown.add_row(outcome.name, *(f"{share:.3f}" for share in told))
    Console().print(shown)
    same, differ = OUTCOMES[:2], OUTCOMES[2:]
    goals = {
        "told apart though alike, most": Goal.at_most(_most(found, same, "ours"), 0.05),
        "divided wrongly though right, most": Goal.at_most(
            _most(found, OUTCOMES, "mismatch"), 0.02
        ),
        "told apart where they differ, least": Goal.at_least(
            min(found[f"{one.name}: ours"] for one in differ), 0.8
        ),
    }
    run.end(found, goals)


def looked(outcome: Outcome, number: int) -> Looks:
    """Look at one experiment again and again."""
    arms = Arms.of(f"experiment {number}", {"control": 1, "treated": 1})
    put = np.array([arms.of_customer(str(row)) == "treated" for row in range(N_CUSTOMERS)])
    did = outcome.drawn(put.astype(np.float64), np.random.default_rng([SEED, number]))
    ours = plain = mismatch = False
    for n in range(N_CUSTOMERS // N_LOOKS, N_CUSTOMERS + 1, N_CUSTOMERS // N_LOOKS):
        treated, control = did[:n][put[:n]], did[:n][~put[:n]]
        one = difference(treated, control)
        ours |= one is not None and one.verdict() != "not told apart"
        error = np.sqrt(treated.var() / treated.size + control.var() / control.size)
        plain |= bool(abs(treated.mean() - control.mean()) > Z * error)
        mismatch |= sample_ratio([control.size, treated.size], [0.5, 0.5]) < MISMATCH
    return Looks(ours=ours, plain=plain, mismatch=mismatch)


def _most(found: dict[str, float], outcomes: tuple[Outcome, ...], what: str) -> float:
    return max(found[f"{one.name}: {what}"] for one in outcomes)


if __name__ == "__main__":
    main()
