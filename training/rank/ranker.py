"""The second stage: trees that learned from past windows what becomes of a candidate.

Each past window teaches two models from the candidates of its customers, the features as of its
cut, and whether the item was bought in the 28 days after: one asks *whether* each was bought, the
other in which *order* a customer's are to stand. Today's score is the mean of both, over the latest
windows, the latest counting most. The mean of the two was measured better than either, and one
model a window, averaged, better than one of all windows: each has its own season, and a mean of
them less variance. A second pair that learned from next baskets was measured no better on next
baskets, so one list serves both horizons.

A part of the pairs that were not bought is enough to learn from. Each model takes one core, some
20 s a window of two thousand customers: several cores on one model wait for one another, and on a
machine that does other work too they were measured six times slower.

Source: Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017;
Burges, "From RankNet to LambdaRank to LambdaMART", 2010, for the order;
Covington, Adams and Sargin, "Deep Neural Networks for YouTube Recommendations", RecSys 2016, for
the two stages.
"""

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors, Rows

N_TREES = 200
SHARE_OF_OTHERS = 0.3
OLDER_COUNTS = 0.5
"""What the window before the latest counts."""
N_WINDOWS = 2
WHETHER = {"objective": "binary"}
ORDER = {"objective": "lambdarank", "lambdarank_truncation_level": 20}
PARAMETERS = {
    "num_leaves": 31,
    "learning_rate": 0.06,
    "feature_fraction": 0.4,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "min_data_in_leaf": 100,
    "bin_construct_sample_cnt": 50_000,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}

_SIGN = re.compile(r"\W")
"""LightGBM takes no signs in a name, and a shop calls its promotions what it likes."""

LogOdds = NDArray[np.float64]


@dataclass(slots=True, kw_only=True)
class Lesson:
    """The pairs of one window that teach: all that were bought, and some that were not."""

    rng: np.random.Generator
    names: list[str] = field(default_factory=list)
    matrices: list[Factors] = field(default_factory=list)
    labels: list[NDArray[np.bool_]] = field(default_factory=list)
    sizes: list[NDArray[np.int64]] = field(default_factory=list)
    """How many of the pairs are each customer's, in their order."""

    def add(
        self,
        matrix: Factors,
        names: list[str],
        bought: NDArray[np.bool_],
        *,
        customer: Rows | None = None,
    ) -> None:
        """Keep some of a block's pairs.

        Args:
            matrix: A row of features a pair.
            names: Of the features.
            bought: Whether each was.
            customer: Whose each is, one customer's together; None where all are one's.
        """
        kept = bought | (self.rng.random(bought.size) < SHARE_OF_OTHERS)
        self.names = names
        self.matrices.append(matrix[kept])
        self.labels.append(bought[kept])
        whose = np.zeros(bought.size, np.int32) if customer is None else customer
        self.sizes.append(np.unique(whose[kept], return_counts=True)[1])

    def teaches(self) -> bool:
        """Return whether there is anything to tell apart."""
        bought = sum(int(labels.sum()) for labels in self.labels)
        return 0 < bought < sum(labels.size for labels in self.labels)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranker:
    """Models of past windows, the latest first."""

    models: tuple[tuple[lightgbm.Booster, ...], ...]

    def taught(self, lesson: Lesson, *, seed: int) -> "Ranker":
        """Return the ranker that has also learned from a later window."""
        aims = (WHETHER, ORDER)
        told = [_dataset(lesson) for _ in aims]
        with ThreadPoolExecutor(2) as pool:  # a thread each: LightGBM lets go of the interpreter
            learned = tuple(pool.map(lambda pairs, aim: _learn(pairs, aim, seed=seed), told, aims))
        return Ranker(models=(learned, *self.models)[:N_WINDOWS])

    def log_odds(self, matrix: Factors) -> LogOdds:
        """Return each pair's score: log odds up to a slope and an offset."""
        counts = [OLDER_COUNTS**place for place in range(len(self.models))]
        told = sum(
            count * np.asarray(model.predict(matrix, raw_score=True))
            for count, pair in zip(counts, self.models, strict=True)
            for model in pair
        )
        return np.asarray(told / sum(counts), dtype=np.float64)


UNTAUGHT = Ranker(models=())


def _dataset(lesson: Lesson) -> lightgbm.Dataset:
    """Return the pairs in bins, a quarter of what the features take."""
    return lightgbm.Dataset(
        np.concatenate(lesson.matrices),
        np.concatenate(lesson.labels).astype(np.int8),
        group=np.concatenate(lesson.sizes),
        feature_name=[f"{place} {_SIGN.sub(' ', name)}" for place, name in enumerate(lesson.names)],
        params=dict(PARAMETERS),
    ).construct()


def _learn(pairs: lightgbm.Dataset, aim: Mapping[str, Any], *, seed: int) -> lightgbm.Booster:
    return lightgbm.train({**PARAMETERS, **aim, "seed": seed}, pairs, num_boost_round=N_TREES)
