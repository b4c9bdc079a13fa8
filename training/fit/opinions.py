"""What each model says of a block of customers: all of the catalogue's head, little of its tail.

The best-selling ``N_HEAD`` items are the *head*. Of every item of it each taste says something, in
dense arrays. Of the *tail* behind it only those items have a score that somebody names: what the
customer bought, what follows it, what neighbours buy. So a shop of at most ``N_HEAD`` ranked items
is scored whole, and in a larger one the work for a customer stops growing with the catalogue.

What is left out are the tail's EASE, which was never learned beyond 8,000 items, and the tail's
factors: their vectors are short, for the ridge leaves little of items with few buyers.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from models.shaping.blend import Opinions

N_HEAD = 16_384

Keys = NDArray[np.int64]
"""Of pairs: the customer's place in the block, times ``n_ranked``, plus the item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Normalised opinions on some customers, and what is the same for all of them."""

    customers: Rows
    """Shape ``(n,)``."""
    n_head: int
    """Of how many items, the best-selling, everything is known."""
    dense: Mapping[str, Scores]
    """The tastes that were asked for, shape ``(n, n_head)``."""
    sparse: Mapping[str, sp.csr_matrix]
    """``slow`` and ``fast``, columns ascending, and the tail of the tastes that have one: customers
    by ranked items."""
    common: Mapping[str, Scores]
    """``popularity``, ``trend`` and ``loyalty``, shape ``(n_ranked,)``."""

    @property
    def n_ranked(self) -> int:
        """How many items have a model."""
        return self.common["popularity"].size

    def keys(self, name: str) -> Keys:
        """Return the pairs that a sparse opinion names; ascending for ``slow`` and ``fast``."""
        told = self.sparse[name]
        places = np.repeat(np.arange(self.customers.size, dtype=np.int64), np.diff(told.indptr))
        return np.asarray(places * self.n_ranked + told.indices)

    def bought(self, place: int) -> Rows:
        """Return the ranked items that a customer bought, ascending."""
        slow = self.sparse["slow"]
        return np.asarray(slow.indices[slow.indptr[place] : slow.indptr[place + 1]], dtype=np.int32)

    def at(self, keys: Keys) -> Opinions:
        """Return the opinions on some pairs, ``keys`` ascending, each once; flat."""
        places, items = np.divmod(keys, self.n_ranked)
        in_head = np.flatnonzero(items < self.n_head)
        at = places[in_head], items[in_head]
        told = {name: np.zeros(keys.size, dtype=np.float32) for name in Opinions.__slots__}
        for name, scores in self.dense.items():
            told[name][in_head] = scores[at]
        for name, matrix in self.sparse.items():
            named = self.keys(name)
            found = np.searchsorted(keys, named)
            there = found < keys.size
            there[there] = keys[found[there]] == named[there]
            told[name][found[there]] = matrix.data[there]
        return Opinions(**told | {name: of[items] for name, of in self.common.items()})

    def of_head(self) -> Opinions:
        """Return what is dense, customers by head; ``slow`` and ``fast`` are 0 in it."""
        return Opinions(
            **{name: np.zeros((self.customers.size, 1), np.float32) for name in Opinions.__slots__}
            | {name: of[: self.n_head] for name, of in self.common.items()}
            | dict(self.dense)
        )

    def whole(self, place: int) -> tuple[Rows, Opinions]:
        """Return all that is said of one customer: rows, ascending, and opinions on each.

        The head comes first, so that a row of it is its own place.
        """
        one = Block(
            customers=self.customers[place : place + 1],
            n_head=self.n_head,
            dense={name: scores[place : place + 1] for name, scores in self.dense.items()},
            sparse={name: matrix[place] for name, matrix in self.sparse.items()},
            common=self.common,
        )
        named = np.concatenate([matrix.indices for matrix in one.sparse.values()])
        tail = np.unique(named[named >= self.n_head])
        rows = np.concatenate([np.arange(self.n_head, dtype=np.int32), tail.astype(np.int32)])
        return rows, one.at(rows.astype(np.int64))


def normalised_rows(matrix: sp.csr_matrix) -> sp.csr_matrix:
    """Return positive scores divided by the highest of their row."""
    sizes = np.diff(matrix.indptr)
    begins = matrix.indptr[:-1][sizes > 0]
    highest = np.maximum.reduceat(matrix.data, begins) if begins.size else matrix.data
    divided = matrix.data / np.repeat(highest, sizes[sizes > 0])
    return sp.csr_matrix((divided, matrix.indices, matrix.indptr), shape=matrix.shape)


def split(matrix: sp.csr_matrix, n_head: int) -> tuple[Scores, sp.csr_matrix]:
    """Return the head's columns as an array, and the tail's as a matrix as wide as ``matrix``."""
    tail = matrix.indices >= n_head
    ends = np.concatenate([[0], np.cumsum(tail)])[matrix.indptr]
    columns, values = matrix.indices[tail], matrix.data[tail]
    dense = matrix[:, :n_head].toarray()
    return dense, sp.csr_matrix((values, columns, ends), shape=matrix.shape)
