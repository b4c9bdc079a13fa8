"""The highest of each row, exactly, for all rows of a block at once; equal ones by column."""

from collections.abc import Iterator

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Scores

GROUPS_PER_PLACE = 5
"""Groups whose maxima bound a head from below, for each of its places: more are a tighter bound."""

Places = NDArray[np.intp]


def strongest(matrix: sp.csr_matrix, k: int) -> tuple[Places, Places, Places]:
    """Return the ``k`` highest of each row, by row and then best first.

    Args:
        matrix: Of any width; what is not stored is not looked at.
        k: At least 1.

    Returns:
        The row of each, its rank there, from 0, and its place in ``matrix.data``.
    """
    sizes = np.diff(matrix.indptr)
    kept = np.ones(matrix.nnz, dtype=np.bool_)
    for row in np.flatnonzero(sizes > k):
        span = slice(matrix.indptr[row], matrix.indptr[row + 1])
        values = matrix.data[span]
        kept[span] = values >= np.partition(values, values.size - k)[values.size - k]
    places = np.flatnonzero(kept)
    rows = np.repeat(np.arange(sizes.size), sizes)[places]
    order = np.lexsort((matrix.indices[places], -matrix.data[places], rows))
    ranks = ranked_in(rows)
    kept = ranks < k
    return rows[kept], ranks[kept], places[order][kept]


def ranked_in(rows: NDArray[np.integer]) -> Places:
    """Return each place's number within its row, from 0; ``rows`` ascend."""
    begins = np.ones(rows.size, dtype=np.bool_)
    begins[1:] = rows[1:] != rows[:-1]
    first = np.flatnonzero(begins)
    return np.arange(rows.size) - np.repeat(first, np.diff(np.append(first, rows.size)))


def reaching(scores: Scores, k: int) -> tuple[Places, Places]:
    """Return rows and columns of the ``k`` highest of each row, and of some that come next.

    Whatever ties with the last of the ``k`` is among them, so an order of what is returned has the
    same first ``k`` as one of everything. Columns are dealt out to groups; as many groups as places
    have a maximum at least as high as the lowest of these maxima, so nothing below it is in a head.
    That takes a tenth of the time of ``argpartition``.

    Args:
        scores: Shape ``(n_rows, n_columns)``; ``-inf`` is never returned.
        k: At least 1.
    """
    n_rows, n_columns = scores.shape
    each = max(n_columns // (GROUPS_PER_PLACE * k), 1)
    n_groups = n_columns // each
    if n_groups <= k:
        found = np.flatnonzero(scores > -np.inf)
    else:
        dealt = scores[:, : each * n_groups].reshape(n_rows, each, n_groups)
        bar = np.partition(dealt.max(axis=1), n_groups - k, axis=1)[:, n_groups - k, None]
        found = np.flatnonzero((scores >= bar) & (scores > -np.inf))
    rows, columns = np.divmod(found, max(n_columns, 1))
    return rows, columns


def row_blocks(matrix: sp.csr_matrix, *, most: int) -> Iterator[slice]:
    """Yield all rows in blocks that store some ``most`` numbers each; a longer row is one alone."""
    begin, n_rows = 0, matrix.shape[0]
    while begin < n_rows:
        full = int(np.searchsorted(matrix.indptr, matrix.indptr[begin] + most, side="right")) - 1
        end = min(max(full, begin + 1), n_rows)
        yield slice(begin, end)
        begin = end
