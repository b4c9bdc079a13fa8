"""Choosing what each opinion counts, on the shop's own validation windows.

For every customer of a window the candidates are the best of each opinion alone (some 500 of the
catalogue), so that trying one set of weights costs hundredths of a second; then one weight after
another is moved through its grid, round and round, until all were moved in vain: none helps by more
than ``CHANCE``. The aim is the sum of NDCG@10, Recall@20 and, so that discovery is not sold for
repeats, NDCG@10 among what the customer never bought.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows, Scores
from models.ranking import best, normalised
from models.shaping import blend
from models.shaping.blend import Opinions, Weights
from training.data.split import HeldOut
from training.fit.shop import FAST_DAYS, SLOW_DAYS, TASTES, Shop
from training.judge import metrics

START = Weights(
    slow=1.0,
    fast=0.2,
    ease=0.3,
    collaborative=0.05,
    popularity=0.1,
    trend=0.25,
    taste_trend=0.25,
    loyalty=0.25,
)
"""Also what a shop too young for a validation window gets."""
START_SLOW_DAYS = 240.0

GRIDS = {
    "slow": (0.0, 0.1, 0.3, 0.6, 1.0),
    "fast": (0.0, 0.1, 0.2, 0.35, 0.6, 1.0),
    "ease": (0.0, 0.1, 0.2, 0.3, 0.45, 0.7, 1.0),
    "collaborative": (0.0, 0.05, 0.1, 0.2, 0.4, 0.7),
    "popularity": (0.02, 0.05, 0.1, 0.2, 0.4),
    "trend": (0.0, 0.15, 0.3, 0.5, 0.75),
    "taste_trend": (0.0, 0.15, 0.3, 0.5, 0.75),
    "loyalty": (0.0, 0.15, 0.3, 0.5, 0.75, 1.0),
    "transitions": (0.0, 0.1, 0.2, 0.35, 0.6, 1.0),
    "neighbours": (0.0, 0.1, 0.2, 0.3, 0.5, 1.0),
    "again": (0.0, -3.0),
}
PARTS = {
    "repeat": (blend.repeat, ("slow", "fast", "trend", "loyalty", "again")),
    "taste": (blend.taste, ("ease", "collaborative", "transitions", "neighbours", "taste_trend")),
    "popular": (blend.popular, ("popularity",)),
}
"""What is added up, and the weights that each looks at."""
N_EACH = 80
MAX_CUSTOMERS = 2000
MAX_ROUNDS = 4
CHANCE = 0.0005
"""A weight moves only for more than this: the rest is noise, and the default is as good."""

_DISCOUNT = 1 / np.log2(np.arange(2, 12))
_IDEAL = np.concatenate([[1.0], np.cumsum(_DISCOUNT)])


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What the validation window chose."""

    weights: Weights
    slow_days: float

    def numbers(self) -> dict[str, float]:
        """Return the choice for the manifest."""
        return asdict(self.weights) | {"slow_days": self.slow_days}


DEFAULT = Choice(weights=START, slow_days=START_SLOW_DAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Candidates:
    """Of each customer the candidates' opinions, padded to one width."""

    opinions: Opinions
    bought: NDArray[np.bool_]
    new: NDArray[np.bool_]
    there: NDArray[np.bool_]
    n_bought: NDArray[np.intp]
    n_new: NDArray[np.intp]
    kept: dict[str, tuple[tuple[float, ...], Scores]] = field(default_factory=dict)
    """The parts of the blend, each under the weights that made it last."""

    def scores(self, weights: Weights) -> Scores:
        """Return the blend; a step of one weight makes one part anew."""
        parts = [self._part(name, weights) for name in PARTS]
        return np.asarray(sum(parts[1:], start=parts[0]))

    def _part(self, name: str, weights: Weights) -> Scores:
        make, needs = PARTS[name]
        under = tuple(getattr(weights, need) for need in needs)
        if name not in self.kept or self.kept[name][0] != under:
            self.kept[name] = under, make(self.opinions, weights)
        return self.kept[name][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Models fitted before a validation window, and what was bought in it."""

    shop: Shop
    held_out: HeldOut


def choose(windows: Sequence[Window], *, rng: np.random.Generator) -> Choice:
    """Return the weights that rank what was bought in the ``windows`` best, on average.

    Args:
        windows: One or more; none gives the default weights.
        rng: Draws the customers, where a window has more than ``MAX_CUSTOMERS``.
    """
    windows = [window for window in windows if (window.held_out.customers >= 0).any()]
    if not windows:
        return DEFAULT
    asked = [_asked(window.held_out, rng) for window in windows]
    slow_days = max(SLOW_DAYS, key=lambda days: _habit_aim(windows, asked, days))
    candidates = [
        _candidates(window, known, slow_days) for window, known in zip(windows, asked, strict=True)
    ]
    return Choice(weights=_climbed(candidates), slow_days=slow_days)


def _asked(held_out: HeldOut, rng: np.random.Generator) -> NDArray[np.intp]:
    """Return the places of the customers that are looked at."""
    known = np.flatnonzero(held_out.customers >= 0)
    if known.size > MAX_CUSTOMERS:
        known = rng.choice(known, MAX_CUSTOMERS, replace=False)
    return known


def _climbed(candidates: Sequence[_Candidates]) -> Weights:
    """Return the weights from which no step of any grid leads upwards."""
    weights, value = START, _aim(candidates, START)
    n_in_vain = 0
    for name, grid in islice(cycle(GRIDS.items()), MAX_ROUNDS * len(GRIDS)):
        n_in_vain += 1
        for step in grid:
            if step == getattr(weights, name):
                continue
            other = weights.with_(name, step)
            reached = _aim(candidates, other)
            if reached > value + CHANCE:
                weights, value, n_in_vain = other, reached, 0
        if n_in_vain == len(GRIDS):
            break
    return weights


def _habit_aim(
    windows: Sequence[Window], asked: Sequence[NDArray[np.intp]], slow_days: float
) -> float:
    """Return the mean NDCG@10 of habits alone, both clocks mixed as in ``START``."""
    values = []
    for window, known in zip(windows, asked, strict=True):
        slow, fast = window.shop.habit(slow_days), window.shop.habit(FAST_DAYS)
        lists = []
        for customer in window.held_out.customers[known]:
            span = slice(slow.indptr[customer], slow.indptr[customer + 1])
            habit = normalised(slow.data[span]) + START.fast * normalised(fast.data[span])
            lists.append(slow.indices[span][np.argsort(-habit, kind="stable")[:10]])
        bought = [window.held_out.bought[place] for place in known]
        values.append(np.nanmean(metrics.ndcg(lists, bought)))
    return float(np.mean(values))


def _aim(windows: Sequence[_Candidates], weights: Weights) -> float:
    return float(np.mean([_reached(candidates, weights) for candidates in windows]))


def _reached(candidates: _Candidates, weights: Weights) -> float:
    scores = candidates.scores(weights)
    scores[~candidates.there] = -np.inf
    hits = _best_hits(scores, candidates.bought)
    any_new = candidates.n_new > 0
    scores[~candidates.new] = -np.inf
    new_hits = _best_hits(scores, candidates.bought)[any_new]
    ndcg = hits[:, :10] @ _DISCOUNT / _IDEAL[np.minimum(candidates.n_bought, 10)]
    recall = hits.sum(axis=1) / candidates.n_bought
    explore = new_hits[:, :10] @ _DISCOUNT / _IDEAL[np.minimum(candidates.n_new[any_new], 10)]
    return float(ndcg.mean() + recall.mean() + (explore.mean() if explore.size else 0.0))


def _best_hits(scores: Scores, bought: NDArray[np.bool_], k: int = 20) -> NDArray[np.bool_]:
    top = np.argpartition(-scores, k, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(scores, top, 1), axis=1, kind="stable")
    top = np.take_along_axis(top, order, 1)
    there = np.take_along_axis(scores, top, 1) > -np.inf
    return np.asarray(np.take_along_axis(bought, top, 1) & there)


def _candidates(window: Window, asked: NDArray[np.intp], slow_days: float) -> _Candidates:
    shop, held_out = window.shop, window.held_out
    places = {int(held_out.customers[place]): int(place) for place in asked}
    columns: dict[str, list[Scores]] = {name: [] for name in Opinions.__slots__}
    rows: list[Rows] = []
    bought, new = [], []
    n_new = []
    popular = best(shop.popularity.score()[: shop.n_head], 1000)
    only = np.zeros(shop.purchases.n_customers, dtype=np.bool_)
    only[list(places)] = True
    for block in shop.blocks(slow_days=slow_days, only=only):
        for at, customer in enumerate(block.customers.tolist()):
            every, opinions = block.whole(at)
            own = {name: getattr(opinions, name) for name in columns}
            unseen = own["slow"] == 0
            chosen = _best_of_each(own, unseen, popular)
            wanted = held_out.bought[places[customer]]
            rows.append(chosen)
            for name, values in own.items():
                columns[name].append(values[chosen])
            bought.append(np.isin(every[chosen], wanted))
            new.append(unseen[chosen])
            n_new.append(int(np.isin(wanted, every[~unseen], invert=True).sum()))
    width = max(max((one.size for one in rows), default=0), 21)
    there = _padded([np.ones(one.size, np.bool_) for one in rows], width)
    return _Candidates(
        opinions=Opinions(**{name: _padded(column, width) for name, column in columns.items()}),
        bought=_padded(bought, width),
        new=_padded(new, width) & there,
        there=there,
        n_bought=np.array([held_out.bought[places[c]].size for c in sorted(places)]),
        n_new=np.array(n_new),
    )


def _best_of_each(own: dict[str, Scores], unseen: Mask, popular: Rows) -> Rows:
    """Return the union of what each opinion puts first, among all items and among new ones."""
    bought = np.flatnonzero(~unseen)
    new = {name: _head(np.where(unseen, own[name], -1)) for name in TASTES}
    any_ = {name: np.concatenate([new[name], bought]) for name in TASTES}
    heads: list[NDArray[Any]] = [
        popular[:N_EACH],
        popular[unseen[popular]][:N_EACH],
        *(bought[_head(own[name][bought])] for name in ("slow", "fast")),
        *new.values(),
        *(rows[_head(own[name][rows])] for name, rows in any_.items()),
    ]
    return np.unique(np.concatenate(heads)).astype(np.int32)


def _head(values: Scores) -> NDArray[np.intp]:
    if values.size <= N_EACH:
        return np.arange(values.size)
    return np.argpartition(-values, N_EACH)[:N_EACH]


def _padded(parts: Sequence[NDArray[Any]], width: int) -> NDArray[Any]:
    out = np.zeros((len(parts), width), dtype=parts[0].dtype)
    for place, part in enumerate(parts):
        out[place, : part.size] = part
    return out
