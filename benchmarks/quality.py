"""How good the lists are, beside what a shop would have otherwise: ``make bench-quality``.

The protocol on the Complete Journey (simulated on real grocery patterns, says its page): learn
before 2017-12-04, judge on the purchases from then to the end, the whole catalogue ranked, through
the path that serves. Weights are chosen on the two windows before the cut.
"""

import argparse
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console

from benchmarks.results import Goal, Run
from training import report, runs
from training.progress import Shown, peak_mib
from training.settings import TrainerSettings

CUT = datetime(2017, 12, 4, tzinfo=UTC)
FIT_STOPS = ("fit ", "choose ")


def main() -> None:
    """Run the benchmark, print its tables and write ``benchmarks/results/quality.json``."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run = Run.begin("quality", "make bench-quality")
    out, shown, settings = Console(), Shown(), TrainerSettings(data_dir=Path("var"))
    found = runs.evaluate(None, settings, cut=CUT, days=None, baselines=True, shown=shown)
    runs.print_evaluation(found, seed=settings.seed, json=None)
    out.print(report.times(shown.took))

    fits = [took for took in shown.took if took.name.startswith(FIT_STOPS)]
    metrics = {
        f"{judged.name}: {name}": value
        for judged in found.judged
        for name, value in judged.means().items()
    }
    for other, intervals in report.intervals_of(found, seed=settings.seed).items():
        for name, (low, high) in intervals.items():
            metrics[f"Cartera minus {other}: {name}, low"] = low
            metrics[f"Cartera minus {other}: {name}, high"] = high
    ours = found.judged[0].means()
    cpu_s, memory = sum(took.cpu_s for took in fits), max(took.peak_mib for took in fits)
    run.end(
        metrics | {"fit CPU s": cpu_s, "fit peak MiB": memory, "whole run peak MiB": peak_mib()},
        {
            "NDCG@10": Goal.at_least(ours["ndcg@10"], 0.4177),
            "Recall@20": Goal.at_least(ours["recall@20"], 0.168),
            "explore-only NDCG@10": Goal.at_least(ours["explore-only ndcg@10"], 0.0523),
            "fit CPU s": Goal.at_most(cpu_s, 60),
            "fit peak MiB": Goal.at_most(memory, 2048),
        },
    )


if __name__ == "__main__":
    main()
