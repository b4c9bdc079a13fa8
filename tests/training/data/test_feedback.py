"""Feedback is read whole or not at all."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from training.data.feedback import FEEDBACK, read_feedback
from training.errors import UnreadableFile

HEADER = "customer_id,timestamp,kind,value,item_id"


def file_of(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "feedback.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_lines_become_feedback_in_our_types(tmp_path: Path) -> None:
    path = file_of(
        tmp_path,
        "ann,2024-01-01T06:00:00+01:00,rating,4.5,milk",
        "bob,2024-01-02,satisfaction,1,",
        "bob,2024-01-02,complaint,,",
    )

    found = read_feedback(path)

    second = datetime(2024, 1, 2, tzinfo=UTC)
    assert found.schema == FEEDBACK
    assert found.rows() == [
        ("ann", datetime(2024, 1, 1, 5, tzinfo=UTC), "rating", 4.5, "milk"),
        ("bob", second, "satisfaction", 1.0, None),
        ("bob", second, "complaint", None, None),
    ]


def test_the_item_may_be_left_out(tmp_path: Path) -> None:
    path = file_of(tmp_path, "ann,2024-01-01,rating,5", header="customer_id,timestamp,kind,value")

    found = read_feedback(path)

    assert found.schema == FEEDBACK
    assert found["item_id"].to_list() == [None]


@pytest.mark.parametrize("kind", ["gzip", "parquet"])
def test_other_files_are_read_alike(tmp_path: Path, kind: str) -> None:
    plain = file_of(tmp_path, "7,2024-01-01,rating,5,9", "8,2024-01-01,complaint,,")
    path = tmp_path / "feedback.bin"
    if kind == "gzip":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        pl.DataFrame(
            {
                "customer_id": [7, 8],
                "timestamp": [datetime(2024, 1, 1)] * 2,  # noqa: DTZ001
                "kind": ["rating", "complaint"],
                "value": [5, None],
                "item_id": [9, None],
            }
        ).write_parquet(path)

    assert read_feedback(path).equals(read_feedback(plain))


def test_a_shop_whose_customers_only_complain_leaves_every_value_empty(tmp_path: Path) -> None:
    path = tmp_path / "feedback.parquet"
    pl.DataFrame(
        {
            "customer_id": ["ann"],
            "timestamp": ["2024-01-01"],
            "kind": ["complaint"],
            "value": [None],
        }
    ).write_parquet(path)

    assert read_feedback(path)["value"].to_list() == [None]


def test_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    path = file_of(tmp_path, "ann,2024-01-01,rating,5", header="user,when,kind,stars")
    asked = {"customer_id": "user", "timestamp": "when", "value": "stars"}

    assert read_feedback(path, columns=asked)["value"].to_list() == [5.0]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (",2024-01-01,rating,5,", "line 2: customer_id is missing"),
        ("ann,,rating,5,", "line 2: timestamp is missing"),
        ("ann,soon,rating,5,", "line 2: timestamp is not a date or time"),
        ("ann,2024-01-01,,5,", "line 2: kind is missing"),
        ("ann,2024-01-01,praise,5,", "line 2: kind is not rating, satisfaction or complaint"),
        ("ann,2024-01-01,rating,,", "line 2: value is missing"),
        ("ann,2024-01-01,satisfaction,,", "line 2: value is missing"),
        ("ann,2024-01-01,rating,0,", "line 2: value is not from 1 to 5"),
        ("ann,2024-01-01,rating,5.5,", "line 2: value is not from 1 to 5"),
        ("ann,2024-01-01,rating,good,", "line 2: value is not a number"),
        ("ann,2024-01-01,rating,nan,", "line 2: value is not a finite number"),
        ("ann,2024-01-01,complaint,1,", "line 2: value is given, and a complaint has none"),
    ],
)
def test_a_wrong_line_stops_the_run_and_is_named(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UnreadableFile) as stopped:
        read_feedback(file_of(tmp_path, line))

    assert told in str(stopped.value)


def test_a_file_without_a_needed_column_is_told_which_of_its_own_may_be_it(tmp_path: Path) -> None:
    path = file_of(tmp_path, "ann,2024-01-01,rating,5", header="customer_id,timestamp,kind,stars")

    with pytest.raises(UnreadableFile, match=r"has no column for value; .*value=stars"):
        read_feedback(path)


def test_a_file_without_lines_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no lines"):
        read_feedback(file_of(tmp_path))
