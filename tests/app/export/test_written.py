"""Rows become files that readers of their kind read as they were."""

import asyncio
import csv
import io
import subprocess
import sys

import orjson
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import NotAcceptable
from app.export.accept import CSV, MEDIA_TYPES, NDJSON, PARQUET
from app.export.rows import Row
from app.export.written import writer

CELLS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), min_size=1)
PARTS = st.lists(st.lists(st.tuples(CELLS, st.none() | CELLS), max_size=3), max_size=3)


def written(media_type: str, parts: list[list[Row]]) -> bytes:
    made = asyncio.run(writer(media_type, "google"))
    return b"".join([made.begin(), *(made.rows(part) for part in parts), made.end()])


def harmless(cell: str | None) -> str:
    return "" if cell is None else f"'{cell}" if cell[0] in "=+-@" else cell


@given(parts=PARTS)
def test_rows_are_read_again(parts: list[list[tuple[str, str | None]]]) -> None:
    rows = [row for part in parts for row in part]

    lines, table, columns = (written(one, parts) for one in MEDIA_TYPES)  # type: ignore[arg-type]

    read = [orjson.loads(line) for line in lines.splitlines()]
    assert [(row["Email"], row["Phone"]) for row in read] == rows
    assert [*csv.reader(io.StringIO(table.decode(), newline=""))] == [
        ["Email", "Phone"], *([harmless(first), harmless(second)] for first, second in rows),
    ]  # fmt: skip
    found = pq.read_table(io.BytesIO(columns)).to_pydict()
    assert [*zip(found["Email"], found["Phone"], strict=True)] == rows


def test_parquet_keeps_no_row_back() -> None:
    made = asyncio.run(writer(PARQUET, "google"))
    begin = made.begin()
    parts = [[(hashed.hex(), None)] for hashed in (b"a" * 32, b"b" * 32)]

    blocks = [made.rows(rows) for rows in parts]

    for rows, block in zip(parts, blocks, strict=True):
        assert rows[0][0].encode() in block
    file = pq.ParquetFile(io.BytesIO(begin + b"".join(blocks) + made.rows([]) + made.end()))
    assert file.metadata.num_row_groups == 2
    assert file.read().to_pydict()["Email"] == [row[0] for rows in parts for row in rows]


def test_the_first_rows_of_parquet_find_all_that_they_need_loaded() -> None:
    code = """
import asyncio, sys
from app.export.accept import PARQUET
from app.export.written import writer
made = asyncio.run(writer(PARQUET, "raw"))
before = {*sys.modules}
made.rows([("c", 0.5)]), made.end()
assert {*sys.modules} == before, sorted({*sys.modules} - before)[:9]
"""

    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_of_csv_begins_a_formula(cell: str) -> None:
    told = written(CSV, [[(cell, "plain")]])

    assert [*csv.reader(io.StringIO(told.decode(), newline=""))][1] == [f"'{cell}", "plain"]
    assert orjson.loads(written(NDJSON, [[(cell, None)]])) == {"Email": cell, "Phone": None}


def test_without_its_extra_parquet_is_refused_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "app.export.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)

    with pytest.raises(NotAcceptable, match=r"pip install 'cartera\[parquet\]'"):
        asyncio.run(writer(PARQUET, "raw"))
