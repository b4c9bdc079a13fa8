"""The best ``k`` of many, exactly, with ties in row order."""

import numpy as np

from models.arrays import Rows, Scores


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
    rows = np.flatnonzero(scores > -np.inf)
    if rows.size > k:
        shown = scores[rows]
        bar = np.partition(shown, rows.size - k)[rows.size - k]
        above = rows[shown > bar]
        level = rows[shown == bar][: k - above.size]
        rows = np.concatenate([above, level])
    order = np.argsort(-scores[rows], kind="stable")
    return rows[order].astype(np.int32)


def normalised(scores: Scores) -> Scores:
    """Return ``scores`` divided by the highest of each row, which makes models comparable.

    A row without a positive score becomes all zeros: a model with nothing to say says nothing.
    Negative scores stay negative.
    """
    top = scores.max(axis=-1, keepdims=True, initial=0.0)
    return np.asarray(scores / np.where(top > 0, top, np.inf), dtype=np.float32)
