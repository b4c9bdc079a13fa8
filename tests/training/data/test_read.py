"""A purchase file is read line by line: believed, or rejected with the line and the reason."""

import gzip
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.training.data.purchase_files import GOOD, HEADER, csv_file, purchase, read, rejects_of
from training.data.read import read_purchases
from training.errors import TooManyRejected, UnreadableFile


def test_a_line_becomes_a_purchase_in_our_types(tmp_path: Path) -> None:
    header = f"{HEADER},order_id,store_id,discount,currency"
    path = csv_file(tmp_path, f"{GOOD},o-1,s-1,.10,EUR", header=header)

    file = read(path)

    assert file.lines.to_dicts() == [
        {
            "customer_id": "ann",
            "item_id": "milk",
            "timestamp": datetime(2024, 1, 31, 18, 30, tzinfo=UTC),
            "quantity": 2.0,
            "price": 1.5,
            "order_id": "o-1",
            "store_id": "s-1",
            "discount": 0.1,
        }
    ]
    assert file.currency == "EUR"
    assert (file.n_lines, file.n_rejected) == (1, 0)
    assert file.first == file.last == datetime(2024, 1, 31, 18, 30, tzinfo=UTC)


def test_columns_that_the_file_lacks_are_null_in_our_types(tmp_path: Path) -> None:
    file = read(csv_file(tmp_path, GOOD))

    assert file.lines.schema["order_id"] == pl.String
    assert file.lines.schema["store_id"] == pl.String
    assert file.lines.schema["discount"] == pl.Float64
    assert file.lines.select("order_id", "store_id", "discount").row(0) == (None, None, None)
    assert file.currency is None


@pytest.mark.parametrize("kind", ["csv", "gzip", "parquet"])
def test_the_kind_of_a_file_is_told_by_its_content(tmp_path: Path, kind: str) -> None:
    plain = csv_file(tmp_path, GOOD)
    path = tmp_path / "data.txt"
    if kind == "parquet":
        pl.read_csv(plain).write_parquet(path)
    else:
        path.write_bytes(
            gzip.compress(plain.read_bytes()) if kind == "gzip" else plain.read_bytes()
        )

    assert read(path).lines.equals(read(plain).lines)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_other_separators_are_told_by_the_header(tmp_path: Path, separator: str) -> None:
    path = csv_file(tmp_path, GOOD.replace(",", separator), header=HEADER.replace(",", separator))

    assert read(path).lines["item_id"].to_list() == ["milk"]


def test_nobody_s_purchases_gifts_and_returns_are_kept_and_counted(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        purchase(customer_id=""),
        purchase(customer_id='""'),
        purchase(quantity="-2"),
        purchase(price="0"),
    )

    file = read(path)

    assert file.rejected_by_reason == {}
    assert (file.n_lines, file.n_anonymous, file.n_returns) == (4, 2, 1)
    assert file.lines.height == 4


def test_equal_lines_of_nobody_are_duplicates_where_they_name_one_order(tmp_path: Path) -> None:
    line = purchase(customer_id="") + ",17"
    path = csv_file(tmp_path, line, line, header=f"{HEADER},order_id")

    file = read(path)

    assert file.rejected_by_reason == {"duplicate": 1}


def test_of_equal_lines_the_first_is_kept(tmp_path: Path) -> None:
    other = purchase(item_id="eggs")
    path = csv_file(tmp_path, GOOD, other, GOOD, other, GOOD)

    file = read(path)

    assert file.lines["item_id"].to_list() == ["milk", "eggs"]
    assert rejects_of(path) == [(line, "", "duplicate") for line in (4, 5, 6)]


def test_lines_that_differ_in_a_mapped_column_are_no_duplicates(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{GOOD},o-1", f"{GOOD},o-2", header=f"{HEADER},order_id")

    assert read(path).n_rejected == 0


def test_purchases_at_or_after_until_are_left_out_and_counted(tmp_path: Path) -> None:
    days = ["2024-01-30", "2024-01-31", "2024-02-01"]
    path = csv_file(tmp_path, *(purchase(timestamp=day) for day in days))

    file = read(path, until=datetime(2024, 1, 31, tzinfo=UTC))

    elsewhere = read(path, until=datetime(2024, 1, 31, 2, tzinfo=timezone(timedelta(hours=2))))

    assert file.lines["timestamp"].dt.day().to_list() == [30]
    assert elsewhere.lines.equals(file.lines)
    assert (file.n_after_until, file.n_rejected) == (2, 0)


def test_nothing_before_until_is_said_in_words(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="at or after 2020"):
        read(csv_file(tmp_path, GOOD), until=datetime(2020, 1, 1, tzinfo=UTC))


def test_an_hour_ahead_of_our_clock_is_not_the_future(tmp_path: Path) -> None:
    soon = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

    assert read(csv_file(tmp_path, purchase(timestamp=soon))).n_rejected == 0


def test_two_currencies_stop_the_run(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{GOOD},EUR", f"{GOOD},USD", header=f"{HEADER},currency")

    with pytest.raises(UnreadableFile, match=r"2 currencies .*EUR on 1 lines.*expected one"):
        read(path)


@pytest.mark.parametrize("content", ["", f"{HEADER}\n", f"{HEADER}\n\n\n"])
def test_a_file_without_purchases_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "purchases.csv"
    path.write_text(content)

    with pytest.raises(UnreadableFile, match=r"is empty|no lines"):
        read(path)


def test_parquet_without_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    pl.DataFrame(schema=HEADER.split(",")).write_parquet(path)

    with pytest.raises(UnreadableFile, match="no lines"):
        read(path)


def test_the_shop_s_own_column_names_may_be_mapped(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{GOOD},x", header="who,what,when,quantity,price,note")

    file = read(path, columns={"customer_id": "who", "item_id": "what", "timestamp": "when"})

    assert file.lines.select("customer_id", "item_id").row(0) == ("ann", "milk")


def test_one_bad_row_in_a_thousand_is_left_out_and_the_run_goes_on(tmp_path: Path) -> None:
    good = [purchase(item_id=f"i-{n}") for n in range(999)]
    path = csv_file(tmp_path, *good[:500], purchase(price="x"), *good[500:])

    file = read(path, max_rejected=0.01)

    assert file.lines.height == 999
    assert rejects_of(path) == [(502, "price", "price is not a number")]


def test_one_bad_row_in_two_stops_the_run_in_words(tmp_path: Path) -> None:
    good = [purchase(item_id=f"i-{n}") for n in range(5)]
    bad = [purchase(price="secret-7")] * 3 + [purchase(quantity="0")] * 2
    path = csv_file(tmp_path, *good, *bad)

    with pytest.raises(TooManyRejected) as stopped:
        read(path, max_rejected=0.01)

    message = str(stopped.value)
    assert "5 of 10 lines (50.00%)" in message
    assert "3 × price is not a number (first on line 7)" in message
    assert "2 × quantity is zero (first on line 10)" in message
    assert "rejects.csv" in message
    assert "--max-rejected" in message
    assert "secret-7" not in message
    assert len(rejects_of(path)) == 5
    assert "secret-7" not in (tmp_path / "rejects.csv").read_text()


def test_an_old_rejects_file_is_removed_when_nothing_is_rejected(tmp_path: Path) -> None:
    path = csv_file(tmp_path, GOOD)
    (tmp_path / "rejects.csv").write_text("old")

    read(path)

    assert not (tmp_path / "rejects.csv").exists()


def test_progress_is_told(tmp_path: Path) -> None:
    told: list[str] = []

    read(csv_file(tmp_path, GOOD), progress=told.append)

    assert told[-1] == "read 1 lines of purchases.csv"


def test_misuse_is_refused(tmp_path: Path) -> None:
    path = csv_file(tmp_path, GOOD)

    with pytest.raises(ValueError, match="offset"):
        read(path, until=datetime(2024, 1, 1))  # noqa: DTZ001
    with pytest.raises(ValueError, match="0 to 1"):
        read(path, max_rejected=1.5)
    with pytest.raises(ValueError, match="another file"):
        read_purchases(path, rejects=path)
    assert path.exists()


BAD = st.sampled_from(
    [
        purchase(price="x"),
        purchase(quantity="0"),
        purchase(item_id=""),
        purchase(timestamp="soon"),
        "too,few",
        f"{GOOD},and,more",
        'ann,"milk"y,2024-01-31,1,1',
        'ann,"milk,2024-01-31,1,1',
    ]
)
KIND = st.one_of(st.just("good"), st.just("quoted"), st.just("two lines"), BAD)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(kinds=st.lists(KIND, min_size=1, max_size=12))
def test_rejected_lines_are_exactly_the_bad_ones(tmp_path: Path, kinds: list[str]) -> None:
    lines: list[str] = []
    bad: list[int] = []
    good: list[str] = []
    for n, kind in enumerate(["good", *kinds]):
        at = 2 + sum(line.count("\n") + 1 for line in lines)
        item = {"good": f"i-{n}", "quoted": f'"i, ""{n}"""'}.get(kind)
        if kind == "two lines":
            lines.append(f'{purchase(item_id=f"i-{n}")},"said\n""hello""\n"')
            good.append(f"i-{n}")
        elif item:
            lines.append(f"{purchase(item_id=item)},")
            good.append(f"i-{n}" if kind == "good" else f'i, "{n}"')
        else:
            lines.append(kind if kind.startswith("too") else f"{kind},")
            bad.append(at)

    path = csv_file(tmp_path, *lines, header=f"{HEADER},note")
    file = read(path)

    assert sorted(line for line, *_ in rejects_of(path)) == bad
    assert sorted(file.lines["item_id"]) == sorted(good)
    assert file.n_lines == len(lines)
