"""What ten times as much costs, to train and to serve: ``make bench-scale``.

    training   ``benchmarks.scale_training``: one and ten million purchase lines
    serving    ``benchmarks.scale_serving``: catalogues and customers up to a million

A smaller run, such as ``make bench-scale ARGS="--only training --lines 200k,1M"``, leaves its
figures in ``results/scale_part.json`` and the record of the whole alone.
"""

import argparse
import re
import shlex
import sys

from rich.console import Console

from benchmarks import scale_serving, scale_training
from benchmarks.results import Goal, Run
from training.budget import Budget

PARTS = ("training", "serving")
_UNITS = {"": 1, "k": 1_000, "M": 1_000_000}


def main() -> None:
    """Run the benchmark, print its tables and write ``results/scale.json``."""
    asked = arguments(sys.argv[1:])
    told = f' ARGS="{shlex.join(sys.argv[1:])}"' if sys.argv[1:] else ""
    run = Run.begin("scale_part" if told else "scale", f"make bench-scale{told}")
    out = Console(width=120, highlight=False)
    metrics: dict[str, float] = {}
    goals: dict[str, Goal] = {}
    if asked.only in (None, "training"):
        of_training = scale_training.training(console=out, n_lines=asked.lines, budget=asked.budget)
        metrics, goals = metrics | of_training[0], goals | of_training[1]
    if asked.only in (None, "serving"):
        of_serving = scale_serving.serving(console=out)
        metrics, goals = metrics | of_serving[0], goals | of_serving[1]
    run.end(metrics, goals)


def arguments(told: list[str]) -> argparse.Namespace:
    """Read the command line; what it does not understand ends the run."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, help="one of the two halves")
    parser.add_argument(
        "--lines",
        type=_numbers,
        default=list(scale_training.LINES),
        metavar="200k,1M",
        help="how many purchase lines to train on, with commas between; 1M,10M by default",
    )
    parser.add_argument(
        "--budget",
        type=_budget,
        default=scale_training.BUDGET,
        help="as for cartera train; a longer one lets small shops choose what large ones cannot",
    )
    return parser.parse_args(told)


def _numbers(text: str) -> list[int]:
    found = [re.fullmatch(r"(\d+)([kM]?)", part) for part in text.split(",")]
    numbers = [int(one[1]) * _UNITS[one[2]] for one in found if one]
    if len(numbers) < len(found) or not all(numbers):
        raise argparse.ArgumentTypeError(f"expected numbers such as 200k,1M, got {text!r}")
    return numbers


def _budget(text: str) -> str:
    try:
        Budget.of(text)
    except ValueError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    return text


if __name__ == "__main__":
    main()
