"""Lists for held-out customers, by the path that serves, and how good they are.

Every list comes out of ``models.recommend`` from packed records, as a request's does. Baselines
are lists made elsewhere and judged by the same figures.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord, History
from models.asked import Query
from models.loaded import Loaded
from models.recommend import recommend
from training.data.split import HeldOut
from training.judge import metrics
from training.judge.metrics import Values

K = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Twenty items for each held-out customer, twice."""

    name: str
    ordinary: list[Rows]
    new_only: list[Rows]
    """Without what the customer bought before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """The figures of one way to make lists: a value a customer, but for coverage."""

    name: str
    values: Mapping[str, Values]
    coverage: float

    def means(self) -> dict[str, float]:
        """Return the mean of each metric; nan where no customer could be judged by it."""
        return {
            name: float(np.nanmean(values)) if not np.isnan(values).all() else np.nan
            for name, values in self.values.items()
        } | {"coverage@10": self.coverage}


def served(
    loaded: Loaded, packed: Mapping[str, tuple[bytes, bytes]], held_out: HeldOut, *, name: str
) -> Lists:
    """Ask ``models.recommend`` for each held-out customer's lists.

    Args:
        loaded: The release.
        packed: Record and history by customer id, as in the store.
        held_out: Whom to ask for; those without a record are strangers.
        name: Of these lists.
    """
    ordinary: list[Rows] = []
    new_only: list[Rows] = []
    for id_ in held_out.customer_ids:
        record = history = None
        if id_ in packed:
            record = CustomerRecord.unpack(packed[id_][0])
            history = History.unpack(packed[id_][1])
        for lists, query in (
            (ordinary, Query(limit=K)),
            (new_only, Query(limit=K, novelty="new_only")),
        ):
            answer = recommend(loaded, query, record=record, history=history)
            lists.append(answer.ranked.rows)
    return Lists(name=name, ordinary=ordinary, new_only=new_only)


def judge(lists: Lists, held_out: HeldOut, *, n_items: int) -> Judged:
    """Measure ``lists`` against what was bought.

    Args:
        lists: In the order of ``held_out``.
        held_out: What was bought.
        n_items: Items that could have been listed, for coverage.
    """
    bought = held_out.bought
    repeat = [np.intersect1d(*pair) for pair in zip(bought, held_out.bought_before, strict=True)]
    explore = [np.setdiff1d(*pair) for pair in zip(bought, held_out.bought_before, strict=True)]
    ordinary = lists.ordinary
    return Judged(
        name=lists.name,
        values={
            "ndcg@10": metrics.ndcg(ordinary, bought),
            "recall@20": metrics.recall(ordinary, bought),
            "hit@10": metrics.hit(ordinary, bought),
            "mrr": metrics.reciprocal_rank(ordinary, bought),
            "revenue@10": metrics.revenue(ordinary, bought, held_out.spend),
            "repeat ndcg@10": metrics.ndcg(ordinary, repeat),
            "explore ndcg@10": metrics.ndcg(ordinary, explore),
            "explore-only ndcg@10": metrics.ndcg(lists.new_only, explore),
            "next-basket ndcg@10": metrics.ndcg(ordinary, held_out.next_basket),
        },
        coverage=metrics.coverage(ordinary, n_items),
    )


def differences(
    ours: Judged, others: Sequence[Judged], *, rng: np.random.Generator
) -> dict[str, dict[str, tuple[float, float]]]:
    """Return the paired bootstrap interval of ours minus each other's, by name and metric."""
    return {
        other.name: {
            metric: metrics.interval(values - other.values[metric], rng=rng)
            for metric, values in ours.values.items()
        }
        for other in others
    }
