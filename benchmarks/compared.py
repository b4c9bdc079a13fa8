"""Ours beside the others: by how much it is ahead, and the table that the README shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from benchmarks.results import Cost
from training.judge.evaluate import Judged, differences

Interval = tuple[float, float]

COLUMNS = {
    "ndcg@10": "NDCG@10",
    "recall@20": "Recall@20",
    "repeat ndcg@10": "repeat",
    "explore-only ndcg@10": "explore",
    "next-basket ndcg@10": "basket",
    "map@10": "MAP@10",
    "mrr": "MRR",
    "hit@10": "hit@10",
    "revenue@10": "revenue",
    "category ndcg@10": "category",
    "coverage@10": "coverage",
    "novelty@10": "novelty",
}
"""What is told of each way to make lists, and its head."""
COMPARED = ("ndcg@10", "recall@20", "explore-only ndcg@10", "next-basket ndcg@10")
"""What a peer must be beaten on."""
BITS = "novelty@10"


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to make lists, judged."""

    judged: Judged
    kind: Literal["ours", "baseline", "peer"]
    cost: Cost | None = None

    @property
    def name(self) -> str:
        """Its name in every table."""
        return self.judged.name


def best_peer(ways: Sequence[Way], metric: str) -> Way | None:
    """Return the peer with the highest mean; None without peers."""
    peers = (way for way in ways if way.kind == "peer")
    return max(peers, key=lambda way: way.judged.means()[metric], default=None)


def ahead(ours: Way, others: Sequence[Way], *, seed: int) -> Mapping[str, Mapping[str, Interval]]:
    """Return the paired bootstrap intervals of ours minus each other, by name and ``COMPARED``."""
    few = [
        replace(way.judged, values={metric: way.judged.values[metric] for metric in COMPARED})
        for way in (ours, *others)
    ]
    return differences(few[0], few[1:], rng=np.random.default_rng(seed))


def figures(ways: Sequence[Way], *, seed: int) -> dict[str, float]:
    """Return everything that was measured, flat: all means and costs, and ours minus the others."""
    found: dict[str, float] = {}
    for way in ways:
        told = dict(way.judged.means())
        if way.cost:
            told |= {
                "fit CPU s": way.cost.fit_cpu_s,
                "predict CPU s": way.cost.predict_cpu_s,
                "peak MiB": way.cost.peak_mib,
            }
        found |= {f"{way.name}: {name}": value for name, value in told.items()}
    others = [way for way in ways if way.kind != "ours"]
    for ours in (way for way in ways if way.kind == "ours"):
        for other, intervals in ahead(ours, others, seed=seed).items():
            for name, (low, high) in intervals.items():
                found[f"{ours.name} minus {other}: {name}, low"] = low
                found[f"{ours.name} minus {other}: {name}, high"] = high
    return found


def markdown(ways: Sequence[Way], problems: Sequence[str], *, seed: int) -> str:
    """Return both tables and, a line each, the peers that gave no answer."""
    parts = [_quality(ways)]
    others = [way for way in ways if way.kind != "ours"]
    for ours in (way for way in ways if way.kind == "ours"):
        if others:
            parts.append(
                f"{ours.name} is ahead by (95 % paired bootstrap over customers, 2,000 resamples):"
            )
            parts.append(_ahead(ahead(ours, others, seed=seed)))
    parts += [f"No figures: {problem}." for problem in problems]
    return "\n\n".join(parts) + "\n"


def _quality(ways: Sequence[Way]) -> str:
    rows = []
    for way in ways:
        means = way.judged.means()
        told = [f"{means[name]:{'.1f' if name == BITS else '.4f'}}" for name in COLUMNS]
        told += _cost(way.cost) if way.cost else [""] * 3
        rows.append([f"**{way.name}**" if way.kind == "ours" else way.name, *told])
    heads = [*COLUMNS.values(), "fit CPU s", "predict CPU s", "peak MiB"]
    return _table(["", *heads], rows)


def _cost(cost: Cost) -> list[str]:
    return [f"{cost.fit_cpu_s:.1f}", f"{cost.predict_cpu_s:.1f}", f"{cost.peak_mib:,.0f}"]


def _ahead(intervals: Mapping[str, Mapping[str, Interval]]) -> str:
    rows = [
        [other, *(f"{low:.4f} to {high:.4f}" for low, high in by_metric.values())]
        for other, by_metric in intervals.items()
    ]
    return _table(["ahead of", *(COLUMNS[name] for name in COMPARED)], rows)


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---", *["--:"] * (len(heads) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
