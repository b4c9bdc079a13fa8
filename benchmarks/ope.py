"""Whether off-policy estimates deserve their intervals: ``make bench-ope``.

In a simulated shop (``benchmarks.ope_shop``) the true value of every policy is known. Logs are
drawn again and again, the other policy is judged as `cartera ope` judges it, and it is counted how
often the 95 % interval holds the truth, of those that are told, and how often none is told. Beside
it the same share of the plain standard error, told or not, from which the intervals were chosen.

With ``--data FOLDER``, the unpacked wheel of `obp`, also Open Bandit's sample: of random to BTS
the estimate must agree with what BTS earned, of BTS to random nothing may be told.
"""

import argparse
import math
from collections.abc import Mapping
from pathlib import Path
from statistics import NormalDist

import numpy as np
from rich.console import Console
from rich.table import Table

from benchmarks import open_bandit
from benchmarks.ope_shop import COMMON, SHIFTS, Shift, Shop
from benchmarks.results import Goal, Run
from training.errors import TooThin
from training.judge.evidence import Numbers
from training.judge.off_policy import Decisions, Told, judge, overlap_of
from training.judge.off_policy_intervals import interval

N_DECISIONS = 10_000
SEED = 11
NAMES = ("IPS", "SNIPS", "DR")
Z = NormalDist().inv_cdf(0.975)


def main() -> None:
    """Draw, judge, count; print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="Folder of obp's unpacked wheel.")
    parser.add_argument("--logs", type=int, default=300, help="Logs drawn of each kind.")
    asked = parser.parse_args()
    run = Run.begin("ope", "make bench-ope" + (' ARGS="--data FOLDER"' if asked.data else ""))
    found: dict[str, float] = {}
    for reward in COMMON:
        for name, shift in SHIFTS.items():
            told = counted(Shop(reward), shift, n_logs=asked.logs)
            found |= {f"{name} shift, {reward}: {what}": value for what, value in told.items()}
    Console(width=120).print(_table(found))
    goals = goals_of(found)
    if asked.data:
        figures, held = real(asked.data)
        found, goals = found | figures, goals | held
    run.end(found, goals)


def counted(shop: Shop, shift: Shift, *, n_logs: int) -> dict[str, float]:
    """Return how often intervals are told, and hold, by estimate; nan where none is told."""
    truth = shop.value(shift.other)
    held: dict[str, list[bool]] = {name: [] for name in NAMES}
    plain: list[bool] = []
    sizes = []
    for number in range(n_logs):
        log = shop.log(N_DECISIONS, shift, np.random.default_rng([SEED, number]))
        sizes.append(overlap_of(log).effective)
        plain.append(holds(truth, *_plain(log)))
        for name, one in told_of(log).items():
            held[name].append(holds(truth, one.low, one.high))
    found = {"effective decisions": float(np.median(sizes)), "plain IPS holds": _mean(plain)}
    for name in NAMES:
        found[f"{name} holds"] = _mean(held[name])
        found[f"{name} told"] = len(held[name]) / n_logs
    return found


def told_of(log: Decisions) -> dict[str, Told]:
    """Return the estimates of the other policy that are told, if any."""
    try:
        judged = judge(log)
    except TooThin:
        return {}
    return {one.name: one.told for one in judged.estimates if one.name in NAMES and one.told}


def holds(truth: float, low: float, high: float) -> bool:
    """Return whether an interval has the truth in it."""
    return low <= truth <= high


def _plain(log: Decisions) -> tuple[float, float]:
    """Return the interval of IPS from its standard error alone."""
    terms: Numbers = log.target / log.propensity * log.reward
    reach = Z * float(terms.std()) / np.sqrt(terms.size)
    return float(terms.mean() - reach), float(terms.mean() + reach)


def _mean(values: list[bool]) -> float:
    return float(np.mean(values)) if values else float("nan")


def goals_of(found: Mapping[str, float]) -> dict[str, Goal]:
    """Return what must hold: intervals under mild shift, and silence under a hard one."""
    goals = {}
    for shift in ("mild", "medium"):
        for name in NAMES:
            held = min(found[f"{shift} shift, {reward}: {name} holds"] for reward in COMMON)
            goals[f"{shift} shift: {name} holds, least"] = Goal.at_least(held, 0.9)
    told = min(found[f"mild shift, {reward}: {name} told"] for reward in COMMON for name in NAMES)
    goals["mild shift: told, least"] = Goal.at_least(told, 0.9)
    hard = max(found[f"hard shift, {reward}: {name} told"] for reward in COMMON for name in NAMES)
    goals["hard shift: told, most"] = Goal.at_most(hard, 0.01)
    return goals


def real(folder: Path) -> tuple[dict[str, float], dict[str, Goal]]:
    """Judge each of Open Bandit's two policies by the log of the other."""
    logs = {name: open_bandit.read(folder, name) for name in ("random", "bts")}
    clicks = logs["bts"]["reward"].to_numpy()
    earned = Told(float(clicks.mean()), *interval(clicks, np.ones_like(clicks)))
    found = {"Open Bandit: BTS earned": earned.value}
    goals = {}
    other = open_bandit.bts(folder, np.random.default_rng(SEED))
    for name, one in told_of(open_bandit.decisions(logs["random"], other)).items():
        figure = f"Open Bandit, random to BTS: {name}"
        found |= {figure: one.value, f"{figure}, low": one.low, f"{figure}, high": one.high}
        goals[f"{figure}, of the sampling error"] = Goal.at_most(apart(one, earned), 1.0)
    goals["Open Bandit, random to BTS: estimates told"] = Goal.at_least(len(goals), len(NAMES))
    back = open_bandit.decisions(logs["bts"], open_bandit.at_random())
    found["Open Bandit, BTS to random: effective decisions"] = overlap_of(back).effective
    goals["Open Bandit, BTS to random: estimates told"] = Goal.at_most(len(told_of(back)), 0)
    return found, goals


def apart(one: Told, other: Told) -> float:
    """Return how far two independent figures are apart, over what 95 % of chance explains."""
    lower, upper = sorted((one, other))
    return (upper.value - lower.value) / math.hypot(
        upper.value - upper.low, lower.high - lower.value
    )


def _table(found: Mapping[str, float]) -> Table:
    table = Table(title=f"{N_DECISIONS:,} decisions a log", title_justify="left")
    for head in ("shift", "reward", "effective", "plain IPS holds"):
        table.add_column(head, justify="right" if head not in {"shift", "reward"} else "left")
    for name in NAMES:
        table.add_column(f"{name} holds", justify="right")
        table.add_column("told", justify="right")
    for shift in SHIFTS:
        for reward in COMMON:
            start = f"{shift} shift, {reward}: "
            cells = [shift, reward, f"{found[f'{start}effective decisions']:,.0f}"]
            cells.append(f"{found[f'{start}plain IPS holds']:.3f}")
            for name in NAMES:
                cells += [f"{found[f'{start}{name} {what}']:.3f}" for what in ("holds", "told")]
            table.add_row(*cells)
    return table


if __name__ == "__main__":
    main()
