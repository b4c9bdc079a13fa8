"""Before the cut it teaches, after it examines.

Windows are whole days of the shop's own time line: models learn what was bought before ``cut`` and
are judged on the ``days`` from it. Weights are chosen on the window before; nothing after a cut
ever reaches what is judged on it.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from models.arrays import Rows
from training.data.purchases import Purchases

WINDOW_DAYS = 28
N_WINDOWS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """What customers bought in the window, for those who bought an item that has a model."""

    customer_ids: list[str]
    """Shape ``(n,)``; some may be new."""
    customers: Rows
    """Shape ``(n,)``: rows in the purchases that teach; -1 for a customer they do not hold."""
    bought: list[Rows]
    """The items of each, every one once."""
    bought_before: list[Rows]
    """The items each had bought before the cut."""
    spend: list[NDArray[np.float64]]
    """The money each spent on each of ``bought``."""
    quantity: list[NDArray[np.float64]]
    """How many units each bought of each of ``bought``."""
    next_basket: list[Rows]
    """The items of each one's first order in the window."""

    def only(self, customer_ids: Container[str]) -> "HeldOut":
        """Return the same for some of the customers."""
        places = [place for place, id_ in enumerate(self.customer_ids) if id_ in customer_ids]
        return HeldOut(
            customer_ids=[self.customer_ids[place] for place in places],
            customers=self.customers[places],
            bought=[self.bought[place] for place in places],
            bought_before=[self.bought_before[place] for place in places],
            spend=[self.spend[place] for place in places],
            quantity=[self.quantity[place] for place in places],
            next_basket=[self.next_basket[place] for place in places],
        )


def hold_out(
    lines: pl.DataFrame, purchases: Purchases, *, days: int | None = WINDOW_DAYS
) -> HeldOut:
    """Return what was bought in the ``days`` after ``purchases.until``; None is to the end.

    Only lines with a known customer, an item that has a model, quantity and price above 0 count.
    """
    items = pl.DataFrame({"item_id": purchases.item_ids[: purchases.n_ranked]}).with_row_index(
        "item"
    )
    if days is not None:
        lines = lines.filter(pl.col("timestamp") < purchases.until + timedelta(days=days))
    window = lines.filter(
        (pl.col("timestamp") >= purchases.until)
        & pl.col("customer_id").is_not_null()
        & (pl.col("quantity") > 0)
        & (pl.col("price") > 0)
    ).join(items, on="item_id")
    first = window.group_by("customer_id").agg(
        pl.col("timestamp").min().alias("first"),
        pl.col("order_id").sort_by("timestamp", "order_id").first().alias("first_order"),
    )
    per_item = (
        window.join(first, on="customer_id")
        .with_columns(
            pl.col("order_id")
            .eq(pl.col("first_order"))
            .fill_null(pl.col("timestamp").dt.date() == pl.col("first").dt.date())
            .alias("is_first"),
            (pl.col("quantity") * pl.col("price")).alias("spend"),
        )
        .group_by("customer_id", "item")
        .agg(pl.col("spend", "quantity").sum(), pl.col("is_first").any())
        .sort("customer_id", "item")
        .with_columns(pl.col("item").cast(pl.Int32))
        .group_by("customer_id", maintain_order=True)
        .agg("item", "spend", "quantity", pl.col("item").filter("is_first").alias("basket"))
    )
    ids = per_item["customer_id"].to_list()
    row_of = purchases.customer_row
    customers = np.array([row_of.get(id_, -1) for id_ in ids], dtype=np.int32)
    return HeldOut(
        customer_ids=ids,
        customers=customers,
        bought_before=[purchases.bought_by(row) for row in customers],
        bought=[items.to_numpy() for items in per_item["item"]],
        spend=[spend.to_numpy() for spend in per_item["spend"]],
        quantity=[quantity.to_numpy() for quantity in per_item["quantity"]],
        next_basket=[basket.to_numpy() for basket in per_item["basket"]],
    )


def validation_cuts(first: datetime, end: datetime, *, days: int = WINDOW_DAYS) -> list[datetime]:
    """Return the cuts of the validation windows before ``end``, latest first.

    Weights are chosen on the latest two, so that they are not one month's mood; the ranker also
    learns from the one before, so that it is judged on two as well. Each has at least two windows
    of history before its cut, so that nothing is chosen by chance; a young shop has fewer, or none.
    """
    cuts = [end - timedelta(days=days * n) for n in range(1, N_WINDOWS + 1)]
    return [cut for cut in cuts if cut - first >= timedelta(days=2 * days)]
