"""Baskets played again: an item into the cart, a list; the next item, a list; then it is paid for.

What is asked of each list: is the item that comes next among its ten? Events are what a page would
send, live states what the store would hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

import numpy as np
import polars as pl

from models.arrays import Rows
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.live_state import NOTHING_HAPPENED, Happened, LiveState
from models.asked import NO_ROWS, Query
from models.loaded import Loaded
from models.recommend import recommend
from models.renewal import renewed

K = 10
MAX_STEPS = 20
"""Items of one basket, so that large ones do not take all the time."""
STEP_MS = 60_000
Customers = Mapping[str, tuple[CustomerRecord, History]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Basket:
    """One order."""

    customer_id: str
    at_ms: int
    item_ids: Sequence[str]
    """In the order of the file, each once."""

    @classmethod
    def between(cls, lines: pl.DataFrame, begin: datetime, end: datetime) -> list[Self]:
        """Return the known customers' orders from ``begin`` to before ``end``, oldest first."""
        window = lines.filter(
            pl.col("customer_id").is_not_null()
            & (pl.col("quantity") > 0)
            & (pl.col("timestamp") >= begin)
            & (pl.col("timestamp") < end)
        )
        orders = (
            window.group_by("customer_id", "order_id", maintain_order=True)
            .agg(pl.col("timestamp").min(), pl.col("item_id").unique(maintain_order=True))
            .sort("timestamp", maintain_order=True)
        )
        return [
            cls(customer_id=id_, at_ms=int(at.timestamp() * 1000), item_ids=items)
            for id_, _, at, items in orders.iter_rows()
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to be asked and answered."""

    known: bool = True
    """Whether the customer has their record; else it is a visitor."""
    hears: bool = True
    """Whether the events are known."""
    excludes: bool = False
    """Whether the request at least leaves out what is in the cart."""
    renews: bool = False
    """Whether a worker has renewed the record."""

    def answer(
        self, loaded: Loaded, customers: Customers, customer_id: str, live: LiveState, now_ms: int
    ) -> Rows:
        """Return ten items."""
        record = history = None
        if self.known:
            record, history = customers[customer_id]
        exclude = NO_ROWS
        if self.excludes:
            in_cart = [id_ for event in live.events for id_ in event.item_ids]
            exclude = loaded.catalogue.ids.rows_of(in_cart)
        if self.renews:
            made = renewed(loaded, record=record, history=history, live=live, now_ms=now_ms)
            record = made if made is not None else record
        return recommend(
            loaded,
            Query(limit=K, exclude=exclude),
            record=record,
            history=history,
            live=live if self.hears else NOTHING_HAPPENED,
            now_ms=now_ms,
        ).ranked.rows


def carts(basket: Basket) -> Iterator[tuple[LiveState, int, str]]:
    """Yield what is in the cart, when, and the item that comes next."""
    events: list[Happened] = []
    for nth, (item, following) in enumerate(
        zip(basket.item_ids[:MAX_STEPS], basket.item_ids[1:], strict=False)
    ):
        at_ms = basket.at_ms + nth * STEP_MS
        events.append(Happened("add_to_cart", at_ms, [item]))
        yield LiveState(events=tuple(events)), at_ms + STEP_MS // 2, following


def paid(basket: Basket) -> LiveState:
    """Return what is known once a basket is paid for."""
    return LiveState(events=[Happened("purchase", basket.at_ms, list(basket.item_ids))])


def place(shown: Rows, row: int | None) -> int | None:
    """Return at which place an item stands, from 0; None where it does not."""
    found = np.flatnonzero(shown == row) if row is not None else NO_ROWS
    return int(found[0]) if found.size else None
