"""The first stage: of the whole catalogue, the few hundred items a customer may well buy.

    own            what the customer bought before, the likeliest to be bought again first
    blend          the best of all opinions together, and of those the items never bought
    EASE, ALS, transitions, neighbours, popularity    the best of each alone, never bought
    stores         what the customer never bought and sells where the customer shops
    calendar       what the customer never bought and the coming weeks promote

What is not among them can never be recommended from the base list, so the share of later purchases
that is among them is measured with every release (its *ceiling*).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from models.ranking import best
from models.shaping import blend
from models.shaping.blend import Opinions
from training.fit.blend import Choice
from training.fit.shop import Shop
from training.rank.features import Features
from training.rank.pairs import Pairs

N_OWN = 200
N_BLEND = 150
N_NEW = 70
N_NEW_OF_ONE = 40
PROMOTED = 3.0
"""A fully promoted item counts this much more than an item that is not."""
NOT_HERE = 0.02
"""What selling where the customer shops counts at least, so that EASE is never wholly silenced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """Candidates of a block of customers, with what the first stage says of each."""

    pairs: Pairs
    opinions: dict[str, Scores]
    """Shape ``(n_pairs,)`` each."""
    by_taste: NDArray[np.bool_]
    """Whether taste says more of a pair than popularity."""
    histories: dict[int, Scores]
    """Of each customer, the repeat part of every item's score."""


def blocks(
    shop: Shop, choice: Choice, features: Features, *, only: NDArray[np.bool_] | None = None
) -> Iterator[Candidates]:
    """Yield the candidates of every customer, in blocks.

    Args:
        shop: Fitted models.
        choice: How the blend weighs them.
        features: Of the same shop.
        only: Shape ``(n_customers,)``: for whom candidates are wanted; None is everybody.
    """
    popular = best(shop.popularity.score()[: shop.purchases.n_ranked], shop.purchases.n_ranked)
    promoted = np.zeros(shop.purchases.n_ranked, dtype=np.float32)
    for kind in features.calendar.values():
        promoted = np.maximum(promoted, kind.window)
    for begin, opinions in shop.blocks(slow_days=choice.slow_days, only=only):
        block = _Block(
            shop=shop,
            begin=begin,
            opinions=opinions,
            repeat=blend.repeat(opinions, choice.weights),
            taste=blend.taste(opinions, choice.weights),
            popular=blend.popular(opinions, choice.weights),
            order=popular,
            promoted=promoted,
            local=features.stores.local(slice(begin, begin + opinions.slow.shape[0]))
            if features.stores is not None
            else None,
        )
        yield block.candidates(only)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    shop: Shop
    begin: int
    opinions: Opinions
    repeat: Scores
    taste: Scores
    popular: Scores
    order: Rows
    promoted: Scores
    local: Scores | None

    def candidates(self, only: NDArray[np.bool_] | None) -> Candidates:
        n = self.repeat.shape[0]
        chosen = {
            self.begin + place: self._of(place)
            for place in range(n)
            if only is None or only[self.begin + place]
        }
        pairs = Pairs.of(chosen)
        at = (pairs.customer - self.begin, pairs.item)
        opinions = {
            name: values[at] if values.ndim == 2 else values[pairs.item]
            for name in Opinions.__slots__
            for values in [getattr(self.opinions, name)]
        }
        repeat, taste, popular = self.repeat[at], self.taste[at], self.popular[pairs.item]
        return Candidates(
            pairs=pairs,
            opinions=opinions
            | {"repeat": repeat, "taste": taste, "blend": repeat + taste + popular},
            by_taste=taste >= popular,
            histories={customer: self.repeat[customer - self.begin] for customer in chosen},
        )

    def _of(self, place: int) -> Rows:
        own = self.shop.purchases.bought_by(self.begin + place)
        scores = self.repeat[place] + self.taste[place] + self.popular
        new = scores.copy()
        new[own] = -np.inf
        unseen = new > -np.inf
        ease = np.where(unseen, self.opinions.ease[place], -np.inf)
        heads: list[NDArray[np.integer]] = [
            own[_head(self.repeat[place][own], N_OWN)],
            _head(scores, N_BLEND),
            _head(new, N_NEW),
            _head(ease, N_NEW),
            self.order[unseen[self.order]][:N_NEW_OF_ONE],
        ]
        said = self.opinions
        heads += [
            _head(np.where(unseen, one[place], -np.inf), N_NEW_OF_ONE)
            for one in (said.collaborative, said.transitions, said.neighbours)
        ]
        if self.local is not None:
            here = self.local[place]
            heads.append(_head(np.where(unseen, here, -np.inf), N_NEW_OF_ONE))
            heads.append(_head(ease * np.sqrt(np.maximum(here, NOT_HERE)), N_NEW_OF_ONE))
        if self.promoted.any():
            heads.append(_head(new * (1 + PROMOTED * self.promoted), N_NEW))
        return np.unique(np.concatenate(heads)).astype(np.int32)


def _head(values: Scores, n: int) -> NDArray[np.intp]:
    """Return the places of the ``n`` highest finite values, in no order."""
    if values.size > n:
        places = np.argpartition(-values, n)[:n]
        return places[values[places] > -np.inf]
    return np.flatnonzero(values > -np.inf)
