"""The base list of every customer, ranked with all the models before anybody asks.

The list holds what scores best, and among it at least ``N_NEW`` items the customer never bought, so
that a request for new items is answered from it too. Here the blend ranks whatever an opinion names
(``training.fit.opinions``); ``training.rank.records`` makes the same records from a ranker's
scores. A block of customers is ranked at once, each one's pairs behind the other's.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows, Scores
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.shaping import blend
from training.fit import calibration, repurchase
from training.fit.blend import Choice
from training.fit.calibration import Calibration
from training.fit.heads import ranked_in, reaching
from training.fit.opinions import Block
from training.fit.repurchase import Facts
from training.fit.shop import TASTES, Shop

N_LIST = 200
N_NEW = 60

Made = tuple[str, CustomerRecord, History]
"""A customer's id, record and history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What may be listed for some customers: every column but the first has an entry a pair."""

    customers: Rows
    """Shape ``(n,)``."""
    place: NDArray[np.int64]
    """The customer's place in ``customers``."""
    item: Rows
    scores: Scores
    """Higher is better."""
    own: Mask
    """Bought before."""
    by_taste: Mask
    """Taste says more than popularity."""

    def only(self, places: NDArray[np.intp]) -> "Scored":
        """Return some of the pairs, in the order of ``places``."""
        return Scored(
            customers=self.customers,
            place=self.place[places],
            item=self.item[places],
            scores=self.scores[places],
            own=self.own[places],
            by_taste=self.by_taste[places],
        )

    def listed(self) -> "Scored":
        """Return each customer's list, best first, equal scores by row."""
        ordered = self.only(np.argsort(self._keys()))
        new = ~ordered.own
        kept = np.zeros(new.size, dtype=np.bool_)
        kept[np.flatnonzero(new)[ranked_in(ordered.place[new]) < N_NEW]] = True
        n_kept = np.bincount(ordered.place[kept], minlength=self.customers.size)
        others = ordered.place[~kept]
        kept[np.flatnonzero(~kept)[ranked_in(others) < N_LIST - n_kept[others]]] = True
        return ordered.only(np.flatnonzero(kept))

    def _keys(self) -> NDArray[np.int64]:
        """Return numbers in the order of place, score and row: one sorts faster than three.

        The bits of a float, as an integer, are in the order of the floats above 0, and below 0 in
        the opposite one; a row has 24 bits in a record, too.
        """
        bits = (self.scores + np.float32(0)).view(np.int32)  # -0 becomes 0
        rising = np.where(bits < 0, bits ^ 0x7FFFFFFF, bits).astype(np.int64)
        return self.place << 56 | (0x7FFFFFFF - rising) << 24 | self.item


def records(
    shop: Shop,
    choice: Choice,
    *,
    calibrated: Calibration | None = None,
    only: Mask | None = None,
) -> Iterator[Made]:
    """Yield each customer's id, record and history, in row order.

    Args:
        shop: Fitted models.
        choice: How they are blended.
        calibrated: Turns scores into purchase probabilities; None leaves them as they are, for a
            shop too young to tell.
        only: Shape ``(n_customers,)``: whose records are wanted; None is everybody's.
    """
    facts = repurchase.facts(shop.purchases, only=only)
    heeded = [name for name in TASTES if getattr(choice.weights, name)]
    for block in shop.blocks(slow_days=choice.slow_days, only=only, heeded=heeded):
        scored, repeat = _scored(block, choice.weights)
        yield from made(shop, facts, scored, repeat=repeat, calibrated=calibrated)


def made(
    shop: Shop,
    facts: Facts,
    scored: Scored,
    *,
    repeat: Scores,
    calibrated: Calibration | None = None,
) -> Iterator[Made]:
    """Yield the records and histories of a block's customers.

    Args:
        shop: Fitted models.
        facts: What each customer bought.
        scored: What may be listed.
        repeat: The repeat part of each item's score that each of them bought, one customer's by
            ascending row behind the other's.
        calibrated: As for ``records``.
    """
    listed = scored.listed()
    reasons = np.where(listed.by_taste, np.uint8(Reason.TASTE), np.uint8(Reason.POPULAR))
    reasons[listed.own] = Reason.REPEAT
    scores = listed.scores
    if calibrated is not None:
        scores = calibrated.probability(calibration.of_blend(scores))
    vectors = shop.collaborative.customers[listed.customers].astype(np.float16)
    ends = np.searchsorted(listed.place, np.arange(listed.customers.size + 1)).tolist()
    told = 0
    for place, customer in enumerate(listed.customers.tolist()):
        span = slice(ends[place], ends[place + 1])
        bought = slice(int(facts.starts[customer]), int(facts.starts[customer + 1]))
        until = told + bought.stop - bought.start
        record = CustomerRecord(
            vector=vectors[place],
            rows=listed.item[span],
            reasons=reasons[span],
            scores=scores[span],
        )
        history = History(
            rows=facts.item[bought],
            times=facts.times[bought],
            last_day=facts.last_day[bought],
            every_days=facts.every_days[bought],
            repeat=repeat[told:until],
        )
        told = until
        yield shop.purchases.customer_ids[customer], record, history


def _scored(block: Block, weights: blend.Weights) -> tuple[Scored, Scores]:
    """Return what of each customer's may be listed, and the repeat part of what they bought."""
    keys = np.unique(np.concatenate([block.keys(name) for name in block.sparse]))
    own = np.isin(keys, block.keys("slow"), assume_unique=True)
    told = block.at(keys)
    repeat, taste = blend.repeat(told, weights), blend.taste(told, weights)
    popular = blend.popular(told, weights)
    scores = repeat + taste + popular
    place, item = np.divmod(keys, block.n_ranked)

    dense = block.of_head()
    liked, sells = blend.taste(dense, weights), blend.popular(dense, weights)
    head = liked + sells
    in_head = item < block.n_head
    at = place[in_head], item[in_head]
    liked[at], head[at] = taste[in_head], np.where(own, -np.inf, scores)[in_head]
    rows, columns = reaching(head, N_LIST)
    apart = own | ~in_head
    scored = Scored(
        customers=block.customers,
        place=np.concatenate([place[apart], rows]),
        item=np.concatenate([item[apart], columns]).astype(np.int32),
        scores=np.concatenate([scores[apart], head[rows, columns]]),
        own=np.concatenate([own[apart], np.zeros(rows.size, dtype=np.bool_)]),
        by_taste=np.concatenate(
            [(taste >= popular)[apart], liked[rows, columns] >= sells[columns]]
        ),
    )
    return scored, repeat[own]
