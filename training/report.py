"""What a run prints when it is over: tables for a person, the same figures for a file."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table

from models.artifacts.manifest import Manifest
from training.data.read import PurchaseFile
from training.judge.evaluate import differences
from training.pipeline import Evaluation
from training.progress import Took

METRICS = {
    "ndcg@10": "NDCG\n@10",
    "recall@20": "Recall\n@20",
    "explore-only ndcg@10": "explore\nNDCG",
    "next-basket ndcg@10": "basket\nNDCG",
    "revenue@10": "revenue\n@10",
    "coverage@10": "cover\n@10",
}
"""What is printed, and its head; the figures' file holds all of ``training.judge.evaluate``."""
COMPARED = ("ndcg@10", "recall@20", "explore-only ndcg@10", "next-basket ndcg@10")


def times(took: Sequence[Took]) -> Table:
    """Return what each stop cost."""
    table = Table("what was done", title="What it took", title_justify="left")
    for name in ("seconds", "CPU s", "peak MiB"):
        table.add_column(name, justify="right")
    for one in took:
        table.add_row(one.name, f"{one.seconds:.1f}", f"{one.cpu_s:.1f}", f"{one.peak_mib:,.0f}")
    table.add_section()
    table.add_row(
        "all",
        f"{sum(one.seconds for one in took):.1f}",
        f"{sum(one.cpu_s for one in took):.1f}",
        f"{max(one.peak_mib for one in took):,.0f}",
    )
    return table


def was_read(file: PurchaseFile) -> Table:
    """Return what became of the purchases file's lines."""
    table = _facts("What was read")
    table.add_row("lines of the file", f"{file.n_lines:,}")
    table.add_row("rejected", f"{file.n_rejected:,}")
    for reason, n in list(file.rejected_by_reason.items())[:5]:
        table.add_row(f"  {reason}", f"{n:,}")
    table.add_row("after --until, left out", f"{file.n_after_until:,}")
    table.add_row("without a customer (teach what goes together)", f"{file.n_anonymous:,}")
    table.add_row("returns", f"{file.n_returns:,}")
    if file.redeemed.height:
        table.add_row("with a coupon", f"{file.redeemed.height:,}")
    if file.n_no_coupons:
        table.add_row("coupons that are no names, left out", f"{file.n_no_coupons:,}")
    table.add_row("first and last purchase", f"{_day(file.first)} … {_day(file.last)}")
    return table


def was_made(manifest: Manifest) -> Table:
    """Return what a release holds, what was chosen and how good it is."""
    table = _facts(f"Release {manifest.version}")
    for name, n in manifest.counts.items():
        table.add_row(name, f"{n:,}")
    table.add_section()
    for name, choice in manifest.choices.items():
        table.add_row(f"chosen: {name}", _chosen(choice["chosen"]))
    for name, weight in manifest.weights.items():
        table.add_row(f"chosen: {name}", f"{weight:g}")
    table.add_section()
    for name, value in manifest.metrics.items():
        table.add_row(f"validation: {name}", f"{value:,.4g}" if value >= 1 else f"{value:.4f}")
    if not manifest.metrics:
        table.add_row("validation", "none: the shop needs 12 weeks of purchases for it")
    return table


def why(manifest: Manifest) -> list[str]:
    """Return a sentence for each choice of the release."""
    return [
        f"{name.capitalize()}: {_chosen(choice['chosen'])}; {choice['why']}"
        for name, choice in manifest.choices.items()
    ]


def _chosen(what: object) -> str:
    if isinstance(what, bool):
        return "used" if what else "not used"
    if isinstance(what, list | dict):
        return ", ".join(map(str, what)) or "none"
    return "none" if what is None else str(what)


def was_judged(found: Evaluation) -> Table:
    """Return the metrics of every way to make lists, ours first."""
    until = f"{found.days} days" if found.days else "the end"
    table = _figures(
        "lists",
        f"Learned before {_day(found.cut)}, judged from there to {until}: "
        f"{len(found.held_out.customer_ids):,} customers, all {found.n_items:,} items ranked",
        list(METRICS),
    )
    for judged in found.judged:
        means = judged.means()
        ours = judged is found.judged[0]
        table.add_row(
            judged.name, *(f"{means[name]:.4f}" for name in METRICS), style="bold" if ours else None
        )
    return table


def was_compared(found: Evaluation, *, seed: int) -> Table:
    """Return by how much ours is ahead of each other, with paired bootstrap intervals."""
    table = _figures(
        "ahead of", "Cartera minus the other, 95 % paired bootstrap interval", list(COMPARED)
    )
    for name, intervals in intervals_of(found, seed=seed).items():
        spans = (intervals[metric] for metric in COMPARED)
        table.add_row(name, *(f"{_signed(low)} to {_signed(high)}" for low, high in spans))
    return table


def _figures(what: str, title: str, metrics: Sequence[str]) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(what, no_wrap=True)
    for name in metrics:
        table.add_column(METRICS[name], justify="right")
    return table


def _signed(value: float) -> str:
    return f"{value:.4f}".replace("0.", ".", 1)


def intervals_of(found: Evaluation, *, seed: int) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the intervals of ours minus each other, by name and metric."""
    rng = np.random.default_rng(seed)
    return differences(found.judged[0], found.judged[1:], rng=rng)


def figures(found: Evaluation, *, seed: int) -> dict[str, Any]:
    """Return an evaluation as JSON holds it."""
    return {
        "cut": found.cut.isoformat(),
        "days": found.days,
        "customers": len(found.held_out.customer_ids),
        "items": found.n_items,
        "chosen": found.choice.numbers(),
        "base lists": found.ranking.choice,
        "validation": found.ranking.metrics,
        "metrics": {judged.name: judged.means() for judged in found.judged},
        "cartera_minus": intervals_of(found, seed=seed),
    }


def _facts(title: str) -> Table:
    table = Table(show_header=False, title=title, title_justify="left")
    table.add_column()
    table.add_column(justify="right")
    return table


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}"
