"""A catalogue is read whole or not at all; without one, the purchases make it."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from training.data.catalog import ITEMS, complete, items_from_purchases, read_items
from training.data.customers import read_customers
from training.errors import UnreadableFile


def file_of(folder: Path, text: str) -> Path:
    path = folder / "items.csv"
    path.write_text(text, encoding="utf-8")
    return path


def lines_of(*rows: tuple[str, int, float, float]) -> pl.DataFrame:
    """Purchases as (item, day of January 2024, quantity, price)."""
    return pl.DataFrame(
        {
            "item_id": [row[0] for row in rows],
            "timestamp": [datetime(2024, 1, row[1], tzinfo=UTC) for row in rows],
            "quantity": [row[2] for row in rows],
            "price": [row[3] for row in rows],
        }
    )


def test_only_the_id_is_required_and_the_rest_is_null(tmp_path: Path) -> None:
    items = read_items(file_of(tmp_path, "item_id\nmilk\neggs\n"))

    assert items.schema == ITEMS
    assert items["item_id"].to_list() == ["milk", "eggs"]
    assert items.drop("item_id").null_count().row(0) == (2,) * 8


def test_every_column_is_read_in_our_type(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        "SKU,title,category,brand,price,margin,stock,url,image,colour\n"
        'p-1,"Milk, whole",dairy,Own,1.20,-.10,7,https://shop/p-1,https://shop/p-1.jpg,white\n',
    )

    items = read_items(path, columns={"item_id": "SKU"})

    assert items.row(0) == (
        "p-1", "Milk, whole", "dairy", "Own", 1.2, -0.1, 7, "https://shop/p-1",
        "https://shop/p-1.jpg",
    )  # fmt: skip


def test_parquet_items_are_read_alike(tmp_path: Path) -> None:
    path = tmp_path / "items.parquet"
    pl.DataFrame({"item_id": [1, 2], "stock": [3, None], "title": ["a", None]}).write_parquet(path)

    items = read_items(path)

    assert items.select("item_id", "stock", "title").rows() == [("1", 3, "a"), ("2", None, None)]


def test_stock_below_zero_is_none_to_sell_and_no_stock_is_unknown(tmp_path: Path) -> None:
    items = read_items(file_of(tmp_path, "item_id,stock\na,-3\nb,\nc,4.0\n"))

    assert items["stock"].to_list() == [0, None, 4]


def test_wrong_lines_stop_the_run_and_five_are_named(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        "item_id,price,stock\n"
        "a,-1,1\nb,cheap,1\nc,1,1.5\n,1,1\ne,1,1,1\ng,inf,1\nh,1,many\nok,1,1\n",
    )

    with pytest.raises(UnreadableFile) as stopped:
        read_items(path)

    message = str(stopped.value)
    assert "7 wrong lines" in message
    assert "line 2: price is negative; line 3: price is not a number" in message
    assert "line 4: stock is not a whole number; line 5: item_id is missing" in message
    assert "line 6: too many fields; and 2 more" in message


def test_repeated_items_stop_the_run(tmp_path: Path) -> None:
    path = file_of(tmp_path, "item_id\na\nb\na\nb\na\n")

    with pytest.raises(UnreadableFile, match="repeats 3 of its item_ids, the first on line 4"):
        read_items(path)


def test_an_items_file_without_lines_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no lines"):
        read_items(file_of(tmp_path, "item_id,title\n"))


def test_the_price_without_a_tag_is_the_median_of_the_last_28_days() -> None:
    lines = lines_of(
        ("old", 1, 1, 5.0), ("old", 2, 1, 7.0), ("old", 2, 1, 9.0),
        ("new", 1, 1, 100.0), ("new", 30, 1, 2.0), ("new", 31, 1, 3.0), ("new", 31, -1, 50.0),
        ("back", 31, -1, 4.0),
    )  # fmt: skip

    items = items_from_purchases(lines)

    assert items.schema == ITEMS
    assert items.select("item_id", "price").rows() == [("back", 4.0), ("new", 2.5), ("old", 7.0)]
    assert items["title"].null_count() == 3


def test_items_bought_but_not_in_the_file_are_added_and_counted(tmp_path: Path) -> None:
    items = read_items(file_of(tmp_path, "item_id,title\nmilk,Milk\n"))
    lines = lines_of(("eggs", 1, 1, 1.0), ("bread", 1, 1, 1.0), ("milk", 1, 1, 1.0))

    whole, n_added = complete(items, lines)

    assert n_added == 2
    assert whole.select("item_id", "title").rows() == [
        ("milk", "Milk"), ("bread", None), ("eggs", None),
    ]  # fmt: skip


def test_customers_keep_their_columns_of_text(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    pl.DataFrame(
        {
            "id": [1, 2],
            "country": ["ES", None],
            "created_at": [datetime(2024, 1, 31).date()] * 2,  # noqa: DTZ001
            "club": ["gold", ""],
            "age": [40, 50],
        }
    ).write_parquet(path)

    customers = read_customers(path, columns={"customer_id": "id"})

    assert customers.to_dicts() == [
        {"customer_id": "1", "country": "ES", "created_at": "2024-01-31", "club": "gold"},
        {"customer_id": "2", "country": None, "created_at": "2024-01-31", "club": None},
    ]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("customer_id,country\nann,ES\n,PT\n", "line 3: customer_id is missing"),
        ("customer_id\nann\nbob\nann\n", "repeats 1 of its customer_ids, the first on line 4"),
        ("country\nES\n", "has no column for customer_id"),
    ],
)
def test_a_wrong_customers_file_stops_the_run_without_naming_anyone(
    tmp_path: Path, text: str, found: str
) -> None:
    with pytest.raises(UnreadableFile) as stopped:
        read_customers(file_of(tmp_path, text))

    assert found in str(stopped.value)
    assert "ann" not in str(stopped.value)
