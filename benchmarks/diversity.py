"""What diversity costs, by each way to buy it: ``make bench-diversity``.

On the Complete Journey's validation window: NDCG@10 of the ten items shown, against how alike they
are (intra-list similarity: the mean over pairs, .75 for one category, .25 for one brand; beside it
the mean cosine of their vectors, which nobody here looks at).

    MMR, bounded      ``models.shaping.diversity``: each place keeps 1 - diversity of its worth
    MMR               the same without the bound
    greedy discount   each pick makes its category worth 1 - diversity of what it was
    xQuAD             picks cover the list's categories and brands, by what they are worth in it

Source of xQuAD: Santos, Macdonald and Ounis, "Exploiting Query Reformulations for Web Search Result
Diversification", WWW 2010; a customer's list stands for the query, its kinds for the aspects.
"""

import argparse
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from benchmarks.curves import drawn
from benchmarks.journey import VALIDATION, Journey
from benchmarks.results import FOLDER, Goal, Run
from models.arrays import Codes, Factors, Rows, Scores
from models.asked import POOL
from models.shaping.diversity import SAME_CATEGORY, diversified
from training.fit import loaded
from training.fit.blend import DEFAULT
from training.fit.records import records
from training.judge import metrics

K = 10
DIVERSITY = (0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.85, 1.0)
Places = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """The head of a customer's list, and what was bought of it."""

    rows: Rows
    scores: Scores
    categories: Codes
    brands: Codes
    bought: Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """What one way reaches at one diversity, over all customers."""

    diversity: float
    ndcg: float
    alike: float
    cosine: float
    least_kept: float
    """The least share of its worth that any place of any list kept."""
    us: float
    """Median of a call."""


def bounded(base: Base, diversity: float) -> Places:
    """Return the ten by what serves."""
    return diversified(
        base.scores,
        categories=base.categories,
        brands=base.brands,
        diversity=diversity,
        n_picks=K,
    )[:K]


def marginal(base: Base, diversity: float) -> Places:
    """Return the ten by MMR that may give up anything."""
    likeness = _likeness(base.categories, base.brands)
    nearest = np.zeros(base.rows.size)
    value = gain = (1 - diversity) * _worth(base.scores)
    picks: list[int] = []
    for _ in range(min(K, base.rows.size)):
        picks.append(int(np.argmax(value)))
        nearest = np.maximum(nearest, likeness[picks[-1]])
        value = gain - diversity * nearest
        value[picks] = -np.inf
    return np.array(picks, dtype=np.intp)


def discounted(base: Base, diversity: float) -> Places:
    """Return the ten by the greedy discount of categories, worth being the place."""
    worth = np.linspace(1, 0, base.rows.size, endpoint=False)
    picks: list[int] = []
    for _ in range(min(K, base.rows.size)):
        picks.append(int(np.argmax(worth)))
        code = base.categories[picks[-1]]
        worth[(base.categories == code) & (code >= 0)] *= 1 - diversity
        worth[picks] = -1
    return np.array(picks, dtype=np.intp)


def covering(base: Base, diversity: float) -> Places:
    """Return the ten by xQuAD: of each kind, what of it is not covered yet."""
    worth = _worth(base.scores)
    kinds = [_kinds(base.categories), _kinds(base.brands)]
    shares = [np.bincount(kind, worth) / (worth.sum() or 1) for kind in kinds]
    left = [np.ones(share.size) for share in shares]
    picks: list[int] = []
    for _ in range(min(K, base.rows.size)):
        parts = [
            share[kind] * open_[kind]
            for kind, share, open_ in zip(kinds, shares, left, strict=True)
        ]
        covers = worth * (SAME_CATEGORY * parts[0] + (1 - SAME_CATEGORY) * parts[1])
        covers[picks] = 0
        value = (1 - diversity) * worth + diversity * covers / (covers.max() or 1)
        value[picks] = -np.inf
        pick = int(np.argmax(value))
        picks.append(pick)
        for kind, open_ in zip(kinds, left, strict=True):
            open_[kind[pick]] *= 1 - worth[pick]
    return np.array(picks, dtype=np.intp)


WAYS: Mapping[str, Callable[[Base, float], Places]] = {
    "MMR, bounded": bounded,
    "MMR": marginal,
    "greedy discount": discounted,
    "xQuAD": covering,
}


def main() -> None:
    """Run the benchmark, print its table, write its figures and its picture."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    run = Run.begin("diversity", "make bench-diversity")
    bases, vectors = _bases()
    found = {
        name: [_reached(way, bases, vectors, diversity) for diversity in DIVERSITY]
        for name, way in WAYS.items()
    }
    Console(width=110).print(_table(found))
    (FOLDER / "diversity.svg").write_text(
        drawn(
            {name: [(one.alike, one.ndcg) for one in curve] for name, curve in found.items()},
            title="What diversity costs (Complete Journey, validation)",
            across="intra-list similarity of ten items: less is more diverse",
            up="NDCG@10",
        )
    )
    half = found["MMR"][0].alike / 2
    at_half = {name: _ndcg_at(curve, half) for name, curve in found.items()}
    ours = found["MMR, bounded"]
    broken = max(1 - one.diversity - one.least_kept for one in ours)
    us = max(one.us for one in ours)
    run.end(
        {
            f"{name} at {one.diversity:g}: {what}": value
            for name, curve in found.items()
            for one in curve
            for what, value in (
                ("NDCG@10", one.ndcg),
                ("intra-list similarity", one.alike),
                ("mean cosine", one.cosine),
                ("least kept of a place", one.least_kept),
                ("us", one.us),
            )
        }
        | {f"{name}: NDCG@10 at half the similarity": value for name, value in at_half.items()},
        {
            "worth given up beyond the promise": Goal.at_most(broken, 1e-5),
            "NDCG@10 at half the similarity, over the greedy discount": Goal.at_least(
                at_half["MMR, bounded"] - at_half["greedy discount"], 0
            ),
            "us a call": Goal.at_most(us, 100),
        },
    )


def _bases() -> tuple[list[Base], Factors]:
    journey = Journey.read()
    shop, held_out = journey.before(VALIDATION)
    catalogue = loaded.catalogue(shop, journey.items)
    bought = dict(zip(held_out.customer_ids, held_out.bought, strict=True))
    bases = []
    for id_, record, _ in records(shop, DEFAULT):
        if id_ in bought:
            rows = record.rows[: K * POOL]
            bases.append(
                Base(
                    rows=rows,
                    scores=record.scores[: K * POOL],
                    categories=catalogue.category[rows],
                    brands=catalogue.brand[rows],
                    bought=bought[id_],
                )
            )
    vectors = shop.collaborative.model.items
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return bases, vectors / np.maximum(lengths, 1e-12)


def _reached(
    way: Callable[[Base, float], Places],
    bases: Sequence[Base],
    vectors: Factors,
    diversity: float,
) -> Reached:
    shown, alike, cosine, kept, took = [], [], [], [], []
    for base in bases:
        began = time.perf_counter()
        places = way(base, diversity)
        took.append(time.perf_counter() - began)
        rows = base.rows[places]
        shown.append(rows)
        alike.append(_mean_of_pairs(_likeness(base.categories[places], base.brands[places])))
        cosine.append(_mean_of_pairs(vectors[rows] @ vectors[rows].T))
        worth = _worth(base.scores)
        plain = np.maximum(worth[: places.size], 1e-12)
        kept.append(float((worth[places] / plain).min(initial=1)))
    return Reached(
        diversity=diversity,
        ndcg=float(np.nanmean(metrics.ndcg(shown, [base.bought for base in bases]))),
        alike=float(np.mean(alike)),
        cosine=float(np.mean(cosine)),
        least_kept=min(kept),
        us=float(np.median(took)) * 1e6,
    )


def _ndcg_at(curve: Sequence[Reached], alike: float) -> float:
    """Return the NDCG at a likeness, between the figures beside it; nan where it is not reached."""
    points = sorted((one.alike, one.ndcg) for one in curve)
    likenesses, ndcgs = zip(*points, strict=True)
    return float(np.interp(alike, likenesses, ndcgs, left=np.nan))


def _worth(scores: Scores) -> NDArray[np.float64]:
    worth = np.maximum(scores, 0).astype(np.float64)
    return np.asarray(worth / (worth.max(initial=0) or 1.0))


def _kinds(codes: Codes) -> NDArray[np.intp]:
    """Number the kinds from 0; an item without a code is a kind of its own."""
    alone = np.where(codes < 0, -1 - np.arange(codes.size), codes)
    return np.unique(alone, return_inverse=True)[1]


def _likeness(categories: Codes, brands: Codes) -> NDArray[np.float64]:
    same = np.equal.outer(categories, categories) & (categories >= 0)
    same_brand = np.equal.outer(brands, brands) & (brands >= 0)
    return np.asarray(SAME_CATEGORY * same + (1 - SAME_CATEGORY) * same_brand)


def _mean_of_pairs(alike: NDArray[np.floating]) -> float:
    n = alike.shape[0]
    return float((alike.sum() - np.trace(alike)) / max(n * (n - 1), 1))


def _table(found: Mapping[str, Sequence[Reached]]) -> Table:
    table = Table(title="NDCG@10 and, after it, intra-list similarity, by diversity")
    table.add_column("diversity", justify="right")
    for name in found:
        table.add_column(name, justify="right")
    for n, diversity in enumerate(DIVERSITY):
        cells = [f"{curve[n].ndcg:.4f} {curve[n].alike:.4f}" for curve in found.values()]
        table.add_row(f"{diversity:g}", *cells)
    at_some = [curve[DIVERSITY.index(0.3)] for curve in found.values()]
    table.add_row("least kept at 0.3", *(f"{one.least_kept:.2f}" for one in at_some))
    table.add_row("us a call at 0.3", *(f"{one.us:.0f}" for one in at_some))
    return table


if __name__ == "__main__":
    main()
