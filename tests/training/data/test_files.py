"""Files are opened or refused in words, and a broken line never harms its neighbours."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.data import csv_lines
from training.data.columns import guess, resolve
from training.data.files import open_table
from training.errors import UnreadableFile


def rows_of(path: Path, *columns: str) -> tuple[list[tuple[object, ...]], list[tuple[int, str]]]:
    """All rows with their line, and all rejected lines, in order."""
    batches = list(open_table(path).batches({name: name for name in columns}))
    rows = pl.concat([batch.rows.select("line", *columns) for batch in batches]).sort("line")
    rejected = pl.concat([batch.rejected for batch in batches]).sort("line")
    return rows.rows(), rejected.select("line", "reason").rows()


def file_of(folder: Path, content: bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_row_with_too_few_or_too_many_fields_is_rejected_alone(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n")

    rows, rejected = rows_of(path, "a", "c")

    assert rows == [(2, "1", "3"), (5, "10", "12")]
    assert rejected == [(3, "too few fields"), (4, "too many fields")]


def test_bytes_that_are_no_utf8_spoil_only_their_field(tmp_path: Path) -> None:
    path = file_of(tmp_path, b"a,b,c\n1,caf\xe9,3\n4,tea,6\n")

    rows, rejected = rows_of(path, "a", "b", "c")

    assert rows == [(2, "1", "caf\ufffd", "3"), (3, "4", "tea", "6")]
    assert rejected == []


def test_line_numbers_count_lines_inside_quotes_and_blank_ones(tmp_path: Path) -> None:
    path = file_of(tmp_path, b'a,b\n\n1,"x\n\ny"\n2,z\n\n3\n4,w\n')

    rows, rejected = rows_of(path, "a", "b")

    assert rows == [(3, "1", "x\n\ny"), (6, "2", "z"), (9, "4", "w")]
    assert rejected == [(8, "too few fields")]


def test_an_inch_mark_in_a_field_without_quotes_is_a_letter(tmp_path: Path) -> None:
    path = file_of(tmp_path, b'a,b\n1,32" screen\n2,a "good" one\n3,x\n')

    rows, rejected = rows_of(path, "a", "b")

    assert [row[2] for row in rows] == ['32" screen', 'a "good" one', "x"]
    assert rejected == []


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path: Path) -> None:
    path = file_of(tmp_path, b'a,b\n1,x\n2,"y\n' + b"3,z\n" * 300)

    rows, rejected = rows_of(path, "a", "b")

    assert len(rows) == 301
    assert rejected == [(3, "quotes that do not match")]


def test_windows_line_ends_a_byte_order_mark_and_no_last_line_end_are_fine(tmp_path: Path) -> None:
    path = file_of(tmp_path, b'\xef\xbb\xbfa,"b"\r\n1,"x"\r\n2,y')

    assert open_table(path).header == ("a", "b")
    assert rows_of(path, "a", "b")[0] == [(2, "1", "x"), (3, "2", "y")]


def test_empty_fields_are_null_quoted_or_not(tmp_path: Path) -> None:
    assert rows_of(file_of(tmp_path, b'a,b\n,""\n'), "a", "b")[0] == [(2, None, None)]


def test_a_header_may_run_over_two_lines(tmp_path: Path) -> None:
    path = file_of(tmp_path, b'\n"a\nb",c\n1,2\n')

    assert open_table(path).header == ("a\nb", "c")
    assert rows_of(path, "c")[0] == [(4, "2")]


FIELD = st.text(alphabet='ab,"\n é', max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    table=st.lists(st.tuples(FIELD, FIELD, FIELD), min_size=1, max_size=8),
    size=st.integers(4, 60),
)
def test_however_a_file_is_cut_into_blocks_its_rows_are_the_same(
    table: list[tuple[str, str, str]], size: int
) -> None:
    def quoted(field: str) -> str:
        return '"' + field.replace('"', '""') + '"'

    text = "x,y,z\n" + "".join(",".join(map(quoted, row)) + "\n" for row in table)
    content = text.encode()

    def blocks() -> Iterator[bytes]:
        for start in range(0, len(content), size):
            yield content[start : start + size]

    layout = csv_lines.layout_of(content)
    wanted = {"z": "z", "x": "x"}
    batches = list(csv_lines.batches(blocks(), layout, wanted))

    lines = [2 + sum("".join(row).count("\n") + 1 for row in table[:n]) for n in range(len(table))]
    expected = [(line, z or None, x or None) for line, (x, _, z) in zip(lines, table, strict=True)]
    rows = pl.concat([batch.rows.select("line", "z", "x") for batch in batches]).sort("line")
    assert rows.rows() == expected
    assert all(batch.rejected.is_empty() for batch in batches)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"", "is empty"),
        (b"\n\n", "no header line"),
        (b'"a,b\n', "no header line"),
        (b"PK\x03\x04rest", "a zip archive or a spreadsheet"),
        (b"\xff\xfea\x00,\x00", "text in UTF-16"),
        (b"a\x00b,c\n1,2\n", "is not text"),
        (b"\x7fELF\x02\x01\x01", "is not text"),
        (b"PAR1 and then nothing", "starts as Parquet but cannot be read"),
        (b"\x1f\x8b\x08 and then nothing", "breaks off or is damaged"),
        (gzip.compress(b"a,b\n" * 1000, mtime=0)[:40], "breaks off or is damaged"),
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, found: str) -> None:
    path = file_of(tmp_path, content)

    with pytest.raises(UnreadableFile) as refused:
        list(open_table(path).batches({}))

    message = str(refused.value)
    assert found in message
    assert "; expected" in message
    assert message.count(";") >= 2


def test_a_folder_and_a_missing_file_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is a folder; expected a file"):
        open_table(tmp_path)
    with pytest.raises(UnreadableFile, match="there is no file"):
        open_table(tmp_path / "nothing.csv")


REQUIRED = ("customer_id", "item_id", "timestamp", "quantity", "price")
OPTIONAL = ("order_id",)


def test_a_missing_column_is_answered_with_the_option_to_type(tmp_path: Path) -> None:
    header = b"InvoiceNo,StockCode,Quantity,InvoiceDate,UnitPrice,CustomerID\n"
    table = open_table(file_of(tmp_path, header))

    with pytest.raises(UnreadableFile) as refused:
        resolve(table, required=REQUIRED, optional=OPTIONAL, asked={})

    message = str(refused.value)
    assert "has no column for customer_id, item_id" in message
    assert "'InvoiceNo', 'StockCode'" in message
    assert (
        "--columns customer_id=CustomerID,item_id=StockCode,timestamp=InvoiceDate,"
        "quantity=Quantity,price=UnitPrice"
    ) in message


def test_the_option_keeps_what_was_asked_and_quotes_spaces(tmp_path: Path) -> None:
    table = open_table(file_of(tmp_path, b"who,Product Code,timestamp,quantity,sum\n"))

    with pytest.raises(UnreadableFile) as refused:
        resolve(
            table,
            required=REQUIRED,
            optional=OPTIONAL,
            asked={"customer_id": "who", "item_id": "sku"},
        )

    message = str(refused.value)
    assert "item_id (as 'sku')" in message
    assert "'customer_id=who,item_id=Product Code,price=YOUR_COLUMN'" in message


def test_an_unknown_name_of_ours_is_answered_with_the_allowed_ones(tmp_path: Path) -> None:
    table = open_table(file_of(tmp_path, b"a\n"))

    with pytest.raises(UnreadableFile, match=r"'user'.*expected some of 'customer_id'.*'order_id'"):
        resolve(table, required=REQUIRED, optional=OPTIONAL, asked={"user": "a"})


def test_a_column_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    table = open_table(file_of(tmp_path, b"item_id,item_id\n"))

    with pytest.raises(UnreadableFile, match="more than one column 'item_id'"):
        resolve(table, required=["item_id"], optional=[], asked={})


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("customer_id", "user_id"),
        ("customer_id", "household_id"),
        ("customer_id", "Cust_ID"),
        ("item_id", "SKU"),
        ("item_id", "product-id"),
        ("timestamp", "order_date"),
        ("price", "Unit Price"),
        ("quantity", "QTY"),
        ("quantity", "Quantitty"),
        ("order_id", "basket_id"),
    ],
)
def test_common_names_are_guessed(ours: str, theirs: str) -> None:
    assert guess(ours, ["colour", theirs, "weather"]) == theirs
