"""Lookalikes by ours and by others, compared: by audience, by family, and over all.

Halves of one audience are drawn from the same customers, so they are no independent repeats: the
interval of a difference is that of Nadeau and Bengio, whose variance is the halves' own times
``1 / halves + 1``, and Student's t.

Source: Nadeau and Bengio, "Inference for the Generalization Error", Machine Learning 2003.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from scipy import stats

from benchmarks.lookalike_baselines import WAYS
from benchmarks.results import Goal

OURS = "Cartera"
K = 100
FIGURES = ("AUC", "lift", f"precision@{K}")
LEAST_AUC, LEAST_LIFT = 0.80, 5.2

Figures = NDArray[np.float64]
"""Shape ``(n_halves, 3)``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One audience: every way, on every half."""

    name: str
    family: str
    n_members: int
    figures: Mapping[str, Figures]
    """By way."""
    told: Figures
    """Shape ``(n_halves,)``: the AUC that came with each audience, measured on held-out seeds; nan
    where it was refused."""
    chosen: Mapping[str, int]
    """How often each classifier was chosen."""


def ahead(ours: Figures, others: Figures) -> tuple[float, float, float]:
    """Return the mean difference over halves, and its interval of 95 %.

    Args:
        ours: Shape ``(n_halves,)``, of two at least.
        others: Likewise.
    """
    apart = ours - others
    reach = float(stats.t.ppf(0.975, apart.size - 1)) * float(
        np.sqrt((1 / apart.size + 1) * apart.var(ddof=1))
    )
    mean = float(apart.mean())
    return mean, mean - reach, mean + reach


def of_family(judged: Sequence[Judged], family: str, way: str) -> Figures:
    """Return the mean AUC over a family's audiences, shape ``(n_halves,)``."""
    each = [one.figures[way][:, 0] for one in judged if one.family == family]
    return np.asarray(np.mean(each, axis=0))


def families(judged: Sequence[Judged]) -> dict[str, dict[str, float]]:
    """Return, of each family, how far ours is ahead of the best baseline and of the cosine."""
    found = {}
    for family in dict.fromkeys(one.family for one in judged):
        means = {way: float(of_family(judged, family, way).mean()) for way in WAYS}
        best = max(means, key=means.__getitem__)
        ours = of_family(judged, family, OURS)
        found[family] = {OURS: float(ours.mean()), **means}
        for word, way in (("best", best), ("cosine", "cosine")):
            told = ahead(ours, of_family(judged, family, way))
            names = ("", ", low", ", high")
            found[family] |= {
                f"ahead of {word}{name}": value for name, value in zip(names, told, strict=True)
            }
    return found


def goals_of(judged: Sequence[Judged]) -> dict[str, Goal]:
    """Return what was meant to be reached."""
    goals: dict[str, Goal] = {}
    for family, told in families(judged).items():
        name = f"{family}: AUC ahead of the best baseline"
        goals[name] = Goal.at_least(told["ahead of best"], 0)
        low = told["ahead of cosine, low"]
        goals[f"{family}: AUC ahead of cosine, low"] = Goal(low, 0, low > 0)
    auc, lift, _ = means(judged, OURS)
    goals["mean AUC"] = Goal.at_least(auc, LEAST_AUC)
    goals["mean lift"] = Goal.at_least(lift, LEAST_LIFT)
    return goals


def means(judged: Sequence[Judged], way: str) -> tuple[float, ...]:
    """Return the means of ``FIGURES`` over audiences and halves."""
    return tuple(np.mean([one.figures[way].mean(axis=0) for one in judged], axis=0).tolist())


def table_of(judged: Sequence[Judged], figure: int) -> Table:
    """Return one figure of every audience by every way."""
    table = Table(title=FIGURES[figure])
    table.add_column("audience")
    table.add_column("members", justify="right")
    for way in (OURS, *WAYS):
        table.add_column(way, justify="right")
    for one in judged:
        told = [f"{one.figures[way][:, figure].mean():.3f}" for way in (OURS, *WAYS)]
        table.add_row(one.name, str(one.n_members), *told)
    every = [f"{means(judged, way)[figure]:.3f}" for way in (OURS, *WAYS)]
    table.add_row("mean", "", *every, style="bold")
    return table


def words(judged: Sequence[Judged]) -> list[str]:
    """Return what else was seen, a line each."""
    lines = []
    for family, told in families(judged).items():
        for word in ("best", "cosine"):
            mean, low, high = (told[f"ahead of {word}{end}"] for end in ("", ", low", ", high"))
            lines.append(f"{family}: AUC ahead of {word} {mean:+.4f} ({low:+.4f} to {high:+.4f})")
    for one in judged:
        refused = int(np.isnan(one.told).sum())
        with_each = float(np.nanmean(one.told)) if refused < one.told.size else float("nan")
        lines.append(
            f"{one.name}: told AUC {with_each:.3f}, found "
            f"{one.figures[OURS][:, 0].mean():.3f}; chosen {dict(one.chosen)}"
        )
    return lines


def flat(judged: Sequence[Judged]) -> dict[str, float]:
    """Return every mean, by name."""
    found = {
        f"{one.name}: {way}: {figure}": float(value)
        for one in judged
        for way, figures in one.figures.items()
        for figure, value in zip(FIGURES, figures.mean(axis=0), strict=True)
    }
    found |= {
        f"mean: {way}: {figure}": value
        for way in (OURS, *WAYS)
        for figure, value in zip(FIGURES, means(judged, way), strict=True)
    }
    return found | {
        f"{family}: {name}": value
        for family, told in families(judged).items()
        for name, value in told.items()
    }


def raw(judged: Sequence[Judged]) -> dict[str, Any]:
    """Return what is behind the means: what was chosen, and the AUC of each half."""
    return {
        one.name: {
            "members": one.n_members,
            "chosen": dict(one.chosen),
            "AUC told with each": [None if np.isnan(auc) else auc for auc in one.told.tolist()],
            "AUC": {way: figures[:, 0].round(4).tolist() for way, figures in one.figures.items()},
        }
        for one in judged
    }
