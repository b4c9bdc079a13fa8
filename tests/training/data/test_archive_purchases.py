"""The archive's purchases are believed like a file's, and an order of both counts once."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.artifacts.event import Event, Line
from tests.training.data.archived import DAY_MS, NOON_MS, purchase, written
from training.data.archive_purchases import COVERED, KNOWN, TOO_MANY, from_archive, together
from training.data.archive_read import read
from training.data.read import PurchaseFile, read_purchases
from training.errors import TooManyRejected, UnreadableFile

NOON = datetime.fromtimestamp(NOON_MS / 1000, UTC)


def archived(folder: Path, *events: Event, max_rejected: float = 0.0) -> PurchaseFile:
    lines = read(written(folder / "archive", *events)).purchases
    found = from_archive(
        lines, rejects=folder / "rejects-archive.csv", until=None, max_rejected=max_rejected
    )
    assert found is not None
    return found


def file_of(folder: Path, *lines: str) -> PurchaseFile:
    path = folder / "purchases.csv"
    path.write_text(
        "customer_id,item_id,timestamp,quantity,price,order_id,currency\n" + "\n".join(lines)
    )
    return read_purchases(path, rejects=folder / "rejects.csv")


def test_purchases_of_the_archive_are_as_those_of_a_file(tmp_path: Path) -> None:
    told = archived(tmp_path, purchase("t-1", "p-1"))

    same = file_of(tmp_path, "c-1,p-1,2026-11-22T12:00:00Z,1,2.0,t-1,EUR")

    assert told.lines.equals(same.lines)
    assert (told.n_lines, told.currency, told.first) == (1, "EUR", NOON)


def test_a_bad_line_is_rejected_with_its_reason(tmp_path: Path) -> None:
    free = purchase("t-2", items=(Line(item_id="p-1"),), at_ms=NOON_MS + 1)

    found = archived(tmp_path, purchase("t-1", "p-1"), free, max_rejected=0.5)

    assert found.rejected_by_reason == {"price is missing": 1}
    told = (tmp_path / "rejects-archive.csv").read_text()
    assert told == "line,column,reason\n2,price,price is missing\n"


@pytest.mark.parametrize(("source", "n_lines"), [("page", 1), ("backend", 2)])
def test_a_page_that_tells_of_absurdly_many_of_an_item_is_not_believed(
    tmp_path: Path, source: str, n_lines: int
) -> None:
    many = purchase("t-2", items=(Line(item_id="p-1", price=2, quantity=1_001),), source=source)
    most = purchase("t-1", items=(Line(item_id="p-1", price=2, quantity=1_000),), source=source)

    found = archived(tmp_path, most, many, max_rejected=0.5)

    assert found.lines.height == n_lines
    assert found.rejected_by_reason == ({TOO_MANY: 1} if n_lines == 1 else {})
    if n_lines == 1:
        told = (tmp_path / "rejects-archive.csv").read_text()
        assert told == f'line,column,reason\n2,quantity,"{TOO_MANY}"\n'


def test_too_many_bad_lines_stop_the_run(tmp_path: Path) -> None:
    with pytest.raises(TooManyRejected, match="the archive: 1 of 2 lines"):
        archived(tmp_path, purchase("t-1", "p-1"), purchase("t-2", items=(Line(item_id="p-1"),)))


def test_what_was_bought_later_is_left_out_and_counted(tmp_path: Path) -> None:
    events = [purchase("t-1", "p-1"), purchase("t-2", "p-1", "p-2", at_ms=NOON_MS + DAY_MS)]
    lines = read(written(tmp_path, *events)).purchases

    found = from_archive(
        lines, rejects=tmp_path / "r.csv", until=NOON + timedelta(hours=1), max_rejected=0
    )
    nothing = from_archive(lines, rejects=tmp_path / "r.csv", until=NOON, max_rejected=0)

    assert found is not None
    assert (found.lines.height, found.n_after_until, found.n_lines) == (1, 2, 3)
    assert nothing is None


def test_an_order_of_both_counts_once(tmp_path: Path) -> None:
    file = file_of(tmp_path, "c-1,p-1,2026-11-22T14:00:00Z,1,1.9,t-1,EUR")
    told = archived(
        tmp_path, purchase("t-1", "p-1", "p-2"), purchase("t-2", "p-1"), purchase(None, "p-3")
    )

    both = together(file, told)

    assert both.lines.select("item_id", "price").sort("item_id", "price").rows() == [
        ("p-1", 1.9),
        ("p-1", 2.0),
        ("p-3", 2.0),
    ]
    assert both.rejected_by_reason == {KNOWN: 2}
    assert both.n_lines == both.lines.height + both.n_rejected + both.n_after_until
    assert (both.first, both.last) == (NOON, NOON + timedelta(hours=2))


@pytest.mark.parametrize(
    ("last", "n_new"),
    [("2026-11-22T12:00:00Z", 2), ("2026-11-22T11:59:59Z", 3), ("2026-11-22", 1)],
)
def test_beside_a_file_that_names_no_orders_the_archive_counts_from_its_end(
    tmp_path: Path, last: str, n_new: int
) -> None:
    file = file_of(tmp_path, "c-1,p-1,2026-11-21,1,2.0,,EUR", f"c-1,p-1,{last},1,2.0,,EUR")
    told = archived(
        tmp_path,
        purchase("t-0", "p-1", at_ms=NOON_MS - DAY_MS),
        purchase("t-1", "p-1"),
        purchase("t-2", "p-1", at_ms=NOON_MS + 1),
        purchase("t-3", "p-1", at_ms=NOON_MS + DAY_MS - 1),
    )

    both = together(file, told)

    assert both.lines.height == 2 + n_new
    assert both.rejected_by_reason == {COVERED: 4 - n_new}
    assert both.n_lines == both.lines.height + both.n_rejected


def test_an_order_whose_customer_only_the_file_knows_counts_once(tmp_path: Path) -> None:
    file = file_of(tmp_path, "c-1,p-1,2026-11-22T14:00:00Z,1,2.0,t-1,EUR")
    nobodys = purchase("t-1", "p-1", customer_id=None, anonymous_id="v-1")

    assert together(file, archived(tmp_path, nobodys)).lines.height == 1


def test_an_order_of_somebody_who_refused_to_be_counted_counts_once(tmp_path: Path) -> None:
    file = file_of(tmp_path, "c-1,p-1,2026-11-22T14:00:00Z,1,2.0,t-1,EUR")
    told = archived(
        tmp_path, *(purchase(f"t-{n}", "p-1", source="page", is_bare=True) for n in (1, 2))
    )

    both = together(file, told)

    assert both.lines["customer_id"].to_list() == ["c-1", None]
    assert both.rejected_by_reason == {KNOWN: 1}


def test_a_receipt_number_that_comes_again_is_another_order(tmp_path: Path) -> None:
    file = file_of(
        tmp_path,
        "c-2,p-1,2026-11-22T12:00:00Z,1,2.0,t-1,EUR",
        "c-1,p-1,2025-11-22T12:00:00Z,1,2.0,t-2,EUR",
    )
    told = archived(
        tmp_path,
        purchase("t-1", "p-1"),
        purchase("t-2", "p-1", customer_id=None, anonymous_id="v-1"),
    )

    assert together(file, told).lines.height == 4


def test_a_return_is_no_second_telling_of_its_order(tmp_path: Path) -> None:
    file = file_of(tmp_path, "c-1,p-1,2026-11-22T12:00:00Z,1,2.0,t-1,EUR")
    refund = purchase("t-1", event="refund", event_id="e-2", items=(Line(item_id="p-1", price=2),))

    both = together(file, archived(tmp_path, purchase("t-1", "p-1"), refund))

    assert sorted(both.lines["quantity"]) == [-1.0, 1.0]
    assert both.n_returns == 1


def test_two_currencies_are_refused(tmp_path: Path) -> None:
    file = file_of(tmp_path, "c-1,p-1,2026-11-22T12:00:00Z,1,2.0,t-1,USD")

    with pytest.raises(UnreadableFile, match="USD and the archive in EUR"):
        together(file, archived(tmp_path, purchase("t-2", "p-1")))
