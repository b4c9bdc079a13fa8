"""Our single models on public data sets, each set by the protocol of its papers.

Gowalla    what was not seen is ranked; recall and NDCG of the first 20 (LightGCN, SIGIR 2020)
Ta-Feng    the last basket is foretold; recall and NDCG of the first 10
Beauty     the last item is foretold among those not seen, from all that came before it, by
           models that never saw the one before it; hit rate and NDCG of the first 10
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
import scipy.sparse as sp

from benchmarks import published_sets
from models.arrays import Rows, Scores
from models.ranking import best, normalised
from training.data.purchases import Purchases, number
from training.data.split import HeldOut, hold_out
from training.fit import collaborative, ease, neighbours, popularity, repurchase, transitions
from training.judge import metrics
from training.judge.metrics import Values

Figures = tuple[float, float]
Score = Callable[[int, int], Scores]
"""The scores of the customers from one row to another, by items."""
BLOCK = 256
TIE = np.float32(1e-5)
"""What the best seller counts beside 1 for the best of a model."""
SEED = 7
ALL_ITEMS = 1_000_000
"""No head: papers rank the whole catalogue."""


def gowalla(folder: Path) -> Iterator[tuple[str, Figures]]:
    """Yield our factors' recall@20 and NDCG@20."""
    teaches, examines = published_sets.gowalla(folder)
    known = _numbered(teaches, 0)
    seen, truth = known.matrix(), _matrix(examines, known)
    als = collaborative.fit(known, seed=SEED, n_factors=256, alpha=20.0, regularization=20.0)
    yield "ALS", reached(_liked(als.customers, als.model.items), truth, seen=seen, k=20)


def ta_feng(folder: Path) -> Iterator[tuple[str, Figures]]:
    """Yield recall@10 and NDCG@10 of habits, of neighbours and of EASE."""
    lines = published_sets.ta_feng(folder)
    known = _numbered(lines, 1)
    truth = _matrix(lines.filter(pl.col("timestamp") == published_sets.LAST_DAY), known)
    counts = known.matrix()
    yield "personal frequency", reached(lambda b, e: counts[b:e].toarray(), truth, k=10)
    alike = neighbours.fit(known, transitions.orders(known))
    yield "UP-CF", reached(_whole(alike.score, known), truth, k=10)
    explained = ease.fit(known, strength=100.0, fade_days=np.inf, max_side=ALL_ITEMS)
    yield "EASE", reached(_whole(explained.score, known), truth, k=10)


def beauty(folder: Path) -> Iterator[tuple[str, Figures]]:
    """Yield HR@10 and NDCG@10 of transitions, of EASE and of factors."""
    lines = published_sets.beauty(folder)
    known = _numbered(lines, 2)
    asked = _numbered(lines, 1)
    truth = _matrix(lines.filter(pl.col("timestamp") == published_sets.LAST_DAY), known)
    seen = _as_of(known, asked, asked.matrix())
    recent = _as_of(known, asked, transitions.recent(transitions.orders(asked)))
    follows = replace(transitions.fit(transitions.orders(known)), recent=recent)
    yield "transitions", reached(_whole(follows.score, known), truth, seen=seen, k=10)
    als = collaborative.fit(known, seed=SEED, n_factors=256, alpha=60.0, regularization=60.0)
    folded = [als.model.fold_in(seen[row].indices) for row in range(seen.shape[0])]
    yield "ALS", reached(_liked(np.array(folded), als.model.items), truth, seen=seen, k=10)
    explained = ease.fit(known, strength=150.0, fade_days=np.inf, max_side=ALL_ITEMS)
    explained = replace(explained, counts=recent)
    yield "EASE of late", reached(_whole(explained.score, known), truth, seen=seen, k=10)


SETS: Mapping[str, Callable[[Path], Iterator[tuple[str, Figures]]]] = {
    "Gowalla": gowalla,
    "Ta-Feng": ta_feng,
    "Beauty": beauty,
}


def alone(
    lines: pl.DataFrame, *, cut: datetime, min_buyers: int | None
) -> Iterator[tuple[str, Values]]:
    """Yield the NDCG@10 of each of our models alone, a value a customer of the window from ``cut``.

    Each is asked with and without what the customer bought before; the better of the two counts.
    Whatever a model scores alike stands in the order of what sold in the last 28 days, which is
    also the list of a stranger.
    """
    known = number(lines, lines["item_id"].unique(), until=cut, min_buyers=min_buyers)
    window = hold_out(lines, known, days=None)
    sells = normalised(popularity.fit(known).score()[: known.n_ranked])
    told = transitions.orders(known)
    counts, faded = known.matrix(), repurchase.habit(known, days=120.0)
    als = collaborative.fit(known, seed=SEED)
    models: dict[str, Score] = {
        "personal frequency": lambda b, e: counts[b:e].toarray(),
        "personal frequency, fading": lambda b, e: faded[b:e].toarray(),
        "EASE": _whole(ease.fit(known).score, known),
        "ALS": _liked(als.customers, als.model.items),
        "UP-CF": _whole(neighbours.fit(known, told).score, known),
        "transitions": _whole(transitions.fit(told).score, known),
    }
    for name, score in models.items():
        both = lists(score, window, sells)
        yield (
            name,
            max(
                (metrics.ndcg(found, window.bought) for found in both),
                key=lambda v: float(v.mean()),
            ),
        )


def lists(score: Score, window: HeldOut, sells: Scores, *, k: int = 10) -> list[list[Rows]]:
    """Return each customer's first ``k``, once of all items and once of those never bought.

    Args:
        score: Of a block of customers.
        window: Whom to ask for.
        sells: Shape ``(n_ranked,)``, 1 at most: breaks ties, and is the list of a stranger.
        k: Length of the lists.
    """
    any_, new = ([best(sells, k)] * len(window.bought) for _ in range(2))
    in_row_order = np.argsort(window.customers, kind="stable")
    in_row_order = in_row_order[window.customers[in_row_order] >= 0]
    blocks = window.customers[in_row_order] // BLOCK
    last = int(window.customers.max()) + 1
    for block in np.unique(blocks):
        begin = int(block) * BLOCK
        scores = normalised(score(begin, min(begin + BLOCK, last))) + TIE * sells
        for place in in_row_order[blocks == block]:
            bought = window.bought_before[place]
            head = best(scores[window.customers[place] - begin], k + bought.size)
            any_[place], new[place] = head[:k], head[np.isin(head, bought, invert=True)][:k]
    return [any_, new]


def reached(
    score: Score, truth: sp.csr_matrix, *, k: int, seen: sp.csr_matrix | None = None
) -> Figures:
    """Return recall and NDCG of the first ``k``, over customers with something to foretell.

    Ties fall to the better seller.

    Args:
        score: Of a block of customers.
        truth: Customers by items: what is to be foretold.
        k: Length of the lists.
        seen: Customers by items that are left out of the lists.
    """
    discount = 1 / np.log2(np.arange(2, k + 2))
    ideal = np.cumsum(discount)
    recalls, ndcgs = [], []
    for begin in range(0, truth.shape[0], BLOCK):
        end = min(begin + BLOCK, truth.shape[0])
        scores = np.array(score(begin, end), dtype=np.float32)
        for place in range(end - begin):
            wanted = truth[begin + place].indices
            if not wanted.size:
                continue
            own = scores[place]
            if seen is not None:
                own[seen[begin + place].indices] = -np.inf
            hits = np.isin(best(own, k), wanted)
            recalls.append(hits.sum() / wanted.size)
            ndcgs.append(hits @ discount[: hits.size] / ideal[min(wanted.size, k) - 1])
    return float(np.mean(recalls)), float(np.mean(ndcgs))


def _numbered(lines: pl.DataFrame, n_left: int) -> Purchases:
    """Number what teaches; each customer's last ``n_left`` baskets do not."""
    until = published_sets.before(n_left)
    return number(lines, lines["item_id"].unique(), until=until, min_buyers=1)


def _matrix(lines: pl.DataFrame, known: Purchases) -> sp.csr_matrix:
    """Return customers by items of ``known``; items that are not in it count as never foretold."""
    row = {id_: place for place, id_ in enumerate(known.item_ids)}
    customers = [known.customer_row[id_] for id_ in lines["customer_id"]]
    items = [row[id_] for id_ in lines["item_id"]]
    shape = (known.n_customers, len(known.item_ids))
    return sp.csr_matrix((np.ones(len(items), np.float32), (customers, items)), shape=shape)


def _as_of(known: Purchases, other: Purchases, told: sp.csr_matrix) -> sp.csr_matrix:
    """Return what ``told`` says of ``other``'s items, in the rows of ``known``; alike customers."""
    place = {id_: row for row, id_ in enumerate(known.item_ids)}
    rows = np.array([place[id_] for id_ in other.item_ids[: other.n_ranked]])
    told = told.tocoo()
    keep = rows[told.col] < known.n_ranked
    return sp.csr_matrix(
        (told.data[keep], (told.row[keep], rows[told.col[keep]])),
        shape=(known.n_customers, known.n_ranked),
    )


def _liked(customers: Scores, items: Scores) -> Score:
    return lambda begin, end: np.asarray(customers[begin:end] @ items.T)


def _whole(score: Callable[[Rows], Scores | sp.csr_matrix], known: Purchases) -> Score:
    """Return the scores as one array over all items, those that a model leaves out as 0."""

    def scores(begin: int, end: int) -> Scores:
        told = score(np.arange(begin, end, dtype=np.int32))
        whole = np.zeros((end - begin, known.n_ranked), dtype=np.float32)
        whole[:, : told.shape[1]] = told if isinstance(told, np.ndarray) else told.toarray()
        return whole

    return scores
