"""A past window: first it judges what older windows taught, then it teaches.

    W3 ──▶ teaches ──▶ W2 judges, teaches ──▶ W1 judges, teaches ──▶ today

So every figure is of purchases that the models had not seen, and nothing waits for labels twice:
one pass over a window's candidates makes the lists that are judged, the scores that calibrate and
the lesson.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows
from training.fit import calibration
from training.fit.blend import Choice, Window
from training.fit.calibration import Calibration
from training.fit.shop import BLOCK
from training.rank.features import Features
from training.rank.ranker import Lesson, Ranker
from training.rank.records import Ranked, ranked, records

MAX_CUSTOMERS = 4000
"""So many customers of a window are enough to learn from and to judge by."""
BLEND, RANKER = "blend", "ranker"
_AS_IT_IS = Calibration(slope=1.0, offset=0.0)

Packed = tuple[bytes, bytes]


@dataclass(slots=True, kw_only=True)
class Scored:
    """The scores of one way to rank, beside what was bought."""

    packed: dict[str, Packed] = field(default_factory=dict)
    """Record and history by customer id, as they would be served."""
    scores: list[NDArray[np.float64]] = field(default_factory=list)
    bought: list[NDArray[np.bool_]] = field(default_factory=list)

    def calibration(self) -> Calibration:
        """Return what makes probabilities of these scores."""
        return calibration.fit(*self.all())

    def all(self) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
        """Return the scores and labels of all pairs."""
        return np.concatenate(self.scores), np.concatenate(self.bought)


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """What one window said."""

    lesson: Lesson
    ways: Mapping[str, Scored]
    """``BLEND``, and ``RANKER`` where an older window had taught."""
    ceiling: Mapping[str, float]
    """Share of what was bought, among all and among what was new, that is among the candidates."""


def study(
    window: Window, choice: Choice, features: Features, before: Ranker, *, rng: np.random.Generator
) -> Studied:
    """Go through a window once.

    Args:
        window: Models as of its cut, and what was bought after it.
        choice: How the blend weighs them.
        features: As of the same cut.
        before: What older windows taught.
        rng: Draws customers, where the window has many, and pairs that teach.
    """
    bought = {
        int(customer): items
        for customer, items in zip(window.held_out.customers, window.held_out.bought, strict=True)
        if customer >= 0
    }
    only = _sample(bought, window.shop.purchases.n_customers, rng)
    lesson = Lesson(rng=rng)
    ways = {BLEND: Scored()} | ({RANKER: Scored()} if before.models else {})
    held = _Held(bought_before=window.shop.purchases.bought_by)
    for block in ranked(window.shop, choice, features, before, only=only):
        if not len(block.candidates.pairs):
            continue
        labels = _labels(block, bought)
        lesson.add(block.matrix, block.names, labels, customer=block.candidates.pairs.customer)
        held.add(block, bought, labels)
        for name, scored in ways.items():
            _add(scored, window, block, labels, by_blend=name == BLEND)
    return Studied(lesson=lesson, ways=ways, ceiling=held.shares())


def _sample(
    bought: Mapping[int, Rows], n_customers: int, rng: np.random.Generator
) -> NDArray[np.bool_]:
    """Return whom to look at: whole blocks of customers, for a block is scored at once."""
    only = np.zeros(n_customers, dtype=np.bool_)
    only[list(bought)] = True
    if only.sum() > MAX_CUSTOMERS:
        blocks = np.arange(n_customers) // BLOCK
        order = rng.permutation(blocks[-1] + 1)
        per_block = np.bincount(blocks, only)[order]
        wanted = order[: int(np.searchsorted(np.cumsum(per_block), MAX_CUSTOMERS)) + 1]
        only &= np.isin(blocks, wanted)
    return only


def _labels(block: Ranked, bought: Mapping[int, Rows]) -> NDArray[np.bool_]:
    pairs = block.candidates.pairs
    return np.concatenate(
        [np.isin(pairs.item[span], bought[customer]) for customer, span in pairs.spans()]
    )


def _add(
    scored: Scored, window: Window, block: Ranked, labels: NDArray[np.bool_], *, by_blend: bool
) -> None:
    scores = block.log_odds
    if by_blend:
        scores = calibration.of_blend(block.candidates.opinions["blend"])
    assert scores is not None
    scored.scores.append(scores)
    scored.bought.append(labels)
    as_ranked = Ranked(
        candidates=block.candidates, matrix=block.matrix, names=block.names, log_odds=scores
    )
    for id_, record, history in records(window.shop, [as_ranked], _AS_IT_IS):
        scored.packed[id_] = (record.pack(), history.pack())


@dataclass(slots=True, kw_only=True)
class _Held:
    """Counts what the candidates hold."""

    bought_before: Callable[[int], Rows]
    found: int = 0
    wanted: int = 0
    found_new: int = 0
    wanted_new: int = 0

    def add(self, block: Ranked, bought: Mapping[int, Rows], labels: NDArray[np.bool_]) -> None:
        pairs = block.candidates.pairs
        new = block.candidates.opinions["slow"] == 0
        self.found += int(labels.sum())
        self.found_new += int((labels & new).sum())
        for customer in pairs.customers.tolist():
            self.wanted += bought[customer].size
            own = self.bought_before(customer)
            self.wanted_new += int(np.isin(bought[customer], own, invert=True).sum())

    def shares(self) -> dict[str, float]:
        """Return the ceilings; 0 where nothing was bought."""
        return {
            "candidates' ceiling": self.found / max(self.wanted, 1),
            "candidates' ceiling, explore": self.found_new / max(self.wanted_new, 1),
        }
