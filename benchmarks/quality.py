"""How good the lists are, beside what a shop would have otherwise: ``make bench-quality``.

The protocol on the Complete Journey (simulated on real grocery patterns, says its page): learn
before 2017-12-04, judge on the purchases from then to the end, the whole catalogue ranked, ours
through the path that serves. Everything is chosen on the windows before the cut. Ours is judged
twice: from purchases alone, and with the calendar of promotions, which the data tells as it came
about (a plan is noisier). Baselines and
peers learn from the same lines and are judged on the same customers by the same figures.

    results/quality.json    everything that was measured
    results/quality.md      the tables, as the README shows them
"""

import argparse
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

import polars as pl
from rich.console import Console
from rich.markdown import Markdown

from benchmarks.compared import COLUMNS, COMPARED, Way, ahead, best_peer, figures, markdown
from benchmarks.peers import asking
from benchmarks.results import FOLDER, Cost, Goal, Run
from training import runs
from training.data import catalog, purchases, split
from training.data.purchases import Purchases
from training.data.read import read_purchases
from training.data.split import HeldOut
from training.fit import baselines, popularity, shop
from training.judge.evaluate import ItemFacts, Judged, Lists, item_facts, judge
from training.progress import Shown, Took
from training.settings import TrainerSettings

CUT = datetime(2017, 12, 4, tzinfo=UTC)
READ, ASK = ("read ", "unpack "), "ask for every list"
HISTORY, CALENDAR = "Cartera", "Cartera, promotions known"
GOALS = {
    CALENDAR: {
        "ndcg@10": 0.435,
        "recall@20": 0.176,
        "explore-only ndcg@10": 0.068,
        "next-basket ndcg@10": 0.226,
        "coverage@10": 0.35,
        "revenue@10": 0.130,
    },
    HISTORY: {
        "ndcg@10": 0.428,
        "recall@20": 0.173,
        "explore-only ndcg@10": 0.060,
        "next-basket ndcg@10": 0.219,
        "coverage@10": 0.35,
        "revenue@10": 0.130,
    },
}
"""What each of ours should reach."""
FIT_CPU_S, FIT_MIB = 360, 3072


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What everyone learns from and is judged on."""

    purchases: Purchases
    held_out: HeldOut
    facts: ItemFacts

    def judge(self, lists: Lists) -> Judged:
        """Judge lists made by anyone."""
        n_items = self.purchases.n_ranked
        return judge(lists, self.held_out, n_items=n_items, facts=self.facts)


def main() -> None:
    """Run the benchmark, print its tables and write ``benchmarks/results/quality.*``."""
    asked = arguments()
    run = Run.begin("quality", "make bench-quality")
    settings, shown, out = TrainerSettings(data_dir=Path("var")), Shown(), Console(width=200)
    ours = [_in_a_process(name, settings) for name in GOALS]
    window = _window(settings, shown)
    others = list(_baselines(window, settings, shown))
    peers, problems = _peers(window, settings, shown, asked.peers)
    ways = [*ours, *others, *peers]

    tables = markdown(ways, problems, seed=settings.seed)
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / "quality.md").write_text(tables)
    out.print(Markdown(tables))
    goals = {name: goal for way in ours for name, goal in goals_of(way, peers, settings.seed)}
    run.end(figures(ways, seed=settings.seed), goals)


def arguments() -> argparse.Namespace:
    """Read the command line; a peer that nobody knows ends the run."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--peers",
        type=lambda names: [name for name in names.split(",") if name],
        default=list(asking.PEERS),
        metavar="NAMES",
        help=f"which peers, with commas between; all of {','.join(asking.PEERS)} by default, and "
        "nothing for none",
    )
    asked = parser.parse_args()
    unknown = [name for name in asked.peers if name not in asking.PEERS]
    if unknown:
        parser.error(f"no peer is called {unknown[0]}; expected some of {', '.join(asking.PEERS)}")
    return asked


def _in_a_process(name: str, settings: TrainerSettings) -> Way:
    """Train and judge one of ours in a process of its own, so that its memory is its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_ours, name, settings).result()


def _ours(name: str, settings: TrainerSettings) -> Way:
    shown = Shown()
    files = runs.demo_files(settings, shown, calendar=name == CALENDAR)
    found = runs.evaluate(files, settings, cut=CUT, days=None, baselines=False, shown=shown)
    judged = replace(found.judged[0], name=name)
    return Way(judged=judged, kind="ours", cost=cost_of(shown.took))


def cost_of(took: Sequence[Took]) -> Cost:
    """Return what a run cost: all but reading and asking is fitting."""
    return Cost(
        fit_cpu_s=sum(stop.cpu_s for stop in took if not stop.name.startswith((*READ, ASK))),
        predict_cpu_s=sum(stop.cpu_s for stop in took if stop.name == ASK),
        peak_mib=max(stop.peak_mib for stop in took),
    )


def _window(settings: TrainerSettings, shown: Shown) -> Window:
    files = runs.demo_files(settings, shown)
    assert files.purchases is not None
    assert files.items is not None
    with shown.stop("read the purchases again, for the others"):
        lines = read_purchases(files.purchases, rejects=files.rejects).lines
        items, _ = catalog.complete(catalog.read_items(files.items), lines)
        return _window_of(lines, items, min_buyers=settings.min_buyers)


def _window_of(lines: pl.DataFrame, items: pl.DataFrame, *, min_buyers: int | None) -> Window:
    bought = purchases.number(lines, items["item_id"], until=CUT, min_buyers=min_buyers)
    return Window(
        purchases=bought,
        held_out=split.hold_out(lines, bought, days=None),
        facts=item_facts(bought, items),
    )


def _baselines(window: Window, settings: TrainerSettings, shown: Shown) -> Iterator[Way]:
    with shown.stop("fit the baselines") as stop:
        fitted = shop.fit(window.purchases, seed=settings.seed, step=stop.say)
    with shown.stop("ask the baselines") as stop:
        for lists in baselines.all_lists(fitted, window.held_out):
            stop.say(lists.name)
            yield Way(judged=window.judge(lists), kind="baseline")


def _peers(
    window: Window, settings: TrainerSettings, shown: Shown, peers: Sequence[str]
) -> tuple[list[Way], list[str]]:
    ways, problems, bought = [], [], window.purchases
    with shown.stop("ask the peers") as stop:
        began = time.perf_counter()
        for found in asking.answers(
            asking.split_of(bought, window.held_out),
            window.held_out,
            stranger=popularity.fit(bought).score()[: bought.n_ranked],
            folder=settings.data_dir / "peers",
            peers=peers,
        ):
            stop.say(f"{found.name}, {time.perf_counter() - began:.0f} s")
            if found.lists is None:
                problems.append(f"{found.name} {found.problem}")
            else:
                ways.append(Way(judged=window.judge(found.lists), kind="peer", cost=found.cost))
    return ways, problems


def goals_of(ours: Way, peers: Sequence[Way], seed: int) -> Iterator[tuple[str, Goal]]:
    """Yield what ours should reach: its figures, and a lead on the best peer of each metric."""
    means = ours.judged.means()
    for metric, goal in GOALS[ours.name].items():
        yield f"{ours.name}: {COLUMNS[metric]}", Goal.at_least(means[metric], goal)
    for metric in COMPARED:
        best = best_peer(peers, metric)
        if best:
            low, _ = ahead(ours, [best], seed=seed)[best.name][metric]
            name = f"{ours.name}: {COLUMNS[metric]} ahead of {best.name}, low end"
            yield name, Goal.at_least(low, 0.0)
    assert ours.cost is not None
    all_cpu_s = ours.cost.fit_cpu_s + ours.cost.predict_cpu_s
    yield f"{ours.name}: CPU s, fitting and ranking", Goal.at_most(all_cpu_s, FIT_CPU_S)
    yield f"{ours.name}: peak MiB", Goal.at_most(ours.cost.peak_mib, FIT_MIB)


if __name__ == "__main__":
    main()
