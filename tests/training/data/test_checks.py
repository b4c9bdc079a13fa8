"""Each value of a purchase is checked by its own rule, and the reason told in words."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from tests.training.data.purchase_files import GOOD, HEADER, csv_file, purchase, read, rejects_of
from training.errors import UnreadableFile


@pytest.mark.parametrize(
    ("changed", "column", "reason"),
    [
        ({"item_id": ""}, "item_id", "is missing"),
        ({"item_id": "x" * 257}, "item_id", "is longer than 256 characters"),
        ({"item_id": "a\x07b"}, "item_id", "has control characters"),
        ({"customer_id": "a\x00b"}, "customer_id", "has control characters"),
        ({"timestamp": ""}, "timestamp", "is missing"),
        ({"timestamp": "31/01/2024"}, "timestamp", "is not a date or time"),
        ({"timestamp": "2024-02-30"}, "timestamp", "is not a date or time"),
        ({"timestamp": "20240131"}, "timestamp", "is not a date or time"),
        ({"timestamp": "yesterday"}, "timestamp", "is not a date or time"),
        ({"timestamp": "9999-01-01"}, "timestamp", "in the future"),
        ({"timestamp": "1900-01-01"}, "timestamp", "before 1970"),
        ({"quantity": ""}, "quantity", "is missing"),
        ({"quantity": "two"}, "quantity", "is not a number"),
        ({"quantity": "true"}, "quantity", "is not a number"),
        ({"quantity": "0"}, "quantity", "is zero"),
        ({"quantity": "inf"}, "quantity", "is not a finite number"),
        ({"quantity": "NaN"}, "quantity", "is not a finite number"),
        ({"quantity": "1e30"}, "quantity", "is absurdly large"),
        ({"quantity": "-1000001"}, "quantity", "is absurdly large"),
        ({"price": ""}, "price", "is missing"),
        ({"price": "£3"}, "price", "is not a number"),
        ({"price": "-0.01"}, "price", "is negative"),
        ({"price": "1e400"}, "price", "is not a finite number"),
    ],
)
def test_a_wrong_value_rejects_its_line_and_names_the_column(
    tmp_path: Path, changed: dict[str, str], column: str, reason: str
) -> None:
    path = csv_file(tmp_path, GOOD, purchase(**changed))

    file = read(path)

    assert file.lines.height == 1
    [(line, named, told)] = rejects_of(path)
    assert (line, named) == (3, column)
    assert told.startswith(f"{column} {reason}")


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("discount", "-1", "discount is negative"),
        ("discount", "much", "discount is not a number"),
        ("currency", "EURO", "currency is no code of ISO 4217 such as EUR"),
        ("currency", "eur", "currency is no code of ISO 4217 such as EUR"),
        ("order_id", "a\x1bb", "order_id has control characters"),
    ],
)
def test_a_wrong_optional_value_rejects_its_line(
    tmp_path: Path, column: str, value: str, reason: str
) -> None:
    path = csv_file(tmp_path, f"{GOOD},", f"{GOOD},{value}", header=f"{HEADER},{column}")

    read(path)

    assert rejects_of(path) == [(3, column, reason)]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-01-31", datetime(2024, 1, 31, tzinfo=UTC)),
        ("2024-01-31 18:30", datetime(2024, 1, 31, 18, 30, tzinfo=UTC)),
        ("2024-01-31T18:30:05.25", datetime(2024, 1, 31, 18, 30, 5, 250_000, tzinfo=UTC)),
        ("2024-01-31T18:30:00+02:00", datetime(2024, 1, 31, 16, 30, tzinfo=UTC)),
        ("2024-01-31 18:30:00-0500", datetime(2024, 1, 31, 23, 30, tzinfo=UTC)),
        ("2024-01-31t18:30:00z", datetime(2024, 1, 31, 18, 30, tzinfo=UTC)),
        ("2024-01-31T18:30Z", datetime(2024, 1, 31, 18, 30, tzinfo=UTC)),
        ("1706725800", datetime(2024, 1, 31, 18, 30, tzinfo=UTC)),
        ("1706725800123", datetime(2024, 1, 31, 18, 30, 0, 123_000, tzinfo=UTC)),
        ("1706725800123456", datetime(2024, 1, 31, 18, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_time_may_be_written_in_many_ways(tmp_path: Path, written: str, meant: datetime) -> None:
    assert read(csv_file(tmp_path, purchase(timestamp=written))).first == meant


def test_one_column_may_mix_ways_of_writing_a_time(tmp_path: Path) -> None:
    written = ["2024-01-31", "2024-01-31T18:30:00+02:00", "1706725800", "never"]
    path = csv_file(tmp_path, *(purchase(timestamp=time) for time in written))

    file = read(path)

    assert file.lines["timestamp"].dt.hour().to_list() == [0, 16, 18]
    assert [line for line, *_ in rejects_of(path)] == [5]


@pytest.mark.parametrize(
    "times",
    [
        pl.Series([datetime(2024, 1, 31, 18, 30)], dtype=pl.Datetime("ns")),  # noqa: DTZ001
        pl.Series([datetime(2024, 1, 31, 18, 30, tzinfo=UTC)]).dt.convert_time_zone("Asia/Tokyo"),
        pl.Series([1706725800]),
        pl.Series([1706725800000.0]),
    ],
)
def test_parquet_times_of_any_type_are_read(tmp_path: Path, times: pl.Series) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame({"customer_id": "ann", "item_id": "m", "quantity": 1, "price": 1.0}).with_columns(
        times.alias("timestamp")
    ).write_parquet(path)

    assert read(path).first == datetime(2024, 1, 31, 18, 30, tzinfo=UTC)


def test_parquet_ids_become_text_without_a_decimal_point(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame(
        {
            "customer_id": [17850.0, float("nan"), None],
            "item_id": [7, 8, 9],
            "timestamp": [datetime(2024, 1, 31).date()] * 3,  # noqa: DTZ001
            "quantity": [1, 1, 1],
            "price": [1, 1, 1],
        }
    ).write_parquet(path)

    lines = read(path).lines.sort("item_id")

    assert lines["customer_id"].to_list() == ["17850", None, None]
    assert lines["item_id"].to_list() == ["7", "8", "9"]


def test_parquet_columns_of_the_wrong_type_reject_every_line(tmp_path: Path) -> None:
    path = tmp_path / "p.parquet"
    pl.DataFrame(
        {"customer_id": [["a"]], "item_id": "m", "timestamp": True, "quantity": 1, "price": 1}
    ).write_parquet(path)

    with pytest.raises(UnreadableFile, match="leaves no purchase"):
        read(path)

    assert rejects_of(path) == [(1, "customer_id", "customer_id is neither text nor a number")]


def test_text_ids_written_like_17850_0_lose_the_point_only_if_all_are(tmp_path: Path) -> None:
    all_of_them = csv_file(tmp_path, purchase(customer_id="17850.0"), purchase(customer_id=""))
    assert read(all_of_them).lines["customer_id"].drop_nulls().to_list() == ["17850"]

    not_all = csv_file(tmp_path, purchase(customer_id="17850.0"), purchase(customer_id="x"))
    assert sorted(read(not_all).lines["customer_id"]) == ["17850.0", "x"]


def test_ids_keep_their_spaces_and_letters(tmp_path: Path) -> None:
    path = csv_file(tmp_path, purchase(customer_id=" Ann Ö ", item_id='"a,b"'))

    assert read(path).lines.select("customer_id", "item_id").row(0) == (" Ann Ö ", "a,b")
