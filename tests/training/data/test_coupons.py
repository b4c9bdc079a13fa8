"""Who redeemed which coupon is read from files and from the archive, beside the lines."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from models.artifacts.event import Line
from tests.training.data.archived import NOON_MS, event, purchase, written
from tests.training.data.purchase_files import GOOD, HEADER, csv_file, read
from training import report
from training.data.archive_purchases import from_archive, together
from training.data.archive_read import read as read_archive
from training.data.coupons import REDEEMED
from training.data.read import PurchaseFile

OTHER = "ben,milk,2024-02-01,1,1"
WITH_COUPON = f"{HEADER},coupon"
NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)


def coupons_of(file: PurchaseFile) -> list[tuple[str, str]]:
    return file.redeemed.select("customer_id", "coupon").rows()


def archived(folder: Path, *lines: Line) -> PurchaseFile:
    """What the archive teaches of one order."""
    url = written(folder / "archive", purchase("t-1", items=lines))
    found = from_archive(
        read_archive(url).purchases, rejects=folder / "r.csv", until=None, max_rejected=0
    )
    assert found is not None
    return found


def test_a_line_says_which_coupon_it_redeemed_and_an_empty_one_says_none(tmp_path: Path) -> None:
    file = read(csv_file(tmp_path, f"{GOOD},MAY", "ben,milk,2024-02-01,1,1,", header=WITH_COUPON))

    at = datetime(2024, 1, 31, 18, 30, tzinfo=UTC)
    assert file.redeemed.rows() == [("ann", "MAY", at)]
    assert file.lines.height == 2


def test_a_file_without_coupons_teaches_the_same_lines_and_no_coupon(tmp_path: Path) -> None:
    without = read(csv_file(tmp_path, GOOD))
    told = read(csv_file(tmp_path, f"{GOOD},MAY", header=WITH_COUPON))

    assert without.redeemed.schema == told.redeemed.schema == REDEEMED
    assert without.redeemed.is_empty()
    assert told.lines.equals(without.lines)


@pytest.mark.parametrize("coupon", ["x" * 257, "M\x07Y"], ids=["too long", "with a bell"])
def test_a_name_that_cannot_be_one_costs_no_purchase_and_is_counted(
    tmp_path: Path, coupon: str
) -> None:
    path = csv_file(tmp_path, f"{GOOD},{coupon}", f"{OTHER},{'x' * 256}", header=WITH_COUPON)

    file = read(path, max_rejected=0)

    assert file.lines.equals(read(csv_file(tmp_path, GOOD, OTHER)).lines)
    assert coupons_of(file) == [("ben", "x" * 256)]
    assert file.n_no_coupons == 1
    label, told = report.was_read(file).columns
    assert ("coupons that are no names, left out", "1") in zip(label.cells, told.cells, strict=True)


@pytest.mark.parametrize(
    "coupon",
    [
        pl.Series([True, False, None]),
        pl.Series([0, 1, None]),
        pl.Series([0.0, 1.0, None]),
        pl.Series(["Yes", "no", ""]),
        pl.Series([["MAY"], [], None]),
    ],
    ids=["bool", "0 and 1", "0.0 and 1.0", "yes and no", "list"],
)
def test_a_column_that_names_no_coupon_changes_nothing_and_is_counted(
    tmp_path: Path, coupon: pl.Series
) -> None:
    lines = pl.DataFrame(
        {
            "customer_id": ["ann", "ann", "ben"],
            "item_id": "milk",
            "timestamp": "2024-01-31",
            "quantity": 1,
            "price": 1.0,
        }
    )
    lines.write_parquet(tmp_path / "before.parquet")
    lines.with_columns(coupon=coupon).write_parquet(tmp_path / "now.parquet")

    before, now = (read(tmp_path / f"{name}.parquet") for name in ("before", "now"))

    assert now.lines.equals(before.lines)
    assert now.rejected_by_reason == before.rejected_by_reason == {"duplicate": 1}
    assert now.redeemed.is_empty()
    assert now.n_no_coupons > before.n_no_coupons == 0


def test_whoever_nobody_knows_and_whoever_gives_back_redeems_nothing(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path,
        ",milk,2024-01-31,1,1,MAY",
        "ann,milk,2024-01-31,-1,1,MAY",
        "ben,milk,2024-01-31,1,1,JUNE",
        header=WITH_COUPON,
    )

    assert coupons_of(read(path)) == [("ben", "JUNE")]


def test_numbers_are_written_out_as_the_shop_wrote_them(tmp_path: Path) -> None:
    path = tmp_path / "purchases.parquet"
    pl.DataFrame(
        {
            "customer_id": [17850.0, None, 17851.0],
            "item_id": ["milk"] * 3,
            "timestamp": ["2024-01-31"] * 3,
            "quantity": [1] * 3,
            "price": [1.0] * 3,
            "coupon": [18.0, 18.0, None],
        }
    ).write_parquet(path)
    csv = csv_file(tmp_path, "17850.0,milk,2024-01-31,1,1,18.0", header=WITH_COUPON)

    assert coupons_of(read(path)) == [("17850", "18")]
    assert coupons_of(read(csv)) == [("17850", "18")]


def test_purchases_at_or_after_until_redeem_nothing(tmp_path: Path) -> None:
    path = csv_file(tmp_path, f"{GOOD},MAY", "ann,milk,2024-03-01,1,1,JUNE", header=WITH_COUPON)

    found = read(path, until=datetime(2024, 2, 1, tzinfo=UTC))

    assert coupons_of(found) == [("ann", "MAY")]


def test_lines_that_differ_in_the_coupon_alone_are_one_with_the_coupons_of_all(
    tmp_path: Path,
) -> None:
    path = csv_file(
        tmp_path, f"{GOOD},", f"{GOOD},MAY", f"{GOOD},JUNE", f"{OTHER},MAY", header=WITH_COUPON
    )

    file = read(path)

    assert file.lines.equals(read(csv_file(tmp_path, GOOD, GOOD, GOOD, OTHER)).lines)
    assert file.rejected_by_reason == {"duplicate": 2}
    assert sorted(coupons_of(file)) == [("ann", "JUNE"), ("ann", "MAY"), ("ben", "MAY")]


def test_an_archived_line_carries_its_coupon(tmp_path: Path) -> None:
    found = archived(
        tmp_path,
        Line(item_id="p-1", price=2.0, coupon="MAY"),
        Line(item_id="p-1", price=2.0, coupon="JUNE"),
        Line(item_id="p-1", price=2.0),
        Line(item_id="p-2", price=2.0, coupon="1\x07"),
    )

    assert found.redeemed.rows() == [("c-1", "MAY", NOON), ("c-1", "JUNE", NOON)]
    assert sorted(found.lines["quantity"]) == [1, 3]
    assert found.n_no_coupons == 1


def test_a_whole_order_that_was_given_back_redeemed_its_coupon_once(tmp_path: Path) -> None:
    bought = purchase("t-1", items=(Line(item_id="p-1", price=2.0, coupon="MAY"),))
    back = event("r-1", event="refund", transaction_id="t-1", at_ms=NOON_MS + 1)
    url = written(tmp_path / "archive", bought, back)

    found = from_archive(
        read_archive(url).purchases, rejects=tmp_path / "r.csv", until=None, max_rejected=0
    )

    assert found is not None
    assert found.lines["quantity"].to_list() == [1, -1]
    assert coupons_of(found) == [("c-1", "MAY")]


def test_of_an_order_that_file_and_archive_have_both_may_say_the_coupon(tmp_path: Path) -> None:
    header = f"{HEADER},order_id,currency"
    line = "c-1,p-1,2026-11-22T12:00:00Z,1,2.0,t-1,EUR"
    file = read(csv_file(tmp_path, line, header=header))

    both = together(file, archived(tmp_path, Line(item_id="p-1", price=2.0, coupon="MAY")))

    assert both.lines.equals(file.lines)
    assert coupons_of(both) == [("c-1", "MAY")]
