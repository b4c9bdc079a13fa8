"""The best ``k`` of many, exactly, with ties in row order.

A request cannot score a whole catalogue, and need not: a score is at most what the length of the
item's vector allows (Cauchy-Schwarz) and what it sells. So rows lie in ``Blocks`` by falling
length, each with its longest vector and its best seller; blocks are looked into by falling bound,
and once the next cannot hold a score as high as the ``k``-th found, none of the rest can. The
answer is that of scoring everything; only its cost depends on how lengths are spread.

Source: Teflioudi, Gemulla and Mykytiuk, "LEMP: Fast Retrieval of Large Entries in a Matrix
Product", SIGMOD 2015: buckets by length and their bounds.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores

BLOCK = 256
"""Rows of a block: fewer cost more calls, more are read in vain."""
HOPELESS = 0.25
"""Where more than this share of the blocks must be looked into, scoring everything costs less."""
FIRST_LOOK = 4
"""Blocks looked into at once at first, and each time as many again; fewer cost more calls."""

Look = Callable[[Rows, float], tuple[Rows, Scores]]
"""From rows that might be wanted, and a bar, to those that are and their scores; whatever scores
below the bar may be left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """Rows by falling length of their vectors, ``BLOCK`` by ``BLOCK``."""

    rows: Rows
    lengths: Scores
    """Of each row's vector, in the order of ``rows``."""
    popular: Scores
    """What each row sells, likewise."""
    most_popular: Scores
    """Shape ``(n_blocks,)``: what the best seller of each block sells."""

    @classmethod
    def of(cls, *, lengths: Scores, popular: Scores) -> Self:
        """Cut rows into blocks, by the length of each one's vector and by what it sells."""
        order = np.argsort(-lengths, kind="stable")
        popular, begins = popular[order], np.arange(0, order.size, BLOCK)
        return cls(
            rows=order.astype(np.int32),
            lengths=lengths[order],
            popular=popular,
            most_popular=np.maximum.reduceat(popular, begins) if begins.size else popular,
        )

    def pruned(
        self, look: Look, k: int, *, length: float, sells: float
    ) -> tuple[Rows, Scores] | None:
        """Return the ``k`` best rows, as if all had been looked at; None where most would have to.

        Args:
            look: Scores rows.
            k: How many are wanted, at least 1.
            length: No score is higher than this times the length of its row's vector, and
            sells: this times what the row sells, together.

        Returns:
            Rows and their scores, best first, equal scores in row order.
        """
        bounds = length * self.lengths[::BLOCK] + sells * self.most_popular
        order = np.argsort(-bounds, kind="stable")
        falling = -bounds[order]
        rows, scores = np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        bar, begin, n = np.float32(-np.inf), 0, FIRST_LOOK
        while (end := min(begin + n, int(falling.searchsorted(-bar, side="right")))) > begin:
            more, theirs = look(self._inside(order[begin:end], bar, length, sells), float(bar))
            rows, scores = highest(
                np.concatenate([rows, more]), np.concatenate([scores, theirs]), k
            )
            if rows.size == k:
                bar = scores[-1]
            begin, n = end, 2 * n
            if falling.searchsorted(-bar, side="right") > HOPELESS * falling.size:
                return None
        return rows, scores

    def _inside(
        self, places: NDArray[np.intp], bar: np.float32, length: float, sells: float
    ) -> Rows:
        """Return the rows of the blocks at ``places`` that may score ``bar``."""
        parts = [slice(begin, begin + BLOCK) for begin in (places * BLOCK).tolist()]
        rows = np.concatenate([self.rows[part] for part in parts])
        if bar == -np.inf:
            return rows
        bounds = length * np.concatenate([self.lengths[part] for part in parts])
        bounds += sells * np.concatenate([self.popular[part] for part in parts])
        return rows[bounds >= bar]


def highest(rows: Rows, scores: Scores, k: int) -> tuple[Rows, Scores]:
    """Return the ``k`` highest of ``rows`` in any order, as ``best`` does of rows in order."""
    if rows.size > k:
        near = scores >= _bar(scores, k)
        rows, scores = rows[near], scores[near]
    order = np.lexsort((rows, -scores))[:k]
    return rows[order], scores[order]


def best(scores: Scores, k: int) -> Rows:
    """Return the places of the ``k`` highest scores, best first.

    Equal scores come in row order, so that a customer who asks twice sees the same list twice, and
    since items are numbered best-selling first, ties fall to the better seller. Rows scored
    ``-inf`` or ``nan`` are left out, so the answer may be shorter than ``k``.

    Args:
        scores: Shape ``(n_items,)``.
        k: How many rows to return, at least 1.

    Returns:
        Row numbers, shape ``(min(k, showable),)``.

    Raises:
        ValueError: ``k`` is less than 1.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, got {k}")
    rows = (scores > -np.inf).nonzero()[0]
    if rows.size > k:
        shown = scores.take(rows)
        rows = rows.take((shown >= _bar(shown, k)).nonzero()[0])
    order = (-scores.take(rows)).argsort(kind="stable")[:k]
    return rows.take(order).astype(np.int32)


def _bar(scores: Scores, k: int) -> np.float32:
    """Return a score that at least ``k`` of ``scores`` reach, and not many more.

    Where there are many, the ``k``-th highest of the highest of each sixteen is such a score, and
    costs a tenth of the ``k``-th highest of all.
    """
    n = scores.size // 16
    if n > max(k, 64):
        scores = scores[: 16 * n].reshape(16, n).max(axis=0)
    place = scores.size - k
    return np.float32(np.partition(scores, place)[place])


def normalised(scores: Scores) -> Scores:
    """Return ``scores`` divided by the highest of each row, which makes models comparable.

    A row without a positive score becomes all zeros: a model with nothing to say says nothing.
    Negative scores stay negative.
    """
    top = scores.max(axis=-1, keepdims=True, initial=0.0)
    top[~(top > 0)] = np.inf
    return np.asarray(scores / top, dtype=np.float32)


def summed(rows: Rows, amounts: Scores) -> tuple[Rows, Scores]:
    """Return each of ``rows`` once, ascending, with the sum of its amounts.

    Rows below 0 are none. ``np.unique`` would take three times as long, and this is done while a
    customer waits.
    """
    order = np.argsort(rows, kind="stable")
    rows = rows[order]
    first = rows >= 0
    first[1:] &= rows[1:] != rows[:-1]
    begins = first.nonzero()[0]
    if not begins.size:
        return rows[:0], amounts[:0]
    return rows[begins], np.add.reduceat(amounts[order], begins)
