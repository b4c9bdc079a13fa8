"""Training and publishing ten times as much: what a line of purchases costs, and how much memory.

Two made-up shops differ in nothing but their size: ten lines a customer, and the same catalogue of
100,000 items, of which the larger one sells more often enough to learn from. Each is trained by
``cartera train`` in a process of its own, as a shop would, and published into an empty store. The
budget is so short that both do the least that a release is made of, and so the same: one
validation window chooses the blend's weights, the blend makes the lists. (The ranker is a choice
that a shop of a million customers pays for by the hour.)
"""

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.table import Table

from benchmarks.results import Goal
from benchmarks.served import KEPT
from benchmarks.trained import Trained, train
from training.data.synthetic import ShopFiles, ShopSize, write_shop

SEED = 7
MADE = 1
"""Raised whenever what is made from a seed changes."""
N_ITEMS = 100_000
LINES_PER_CUSTOMER = 10
LINES = (1_000_000, 10_000_000)
BUDGET = "1s"
MOST_GROWTH, MOST_GIB, LEAST_PER_S, MOST_BYTES = 1.5, 12, 30_000, 2048


def training(
    *, console: Console, n_lines: Sequence[int] = LINES, budget: str = BUDGET
) -> tuple[dict[str, float], dict[str, Goal]]:
    """Train shops of these sizes, print what they cost, and return figures and goals."""
    trained = []
    for n in sorted(n_lines):
        console.print(f"training on {n:,} lines")
        trained.append(train(_shop(n), n_lines=n, budget=budget))
    console.print(_table(trained))
    console.print(_stops(trained))
    figures = {
        f"{one.n_lines:,} lines: {name}": value
        for one in trained
        for name, value in one.figures().items()
    }
    return figures, goals_of(trained)


def _shop(n_lines: int) -> ShopFiles:
    """Return the shop's files; make them where they are not kept yet."""
    folder = KEPT / f"shop-{MADE}-{SEED}-{n_lines}"
    files = ShopFiles(purchases=folder / "purchases.parquet", items=folder / "items.parquet")
    if not folder.is_dir():
        size = ShopSize(
            n_customers=max(1, n_lines // LINES_PER_CUSTOMER), n_items=N_ITEMS, n_lines=n_lines
        )
        KEPT.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix="shop-", dir=KEPT) as beside:
            write_shop(Path(beside) / "whole", size, seed=SEED)
            (Path(beside) / "whole").rename(folder)
    return files


def goals_of(trained: Sequence[Trained]) -> dict[str, Goal]:
    """Return what was meant to be reached; growth needs two sizes."""
    least, most = trained[0], trained[-1]
    goals = {
        "GiB, trainer and store": Goal.at_most(most.gib, MOST_GIB),
        "records published a second": Goal.at_least(most.per_s, LEAST_PER_S),
        "Redis B a customer": Goal.at_most(most.bytes_each, MOST_BYTES),
    }
    if len(trained) > 1:
        growth = Goal.at_most(most.cost_us / least.cost_us, MOST_GROWTH)
        goals = {"CPU a line ÷ that of the smallest shop": growth} | goals
    return {f"{most.n_lines:,} lines: {name}": goal for name, goal in goals.items()}


def _table(trained: Sequence[Trained]) -> Table:
    """Show what each size cost."""
    table = Table("", title="Training and publishing", title_justify="left")
    for one in trained:
        table.add_column(f"{one.n_lines:,} lines", justify="right")
    figures = [one.figures() for one in trained]
    for name in figures[0]:
        table.add_row(name, *(f"{found[name]:,.1f}".removesuffix(".0") for found in figures))
    lists = [str(one.manifest.choices["base lists"]["chosen"]) for one in trained]
    table.add_row("lists are made by", *lists)
    return table


def _stops(trained: Sequence[Trained]) -> Table:
    """Show what each stop of the runs cost."""
    table = Table("CPU us a line", title="Where it goes", title_justify="left")
    for one in trained:
        table.add_column(f"{one.n_lines:,} lines", justify="right")
    names = dict.fromkeys(name for one in trained for name in one.stops)
    for name in names:
        took = [one.stops.get(name, (0.0, 0.0))[1] / one.n_lines * 1e6 for one in trained]
        table.add_row(name, *(f"{cpu_us:.2f}" for cpu_us in took))
    return table
