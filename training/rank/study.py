"""A past window: first it judges what older windows taught, then it teaches.

    W3 ──▶ teaches ──▶ W2 judges, teaches ──▶ W1 judges, teaches ──▶ today

So every figure is of purchases that the ranker had not seen (the blend's weights had: they were
chosen on the latest two windows), and nothing waits for labels twice: one pass over a window's
candidates makes the lists that are judged, the scores that calibrate and the lesson.

Who bought nothing in the window teaches no order and is judged by no list, but belongs to every
probability: some of them are asked about too, each standing for several.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from time import perf_counter
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows
from models.asked import NO_ROWS
from training.fit import calibration, repurchase
from training.fit.blend import Choice, Window
from training.fit.calibration import Calibration
from training.fit.repurchase import Facts
from training.fit.shop import Shop
from training.rank.features import Features
from training.rank.ranker import Lesson, Ranker
from training.rank.records import Ranked, ranked, records

MAX_CUSTOMERS = 4000
"""So many customers of a window are enough to learn from and to judge by."""
MAX_ABSENT = 1000
"""So many of those who bought nothing in it are asked about."""
BLEND, RANKER = "blend", "ranker"

Packed = tuple[bytes, bytes]


@dataclass(slots=True, kw_only=True)
class Scored:
    """The scores of one way to rank, beside what was bought."""

    packed: dict[str, Packed] = field(default_factory=dict)
    """Record and history by customer id, as they would be served but for the scores, which are
    those below."""
    scores: list[NDArray[np.float64]] = field(default_factory=list)
    """Log odds, or what stands for them; of all pairs, listed or not."""
    bought: list[NDArray[np.bool_]] = field(default_factory=list)
    counts: list[NDArray[np.float64]] = field(default_factory=list)
    """How many pairs each stands for."""

    def calibration(self) -> Calibration:
        """Return what makes probabilities of these scores."""
        return calibration.fit(*self.all())

    def all(self) -> tuple[NDArray[np.float64], NDArray[np.bool_], NDArray[np.float64]]:
        """Return the scores, labels and counts of all pairs."""
        return (
            np.concatenate(self.scores),
            np.concatenate(self.bought),
            np.concatenate(self.counts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Studied:
    """What one window said."""

    lesson: Lesson
    ways: Mapping[str, Scored]
    """``BLEND``, and ``RANKER`` where an older window had taught."""
    seconds: float
    """What the pass took, without what is counted and fitted once a window."""
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
    asked = Asked.of(window, rng)
    lesson = Lesson(rng=rng)
    ways = {BLEND: Scored()} | ({RANKER: Scored()} if before.models else {})
    held = _Held(bought_before=window.shop.purchases.bought_by)
    facts = repurchase.facts(window.shop.purchases, only=asked.came | asked.absent)
    began = perf_counter()
    for block in ranked(window.shop, choice, features, before, only=asked.came | asked.absent):
        pairs = block.candidates.pairs
        if not len(pairs):
            continue
        labels, came = _labels(block, asked.bought), asked.came[pairs.customer]
        lesson.add(block.matrix[came], block.names, labels[came], customer=pairs.customer[came])
        held.add(block, asked.bought, labels)
        counts = np.where(came, 1.0, asked.each_absent)
        for name, scored in ways.items():
            _add(scored, window.shop, facts, block, labels, by_blend=name == BLEND)
            scored.counts.append(counts)
    return Studied(lesson=lesson, ways=ways, seconds=perf_counter() - began, ceiling=held.shares())


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """About whom a window is asked."""

    bought: Mapping[int, Rows]
    """What each known customer bought in it."""
    came: Mask
    """Shape ``(n_customers,)``: of those who bought, whom we look at."""
    absent: Mask
    """Of those who bought nothing, whom we look at."""
    each_absent: float
    """How many of them each stands for, where each of those who came stands for one."""

    @classmethod
    def of(cls, window: Window, rng: np.random.Generator) -> Self:
        """Draw the customers."""
        held_out, n = window.held_out, window.shop.purchases.n_customers
        bought = {
            int(customer): items
            for customer, items in zip(held_out.customers, held_out.bought, strict=True)
            if customer >= 0
        }
        came = np.zeros(n, dtype=np.bool_)
        came[list(bought)] = True
        absent = ~came
        share = min(MAX_CUSTOMERS / max(len(bought), 1), 1.0)
        n_absent = int(absent.sum()) * share
        came = _drawn(came, MAX_CUSTOMERS, rng)
        absent = _drawn(absent, min(MAX_ABSENT, ceil(n_absent)), rng.spawn(1)[0])
        return cls(
            bought=bought,
            came=came,
            absent=absent,
            each_absent=n_absent / max(int(absent.sum()), 1),
        )


def _drawn(customers: Mask, most: int, rng: np.random.Generator) -> Mask:
    """Return ``most`` of some customers, or all where they are fewer."""
    if customers.sum() <= most:
        return customers
    drawn = np.zeros(customers.size, dtype=np.bool_)
    drawn[rng.choice(np.flatnonzero(customers), most, replace=False)] = True
    return drawn


def _labels(block: Ranked, bought: Mapping[int, Rows]) -> NDArray[np.bool_]:
    pairs = block.candidates.pairs
    return np.concatenate(
        [
            np.isin(pairs.item[span], bought.get(customer, NO_ROWS))
            for customer, span in pairs.spans()
        ]
    )


def _add(
    scored: Scored,
    shop: Shop,
    facts: Facts,
    block: Ranked,
    labels: NDArray[np.bool_],
    *,
    by_blend: bool,
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
    for id_, record, history in records(shop, facts, [as_ranked], None):
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
            items = bought.get(customer, NO_ROWS)
            self.wanted += items.size
            self.wanted_new += int(np.isin(items, self.bought_before(customer), invert=True).sum())

    def shares(self) -> dict[str, float]:
        """Return the ceilings; 0 where nothing was bought."""
        return {
            "candidates' ceiling": self.found / max(self.wanted, 1),
            "candidates' ceiling, explore": self.found_new / max(self.wanted_new, 1),
        }
