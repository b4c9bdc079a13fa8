"""Which archived events are of one order: those of one transaction, by its id or by its digest.

Where somebody refuses to be counted, the event keeps a digest in the place of the id
(``models.artifacts.event``). It leads back to the order here only where another event, or the
shop's own file, names the id.
"""

import polars as pl

from models.artifacts.event import order_digest


def with_order_ids(told: pl.DataFrame) -> pl.DataFrame:
    """Return purchases and refunds, in their order, with ``order_id``: that of the transaction.

    Where nobody names the id, the digest stands there; it is null where there is neither.
    """
    nobodys = pl.all_horizontal(pl.col("customer_id", "anonymous_id").is_null())
    if told.filter(nobodys)["transaction_id"].count() == 0:
        return told.with_columns(order_id="transaction_id")
    named = digests(told["transaction_id"]).rename({"digest": "transaction_id"})
    return told.join(named, on="transaction_id", how="left", maintain_order="left").with_columns(
        order_id=pl.coalesce(pl.when(nobodys).then("order_id"), "transaction_id")
    )


def digests(order_ids: pl.Series) -> pl.DataFrame:
    """Return ``order_id``, each once, and ``digest``: what stands for it in nobody's events."""
    ids = order_ids.drop_nulls().unique()
    return pl.DataFrame(
        {"order_id": ids, "digest": [order_digest(one) for one in ids]},
        schema={"order_id": pl.String(), "digest": pl.String()},
    )
