"""Purchases of tiny shops, told as a person would tell them.

    lines(bought("ann", "milk", 3), bought(None, "beer", 4.5, order="b-1"))

Days count from the first of January 2024; half a day is noon.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from training.data.catalog import ITEMS, items_from_purchases
from training.data.purchases import Purchases, number

ZERO = datetime(2024, 1, 1, tzinfo=UTC)
SCHEMA: dict[str, pl.DataType] = {
    "customer_id": pl.String(),
    "item_id": pl.String(),
    "timestamp": pl.Datetime("us", "UTC"),
    "quantity": pl.Float64(),
    "price": pl.Float64(),
    "order_id": pl.String(),
    "store_id": pl.String(),
    "discount": pl.Float64(),
}
"""As ``training.data.read`` promises its lines."""


def day(n: float) -> datetime:
    return ZERO + timedelta(days=n)


def bought(
    customer: str | None,
    item: str,
    on: float,
    *,
    quantity: float = 1.0,
    price: float = 1.0,
    order: str | None = None,
    store: str | None = None,
    discount: float | None = None,
) -> dict[str, Any]:
    return {
        "customer_id": customer,
        "item_id": item,
        "timestamp": day(on),
        "quantity": quantity,
        "price": price,
        "order_id": order,
        "store_id": store,
        "discount": discount,
    }


def basket(customer: str | None, items: str, on: float) -> list[dict[str, Any]]:
    """One order of several items, named after who and when."""
    order = f"{customer} on {on}"
    return [bought(customer, item, on, order=order) for item in items.split()]


def lines(*purchases: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(purchases), schema=SCHEMA)


def numbered(
    *purchases: dict[str, Any],
    until: float = 100,
    catalogue: tuple[str, ...] = (),
    min_buyers: int | None = 1,
) -> Purchases:
    ids = pl.Series("item_id", catalogue, dtype=pl.String)
    return number(lines(*purchases), ids, until=day(until), min_buyers=min_buyers)


def items_of(purchases: pl.DataFrame, **columns: dict[str, Any]) -> pl.DataFrame:
    """The items table of a shop that has none, with some of its columns filled in by item."""
    items = items_from_purchases(purchases)
    filled = [
        pl.col("item_id").replace_strict(known, default=None, return_dtype=ITEMS[name]).alias(name)
        for name, known in columns.items()
    ]
    return items.with_columns(filled)


def planted(
    *, n_customers: int = 160, n_days: int = 170, seed: int = 7, n_tastes: int = 4
) -> pl.DataFrame:
    """A shop of 120 items with habits and tastes planted in it.

    Every customer has one taste, a quarter of the items; five staples of it, one or two of which
    are in every basket; and tries other items of it now and then. Rarely anything of the shop is
    bought. A customer shops every six to nine days.
    """
    rng = np.random.default_rng(seed)
    n_items = 120
    purchases = []
    for customer in range(n_customers):
        liked = np.arange(customer % n_tastes, n_items, n_tastes)
        drawn = rng.permutation(liked)
        staples = drawn[:5]
        popularity = 1 / (1 + np.arange(liked.size))
        today = float(rng.uniform(0, 8))
        while today < n_days:
            basket = {
                *rng.choice(staples, 2),
                *rng.choice(liked, 2, p=popularity / popularity.sum()),
                *(rng.integers(0, n_items, 1) if rng.uniform() < 0.2 else ()),
            }
            purchases += [
                bought(
                    f"c-{customer:03d}",
                    f"p-{item:03d}",
                    today,
                    price=1.0 + item % 7,
                    order=f"{customer}-{today:.1f}",
                )
                for item in sorted(int(item) for item in basket)
            ]
            today += float(rng.uniform(6, 9))
    return lines(*purchases)
