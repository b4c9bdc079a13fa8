"""The first stage: of the whole catalogue, the few hundred items a customer may well buy.

    own            what the customer bought before, the likeliest to be bought again first
    blend          the best of all opinions together, and of those the items never bought
    EASE, ALS, transitions, neighbours, popularity    the best of each alone, never bought
    stores         what the customer never bought and sells where the customer shops
    calendar       what the customer never bought and the coming weeks promote

What is not among them can never be recommended from the base list, so the share of later purchases
that is among them is measured with every release (its *ceiling*).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows, Scores
from models.ranking import best
from models.shaping import blend
from models.shaping.blend import Opinions, Weights
from training.fit.blend import Choice
from training.fit.opinions import Block
from training.fit.shop import Shop
from training.rank.features import Features
from training.rank.pairs import Pairs
from training.rank.stores import Stores

N_OWN = 200
N_BLEND = 150
N_NEW = 70
N_NEW_OF_ONE = 40
PROMOTED = 3.0
"""A fully promoted item counts this much more than an item that is not."""
PARTS = {"repeat": blend.repeat, "taste": blend.taste, "popular": blend.popular}
"""What is added up to the blend."""
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
    own: Mask
    """Whether each was bought before."""
    repeat: Scores
    """Of all that each customer bought, by ascending row, the repeat part of its score; one
    customer's behind the other's."""


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
    promoted = np.zeros(shop.purchases.n_ranked, dtype=np.float32)
    for kind in features.calendar.values():
        promoted = np.maximum(promoted, kind.window)
    first_stage = _FirstStage(
        weights=choice.weights,
        order=best(shop.popularity.score()[: shop.n_head], max(shop.n_head, 1)),
        promoted=promoted,
        stores=features.stores,
    )
    for block in shop.blocks(slow_days=choice.slow_days, only=only):
        yield first_stage.of(block)


@dataclass(frozen=True, slots=True, kw_only=True)
class _FirstStage:
    weights: Weights
    order: Rows
    """The catalogue's head, what sells best now first."""
    promoted: Scores
    stores: Stores | None

    def of(self, block: Block) -> Candidates:
        local = self.stores.local(block.customers) if self.stores is not None else None
        chosen: dict[int, Rows] = {}
        columns: dict[str, list[Scores]] = {name: [] for name in (*Opinions.__slots__, *PARTS)}
        was_bought: list[Mask] = []
        histories: list[Scores] = []
        for place, customer in enumerate(block.customers.tolist()):
            rows, said = block.whole(place)
            own = np.searchsorted(rows, block.bought(place))
            parts = {name: part(said, self.weights) for name, part in PARTS.items()}
            here = local[place, rows] if local is not None else None
            heads = self._heads(said, parts, own=own, here=here, promoted=self.promoted[rows])
            chosen[customer] = rows[heads]
            was_bought.append(np.isin(heads, own, assume_unique=True))
            histories.append(parts["repeat"][own])
            for name, values in columns.items():
                values.append((parts[name] if name in parts else getattr(said, name))[heads])
        opinions = {name: np.concatenate(values) for name, values in columns.items()}
        repeat, taste, popular = opinions["repeat"], opinions["taste"], opinions.pop("popular")
        return Candidates(
            pairs=Pairs.of(chosen),
            opinions=opinions | {"blend": repeat + taste + popular},
            by_taste=taste >= popular,
            own=np.concatenate(was_bought),
            repeat=np.concatenate(histories),
        )

    def _heads(
        self,
        said: Opinions,
        parts: Mapping[str, Scores],
        *,
        own: NDArray[np.intp],
        here: Scores | None,
        promoted: Scores,
    ) -> NDArray[np.intp]:
        """Return the union of what each opinion on one customer puts first, as ascending places."""
        scores = parts["repeat"] + parts["taste"] + parts["popular"]
        new = scores.copy()
        new[own] = -np.inf
        unseen = new > -np.inf
        ease = np.where(unseen, said.ease, -np.inf)
        heads: list[NDArray[np.integer]] = [
            own[_head(parts["repeat"][own], N_OWN)],
            _head(scores, N_BLEND),
            _head(new, N_NEW),
            _head(ease, N_NEW),
            self.order[unseen[self.order]][:N_NEW_OF_ONE],
        ]
        heads += [
            _head(np.where(unseen, one, -np.inf), N_NEW_OF_ONE)
            for one in (said.collaborative, said.transitions, said.neighbours)
        ]
        if here is not None:
            heads.append(_head(np.where(unseen, here, -np.inf), N_NEW_OF_ONE))
            heads.append(_head(ease * np.sqrt(np.maximum(here, NOT_HERE)), N_NEW_OF_ONE))
        if self.promoted.any():
            heads.append(_head(new * (1 + PROMOTED * promoted), N_NEW))
        return np.unique(np.concatenate(heads)).astype(np.intp)


def _head(values: Scores, n: int) -> NDArray[np.intp]:
    """Return the places of the ``n`` highest finite values, in no order."""
    if values.size > n:
        places = np.argpartition(-values, n)[:n]
        return places[values[places] > -np.inf]
    return np.flatnonzero(values > -np.inf)
