"""Counting what ``models.scorers.rebuying`` answers with.

    every_days   the median of the intervals of those who bought the item more than once
    share        those who did, of all who bought it and ``DOUBT`` more who did not

A purchase of the last weeks has had no time to be repeated, so shares are a little low.
"""

import numpy as np

from models.scorers.rebuying import Rebuying
from training.data.purchases import Purchases
from training.fit import repurchase

DOUBT = 2.0
MAX_CUSTOMERS = 100_000
"""Of more customers so many are looked at, evenly spread: a median needs no more."""


def fit(purchases: Purchases) -> Rebuying:
    """Count how soon, and by how many, each ranked item is bought again."""
    n_ranked = purchases.n_ranked
    only = None
    if purchases.n_customers > MAX_CUSTOMERS:
        only = np.zeros(purchases.n_customers, dtype=np.bool_)
        only[np.linspace(0, purchases.n_customers - 1, MAX_CUSTOMERS).astype(np.intp)] = True
    facts = repurchase.facts(purchases, only=only)
    ranked = facts.item < n_ranked
    item, days = facts.item[ranked], facts.every_days[ranked]
    buyers = np.bincount(item, minlength=n_ranked)
    again = days > 0
    order = np.lexsort((days[again], item[again]))
    item, days = item[again][order], days[again][order]
    n_again = np.bincount(item, minlength=n_ranked)
    middle = np.cumsum(n_again) - n_again + n_again // 2
    every_days = np.zeros(n_ranked, dtype=np.uint16)
    any_ = n_again > 0
    every_days[any_] = days[middle[any_]]
    return Rebuying(every_days=every_days, share=(n_again / (buyers + DOUBT)).astype(np.float32))
