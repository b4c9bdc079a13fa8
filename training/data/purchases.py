"""Purchase lines as columns of numbers: ids become rows, and every model learns from these.

Items are numbered best-selling first: by distinct buyers, then by id. The first ``n_ranked`` have
enough buyers to learn from. Customers are numbered by id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil
from typing import Any

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Rows
from training.data import returns

ANONYMOUS = -1
DAY_US = 86_400_000_000
_MOST = 1 << 31
"""Customers, order ids and days since 1970 are fewer."""


@dataclass(frozen=True, kw_only=True)
class Purchases:
    """What was bought before ``until``: a line an order and item, by customer, order and item."""

    until: datetime
    """The moment from which ages are counted; every line is older."""
    customer_ids: list[str]
    item_ids: list[str]
    """Every item of the catalogue, in row order."""
    n_ranked: int
    customer: Rows
    """Shape ``(n_lines,)``; ``ANONYMOUS`` where no one knows who bought."""
    item: Rows
    order: NDArray[np.int32]
    age_days: NDArray[np.float64]
    """Shape ``(n_lines,)``: days before ``until``, above 0; in doubles, which keep the second, and
    so the date, over any history."""
    quantity: NDArray[np.float32]
    """Shape ``(n_lines,)``: units bought."""
    spend: NDArray[np.float32]
    """Shape ``(n_lines,)``: money paid for all of them."""
    saved: NDArray[np.float32]
    """Shape ``(n_lines,)``: discount on all of them; 0 where the shop does not say."""
    store: Rows
    """Shape ``(n_lines,)``: the branch, numbered; -1 where the shop does not say."""
    n_stores: int
    kept: NDArray[np.float32] | None = None
    """Shape ``(n_lines,)``: share of the units that was not given back; None where all was kept."""

    @property
    def n_customers(self) -> int:
        """How many customers are known."""
        return len(self.customer_ids)

    @cached_property
    def customer_row(self) -> Mapping[str, int]:
        """The row of each customer."""
        return {id_: row for row, id_ in enumerate(self.customer_ids)}

    @cached_property
    def known(self) -> NDArray[np.intp]:
        """Places of the lines that models of customers learn from: known buyer, ranked item."""
        return np.flatnonzero((self.customer >= 0) & (self.item < self.n_ranked))

    @cached_property
    def lasting(self) -> NDArray[np.intp]:
        """Places of the lines that count in what customers are worth: known buyer, units kept."""
        is_known = self.customer >= 0
        return np.flatnonzero(is_known if self.kept is None else is_known & (self.kept > 0))

    def net(self, values: NDArray[np.floating], lines: NDArray[np.intp]) -> NDArray[np.floating]:
        """Return ``values``, one a line, of some lines less what was given back of them."""
        return values[lines] if self.kept is None else values[lines] * self.kept[lines]

    def bought_by(self, customer: int) -> Rows:
        """Return the ranked items a customer bought; none for customer -1."""
        if customer < 0:
            return np.empty(0, dtype=np.int32)
        counts = self._counts
        rows = counts.indices[counts.indptr[customer] : counts.indptr[customer + 1]]
        return np.asarray(rows, dtype=np.int32)

    @cached_property
    def _counts(self) -> sp.csr_matrix:
        return self.matrix()

    def matrix(self, weight: NDArray[np.float64] | None = None) -> sp.csr_matrix:
        """Return customers by ranked items, lines summed: counts of orders, or sums of ``weight``.

        Args:
            weight: Shape ``(n_lines,)``; None counts each line as 1.
        """
        lines = self.known
        values = np.ones(lines.size, np.float32) if weight is None else weight[lines]
        return sp.csr_matrix(
            (values, (self.customer[lines], self.item[lines])),
            shape=(self.n_customers, self.n_ranked),
            dtype=np.float32,
        )


def number(
    lines: pl.DataFrame, catalogue_ids: pl.Series, *, until: datetime, min_buyers: int | None = None
) -> Purchases:
    """Turn ``lines`` (of ``training.data.read``) that were bought before ``until`` into rows.

    What was wholly given back teaches nothing and is left out; what was given back in part teaches
    as it was bought, and counts as it was kept (``training.data.returns``). Without ``order_id``,
    what a customer bought on one day (UTC) is an order.

    Args:
        lines: Purchase lines.
        catalogue_ids: Items that exist, bought or not.
        until: Aware; later lines are left out.
        min_buyers: How many distinct customers an item needs for a model; None asks one in 250
            customers, 1 at least and 10 at most.
    """
    kept = returns.taken_away(lines.filter(pl.col("timestamp") < until))
    customers = kept["customer_id"].drop_nulls().unique().sort()
    if min_buyers is None:
        min_buyers = min(10, max(1, ceil(customers.len() / 250)))
    items = _numbered(kept, catalogue_ids)
    rows = kept.select(
        _row_in(customers, "customer_id").fill_null(ANONYMOUS).alias("customer"),
        _row_in(items["item_id"], "item_id").alias("item"),
        (pl.lit(until) - pl.col("timestamp"))
        .dt.total_microseconds()
        .truediv(DAY_US)
        .alias("age_days"),
        pl.col("quantity").cast(pl.Float32),
        (pl.col("quantity") * pl.col("price")).cast(pl.Float32).alias("spend"),
        (pl.col("quantity") * pl.col("discount").fill_null(0)).cast(pl.Float32).alias("saved"),
        pl.col("store_id").rank("dense").cast(pl.Int32).sub(1).fill_null(-1).alias("store"),
        pl.col("order_id").rank("dense").alias("name"),
        "timestamp",
        *(["kept"] if "kept" in kept.columns else []),
    )
    n_stores = kept["store_id"].drop_nulls().n_unique()
    del kept
    sums = _per_order_and_item(rows.with_columns(_order().alias("order")), n_items=items.height)
    return Purchases(
        until=until,
        customer_ids=customers.to_list(),
        item_ids=items["item_id"].to_list(),
        n_ranked=int((items["buyers"] >= min_buyers).sum()),
        n_stores=n_stores,
        **sums,
    )


def _row_in(ids: pl.Series, name: str) -> pl.Expr:
    """The place of each id of a column in ``ids``, which has every one of them once."""
    return pl.col(name).cast(pl.Enum(ids)).to_physical().cast(pl.Int32)


def _per_order_and_item(rows: pl.DataFrame, *, n_items: int) -> dict[str, NDArray[Any]]:
    """Make one line of each order and item, by customer, order and item: columns of ``Purchases``.

    Orders are numbered by customer, so that one sort by one number does what grouping by three
    columns and sorting by them would, in half the time.
    """
    key = rows.select(pl.col("order").cast(pl.Int64) * n_items + pl.col("item")).to_series()
    place = np.argsort(key.to_numpy(), kind="stable")
    starts = np.flatnonzero(np.diff(key.to_numpy()[place], prepend=-1))

    def each(name: str, together: np.ufunc) -> NDArray[Any]:
        return np.asarray(together.reduceat(rows[name].to_numpy()[place], starts))

    largest = ("customer", "item", "order", "age_days", "store")
    columns = {name: each(name, np.maximum) for name in largest}
    columns |= {name: each(name, np.add) for name in ("quantity", "spend", "saved")}
    if "kept" in rows.columns:
        columns["kept"] = each("kept", np.add) / columns["quantity"]
    return columns


def _numbered(lines: pl.DataFrame, catalogue_ids: pl.Series) -> pl.DataFrame:
    buyers = lines.group_by("item_id").agg(
        pl.col("customer_id").drop_nulls().n_unique().alias("buyers")
    )
    every = pl.concat([catalogue_ids.rename("item_id"), lines["item_id"]]).unique()
    return (
        pl.DataFrame({"item_id": every})
        .join(buyers, on="item_id", how="left")
        .with_columns(pl.col("buyers").fill_null(0))
        .sort(["buyers", "item_id"], descending=[True, False])
        .with_row_index("item")
    )


def _order() -> pl.Expr:
    """A number per order, by customer: who and its id, else who and the day.

    Shops use receipt numbers again, so an id is an order of one customer, or of one day where
    nobody is named; without either, each moment is an order. Numbers stand for those words: they
    are told apart by their ranges, and sort much faster.
    """
    nobody, named = pl.col("customer") == ANONYMOUS, pl.col("name").is_not_null()
    moment = pl.col("timestamp").to_physical()
    day = moment // DAY_US
    who = (
        pl.when(~nobody)
        .then(pl.col("customer").cast(pl.Int64))
        .when(named)
        .then(-1 - day)
        .otherwise(-_MOST - moment)
    )
    what = pl.when(named).then(pl.col("name").cast(pl.Int64)).otherwise(_MOST + day)
    key = who.rank("dense").cast(pl.Int64) * 2 * _MOST + what
    return key.rank("dense").cast(pl.Int32) - 1
