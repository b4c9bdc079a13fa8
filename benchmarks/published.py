"""Our models beside published figures, and the automatic choice beside our best single model.

Single models are asked by each set's own protocol, with the numbers that suit them (``λ``,
factors), as in papers. The automatic choice has none but its own: it is what ``cartera train``
does, judged on the same customers and the same items as each of our models alone. A model that
knows no "bought before" is asked with and without what the customer bought, and counts by the
better of the two.

All sets together take some twenty minutes of one core; ``--only`` takes them one by one, each with
a file of results of its own.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from time import process_time

import numpy as np
from rich.console import Console

from benchmarks import published_models, published_sets
from benchmarks.published_models import Figures
from benchmarks.published_sets import OpenShop
from benchmarks.results import Goal, Run
from training import budget, pipeline
from training.budget import Budget
from training.data import catalog
from training.judge import metrics
from training.plan import Plan
from training.progress import Shown

SEED = 7
NEAR = 0.98
"""Within 2 % of the published figure, or better."""

PUBLISHED: Mapping[str, Figures] = {
    "Gowalla, ALS": (0.169, 0.140),
    "Ta-Feng, personal frequency": (0.135, 0.124),
    "Ta-Feng, UP-CF": (0.134, 0.125),
    "Ta-Feng, EASE": (0.110, 0.094),
    "Beauty, transitions": (0.083, 0.053),
    "Beauty, EASE of late": (0.077, 0.045),
    "Beauty, ALS": (0.057, 0.030),
}
"""Recall@20 and NDCG@20 on Gowalla, Recall@10 and NDCG@10 on Ta-Feng, HR@10 and NDCG@10 on Beauty.
Where no paper lists the model, what a tuned one was measured to reach."""
EVERY = list(dict.fromkeys([*published_sets.SHOPS, *published_models.SETS]))


def main() -> None:
    """Run the checks, print them and write ``benchmarks/results/published*.json``."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="The folder of the data sets.")
    parser.add_argument("--only", choices=sorted(EVERY), help="The set to look at; default all.")
    parser.add_argument("--budget", default=budget.DEFAULT, help="Of each automatic choice.")
    asked = parser.parse_args()
    out = Console(highlight=False)
    missing = published_sets.missing(asked.data)
    for name, source in missing.items():
        out.print(f"{asked.data / name} is missing; it is made from {source}")
    if missing:
        out.print(published_sets.__doc__)
        sys.exit(2)
    run = Run.begin(*_named(asked.only, asked.budget))
    figures: dict[str, float] = {}
    goals: dict[str, Goal] = {}
    for set_ in [asked.only] if asked.only else EVERY:
        for of_set, value, goal in _of_set(set_, asked.data, asked.budget):
            name = f"{set_}, {of_set}"
            out.print(f"{name}: {value:.4f}")
            figures[name] = value
            if goal is not None:
                goals[name] = goal
    run.end(figures, goals)


def _named(only: str | None, budget_: str) -> tuple[str, str]:
    """Return the name of the results and the command."""
    command = 'make bench-published ARGS="--data FOLDER'
    command += f" --only '{only}'" if only else ""
    command += f" --budget {budget_}" if budget_ != budget.DEFAULT else ""
    name = f"published_{only.lower().replace(' ', '_').replace('-', '_')}" if only else "published"
    return name, command + '"'


def _of_set(set_: str, folder: Path, budget_: str) -> Iterator[tuple[str, float, Goal | None]]:
    if set_ in published_models.SETS:
        yield from _single_models(set_, folder)
    if set_ in published_sets.SHOPS:
        yield from _automatic_choice(published_sets.SHOPS[set_], folder, Budget.of(budget_))


def _single_models(set_: str, folder: Path) -> Iterator[tuple[str, float, Goal]]:
    """Yield each model's figures, and the published ones as goals."""
    for model, reached in published_models.SETS[set_](folder):
        known = PUBLISHED[f"{set_}, {model}"]
        for metric, value, published in zip(("recall", "NDCG"), reached, known, strict=True):
            yield f"{model}: {metric}", value, Goal.at_least(value, NEAR * published)


def _automatic_choice(
    shop: OpenShop, folder: Path, budget_: Budget
) -> Iterator[tuple[str, float, Goal | None]]:
    """Yield what the automatic choice reaches, and as a goal not to be behind any model alone.

    It is behind where the whole 95 % interval of the paired difference lies below 0.
    """
    lines = shop.lines(folder)
    plan = Plan(
        lines=lines,
        items=catalog.items_from_purchases(lines),
        seed=SEED,
        min_buyers=shop.min_buyers,
        budget=budget_,
    )
    began = process_time()
    found = pipeline.judge(plan, cut=shop.cut, days=None, progress=Shown(), only_ours=True)
    yield "automatic choice: CPU s", process_time() - began, None
    yield "automatic choice: ranker", float(found.ranking.ranker is not None), None
    ours = found.judged[0].values["ndcg@10"]
    yield "automatic choice: NDCG", float(ours.mean()), None
    alone = dict(published_models.alone(lines, cut=shop.cut, min_buyers=shop.min_buyers))
    for name, values in alone.items():
        yield f"{name} alone: NDCG", float(values.mean()), None
    best = max(alone, key=lambda name: float(alone[name].mean()))
    low, high = metrics.interval(ours - alone[best], rng=np.random.default_rng(SEED))
    yield f"automatic choice minus {best}: low", low, None
    yield f"automatic choice minus {best}: high", high, Goal.at_least(high, 0)


if __name__ == "__main__":
    main()
