"""Purchases and refunds out of archived events, as lines of a purchases file.

A transaction counts once, however many have told it: first of all whoever says what was in it, and
a backend's word before a page's. Whose it was is first the backend's word, unless anybody says that
nothing may be learned about the customer.

A page can be made to say anything, so what it says of an order counts only where the order is its
own subject's: the same customer's or visitor's whom the backend names. Where no backend names any,
it is the first customer's of whom a page tells, or else the first visitor's.

A refund is a line of a negative quantity. Where it names no items it is of all that was bought, and
where it names no price, of the price that was paid. Where it names nobody it is the buyer's. A
page's refund counts where the order is its subject's, or where the archive knows no such order and
a customer asks for it.
"""

import polars as pl

from training.data import coupons
from training.data.archive_order_ids import with_order_ids
from training.data.timestamps import TIME

LINES = pl.Schema(
    {
        "customer_id": pl.String(),
        "item_id": pl.String(),
        "timestamp": TIME,
        "quantity": pl.Float64(),
        "price": pl.Float64(),
        "order_id": pl.String(),
        "discount": pl.Float64(),
        "currency": pl.String(),
        "coupon": pl.String(),
        "is_pages": pl.Boolean(),
    }
)
"""The last one says that only a page's word stands for the quantity."""
_ORDER = ["event", "order_id"]
_EQUAL = ["number", "item_id", "price", "discount"]
_IS_SURE = pl.col("source") == "backend"
_REFUSED = pl.col("consent").struct.field("personalization").eq(other=False).fill_null(value=False)


def lines(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the lines that were bought or given back, in the order of their events' times.

    Args:
        rows: Of ``training.data.archive_subjects``.

    Returns:
        The columns of ``LINES``, unchecked. Equal lines of one event are one line, of their sum.
    """
    told = with_order_ids(rows.filter(pl.col("event").is_in(["purchase", "refund"])))
    numbered = _once(told).sort("at", "stored").with_row_index("number")
    is_refund = pl.col("event") == "refund"
    purchases = numbered.filter(~is_refund)
    bought = _lines_of(purchases)
    back = _given_back(numbered.filter(is_refund), purchases, bought)
    return pl.concat([bought, back]).sort("number", maintain_order=True).select(LINES.names())


def _once(told: pl.DataFrame) -> pl.DataFrame:
    """Keep of each transaction the best telling, with the best that is known of whose it was."""
    is_named = pl.col("subject").str.starts_with("c:").fill_null(value=False)
    sure_first = told.filter(pl.col("order_id").is_not_null()).sort(
        _IS_SURE, is_named, "confirms", "stored", descending=[True, True, True, False]
    )
    whose = sure_first.with_columns(
        whose=pl.col("subject").drop_nulls().first().over(_ORDER),
        customer=pl.when(~_REFUSED.any().over(_ORDER)).then(
            pl.col("customer").drop_nulls().first().over(_ORDER)
        ),
    )
    is_own = pl.col("subject").eq(pl.col("whose")) | pl.col("whose").is_null()
    best = (
        whose.filter(_IS_SURE | is_own.fill_null(value=False))
        .with_columns(subject="whose")
        .sort(pl.col("items").list.len() > 0, descending=True, maintain_order=True)
        .unique(_ORDER, keep="first", maintain_order=True)
        .select(told.columns)
    )
    return pl.concat([told.filter(pl.col("order_id").is_null()), best])


def _lines_of(events: pl.DataFrame) -> pl.DataFrame:
    sign = pl.when(pl.col("event") == "refund").then(-1).otherwise(1)
    return (
        events.filter(pl.col("items").list.len() > 0)
        .explode("items")
        .unnest("items")
        .group_by(_EQUAL, maintain_order=True)
        .agg(
            pl.col("customer").first().alias("customer_id"),
            pl.col("at").first().cast(TIME).alias("timestamp"),
            (pl.col("quantity") * sign).sum(),
            pl.col("order_id").first(),
            pl.col("currency").first(),
            coupons.together(pl.col("coupon")),
            (~_IS_SURE).first().alias("is_pages"),
        )
        .select("number", *LINES.names())
    )


def _given_back(
    refunds: pl.DataFrame, purchases: pl.DataFrame, bought: pl.DataFrame
) -> pl.DataFrame:
    """Return the lines of refunds, with what only the purchase says."""
    own = _believed(refunds, purchases)
    orders = bought.filter(pl.col("order_id").is_not_null())
    paid = orders.group_by("order_id", "item_id").agg(paid=pl.col("price").first())
    some = (
        _lines_of(own)
        .join(paid, on=["order_id", "item_id"], how="left", maintain_order="left")
        .with_columns(price=pl.coalesce("price", "paid"))
        .drop("paid")
    )
    whole = own.filter(pl.col("items").list.len() == 0).select(
        "number", "customer", "at", "order_id"
    )
    every = whole.join(orders.drop("number", "customer_id", "timestamp"), on="order_id").select(
        "number",
        pl.col("customer").alias("customer_id"),
        "item_id",
        pl.col("at").cast(TIME).alias("timestamp"),
        -pl.col("quantity"),
        "price",
        "order_id",
        "discount",
        "currency",
        "coupon",
        "is_pages",
    )
    return pl.concat([some, every])


def _believed(refunds: pl.DataFrame, purchases: pl.DataFrame) -> pl.DataFrame:
    """Keep the refunds that count, each with the customer it is of."""
    buyers = purchases.filter(pl.col("order_id").is_not_null()).select(
        "order_id", buyer="customer", bought_by="subject", is_known=pl.lit(value=True)
    )
    is_own = pl.col("subject").eq(pl.col("bought_by")).fill_null(value=False)
    asks_for_own = pl.col("is_known").is_null() & pl.col("customer").is_not_null()
    return (
        refunds.join(buyers, on="order_id", how="left", maintain_order="left")
        .filter(_IS_SURE | is_own | asks_for_own)
        .with_columns(customer=pl.coalesce("customer", pl.when(_IS_SURE & ~_REFUSED).then("buyer")))
        .drop("buyer", "bought_by", "is_known")
    )
