"""Customers of the tiny shop as a table that was never in a store, told apart by what they buy.

Everybody buys bread. Who loves the evening buys beer, more often than not; the others milk, and now
and then a beer. Half of all have ordered often, whatever they love.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.artifacts.customer_profile import PROFILE
from models.loaded import Loaded
from tests import shop
from training.audiences.table import Bought, Table

TODAY = 17_500
ROW = {item: row for row, item in enumerate(shop.ITEMS)}
Basket = dict[str, tuple[int, int]]
"""Item -> in how many orders, and how many days ago the last was."""


def loaded() -> Loaded:
    return shop.tiny().loaded


def table(baskets: Sequence[Basket], *, orders: Sequence[int] | None = None) -> Table:
    """Return one customer a basket; vectors are those of what they bought, summed."""
    rows = [[ROW[item] for item in basket] for basket in baskets]
    pairs = [pair for basket in baskets for pair in basket.values()]
    profiles = np.zeros(len(baskets), dtype=PROFILE)
    profiles["orders"] = [len(basket) for basket in baskets] if orders is None else orders
    profiles["last_day"] = profiles["first_day"] = TODAY - 10
    taste = loaded().collaborative.items
    vectors = [taste[[row for row in of if row < len(taste)]].sum(axis=0) for of in rows]
    return Table(
        ids=[f"c-{number}" for number in range(len(baskets))],
        profiles=profiles,
        vectors=np.array(vectors, dtype=np.float16),
        bought=Bought(
            begins=np.cumsum([0, *map(len, rows)]),
            rows=np.array([row for of in rows for row in of], dtype=np.int32),
            times=np.array([times for times, _ in pairs], dtype=np.uint16),
            last_day=np.array([TODAY - ago for _, ago in pairs], dtype=np.uint16),
        ),
    )


def crowd(n: int, *, seed: int = 3) -> tuple[Table, NDArray[np.bool_]]:
    """Return ``n`` customers, and which of them love the evening: a third."""
    rng = np.random.default_rng(seed)
    evening = np.arange(n) % 3 == 0
    baskets = []
    for loves in evening:
        basket: Basket = {"bread": (int(rng.integers(1, 4)), int(rng.integers(0, 90)))}
        if rng.random() < (0.8 if loves else 0.2):
            basket["beer"] = (int(rng.integers(1, 4)), int(rng.integers(0, 90)))
        if rng.random() < (0.2 if loves else 0.8):
            basket["milk"] = (int(rng.integers(1, 4)), int(rng.integers(0, 90)))
        if loves and rng.random() < 0.5:
            basket["wine"] = (1, 5)
        baskets.append(dict(sorted(basket.items(), key=lambda pair: ROW[pair[0]])))
    orders = np.where(rng.random(n) < 0.5, 20, 2)
    return table(baskets, orders=orders.tolist()), evening
