"""What a shop would have without us: the lists that ours are judged against, in the same run.

    popularity, all time / 28 days      one list for all
    personal frequency                  orders fading over 120 days, filled with 28-day popularity
    personal frequency, no decay        orders, the same filling (P-Pop, GP-TopFreq)
    ALS (implicit)                      the factors alone, tuned: log counts, alpha 1, λ 10
    item-kNN BM25, TF-IDF, cosine       as implicit ships them, K = 20, on raw counts

Lists for new items only are the same scores with what was bought left out.

Source: Li et al., "A Next Basket Recommendation Reality Check", TOIS 2023 (personal frequency with
and without what sells to all; ties go to what sells).
"""

import warnings
from collections.abc import Callable, Iterator

import numpy as np
from implicit.nearest_neighbours import BM25Recommender, CosineRecommender, TFIDFRecommender
from implicit.utils import ParameterWarning

from models.arrays import Rows, Scores
from models.ranking import best
from training.data.split import HeldOut
from training.fit.shop import Shop
from training.judge.evaluate import K, Lists

PERSONAL_DAYS = 120.0
N_NEIGHBOURS = 20
FILL = 1e-6
"""Makes popularity break ties and fill up, never outrank a habit."""
TIES = 0.5
"""The same beside whole counts of orders, which are 1 at least."""


def all_lists(shop: Shop, held_out: HeldOut) -> Iterator[Lists]:
    """Yield each baseline's lists for the held-out customers."""
    n_ranked = shop.purchases.n_ranked
    recent = shop.popularity.score()[:n_ranked]
    all_time = -np.arange(n_ranked, dtype=np.float32)  # rows are numbered best-selling first
    yield _lists("popularity, all time", held_out, lambda _: all_time)
    yield _lists("popularity, 28 days", held_out, lambda _: recent)
    habit = shop.habit(PERSONAL_DAYS)
    yield _lists(
        "personal frequency",
        held_out,
        lambda row: recent * FILL + (habit[row].toarray()[0] if row >= 0 else 0),
    )
    times = shop.purchases.matrix()
    yield _lists(
        "personal frequency, no decay",
        held_out,
        lambda row: recent * TIES + (times[row].toarray()[0] if row >= 0 else 0),
    )
    als = shop.collaborative
    yield _lists(
        "ALS (implicit)",
        held_out,
        lambda row: als.model.items @ als.customers[row] if row >= 0 else recent,
    )
    yield from _item_knn(shop, held_out, recent)


def _item_knn(shop: Shop, held_out: HeldOut, recent: Scores) -> Iterator[Lists]:
    counts = shop.purchases.matrix()
    for name, kind in (
        ("item-kNN, BM25", BM25Recommender),
        ("item-kNN, TF-IDF", TFIDFRecommender),
        ("item-kNN, cosine", CosineRecommender),
    ):
        model = kind(K=N_NEIGHBOURS)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ParameterWarning)  # it weights to COO, then complains
            model.fit(counts, show_progress=False)
        neighbours = model.similarity.tocsr()
        yield _lists(
            name,
            held_out,
            lambda row, neighbours=neighbours: (  # type: ignore[misc]
                np.asarray((counts[row] @ neighbours).toarray()[0], dtype=np.float32)
                if row >= 0
                else recent
            ),
        )


def _lists(name: str, held_out: HeldOut, scores_of: Callable[[int], Scores]) -> Lists:
    ordinary: list[Rows] = []
    new_only: list[Rows] = []
    for row, bought in zip(held_out.customers, held_out.bought_before, strict=True):
        scores = np.array(scores_of(int(row)), dtype=np.float32)
        ordinary.append(best(scores, K))
        scores[bought] = -np.inf
        new_only.append(best(scores, K))
    return Lists(name=name, ordinary=ordinary, new_only=new_only)
