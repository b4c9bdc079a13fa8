"""Counting what sells now, how that differs from what usually sells, and what is bought again."""

import numpy as np

from models.arrays import Scores
from models.scorers.popularity import Popularity
from training.data.purchases import Purchases

RECENT_DAYS = 28
TREND_PRIOR = 5.0
"""Orders added to both sides of the trend, so that two sales after one are no season."""
TREND_BOUND = 3.0
LOYALTY_PRIOR = 10.0
"""Buyers of the shop's average loyalty added to every item."""


def fit(purchases: Purchases, *, days: int = RECENT_DAYS) -> Popularity:
    """Count each item's distinct customers in the last ``days`` days."""
    recent = (purchases.age_days <= days) & (purchases.customer >= 0)
    pairs = np.unique(
        purchases.customer[recent].astype(np.int64) << 32 | purchases.item[recent].astype(np.int64)
    )
    items = (pairs & 0xFFFFFFFF).astype(np.int64)
    buyers = np.bincount(items, minlength=len(purchases.item_ids)).astype(np.int32)
    return Popularity(buyers=buyers, days=days)


def trend(purchases: Purchases, *, days: int = RECENT_DAYS) -> Scores:
    """Return each ranked item's orders of the last ``days`` days over its usual ones.

    Both counts get ``TREND_PRIOR`` orders on top; the ratio is held between 1/3 and 3. In a history
    shorter than two windows now and usual are the same, and the trend says little.

    Returns:
        Shape ``(n_ranked,)``, around 1.
    """
    lines = purchases.known
    items, ages = purchases.item[lines], purchases.age_days[lines]
    n_windows = max(1.0, float(ages.max(initial=days)) / days)
    now = np.bincount(items[ages <= days], minlength=purchases.n_ranked)
    usual = np.bincount(items, minlength=purchases.n_ranked) / n_windows
    ratio = (now + TREND_PRIOR) / (usual + TREND_PRIOR)
    return np.clip(ratio, 1 / TREND_BOUND, TREND_BOUND).astype(np.float32)


def loyalty(purchases: Purchases) -> Scores:
    """Return the share of each ranked item's buyers who bought it in two orders or more.

    Few buyers prove little: each item's share is drawn towards the shop's own by ``LOYALTY_PRIOR``
    buyers of it, and lies above 0 in any shop.

    Returns:
        Shape ``(n_ranked,)``, relative to the shop's average.
    """
    counts = purchases.matrix()
    buyers = np.bincount(counts.indices, minlength=purchases.n_ranked)
    again = np.bincount(counts.indices[counts.data > 1], minlength=purchases.n_ranked)
    average = (again.sum() + 1) / (buyers.sum() + 2)
    share = (again + LOYALTY_PRIOR * average) / (buyers + LOYALTY_PRIOR)
    return np.asarray(share / average, dtype=np.float32)
