"""Items that events tell of stand in the catalogue before they stand in a file."""

from datetime import UTC, datetime

import polars as pl

from training.data.archive_items import described, entered
from training.data.archive_read import DESCRIBING
from training.data.catalog import as_items
from training.data.timestamps import TIME

WRITTEN = datetime(2026, 11, 20, tzinfo=UTC)
LINES = pl.DataFrame(
    {
        "item_id": ["listed", "gone", "gone", "new", "new", "returned"],
        "timestamp": [datetime(2026, 11, day, tzinfo=UTC) for day in (21, 19, 21, 21, 22, 21)],
        "quantity": [1.0, 1.0, 1.0, 1.0, 1.0, -1.0],
        "price": [9.0, 1.0, 1.0, 2.0, 4.0, 5.0],
    },
    schema_overrides={"timestamp": TIME},
)
TOLD = pl.DataFrame(
    {"item_id": ["listed", "new"], **{name: [f"a {name}", f"b {name}"] for name in DESCRIBING}}
)


def test_an_item_first_bought_since_the_list_was_written_is_new_and_sold() -> None:
    items = as_items(pl.DataFrame({"item_id": ["listed"], "price": [8.0]}))

    found = entered(items, LINES, TOLD, since=WRITTEN)

    assert found.select("item_id", "price", "stock", "title").rows() == [
        ("listed", 8.0, None, None),
        ("new", 3.0, None, "b title"),
    ]


def test_backends_fill_in_what_nobody_listed() -> None:
    items = as_items(pl.DataFrame({"item_id": ["other", "new"], "category": [None, "Cheese"]}))

    found = described(items, TOLD)

    assert found.select("item_id", "title", "category").rows() == [
        ("other", None, None),
        ("new", "b title", "Cheese"),
    ]
