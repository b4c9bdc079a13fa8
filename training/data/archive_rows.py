"""Events as rows of a table: what the archive holds of each.

One row an event, in the words of ``models.artifacts.event``; what nobody said is null. An entry
that is no event keeps its bytes in ``unread`` and little else, so that nothing is lost.

A table is read from its column of JSON at once, ten times as fast as event by event, and while
other threads run. Where that fails, the column is halved until the entries at fault stand alone.
"""

from collections.abc import Sequence
from typing import NamedTuple

import polars as pl

_TIME = pl.Datetime("ms", "UTC")
_PLAIN: dict[str, pl.DataType] = {
    "event": pl.String(),
    "event_id": pl.String(),
    "source": pl.String(),
    "customer_id": pl.String(),
    "anonymous_id": pl.String(),
    "session_id": pl.String(),
    "value": pl.Float64(),
    "currency": pl.String(),
    "transaction_id": pl.String(),
    "confirms": pl.Boolean(),
    "contested": pl.Boolean(),
    "recommendation_id": pl.String(),
    "placement": pl.String(),
    "offer_id": pl.String(),
    "channel": pl.String(),
    "search_term": pl.String(),
    "joined": pl.Boolean(),
    "items": pl.List(
        pl.Struct(
            {
                "item_id": pl.String(),
                "price": pl.Float64(),
                "quantity": pl.Float64(),
                "discount": pl.Float64(),
                "coupon": pl.String(),
                "index": pl.Int64(),
            }
        )
    ),
    "consent": pl.Struct(
        {
            "analytics": pl.Boolean(),
            "personalization": pl.Boolean(),
            "ads": pl.Boolean(),
            "sale_opt_out": pl.Boolean(),
            "tcf": pl.String(),
            "gpp": pl.String(),
        }
    ),
    "feedback": pl.Struct({"kind": pl.String(), "value": pl.String(), "text": pl.String()}),
}
_EITHER = ("confirms", "contested", "joined")
"""False where nobody said so."""
_PACKED = pl.Struct({"at_ms": pl.Int64(), **_PLAIN})
ROWS = pl.Schema(
    {
        "shard": pl.Int16(),
        "entry": pl.String(),
        "at": _TIME,
        **_PLAIN,
        "properties": pl.String(),
        "unread": pl.Binary(),
    }
)
"""``shard`` and ``entry`` name the place in the store whence the event came; ``properties`` is
JSON; the ``value`` of feedback is a number written out, or a word."""
STORED_MS = pl.col("entry").str.split("-").list.first().cast(pl.Int64)
"""When the store took an event, by its own clock."""
_LAST_MS = 253_402_300_799_999
"""The end of the year 9999: times beyond it are none."""


class Entry(NamedTuple):
    """One event as the store has it."""

    shard: int
    id: str
    """When it was stored, in ms; a dash; and a number that tells apart what came at once."""
    packed: bytes


def rows(entries: Sequence[Entry]) -> pl.DataFrame:
    """Return the table of some events, in their order.

    The time of what is no event is that of its entry.
    """
    taken = pl.DataFrame(
        [(*entry, _text(entry.packed)) for entry in entries],
        schema=pl.Schema(
            {
                "shard": ROWS["shard"],
                "entry": pl.String(),
                "packed": pl.Binary(),
                "text": pl.String(),
            }
        ),
        orient="row",
    )
    read = taken.with_columns(said=_decoded(taken["text"])).unnest("said")
    is_event = (
        pl.all_horizontal(pl.col("event", "event_id", "at_ms").is_not_null())
        & pl.col("at_ms").is_between(0, _LAST_MS)
    ).fill_null(value=False)
    silent = [name for name in _PLAIN if name not in {*_EITHER, "items"}]
    return read.select(
        "shard",
        "entry",
        pl.when(is_event).then("at_ms").otherwise(STORED_MS).cast(_TIME).alias("at"),
        *(pl.when(is_event).then(name).alias(name) for name in silent),
        *(pl.col(name).fill_null(value=False) & is_event for name in _EITHER),
        pl.when(is_event & pl.col("items").is_not_null())
        .then("items")
        .otherwise(pl.lit([], ROWS["items"]))
        .alias("items"),
        pl.when(is_event)
        .then(pl.col("text").str.json_path_match("$.properties"))
        .alias("properties"),
        pl.when(~is_event).then("packed").alias("unread"),
    ).select(ROWS.names())


def _text(packed: bytes) -> str | None:
    try:
        return packed.decode()
    except UnicodeDecodeError:
        return None


def _decoded(text: pl.Series) -> pl.Series:
    """Read JSON; what is none of ours becomes null."""
    try:
        said = text.str.json_decode(_PACKED)
    except pl.exceptions.ComputeError:
        said = None
    if said is not None and said.len() == text.len():
        return said
    if text.len() == 1:
        return pl.Series([None], dtype=_PACKED)
    half = text.len() // 2
    return pl.concat([_decoded(text[:half]), _decoded(text[half:])])
