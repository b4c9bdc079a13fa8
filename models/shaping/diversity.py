"""Not ten of the same: a list that shows more of the shop, for what relevance the caller gives.

Items are picked one by one; each pick of a category makes the rest of that category worth
``1 - diversity`` of what it was. At 0 nothing changes; at 1 every category comes once before any
comes twice. What an item is worth is its place, not its score: scores may be zero or negative,
where a discount would raise them.

A greedy discount was chosen before maximal marginal relevance because it needs no item-to-item
similarity at request time; a measured comparison may replace it.
"""

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes


def diversified(categories: Codes, *, diversity: float, n_picks: int) -> NDArray[np.intp]:
    """Return in which order to take items that stand best first.

    Items without a category (-1) are each a category of their own. The first stays the first.

    Args:
        categories: Shape ``(n,)``: the category of each, best first.
        diversity: 0 to 1.
        n_picks: How many are picked so; the rest follow as they stood.

    Returns:
        A permutation of ``0 … n - 1``.
    """
    n = categories.size
    worth = np.linspace(1, 0, n, endpoint=False)
    left = np.ones(n, dtype=np.bool_)
    picks = []
    for _ in range(min(n_picks, n)):
        pick = int(np.argmax(np.where(left, worth, -1)))
        picks.append(pick)
        left[pick] = False
        if categories[pick] >= 0:
            worth[categories == categories[pick]] *= 1 - diversity
    return np.concatenate([np.array(picks, dtype=np.intp), np.flatnonzero(left)])
