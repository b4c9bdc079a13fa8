"""A promotions calendar is read whole or not at all."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from training.data.promotions import MOST_KINDS, read_promotions
from training.errors import UnreadableFile

HEADER = "item_id,starts,ends,kind,reach"


def file_of(folder: Path, *lines: str, header: str = HEADER) -> Path:
    path = folder / "promotions.csv"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_a_line_becomes_a_promotion_in_our_types(tmp_path: Path) -> None:
    path = file_of(tmp_path, "milk,2024-01-01T06:00:00+01:00,2024-01-07T18:00:00Z,mailer,.25")

    promotions = read_promotions(path)

    assert promotions.to_dicts() == [
        {
            "item_id": "milk",
            "starts": datetime(2024, 1, 1, 5, tzinfo=UTC),
            "ends": datetime(2024, 1, 7, 18, tzinfo=UTC),
            "kind": "mailer",
            "reach": 0.25,
        }
    ]
    assert promotions.schema["starts"] == promotions.schema["ends"] == pl.Datetime("us", "UTC")


def test_a_last_day_is_over_at_the_midnight_after_it(tmp_path: Path) -> None:
    path = file_of(tmp_path, "milk,2024-01-01,2024-01-07,mailer,1", "jam,2024-01-01,2024-01-01,,")

    promotions = read_promotions(path)

    assert promotions["ends"].to_list() == [
        datetime(2024, 1, 8, tzinfo=UTC),
        datetime(2024, 1, 2, tzinfo=UTC),
    ]


def test_kind_and_reach_may_be_left_out(tmp_path: Path) -> None:
    for line, header in (
        ("", "item_id,starts,ends"),
        (",,", HEADER),
        (",", "item_id,starts,ends,kind"),
    ):
        path = file_of(tmp_path, f"milk,2024-01-01,2024-01-07{line}", header=header)

        assert read_promotions(path).select("kind", "reach").row(0) == ("promotion", 1.0)


def test_one_item_may_be_promoted_many_times_and_ahead_of_today(tmp_path: Path) -> None:
    path = file_of(
        tmp_path, "milk,2024-01-01,2024-01-07,mailer,1", "milk,2124-01-01,2124-01-07,mailer,1"
    )

    assert read_promotions(path).height == 2


@pytest.mark.parametrize("kind", ["gzip", "parquet"])
def test_other_files_are_read_alike(tmp_path: Path, kind: str) -> None:
    plain = file_of(tmp_path, "7,2024-01-01,2024-01-07,mailer,0.5")
    path = tmp_path / "calendar.bin"
    if kind == "gzip":
        path.write_bytes(gzip.compress(plain.read_bytes()))
    else:
        pl.DataFrame(
            {
                "item_id": [7],
                "starts": [date(2024, 1, 1)],
                "ends": [date(2024, 1, 7)],
                "kind": ["mailer"],
                "reach": [0.5],
            }
        ).write_parquet(path)

    assert read_promotions(path).equals(read_promotions(plain))


def test_columns_may_be_called_otherwise(tmp_path: Path) -> None:
    path = file_of(tmp_path, "milk,2024-01-01,2024-01-07", header="sku,von,bis")

    found = read_promotions(path, columns={"item_id": "sku", "starts": "von", "ends": "bis"})

    assert found["item_id"].to_list() == ["milk"]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (",2024-01-01,2024-01-07,mailer,1", "line 2: item_id is missing"),
        ("milk,,2024-01-07,mailer,1", "line 2: starts is missing"),
        ("milk,2024-01-01,soon,mailer,1", "line 2: ends is not a date or time"),
        ("milk,2024-01-01,2024-01-07,mailer,0", "line 2: reach is not above 0 and at most 1"),
        ("milk,2024-01-01,2024-01-07,mailer,1.5", "line 2: reach is not above 0 and at most 1"),
        ("milk,2024-01-01,2024-01-07,mailer,-1", "line 2: reach is not above 0 and at most 1"),
        ("milk,2024-01-01,2024-01-07,mailer,all", "line 2: reach is not a number"),
        ("milk,2024-01-07,2024-01-01,mailer,1", "1 promotions that end before they start"),
        (
            "milk,2024-01-07T12:00:00Z,2024-01-07T12:00:00Z,mailer,1",
            "1 promotions that end before they start",
        ),
    ],
)
def test_a_wrong_line_stops_the_run_and_is_named(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(UnreadableFile) as stopped:
        read_promotions(file_of(tmp_path, line))

    assert told in str(stopped.value)


def test_too_many_kinds_stop_the_run(tmp_path: Path) -> None:
    lines = [f"milk,2024-01-01,2024-01-07,kind {n},1" for n in range(MOST_KINDS + 1)]
    few = file_of(tmp_path, *lines[:-1])
    assert read_promotions(few)["kind"].n_unique() == MOST_KINDS

    with pytest.raises(UnreadableFile, match="9 kinds of promotion"):
        read_promotions(file_of(tmp_path, *lines))


def test_a_file_without_a_needed_column_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="has no column for ends"):
        read_promotions(file_of(tmp_path, "milk,2024-01-01", header="item_id,starts"))


def test_a_file_without_lines_stops_the_run(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="no lines"):
        read_promotions(file_of(tmp_path))
