"""Purchase lines as columns of numbers: ids become rows, and every model learns from these.

Items are numbered best-selling first: by distinct buyers, then by id. The first ``n_ranked`` have
enough buyers to learn from. Customers are numbered by id.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from math import ceil

import numpy as np
import polars as pl
import scipy.sparse as sp
from numpy.typing import NDArray

from models.arrays import Rows

ANONYMOUS = -1
SEPARATOR = "\x1f"
"""A control character, which no id holds."""
DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Purchases:
    """What was bought before ``until``: a line an order and item."""

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

    What was wholly given back teaches nothing: a customer's lines of an item whose returns reach
    its purchases are left out. Without ``order_id``, what a customer bought on one day (UTC) is an
    order.

    Args:
        lines: Purchase lines.
        catalogue_ids: Items that exist, bought or not.
        until: Aware; later lines are left out.
        min_buyers: How many distinct customers an item needs for a model; None asks one in 250
            customers, 1 at least and 10 at most.
    """
    kept = _without_returns(lines.filter(pl.col("timestamp") < until))
    customers = kept["customer_id"].drop_nulls().unique().sort()
    if min_buyers is None:
        min_buyers = min(10, max(1, ceil(customers.len() / 250)))
    items = _numbered(kept, catalogue_ids)
    rows = (
        kept.join(items.select("item_id", "item"), on="item_id")
        .join(
            pl.DataFrame({"customer_id": customers}).with_row_index("customer"),
            on="customer_id",
            how="left",
        )
        .select(
            pl.col("customer").cast(pl.Int32).fill_null(ANONYMOUS),
            pl.col("item").cast(pl.Int32),
            _order().rank("dense").cast(pl.Int32).sub(1).alias("order"),
            (pl.lit(until) - pl.col("timestamp"))
            .dt.total_microseconds()
            .truediv(DAY_US)
            .alias("age_days"),
            pl.col("quantity").cast(pl.Float32),
            (pl.col("quantity") * pl.col("price")).cast(pl.Float32).alias("spend"),
            (pl.col("quantity") * pl.col("discount").fill_null(0)).cast(pl.Float32).alias("saved"),
            pl.col("store_id").rank("dense").cast(pl.Int32).sub(1).fill_null(-1).alias("store"),
        )
        .group_by("customer", "order", "item")
        .agg(
            pl.col("age_days").max(),
            pl.col("quantity", "spend", "saved").sum(),
            pl.col("store").max(),
        )
        .sort("customer", "order", "item")
    )
    return Purchases(
        until=until,
        customer_ids=customers.to_list(),
        item_ids=items["item_id"].to_list(),
        n_ranked=int((items["buyers"] >= min_buyers).sum()),
        customer=rows["customer"].to_numpy(),
        item=rows["item"].to_numpy(),
        order=rows["order"].to_numpy(),
        age_days=rows["age_days"].to_numpy(),
        quantity=rows["quantity"].to_numpy(),
        spend=rows["spend"].to_numpy(),
        saved=rows["saved"].to_numpy(),
        store=rows["store"].to_numpy(),
        n_stores=kept["store_id"].drop_nulls().n_unique(),
    )


def _without_returns(lines: pl.DataFrame) -> pl.DataFrame:
    bought = lines.filter(pl.col("quantity") > 0)
    returns = lines.filter((pl.col("quantity") < 0) & pl.col("customer_id").is_not_null())
    if returns.is_empty():
        return bought
    pair = ["customer_id", "item_id"]
    first = bought.group_by(pair).agg(pl.col("timestamp").min().alias("first"))
    back = (
        returns.join(first, on=pair)
        .filter(pl.col("timestamp") >= pl.col("first"))
        .group_by(pair)
        .agg(pl.col("quantity").sum().alias("back"))
    )
    given_back = (
        bought.join(back, on=pair)
        .group_by(pair)
        .agg(pl.col("quantity").sum(), pl.col("back").first())
        .filter(pl.col("quantity") + pl.col("back") <= 0)
    )
    return bought.join(given_back, on=pair, how="anti")


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
    """A key per order: who and its id, else who and the day; nobody is told by day or moment.

    Shops use receipt numbers again, so an id is an order of one customer, or of one day.
    """
    nobody = pl.col("customer_id").is_null()
    day = pl.col("timestamp").dt.date().cast(pl.String)
    moment = pl.col("timestamp").cast(pl.Int64).cast(pl.String)
    named = pl.col("order_id").is_not_null()
    return pl.concat_str(
        [
            pl.when(~nobody).then(pl.lit("c")).otherwise(pl.lit("-")),
            pl.col("customer_id").fill_null(pl.when(named).then(day).otherwise(moment)),
            pl.when(named).then(pl.lit("#")).otherwise(pl.lit("@")),
            pl.col("order_id").fill_null(day),
        ],
        separator=SEPARATOR,
    )
