"""What the archive teaches: purchases, what customers said, and items that nobody has listed yet.

Views, carts and searches stay where they are: near-line learning had its use of them, and a release
learns from what was bought.
"""

from dataclasses import dataclass

import polars as pl

from models.artifacts.event import FEEDBACK as SAID
from models.artifacts.event import JOINED, PARTED
from training.data import archive_files, archive_orders
from training.data.archive_rows import STORED_MS
from training.data.archive_subjects import with_customers
from training.data.feedback import COMPLAINT, FEEDBACK, VALUED
from training.data.timestamps import TIME

_TEACHING = ["purchase", "refund", SAID, JOINED, PARTED]
DESCRIBING = {
    "title": ("title", "name", "item_name"),
    "category": ("category", "item_category"),
    "brand": ("brand", "item_brand"),
    "url": ("url",),
    "image": ("image", "image_url"),
}
"""Columns of an item, and under which names an event's properties may have them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Archived:
    """The archive, read; all of it unchecked."""

    purchases: pl.DataFrame
    """The columns of ``training.data.archive_orders.LINES``."""
    feedback: pl.DataFrame
    """The columns of ``training.data.feedback.FEEDBACK``, of known customers. A complaint that is
    resolved is none."""
    described: pl.DataFrame
    """``item_id`` and the columns of ``DESCRIBING``: what backends last said of items. A page's
    word is not taken, for all customers would see it."""


def read(url: str) -> Archived:
    """Read the archive; where nothing has been archived, all tables are empty.

    Raises:
        UnreadableFile: A file is damaged, or the place cannot be read.
    """
    rows = archive_files.read(url)
    tells_of_item = (
        (pl.col("source") == "backend")
        & (pl.col("items").list.len() == 1)
        & pl.col("properties").is_not_null()
    )
    taken = (
        rows.filter(pl.col("event").is_in(_TEACHING) | tells_of_item)
        .with_columns(stored=_stored(), teller=_teller())
        .sort("stored")
        .unique(["teller", "event_id", "confirms"], keep="first")
        .drop("teller")
        .sort("at", "stored")
        .collect()
    )
    whose = with_customers(taken)
    return Archived(
        purchases=archive_orders.lines(whose),
        feedback=_feedback(whose),
        described=_described(taken.filter(tells_of_item)),
    )


def _stored() -> pl.Expr:
    """When the store took an event, to be compared."""
    return pl.struct(ms=STORED_MS, n=pl.col("entry").str.split("-").list.last().cast(pl.Int64))


def _teller() -> pl.Expr:
    """Within whom an event's id is its own: the visitor, where the customer is known by a join.

    What came twice is one event by its id, not by its place in a store: whoever had no answer when
    a store was lost says it again to the next one.
    """
    return (
        pl.when(pl.col("customer_id").is_not_null() & ~pl.col("joined"))
        .then(pl.format("c:{}", "customer_id"))
        .otherwise(pl.format("v:{}", "anonymous_id"))
    )


def _feedback(rows: pl.DataFrame) -> pl.DataFrame:
    said = rows.filter(
        (pl.col("event") == SAID)
        & pl.col("feedback").is_not_null()
        & pl.col("customer").is_not_null()
    ).select(
        pl.col("customer").alias("customer_id"),
        pl.col("at").cast(TIME).alias("timestamp"),
        pl.col("feedback").struct.field("kind"),
        pl.col("feedback").struct.field("value").alias("word"),
        pl.col("feedback").struct.field("value").cast(pl.Float64, strict=False),
        pl.col("items").list.first().struct.field("item_id"),
    )
    is_valued = pl.col("kind").is_in(VALUED) & pl.col("value").is_between(1, 5)
    is_open = (pl.col("kind") == COMPLAINT) & pl.col("word").eq_missing("opened")
    return said.filter(is_valued | is_open).select(FEEDBACK.names())


def _described(rows: pl.DataFrame) -> pl.DataFrame:
    told = rows.sort("stored").select(
        pl.col("items").list.first().struct.field("item_id"),
        *(
            pl.coalesce(
                pl.col("properties").str.json_path_match(f"$.{theirs}") for theirs in names
            ).alias(ours)
            for ours, names in DESCRIBING.items()
        ),
    )
    return told.group_by("item_id").agg(pl.col(name).drop_nulls().last() for name in DESCRIBING)
