"""What the events of a moment ago are worth to the next list: ``make bench-session``.

On the Complete Journey: a release learns what was bought before 2017-12-04, from purchases alone;
it is kept in ``var/bench/session`` and made anew where it is not there. Then baskets of the weeks
after are played again.

    in the basket   each customer's first basket, item by item into the cart in the order of the
                    file: is the next item among the ten of the list?
    next visit      the same basket is paid for: what of the next one is on the list, at its time?

Customers are asked as they are known, and as visitors whom nobody knows. ``without events`` is what
a shop has that sends none; ``but the cart left out`` one whose page names the cart as excluded, so
that only what the events foretell is left between it and ours. Figures are means over customers,
with the paired bootstrap interval of the difference. Every weight was chosen on the window before
(2017-11-06 to 2017-12-03).
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.journey import SEED, Journey
from benchmarks.results import Goal, Run
from benchmarks.served import KEPT
from benchmarks.session_replay import Basket, Customers, K, Way, carts, paid, place
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.live_state import LiveState
from models.loaded import Loaded
from training import release, runs
from training.budget import Budget
from training.judge import metrics
from training.judge.metrics import Values
from training.progress import Shown
from training.settings import TrainerSettings

CUT, END = datetime(2017, 12, 4, tzinfo=UTC), datetime(2018, 1, 1, tzinfo=UTC)
BUDGET = "4m"
N_TIMED = 500
Figures = dict[str, NDArray[np.float64]]
"""By name of a way: a row a customer, NDCG@10 and hit rate."""

KNOWN, VISITOR = "known customers", "visitors"
WITHOUT, LEFT_OUT, WITH = "without events", "but the cart left out", "with events"
WORKER = "and a worker renewing"
IN_BASKET: Mapping[str, Mapping[str, Way]] = {
    KNOWN: {
        WITHOUT: Way(hears=False),
        LEFT_OUT: Way(hears=False, excludes=True),
        WITH: Way(),
        WORKER: Way(renews=True),
    },
    VISITOR: {
        WITHOUT: Way(known=False, hears=False),
        LEFT_OUT: Way(known=False, hears=False, excludes=True),
        WITH: Way(known=False),
    },
}
NEXT_VISIT: Mapping[str, Mapping[str, Way]] = {
    KNOWN: {WITHOUT: Way(hears=False), WITH: Way(), WORKER: Way(renews=True)},
    VISITOR: {
        WITHOUT: Way(known=False, hears=False),
        WITH: Way(known=False),
        WORKER: Way(known=False, renews=True),
    },
}


def main() -> None:
    """Run the benchmark, print its tables and write its figures."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run, out = Run.begin("session", "make bench-session"), Console(width=110)
    loaded, customers = _release(_folder())
    visits = _visits(Basket.between(Journey.read().lines, CUT, END), customers)
    told: dict[str, float] = {}
    goals: dict[str, Goal] = {}
    for title, ways, judged in (
        ("In the basket, the next item", IN_BASKET, _next_items),
        ("Next visit, its items", NEXT_VISIT, _next_visits),
    ):
        found = {who: judged(loaded, customers, visits, ways[who]) for who in ways}
        told |= _figures(title, found)
        out.print(_table(title, found))
        if ways is IN_BASKET:
            goals |= _goals(found)
    told |= _microseconds(loaded, customers, visits)
    for name, value in told.items():
        if name.startswith("us "):
            out.print(f"{name}: {value:.0f}")
    run.end(told, goals)


def _folder() -> Path:
    """Return the directory of a release of the shop before the cut; train it if need be."""
    settings = TrainerSettings(data_dir=KEPT / "session", namespace="session")
    folder = settings.data_dir / "releases" / settings.namespace
    made = sorted(folder.glob(f"*/{release.MANIFEST}"))
    if made:
        return made[-1].parent
    files = runs.demo_files(settings, Shown(), calendar=False)
    asked = replace(files, until=CUT, budget=Budget.of(BUDGET))
    return folder / runs.train(asked, settings, publish=False).version


def _release(folder: Path) -> tuple[Loaded, Customers]:
    packed = release.customers_of(folder)
    return release.load(folder), {
        id_: (CustomerRecord.unpack(record), History.unpack(history))
        for id_, record, history, _ in packed
        if record
    }


def _visits(baskets: Sequence[Basket], customers: Customers) -> dict[str, list[Basket]]:
    """Return the baskets of each customer of the release, of more than one item, oldest first."""
    visits: dict[str, list[Basket]] = {}
    for basket in baskets:
        if basket.customer_id in customers and len(basket.item_ids) > 1:
            visits.setdefault(basket.customer_id, []).append(basket)
    return visits


def _next_items(
    loaded: Loaded,
    customers: Customers,
    visits: Mapping[str, Sequence[Basket]],
    ways: Mapping[str, Way],
) -> Figures:
    """Play every customer's first basket."""
    found: dict[str, list[NDArray[np.float64]]] = {name: [] for name in ways}
    for id_, (basket, *_) in visits.items():
        steps: dict[str, list[tuple[float, float]]] = {name: [] for name in ways}
        for live, now_ms, following in carts(basket):
            row = loaded.catalogue.ids.row_of(following)
            for name, way in ways.items():
                at = place(way.answer(loaded, customers, id_, live, now_ms), row)
                steps[name].append((0, 0) if at is None else (1 / np.log2(at + 2), 1))
        for name, each in steps.items():
            found[name].append(np.mean(each, axis=0))
    return {name: np.array(each) for name, each in found.items()}


def _next_visits(
    loaded: Loaded,
    customers: Customers,
    visits: Mapping[str, Sequence[Basket]],
    ways: Mapping[str, Way],
) -> Figures:
    """Pay for every customer's first basket, and ask when the second is bought."""
    twice = {id_: both for id_, both in visits.items() if len(both) > 1}
    bought = [loaded.catalogue.ids.rows_of(second.item_ids) for _, second, *_ in twice.values()]
    figures = {}
    for name, way in ways.items():
        lists = [
            way.answer(loaded, customers, id_, paid(first), second.at_ms)
            for id_, (first, second, *_) in twice.items()
        ]
        judged = metrics.ndcg(lists, bought, K), metrics.hit(lists, bought, K)
        figures[name] = np.stack(judged, axis=1)
    return figures


def _ahead(with_: Values, without: Values) -> tuple[float, float]:
    return metrics.interval(with_ - without, rng=np.random.default_rng(SEED))


def _figures(title: str, found: Mapping[str, Figures]) -> dict[str, float]:
    told = {}
    for who, figures in found.items():
        for name, each in figures.items():
            ndcg, hit = np.nanmean(each, axis=0)
            told[f"{title}: {who}, {name}: NDCG@{K}"] = float(ndcg)
            told[f"{title}: {who}, {name}: hit rate@{K}"] = float(hit)
            if name != WITHOUT:
                low, high = _ahead(each[:, 0], figures[WITHOUT][:, 0])
                told[f"{title}: {who}, {name}: NDCG@{K} gained, low"] = low
                told[f"{title}: {who}, {name}: NDCG@{K} gained, high"] = high
    return told


def _goals(found: Mapping[str, Figures]) -> dict[str, Goal]:
    """Return that events help, beyond chance and beyond leaving out the cart."""
    return {
        f"{who}: NDCG@{K} gained by events over {other}, low end": Goal.at_least(
            _ahead(figures[WITH][:, 0], figures[other][:, 0])[0], 0.0
        )
        for who, figures in found.items()
        for other in (WITHOUT, LEFT_OUT)
    }


def _microseconds(
    loaded: Loaded, customers: Customers, visits: Mapping[str, Sequence[Basket]]
) -> dict[str, float]:
    """Return what a call costs, with and without a live state, unpacking it included."""
    asked = [(id_, list(carts(basket))[-1]) for id_, (basket, *_) in visits.items()][:N_TIMED]
    ways: dict[str, Callable[[str, LiveState, int], object]] = {
        name: lambda id_, live, now_ms, way=way: way.answer(loaded, customers, id_, live, now_ms)  # type: ignore[misc]
        for name, way in (
            (f"{KNOWN}, {WITHOUT}", Way(hears=False)),
            (f"{KNOWN}, {WITH}", Way()),
            (f"{KNOWN}, {WITH}, {WORKER}", Way(renews=True)),
            (f"{VISITOR}, {WITH}", Way(known=False)),
        )
    }
    figures = {}
    for name, ask in ways.items():
        took = []
        for id_, (live, now_ms, _) in asked:
            began = time.process_time_ns()
            ask(id_, live, now_ms)
            took.append(time.process_time_ns() - began)
        figures[f"us a call: {name}"] = float(np.median(took)) / 1000
    return figures


def _table(title: str, found: Mapping[str, Figures]) -> Table:
    n = next(iter(found[KNOWN].values())).shape[0]
    table = Table(title=f"{title} ({n:,} customers)", title_justify="left")
    table.add_column("")
    for name in (f"NDCG@{K}", f"hit rate@{K}", "NDCG gained", "95 % interval"):
        table.add_column(name, justify="right")
    for who, figures in found.items():
        for name, each in figures.items():
            ndcg, hit = np.nanmean(each, axis=0)
            gained, inside = "", ""
            if name != WITHOUT:
                low, high = _ahead(each[:, 0], figures[WITHOUT][:, 0])
                gained = f"{np.nanmean(each[:, 0] - figures[WITHOUT][:, 0]):+.4f}"
                inside = f"{low:+.4f} to {high:+.4f}"
            table.add_row(f"{who}, {name}", f"{ndcg:.4f}", f"{hit:.4f}", gained, inside)
    return table


if __name__ == "__main__":
    main()
