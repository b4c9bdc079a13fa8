"""How good a list is, each metric by its plain definition.

All are means over customers, so that a household with a hundred purchases counts as one with two,
of a value between 0 and 1; novelty alone is in bits. Nothing is sampled: the whole catalogue was
ranked.

Sources: Järvelin and Kekäläinen, "Cumulated Gain-Based Evaluation of IR Techniques", TOIS 2002
(NDCG); Castells, Hurley and Vargas, "Novelty and Diversity in Recommender Systems", Recommender
Systems Handbook, 2015 (novelty); Krichene and Rendle, "On Sampled Metrics for Item Recommendation",
KDD 2020 (why nothing is sampled).
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows

Values = NDArray[np.float64]


def ndcg(lists: Sequence[Rows], bought: Sequence[Rows], k: int = 10) -> Values:
    """Return each customer's normalised discounted cumulative gain; nan if nothing was bought."""
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)
    return np.array(
        [
            float(discount[: hits.size][hits].sum() / ideal[min(k, wanted.size) - 1])
            if wanted.size
            else np.nan
            for hits, wanted in _hits(lists, bought, k)
        ]
    )


def recall(lists: Sequence[Rows], bought: Sequence[Rows], k: int = 20) -> Values:
    """Return the share of what each customer bought that is among the first ``k``."""
    return np.array(
        [
            float(hits.sum() / wanted.size) if wanted.size else np.nan
            for hits, wanted in _hits(lists, bought, k)
        ]
    )


def hit(lists: Sequence[Rows], bought: Sequence[Rows], k: int = 10) -> Values:
    """Return 1 where any of the first ``k`` was bought, else 0."""
    return np.array(
        [float(hits.any()) if wanted.size else np.nan for hits, wanted in _hits(lists, bought, k)]
    )


def reciprocal_rank(lists: Sequence[Rows], bought: Sequence[Rows], k: int = 20) -> Values:
    """Return 1 / the place of the first item bought, 0 where none of the first ``k`` was."""
    return np.array(
        [
            (1 / (1 + float(np.argmax(hits))) if hits.any() else 0.0) if wanted.size else np.nan
            for hits, wanted in _hits(lists, bought, k)
        ]
    )


def average_precision(lists: Sequence[Rows], bought: Sequence[Rows], k: int = 10) -> Values:
    """Return the precision at the place of each hit, summed, over the most hits there could be.

    Its mean over customers is MAP. The most hits are ``k``, or what was bought where that is less.
    """
    return np.array(
        [
            float((np.cumsum(hits) / np.arange(1, hits.size + 1))[hits].sum() / min(k, wanted.size))
            if wanted.size
            else np.nan
            for hits, wanted in _hits(lists, bought, k)
        ]
    )


def novelty(lists: Sequence[Rows], share: Values, k: int = 10) -> Values:
    """Return the mean self-information of the first ``k``, in bits; nan for an empty list.

    An item that half of all customers bought tells 1 bit, one that a thousandth bought 10.

    Args:
        lists: Rows of items.
        share: Shape ``(n_items,)``: of all customers, who bought each; above 0.
        k: How many of each list.
    """
    bits = -np.log2(share)
    return np.array([float(bits[shown[:k]].mean()) if shown.size else np.nan for shown in lists])


def revenue(
    lists: Sequence[Rows], bought: Sequence[Rows], spend: Sequence[Values], k: int = 10
) -> Values:
    """Return the share of each customer's spend that went to the first ``k``."""
    return np.array(
        [
            float(money[np.isin(wanted, shown[:k])].sum() / money.sum()) if wanted.size else np.nan
            for shown, wanted, money in zip(lists, bought, spend, strict=True)
        ]
    )


def coverage(lists: Sequence[Rows], n_items: int, k: int = 10) -> float:
    """Return the share of the catalogue that is on anybody's first ``k``."""
    shown = np.unique(np.concatenate([shown[:k] for shown in lists]))
    return float(shown.size / n_items)


def _hits(
    lists: Sequence[Rows], bought: Sequence[Rows], k: int
) -> list[tuple[NDArray[np.bool_], Rows]]:
    return [
        (np.isin(shown[:k], wanted), wanted) for shown, wanted in zip(lists, bought, strict=True)
    ]


def interval(
    values: Values, *, rng: np.random.Generator, share: float = 0.95, n: int = 2000
) -> tuple[float, float]:
    """Return the bootstrap interval of the mean over customers, or of a mean difference.

    Percentile method (Efron and Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13).

    Args:
        values: A value a customer; nan counts for nobody, and nothing but nan gives nan.
        rng: Draws the resamples.
        share: How much of the resampled means lies inside.
        n: How many resamples.
    """
    there = values[~np.isnan(values)]
    if not there.size:
        return np.nan, np.nan
    means = np.array([rng.choice(there, there.size).mean() for _ in range(n)])
    tail = (1 - share) / 2
    low, high = np.quantile(means, [tail, 1 - tail])
    return float(low), float(high)
