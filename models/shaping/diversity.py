"""Not ten of the same: a list that shows more of the shop, for no more than the caller gives.

**The promise.** At diversity ``d`` the item at each place is worth at least ``1 - d`` of the item
that would stand there without it, worth being the score (or the profit) above 0. So the whole list,
however its places are weighed, keeps at least ``1 - d`` of its worth: 0 changes nothing, at 1
anything may be given up.

Within it items are picked one by one, by maximal marginal relevance: worth against likeness to what
is picked already,

    (1 - d) worth / best worth  -  d max likeness                                (MMR, section 2)

among those worth at least ``1 - d`` of the best that is left. That best is worth at least what
stood at this place, since each earlier pick took away one item at most: hence the promise. Two
items are alike by .75 for one category and .25 for one brand, as in ``models.item_to_item``. At 1
every category that is at hand comes once before any comes twice.

Chosen on a validation window against a greedy discount of categories and xQuAD (``make
bench-diversity``): at one likeness within the list MMR keeps the most NDCG, and the bound costs it
little. xQuAD keeps as much where little is asked, and cannot give more than a quarter.

Source: Carbonell and Goldstein, "The Use of MMR, Diversity-Based Reranking for Reordering Documents
and Producing Summaries", SIGIR 1998.
"""

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes, Scores

SAME_CATEGORY = 0.75
"""Of being alike, the share that is the category; the rest is the brand."""


def diversified(
    scores: Scores, *, categories: Codes, brands: Codes, diversity: float, n_picks: int
) -> NDArray[np.intp]:
    """Return in which order to take items that stand best first.

    Scores of 0 and less are worth nothing. Items without a category (-1) or brand share it with
    none. Ties fall to whichever stood first, and so the first stays the first.

    Args:
        scores: Shape ``(n,)``, descending.
        categories: Shape ``(n,)``.
        brands: Shape ``(n,)``.
        diversity: 0 to 1.
        n_picks: How many are picked so; the rest follow as they stood.

    Returns:
        A permutation of ``0 … n - 1``.
    """
    n_picks = min(n_picks, scores.size)
    worth = np.maximum(scores, 0) / (float(scores.max(initial=0)) or 1.0)
    # Worth descends, so what is good enough beside the best left is always a run from the front.
    bars = (1e-6 - 1 + diversity) * worth[:n_picks]
    good = (-worth).searchsorted(bars, side="right").tolist()
    reach = max([n_picks, *good])
    unlike = -diversity * _likeness(categories[:reach], brands[:reach])
    gain = ((1 - diversity) * worth[:reach]).astype(np.float64)
    value = gain.copy()
    picks: list[int] = []
    left = np.ones(scores.size, dtype=np.bool_)
    first = 0
    for _ in range(n_picks):
        while not left[first]:
            first += 1
        pick = int(value[: max(good[first], first + 1)].argmax())
        picks.append(pick)
        left[pick] = False
        np.minimum(value, gain + unlike[pick], out=value)
        value[pick] = gain[pick] = -np.inf
    return np.concatenate([np.array(picks, dtype=np.intp), left.nonzero()[0]])


def _likeness(categories: Codes, brands: Codes) -> NDArray[np.float64]:
    """Return how alike each two items are, shape ``(n, n)``, 0 to 1."""
    alone = -1 - np.arange(categories.size)  # -1 and below: like nobody but oneself
    category = np.where(categories < 0, alone, categories)
    brand = np.where(brands < 0, alone, brands)
    same = SAME_CATEGORY * np.equal.outer(category, category)
    return np.asarray(same + (1 - SAME_CATEGORY) * np.equal.outer(brand, brand))
