"""Lookalikes: ours, as it is served, beside what a shop would build itself.

Seeds are a random half of an audience; all other customers are ranked; what counts is where the
other half stands. Each of 30 halves is judged by

    AUC             P(one of them is ranked above another customer)
    lift            how many times more of them than of all are among the best 5 %
    precision@100   what share of the best hundred they are

The Complete Journey is simulated, on patterns of real shopping: see ``training.data.demo``.

    make bench-lookalike ARGS="--halves 2"      # to try it
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context

import numpy as np
import orjson
from numpy.typing import NDArray
from rich.console import Console

from benchmarks.lookalike_baselines import WAYS, Seen
from benchmarks.lookalike_compared import (
    FIGURES,
    OURS,
    Judged,
    K,
    flat,
    goals_of,
    raw,
    table_of,
    words,
)
from benchmarks.lookalike_sets import Audience, audiences
from benchmarks.results import Goal, Run, machine
from models.arrays import Mask, Rows
from training.audiences import judging
from training.audiences.features import features
from training.audiences.lookalike import NoBetterThanChance, lookalike

HALVES = 30
MOST_CPU_S, MOST_GIB = 25.0, 2.0
N_MADE_UP = 1_000_000


def judge(audience: Audience, n_halves: int) -> Judged:
    """Rank everybody by every way, for each half."""
    seen = _seen(audience)
    figures: dict[str, list[list[float]]] = {name: [] for name in (OURS, *WAYS)}
    told, chosen = [], dict[str, int]()
    for half in range(n_halves):
        seeds = audience.half(np.random.default_rng(half))
        rows, is_found = audience.judged(seeds)
        scores, auc, classifier = _ours(audience, seeds, rng_seed=half)
        told.append(auc)
        chosen[classifier] = chosen.get(classifier, 0) + 1
        figures[OURS].append(measured(scores[rows], is_found))
        for name, way in WAYS.items():
            theirs = way(seen, seeds, np.random.default_rng(half))
            figures[name].append(measured(theirs[rows], is_found))
    return Judged(
        name=audience.name,
        family=audience.family,
        n_members=audience.members.size,
        figures={name: np.array(each) for name, each in figures.items()},
        told=np.array(told),
        chosen=chosen,
    )


def measured(scores: NDArray[np.floating], is_found: Mask) -> list[float]:
    """Return ``FIGURES`` of one ranking; who has no score is last."""
    ranked = np.nan_to_num(scores.astype(np.float64), nan=-np.inf)
    alike = np.ones(ranked.size)
    best = np.argsort(-ranked, kind="stable")[:K]
    return [
        judging.auc(ranked, is_found, alike).value,
        judging.lift(ranked, is_found, alike, alike).value,
        float(is_found[best].mean()),
    ]


def cost(n_customers: int) -> dict[str, float]:
    """Find lookalikes among made-up customers in a process of its own; return what it took."""
    ran = subprocess.run(
        [sys.executable, "-m", "benchmarks.lookalike_scale", str(n_customers)],
        stdout=subprocess.PIPE,
        check=True,
        env=os.environ | {"OPENBLAS_NUM_THREADS": "1"},
    )
    told: dict[str, float] = orjson.loads(ran.stdout)
    return {f"{n_customers:,} customers: {name}": value for name, value in told.items()}


def _seen(audience: Audience) -> Seen:
    """Return what the baselines look at: the columns of ours, with vectors of their own."""
    known = features(
        audience.shop.table,
        audience.shop.loaded,
        kept_out=audience.kept_out,
        kept_out_rows=audience.kept_out_rows,
    )
    columns = known.gathered(np.arange(len(audience.shop.table.ids)))
    parts = {name: columns[:, block] for name, block in known.blocks.items()}
    return Seen(vectors=audience.vectors, shares=parts["shares"], numbers=parts["numbers"])


def _ours(
    audience: Audience, seeds: Rows, *, rng_seed: int
) -> tuple[NDArray[np.float64], float, str]:
    """Return our scores, the AUC that came with them, and the classifier; ties where refused."""
    try:
        found = lookalike(
            audience.shop.table,
            seeds,
            weights=None,
            kept_out=audience.kept_out,
            kept_out_rows=audience.kept_out_rows,
            loaded=audience.shop.loaded,
            rng_seed=rng_seed,
            progress=lambda _: None,
        )
    except NoBetterThanChance:
        return np.zeros(len(audience.shop.table.ids)), float("nan"), "refused"
    return found.scores.astype(np.float64), found.quality.auc, found.quality.classifier


def main(arguments: Sequence[str] | None = None) -> None:
    """Judge every audience, measure a million customers, and write ``results/lookalike.json``."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--halves", type=int, default=HALVES, help="of each audience, 2 at least")
    parser.add_argument("--customers", type=int, default=N_MADE_UP, help="made up, for the cost")
    asked = parser.parse_args(arguments)
    name, told = "lookalike", ""
    if (asked.halves, asked.customers) != (HALVES, N_MADE_UP):
        name = "lookalike_part"
        told = f' ARGS="--halves {asked.halves} --customers {asked.customers}"'
    run = Run.begin(name, f"make bench-lookalike{told}")
    console = Console(highlight=False, width=120)
    console.print(f"{run.command}, on {machine()}")
    took = cost(asked.customers)
    spawned = get_context("spawn")  # Polars has threads, which a fork would leave behind
    with ProcessPoolExecutor(mp_context=spawned) as pool:
        judged = list(pool.map(partial(judge, n_halves=asked.halves), audiences(console)))
    for figure in range(len(FIGURES)):
        console.print(table_of(judged, figure))
    console.print("\n".join(words(judged)), soft_wrap=True)
    cpu, peak = took.values()
    goals = goals_of(judged) | {
        f"{asked.customers:,} customers: CPU s": Goal.at_most(cpu, MOST_CPU_S),
        f"{asked.customers:,} customers: peak GiB": Goal.at_most(peak, MOST_GIB),
    }
    run.end(flat(judged) | took, goals, raw=raw(judged))


if __name__ == "__main__":
    main()
