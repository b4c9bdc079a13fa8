"""What an item counts on the spot, where no list was made before: taste, and what sells.

    score = liking × max(taste, 0) / the best taste of all  +  selling × popularity  +  more

Taste is the product of two vectors, popularity 0 to 1; ``more`` counts for few items: what was
bought before, what goes with the cart. Below 0 taste is less than nothing known: what nobody could
learn must not outrank what sells.

A filter that names few items has them all scored. Where no taste is known the best are what sells,
in an order made once a release. Elsewhere the catalogue is searched, not scored: by
``models.ranking`` first for the best taste, then for the best scores; the items that count more are
few, and scored apart. Only where vectors are too much of one length for a search is all scored, and
the search was in vain: some 40 % more. (Of items whose popularities differ by the last bit of a
float, and whose scores do not, the order made once a release may choose the later row.)
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores, Vector
from models.artifacts.customer_record import Reason
from models.asked import NO_ROWS, Allowed, Ranked
from models.loaded import Loaded
from models.ranking import Look, best
from models.resemblance import resemblance

FEW = 8192
SHARE = 1 / 16
"""Items that a filter names are all scored where they are so few, or so small a share of all;
beyond, a search costs less."""
DISLIKED = 0.5
"""Share of its score that an item would lose which is like a hidden one in everything; chosen, not
measured."""
SLACK = 1.001
"""Bounds are raised by this: sums of a thousand products in 32 bits err by less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appeal:
    """What items count for one customer or visitor."""

    vector: Vector | None
    """Their taste; None where nothing is known of it."""
    liking: float
    """What the best taste of all counts."""
    selling: float
    """What the best seller counts."""
    more: Ranked
    """Items that count more, by ascending row, by how much, and for which reason; reason 0 is the
    one that taste gives."""
    disliked: Rows = field(default_factory=lambda: NO_ROWS)
    """What is like these counts less, but for ``more``."""

    def best(self, loaded: Loaded, allowed: Allowed, n: int) -> Ranked:
        """Return the ``n`` best of all that is allowed, as if everything had been scored."""
        rows, top = self._candidates(loaded, allowed, n), None
        if rows is None and (found := self._searched(loaded, allowed, n)) is not None:
            rows, top = found
        if rows is None:
            rows = allowed.everything()
        return self.ranked(loaded, rows, n, top=top)

    def _candidates(self, loaded: Loaded, allowed: Allowed, n: int) -> Rows | None:
        """Return the allowed rows that can be among the ``n`` best; None where all can."""
        n_items = len(loaded.catalogue)
        few = max(FEW, SHARE * n_items)
        named = allowed.meeting.at_most if allowed.meeting is not None else n_items
        anybody = self.vector is None and not self.more.rows.size and self.selling > 0
        anybody = anybody and not self.disliked.size
        if anybody and (allowed.meeting is None or named > few):
            places = allowed.first(loaded.selling[:FEW], n)
            if places.size == n:
                return np.sort(loaded.selling[places])
        if few < named < np.inf:
            return None
        rows = allowed.everything()
        return rows if rows.size <= few else None

    def ranked(self, loaded: Loaded, rows: Rows, n: int, *, top: float | None = None) -> Ranked:
        """Return the ``n`` best of ``rows``.

        Args:
            loaded: The release.
            rows: Ascending; of ``more`` counts what is among them.
            n: At least 1.
            top: The best taste of all; None where it is among ``rows``.
        """
        taste = self._taste(loaded, rows)
        if top is None:
            top = float(taste.max(initial=0))
        scores = self._scores(loaded, rows, taste, top)
        if self.more.rows.size and rows.size:
            places = rows.searchsorted(self.more.rows)
            there = rows.take(places, mode="clip") == self.more.rows
            scores[places[there]] += self.more.scores[there]
        places = best(scores, n).astype(np.intp)
        rows = rows.take(places)
        reasons = self._reasons(loaded, rows, taste.take(places))
        return Ranked(rows=rows, scores=scores.take(places), reasons=reasons)

    def _taste(self, loaded: Loaded, rows: Rows) -> Scores:
        if self.vector is None:
            return np.zeros(rows.size, dtype=np.float32)
        return loaded.taste(self.vector, rows)

    def _scores(self, loaded: Loaded, rows: Rows, taste: Scores, top: float) -> Scores:
        share = np.maximum(taste / np.float32(top or np.inf), 0)
        scores = self.liking * share + self.selling * loaded.popular.take(rows)
        if self.disliked.size:
            scores = disliked(loaded, self.disliked, rows, scores)
        return np.asarray(scores, dtype=np.float32)

    def _reasons(self, loaded: Loaded, rows: Rows, taste: Scores) -> NDArray[np.uint8]:
        """Say why each is listed; of taste, only a learned vector tells who buys an item."""
        reasons = np.full(rows.size, int(Reason.POPULAR), dtype=np.uint8)
        liked = taste > 0
        reasons[liked] = Reason.TASTE
        reasons[liked & (rows >= loaded.catalogue.n_ranked)] = Reason.ALIKE
        if not self.more.rows.size:
            return reasons
        places = self.more.rows.searchsorted(rows)
        told = self.more.reasons.take(places, mode="clip")
        told[self.more.rows.take(places, mode="clip") != rows] = 0
        return np.where(told > 0, told, reasons)

    def _searched(self, loaded: Loaded, allowed: Allowed, n: int) -> tuple[Rows, float] | None:
        """Return what may be among the ``n`` best, ascending, and the best taste of all.

        None where it would cost more than to score everything.
        """
        length = 0.0 if self.vector is None else SLACK * float(np.linalg.norm(self.vector))
        top = 0.0
        if length:
            look = _look(allowed, partial(self._taste, loaded))
            tasty = loaded.blocks.pruned(look, 1, length=length, sells=0)
            if tasty is None:
                return None
            top = float(tasty[1].max(initial=0))
        found = loaded.blocks.pruned(
            _look(
                allowed.but(self.more.rows),
                lambda rows: self._scores(loaded, rows, self._taste(loaded, rows), top),
            ),
            n,
            length=length * max(self.liking, 0) / (top or np.inf),
            sells=max(self.selling, 0),
        )
        if found is None:
            return None
        more = self.more.rows[allowed.keep(self.more.rows)]
        return np.sort(np.concatenate([found[0], more])), top


def disliked(loaded: Loaded, hidden: Rows, rows: Rows, scores: Scores) -> Scores:
    """Return the scores of ``rows``, less of them the more an item is like one that was hidden.

    Args:
        loaded: The release.
        hidden: Some items.
        rows: Any items, and
        scores: of each; they only become less.
    """
    nearest = np.zeros(rows.size, dtype=np.float32)
    for one in np.split(hidden, hidden.size):
        np.maximum(nearest, resemblance(loaded, one, rows), out=nearest)
    return np.asarray(scores - DISLIKED * nearest * np.abs(scores), dtype=np.float32)


def _look(allowed: Allowed, score: Callable[[Rows], Scores]) -> Look:
    """Return how a search scores what is allowed; who is banned is asked of the best only."""

    def look(rows: Rows, bar: float) -> tuple[Rows, Scores]:
        if allowed.meeting is not None:
            rows = rows[allowed.meeting.meets(rows)]
        scores = score(rows)
        near = (scores >= bar).nonzero()[0]
        rows = rows.take(near)
        keep = allowed.keep(rows).nonzero()[0]
        return rows.take(keep), scores.take(near.take(keep))

    return look
