"""What customers are told apart by: their taste, what they buy, and how.

    vectors   taste, as the release learned it: who buys alike has a vector of like direction; its
              length, which is of who buys much, is left out
    shares    how much of what they bought is of each category: 0 for nothing, else from a half up
              to 1, three quarters for what is usual of its buyers, so that the step from never to
              sometimes counts for more than that from often to more often
    numbers   how much, how often and when last, what is foretold, discounts, returns, complaints

Whatever says by itself who the seeds are is kept out, or the answer would be the question. A rule
about a field keeps out what the field is made of (``MADE_OF``): of a tier all that is counted in
money, in orders and in days. A rule about purchases keeps out these purchases. As a profile counts
them too, its numbers then give way to those of the other purchases, and so does the vector, which
becomes the ridge regression of the other purchases on the items' vectors: of everybody, since a
vector made in two ways would tell who has something to hide. What only goes along with the seeds
stays: of a rule about tier, value or orders, from how many categories a customer buys says much;
of one about coupons, the items that they were for.

The columns are made of some customers at a time: of a million they would not fit in memory.

Source: Hughes, "Strategic Database Marketing", 1994, for recency, frequency and money.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors, Mask, Rows
from models.loaded import Loaded
from models.scorers.collaborative import directions
from training.audiences.numbers import MADE_OF, MIX, NUMBERS, Number, Some
from training.audiences.table import Table

TOGETHER = 2000
"""Customers described at a time: what is counted of them stays in the processor's cache."""
ENOUGH = 20_000
"""Customers who tell how much of a category is usual."""
MOST_CATEGORIES = 256
"""Those bought most; what is bought of others counts in the whole of which shares are."""

Whose = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Features:
    """Columns that can be made of any customers of a table."""

    table: Table
    code: Rows
    """Shape ``(n_items,)``: the column of each item's category among the shares; the last one
    stands for all categories that have none of their own."""
    categories: tuple[str, ...]
    numbers: tuple[Number, ...]
    today: int
    """The last day on which anybody bought, in days from ``DAY_ZERO``."""
    prices: NDArray[np.float32]
    """Shape ``(n_items,)``; 0 where unknown."""
    may_be_seen: Mask
    """Shape ``(n_items,)``."""
    taste: Factors | None
    """Shape ``(n_ranked, n_factors)``: what a purchase adds to a vector; None for those of the
    release."""
    n_factors: int
    """Of a vector; 0 where vectors are kept out."""
    usual: NDArray[np.float32]
    """Shape ``(n_categories,)``: the mean share of those who buy from each."""

    @property
    def blocks(self) -> Mapping[str, slice]:
        """Which columns are what."""
        shares_end = self.n_factors + len(self.categories)
        return {
            "vectors": slice(0, self.n_factors),
            "shares": slice(self.n_factors, shares_end),
            "numbers": slice(shares_end, shares_end + len(self.numbers)),
        }

    def of(self, rows: Whose) -> Factors:
        """Return the columns of some customers.

        Args:
            rows: Of the table, not too many (``TOGETHER``).

        Returns:
            Shape ``(rows.size, n_columns)``; nan where something is not known.
        """
        some = self.some(rows)
        numbers = [number.learned(some)[:, None] for number in self.numbers]
        shares = self.shares(some)
        weighed = np.where(shares > 0, 0.5 + 0.5 * shares / (shares + self.usual), 0)
        parts = [self._vectors(some), weighed, *numbers]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    def each(self, rows: Whose) -> Iterator[tuple[Whose, Factors]]:
        """Yield some of ``rows`` at a time, and their columns."""
        for begin in range(0, rows.size, TOGETHER):
            few = rows[begin : begin + TOGETHER]
            yield few, self.of(few)

    def gathered(self, rows: Whose) -> Factors:
        """Return the columns of ``rows``, which are few enough to be kept."""
        return np.concatenate([columns for _, columns in self.each(rows)])

    def bought(self) -> Mask:
        """Return who bought anything that may be looked at, shape ``(n_customers,)``."""
        begins = self.table.bought.begins
        # A last entry, which is nobody's, for those whose part would begin behind all.
        seen = np.append(self.may_be_seen[self.table.bought.rows], False)
        return np.logical_or.reduceat(seen, begins[:-1]) & (np.diff(begins) > 0)

    def some(self, rows: Whose) -> Some:
        """Return what is known of some customers."""
        bought = self.table.bought
        sizes = bought.begins[rows + 1] - bought.begins[rows]
        ends = np.cumsum(sizes)
        places = np.arange(sizes.sum()) + np.repeat(bought.begins[rows] - (ends - sizes), sizes)
        whose = np.repeat(np.arange(rows.size), sizes)
        seen = self.may_be_seen[bought.rows[places]]
        places, whose = places[seen], whose[seen]
        return Some(
            rows=rows,
            profiles=self.table.profiles[rows],
            whose=whose,
            items=bought.rows[places],
            times=bought.times[places].astype(np.float32),
            ago=(self.today - bought.last_day[places].astype(np.int64)).astype(np.float32),
            prices=self.prices,
            today=self.today,
        )

    def shares(self, some: Some) -> Factors:
        """Return how much of what they bought is of each category, shape ``(n, n_categories)``.

        Zeros of who bought nothing.
        """
        n_codes = len(self.categories) + 1
        counts = np.bincount(
            some.whose * n_codes + self.code[some.items],
            weights=some.times,
            minlength=some.rows.size * n_codes,
        ).reshape(-1, n_codes)
        whole = np.maximum(counts.sum(axis=1, keepdims=True), 1)
        return np.asarray(counts[:, :-1] / whole, dtype=np.float32)

    def _vectors(self, some: Some) -> Factors:
        if not self.n_factors:
            return np.empty((some.rows.size, 0), dtype=np.float32)
        vectors: Factors
        if self.taste is None:
            vectors = self.table.vectors[some.rows].astype(np.float32)
        else:
            import scipy.sparse as sp  # noqa: PLC0415  # reasons of a rule go without it

            known = some.items < self.taste.shape[0]
            begins = np.searchsorted(some.whose[known], np.arange(some.rows.size + 1))
            parts = (np.log1p(some.times[known]), some.items[known], begins)
            counts = sp.csr_matrix(parts, shape=(some.rows.size, self.taste.shape[0]))
            vectors = np.asarray(counts @ self.taste, dtype=np.float32)
        return directions(vectors)


def features(
    table: Table, loaded: Loaded, *, kept_out: Collection[str], kept_out_rows: Rows
) -> Features:
    """Return what may be looked at.

    Args:
        table: All customers of a release.
        loaded: The release.
        kept_out: Fields of ``models.customer.rule`` that say who the seeds are.
        kept_out_rows: Items whose purchase says so.
    """
    families = frozenset().union(*(MADE_OF[field] for field in kept_out))
    catalogue = loaded.catalogue
    may_be_seen = np.ones(len(catalogue), dtype=np.bool_)
    may_be_seen[kept_out_rows] = False
    is_whole = not kept_out_rows.size
    kept = _most_bought(table, loaded, may_be_seen) if MIX not in families else np.empty(0, int)
    place = np.full(len(catalogue.categories) + 1, kept.size, dtype=np.int32)
    place[kept] = np.arange(kept.size)
    vectors = loaded.collaborative
    known = Features(
        table=table,
        code=place[catalogue.category],
        categories=tuple(catalogue.categories[int(code)] for code in kept),
        numbers=tuple(
            number
            for number in NUMBERS
            if families.isdisjoint(number.families) and (is_whole or number.is_of_what_is_seen)
        ),
        today=int(table.bought.last_day.max(initial=0)),
        prices=np.nan_to_num(catalogue.price).astype(np.float32),
        may_be_seen=may_be_seen,
        taste=None if is_whole else _taste(vectors.items, vectors.regularization),
        n_factors=0 if MIX in families else table.vectors.shape[1],
        usual=np.zeros(kept.size, dtype=np.float32),
    )
    return replace(known, usual=_usual(known))


def _usual(known: Features) -> NDArray[np.float32]:
    """Return the mean share of each category's buyers, of customers evenly spread in the table."""
    n = len(known.table.ids)
    spread = np.arange(0, n, max(1, n // ENOUGH))
    sums = buyers = np.zeros(len(known.categories))
    for begin in range(0, spread.size, TOGETHER):
        shares = known.shares(known.some(spread[begin : begin + TOGETHER]))
        sums, buyers = sums + shares.sum(axis=0), buyers + (shares > 0).sum(axis=0)
    return np.where(buyers > 0, sums / np.maximum(buyers, 1), 1).astype(np.float32)


def _most_bought(table: Table, loaded: Loaded, may_be_seen: Mask) -> Whose:
    """Return the codes of the categories that are bought most, ascending."""
    pairs = np.bincount(table.bought.rows, minlength=may_be_seen.size) * may_be_seen
    category = loaded.catalogue.category
    known = category >= 0
    counts = np.bincount(
        category[known], weights=pairs[known], minlength=len(loaded.catalogue.categories)
    )
    most = np.argsort(-counts, kind="stable")[:MOST_CATEGORIES]
    return np.sort(most[counts[most] > 0])


def _taste(items: Factors, regularization: float) -> Factors:
    """Return the matrix that makes a vector of purchases: ``Y (YᵀY + λI)⁻¹``."""
    gram = items.T @ items + regularization * np.eye(items.shape[1], dtype=np.float32)
    return np.asarray(np.linalg.solve(gram, items.T).T, dtype=np.float32)
