"""Blend or ranker: whichever ranked the shop's past windows better makes its base lists.

The aim is that of the blend's own weights, and the next basket: NDCG@10 + Recall@20 + NDCG@10 among
new items + NDCG@10 of the first basket, as a mean over the windows that both were judged on. The
ranker must be ahead by ``CHANCE``, for the blend costs a tenth of it. What was refused, and by how
much, stands in the manifest. New items enter the lists later, and are judged by neither.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any, TypeVar

import numpy as np

from models.asked import NO_ROWS
from models.loaded import Loaded
from training.fit import baselines, calibration, profit
from training.fit.blend import CHANCE, Choice, Window
from training.fit.calibration import Calibration
from training.fit.profit import UNASKED, Profit
from training.fit.records import records as blended_records
from training.judge import evaluate, gate
from training.judge.earned import Earned
from training.judge.evaluate import Judged
from training.judge.intervals import Judgement, intervals
from training.rank.features import Features
from training.rank.ranker import UNTAUGHT, Ranker
from training.rank.study import BLEND, RANKER, Asked, Scored, Studied, study

AIM = ("ndcg@10", "recall@20", "explore-only ndcg@10", "next-basket ndcg@10")
POPULARITY = "popularity, 28 days"
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranking:
    """How base lists are to be ranked, and why."""

    ranker: Ranker | None
    """Taught by every window; None where the blend ranks."""
    calibration: Calibration | None
    """None for a shop too young to be judged."""
    metrics: Mapping[str, float]
    """Means over the windows judged, of the chosen way."""
    intervals: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """Where the means of customers lie 95 times in 100."""
    profit: Profit = UNASKED
    """How much margins count where profit is asked for."""
    choice: Mapping[str, Any]
    """For the manifest."""


@dataclass(slots=True, kw_only=True)
class _Table:
    """What each way reached on each window, oldest window first."""

    asked: list[list[str]] = field(default_factory=list)
    judged: list[dict[str, Judged]] = field(default_factory=list)
    popular: list[Judged] = field(default_factory=list)
    scored: list[Mapping[str, Scored]] = field(default_factory=list)
    earned: list[Mapping[str, Mapping[float, Earned]]] = field(default_factory=list)
    ceiling: Mapping[str, float] = field(default_factory=dict)

    def add(
        self, window: Window, ways: Mapping[str, Scored], release_of: Callable[[Window], Loaded]
    ) -> None:
        served, n_items = release_of(window), window.shop.purchases.n_ranked
        held_out = window.held_out.only({id_ for way in ways.values() for id_ in way.packed})
        self.asked.append(held_out.customer_ids)
        self.judged.append(
            {
                name: evaluate.judge(
                    evaluate.served(served, way.packed, held_out, name=name),
                    held_out,
                    n_items=n_items,
                )
                for name, way in ways.items()
            }
        )
        self.earned.append(
            {
                name: profit.tried(
                    served, way.packed, held_out, self._before(name, way).calibration()
                )
                for name, way in ways.items()
            }
        )
        popular = next(
            lists
            for lists in baselines.all_lists(window.shop, held_out)
            if lists.name == POPULARITY
        )
        self.popular.append(evaluate.judge(popular, held_out, n_items=n_items))
        self.scored.append(ways)

    def means(self, way: str, among: str) -> dict[str, float]:
        """Return the means of ``way`` over the windows on which ``among`` was judged too."""
        return _means([window[way] for window in self.judged if among in window])

    def metrics(self, way: str) -> dict[str, float]:
        """Return what the manifest says of the way that was chosen."""
        places = [place for place, window in enumerate(self.judged) if way in window]
        judged = [self.judged[place][way] for place in places]
        values = [one.values[gate.SCORE] for one in judged]
        variances = [float(np.nanvar(each)) / max(each.size, 1) for each in values]
        return {
            **_means(judged),
            gate.ERROR: float(np.sqrt(sum(variances))) / len(values),
            **_of_popular(_means([self.popular[place] for place in places])),
            "validation windows": float(len(values)),
            "validation customers": float(sum(each.size for each in values)),
            **self.ceiling,
            **self._reliability(way),
        }

    def intervals(self, way: str, rng: np.random.Generator) -> dict[str, tuple[float, float]]:
        """Return the intervals of ``metrics``, where a metric is one of customers."""
        return intervals(
            [
                Judgement(
                    customer_ids=asked,
                    values={**judged[way].values, **_of_popular(popular.values)},
                )
                for asked, judged, popular in zip(
                    self.asked, self.judged, self.popular, strict=True
                )
                if way in judged
            ],
            rng=rng,
        )

    def _before(self, name: str, now: Scored) -> Scored:
        """Return the same way on the window before, which saw nothing of this; else ``now``."""
        return self.scored[-1].get(name, now) if self.scored else now

    def calibration(self, way: str) -> Calibration:
        """Return the calibration by the latest window."""
        return self.scored[-1][way].calibration()

    def _reliability(self, way: str) -> dict[str, float]:
        """Calibrate by the window before the latest, and look at the latest."""
        if len(self.scored) < 2 or way not in self.scored[-2]:
            return {}
        scores, bought, counts = self.scored[-1][way].all()
        told = self.scored[-2][way].calibration().probability(scores)
        return {"calibration error": calibration.error(told, bought, counts)}


def hold(
    windows: Iterator[Window],
    choice: Choice,
    *,
    features_of: Callable[[Window], Features],
    release_of: Callable[[Window], Loaded],
    affordable: Callable[[float, float], str | None],
    n_windows: int,
    refused: str | None = None,
    seed: int,
) -> Ranking:
    """Let the windows judge and teach, oldest first.

    Args:
        windows: Fitted when asked for, oldest first.
        choice: How the blend weighs.
        features_of: Counts a window's features.
        release_of: Makes of a window what a server would hold.
        affordable: Given the seconds that the windows left will take, and each customer's list of
            today, returns None, or why they cannot be paid for.
        n_windows: How many there are, at most. A single one can judge no ranker.
        refused: Why there will be no ranker, where that is known beforehand.
        seed: Makes two runs equal.
    """
    table, ranker = _Table(), UNTAUGHT
    for place, window in enumerate(windows):
        if refused is None and n_windows > 1:
            began = perf_counter()
            studied = study(
                window, choice, features_of(window), ranker, rng=np.random.default_rng(seed)
            )
            ranker = _taught(ranker, studied, seed=seed)
            table.ceiling = studied.ceiling
            table.add(window, studied.ways, release_of)
            n_studied = len(studied.ways[BLEND].packed)
            left, took = n_windows - place - 1, perf_counter() - began
            refused = affordable(left * took, studied.seconds / max(n_studied, 1))
            del studied  # its lesson is as large as a fitted shop
        else:
            table.add(window, {BLEND: _blended(window, choice, seed=seed)}, release_of)
    if not table.judged:
        return Ranking(
            ranker=None,
            calibration=None,
            metrics={},
            choice={"chosen": BLEND, "why": "the shop is too young for a validation window"},
        )
    return _chosen(table, ranker, refused, rng=np.random.default_rng(seed))


def _taught(ranker: Ranker, studied: Studied, *, seed: int) -> Ranker:
    return ranker.taught(studied.lesson, seed=seed) if studied.lesson.teaches() else ranker


def _blended(window: Window, choice: Choice, *, seed: int) -> Scored:
    """Return the blend's lists alone, where features cannot be paid for or would not be used."""
    scored, asked = Scored(), Asked.of(window, np.random.default_rng(seed))
    row_of = window.shop.purchases.customer_row
    for id_, record, history in blended_records(
        window.shop, choice, only=asked.came | asked.absent
    ):
        row = row_of[id_]
        scores = calibration.of_blend(record.scores)
        as_scored = replace(record, scores=scores.astype(np.float32))
        scored.packed[id_] = (as_scored.pack(), history.pack())
        scored.scores.append(scores)
        scored.bought.append(np.isin(record.rows, asked.bought.get(row, NO_ROWS)))
        count = 1.0 if asked.came[row] else asked.each_absent
        scored.counts.append(np.full(record.rows.size, count))
    return scored


def _chosen(
    table: _Table, ranker: Ranker, refused: str | None, *, rng: np.random.Generator
) -> Ranking:
    both = any(RANKER in window for window in table.judged)
    figures = {}
    for way in (RANKER, BLEND) if both else (BLEND,):
        means = table.means(way, RANKER if both else BLEND)
        figures[way] = {name: means[name] for name in AIM if name in means}
    if refused is not None:
        way, why = BLEND, f"the ranker was refused: {refused}"
    elif not both:
        way, why = BLEND, "the history is too short to judge a ranker on a later window"
    else:
        ahead = sum(figures[RANKER].values()) - sum(figures[BLEND].values())
        way = RANKER if ahead > CHANCE else BLEND
        side = "ahead of" if ahead > 0 else "behind"
        why = (
            "NDCG@10 + Recall@20 + explore + next basket of the ranker is "
            f"{abs(ahead):.4f} {side} the blend's"
        )
    return Ranking(
        ranker=ranker if way == RANKER else None,
        calibration=table.calibration(way),
        metrics=table.metrics(way),
        intervals=table.intervals(way, rng),
        profit=profit.choose([window[way] for window in table.earned if way in window]),
        choice={"chosen": way, "why": why, "figures": figures},
    )


def _of_popular(values: Mapping[str, Value]) -> dict[str, Value]:
    """Return what the best sellers reach by the metrics of the aim, under names of their own."""
    return {f"{gate.POPULAR}{name}": values[name] for name in AIM if name in values}


def _means(judged: list[Judged]) -> dict[str, float]:
    """Return the mean of each metric over windows; absent where no window could be judged by it."""
    if not judged:
        return {}
    every = [one.means() for one in judged]
    return {
        name: float(np.mean([means[name] for means in every]))
        for name in every[0]
        if not any(np.isnan(means[name]) for means in every)
    }
