"""Whose an archived event was, as it is known by the end.

    a customer's own                                  theirs
    a visitor's                                       the customer's whom they joined, else nobody's
    a customer's by a join with a visitor             the same, so that undoing it undoes this too
    without consent to personalise, whoever's         nobody's: it teaches nothing about them

A join or a parting counts from the beginning: the visitor was the customer all along, or never.
"""

import polars as pl

from models.artifacts.event import JOINED, PARTED


def with_customers(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, in their order, with two columns beside them.

    ``customer`` is whom a row teaches about, null where it is nobody. ``subject`` is who did it,
    whether or not anything may be learned about them: a text that says nothing but who is the same.

    Args:
        rows: The columns of ``training.data.archive_rows`` and ``stored``, the order in which the
            store took them.
    """
    names = pl.col("event").is_in([JOINED, PARTED])
    last = (
        rows.filter(names & pl.all_horizontal(pl.col("customer_id", "anonymous_id").is_not_null()))
        .sort("stored")
        .group_by("anonymous_id", maintain_order=True)
        .agg(
            pl.when(pl.col("event") == JOINED).then("customer_id").last().alias("turned_out"),
            is_named=pl.lit(value=True),
        )
    )
    who = pl.col("who")
    own = pl.col("customer_id").is_not_null() & ~pl.col("joined")
    refused = pl.col("consent").struct.field("personalization").eq(other=False)
    return (
        rows.join(last, on="anonymous_id", how="left", maintain_order="left")
        .with_columns(
            who=pl.when(own | pl.col("is_named").is_null())
            .then("customer_id")
            .otherwise("turned_out")
        )
        .with_columns(
            customer=pl.when(~refused.fill_null(value=False)).then(who),
            subject=pl.coalesce(pl.format("c:{}", who), pl.format("v:{}", "anonymous_id")),
        )
        .drop("turned_out", "is_named", "who")
    )
