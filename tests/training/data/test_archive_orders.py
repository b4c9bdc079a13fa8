"""An order of the archive counts once, and a page's word of it only where the order is its own."""

from pathlib import Path
from typing import Any

import pytest

from models.artifacts.event import Consent, Line, order_digest
from tests.training.data.archived import bought, event, joined, purchase, visitor

REFUSED = Consent(personalization=False)
NOBODY: dict[str, Any] = {"customer_id": None}
BARE: dict[str, Any] = {"is_bare": True}
"""Whose an event is that must not say it: it has a digest instead of its order's id."""


def test_of_a_transaction_the_backends_word_counts(tmp_path: Path) -> None:
    page = purchase("t-1", "p-1", event_id="e-1", source="page", **visitor())
    backend = purchase(
        "t-1", event_id="e-2", confirms=True, items=(Line(item_id="p-1", price=1.5),)
    )

    assert bought(tmp_path, page, backend) == [("c-1", "p-1", 1.0, 1.5)]


@pytest.mark.parametrize(
    ("whose", "n_lines"), [({}, 1), (visitor("v-1"), 1), (visitor("v-2"), 0), (BARE, 0)]
)
def test_a_backends_word_that_lists_no_items_leaves_the_pages_of_the_same_customer(
    tmp_path: Path, whose: dict[str, Any], n_lines: int
) -> None:
    page = purchase("t-1", "p-1", event_id="e-1", source="page", **whose)
    backend = purchase("t-1", event_id="e-2")

    lines = bought(tmp_path, page, backend, joined("c-1", "v-1"))

    assert lines == [("c-1", "p-1", 1.0, 2.0)] * n_lines


@pytest.mark.parametrize("named_first", [True, False])
def test_of_two_pages_copies_a_customers_counts_before_a_visitors(
    tmp_path: Path, named_first: bool
) -> None:
    pages = [
        purchase("t-1", "p-1", event_id="e-1", source="page"),
        purchase("t-1", "p-2", event_id="e-2", source="page", **visitor()),
    ]

    lines = bought(tmp_path, *(pages if named_first else pages[::-1]))

    assert lines == [("c-1", "p-1", 1.0, 2.0)]


def test_a_backend_that_knows_no_customer_leaves_the_one_the_page_knew(tmp_path: Path) -> None:
    page = purchase("t-1", "p-1", event_id="e-1", source="page")
    backend = purchase("t-1", "p-1", event_id="e-2", confirms=True, **NOBODY)

    assert bought(tmp_path, page, backend) == [("c-1", "p-1", 1.0, 2.0)]


def test_purchases_without_a_transaction_each_count(tmp_path: Path) -> None:
    some = [purchase(None, "p-1", event_id=f"e-{n}") for n in range(3)]

    assert len(bought(tmp_path, *some)) == 3


def test_a_refund_is_a_negative_quantity(tmp_path: Path) -> None:
    back = Line(item_id="p-1", price=2.0, quantity=1)
    refund = event("e-2", event="refund", items=(back,), currency="EUR", transaction_id="t-1")

    lines = bought(tmp_path, purchase("t-1", "p-1", "p-1", "p-2"), refund)

    assert lines[-1] == ("c-1", "p-1", -1.0, 2.0)
    assert len(lines) == 3


def test_a_refund_without_a_price_is_of_the_price_that_was_paid(tmp_path: Path) -> None:
    refund = event("e-2", event="refund", items=(Line(item_id="p-1"),), transaction_id="t-1")

    assert bought(tmp_path, purchase("t-1", "p-1"), refund)[1] == ("c-1", "p-1", -1.0, 2.0)


def test_a_refund_without_items_is_of_the_whole_order(tmp_path: Path) -> None:
    refund = event("e-2", event="refund", transaction_id="t-1", **NOBODY)

    lines = bought(tmp_path, purchase("t-1", "p-1", "p-1", "p-2"), refund)

    assert sorted(lines[2:]) == [("c-1", "p-1", -2.0, 2.0), ("c-1", "p-2", -1.0, 2.0)]


@pytest.mark.parametrize("items", [(), (Line(item_id="p-1", price=2.0),)])
@pytest.mark.parametrize("whose", [visitor(), BARE, {"customer_id": "c-2"}])
def test_a_page_cannot_give_back_what_another_bought(
    tmp_path: Path, whose: dict[str, Any], items: tuple[Line, ...]
) -> None:
    refund = event("e-2", event="refund", transaction_id="t-1", source="page", items=items, **whose)

    assert bought(tmp_path, purchase("t-1", "p-1"), refund) == [("c-1", "p-1", 1.0, 2.0)]


@pytest.mark.parametrize("whose", [visitor(), {}])
def test_a_page_gives_back_what_its_own_subject_bought(
    tmp_path: Path, whose: dict[str, Any]
) -> None:
    order = purchase("t-1", "p-1", source="page", **whose)
    refund = event("e-2", event="refund", transaction_id="t-1", source="page", **whose)

    assert [n for _, _, n, _ in bought(tmp_path, order, refund)] == [1.0, -1.0]


@pytest.mark.parametrize(("whose", "n_lines"), [({}, 1), (visitor(), 0)])
def test_of_an_order_that_is_not_archived_a_page_gives_back_a_customers_only(
    tmp_path: Path, whose: dict[str, Any], n_lines: int
) -> None:
    back = (Line(item_id="p-1", price=2.0),)
    refund = event("e-2", event="refund", transaction_id="t-1", source="page", items=back, **whose)

    assert len(bought(tmp_path, refund)) == n_lines


@pytest.mark.parametrize("backend", [{}, BARE], ids=["named", "bare"])
def test_an_order_whose_page_refused_to_be_counted_counts_once(
    tmp_path: Path, backend: dict[str, Any]
) -> None:
    page = purchase("t-1", "p-1", event_id="e-1", source="page", **BARE)
    other = purchase("t-2", "p-1", event_id="e-3", source="page", **BARE)

    lines = bought(tmp_path, page, purchase("t-1", "p-1", **backend), other)

    assert lines == [(None if backend else "c-1", "p-1", 1.0, 2.0), (None, "p-1", 1.0, 2.0)]


def test_an_id_that_looks_like_anothers_digest_is_an_order_of_its_own(tmp_path: Path) -> None:
    alike = purchase(order_digest("t-1"), "p-1", customer_id="c-2")
    bare = purchase("t-2", "p-1", **BARE)

    lines = bought(tmp_path, purchase("t-1", "p-1"), alike, bare)

    assert [whose for whose, *_ in lines] == ["c-1", "c-2", None]


def test_a_backends_refund_finds_the_order_of_somebody_who_refused_to_be_counted(
    tmp_path: Path,
) -> None:
    refund = event("e-2", event="refund", transaction_id="t-1", **NOBODY)

    lines = bought(tmp_path, purchase("t-1", "p-1", **BARE), refund)

    assert lines == [(None, "p-1", 1.0, 2.0), (None, "p-1", -1.0, 2.0)]


def test_one_refusal_of_an_orders_tellers_is_enough(tmp_path: Path) -> None:
    page = purchase("t-1", "p-1", event_id="e-1", source="page", consent=REFUSED)
    backend = purchase("t-1", "p-1", event_id="e-2", confirms=True)
    refund = event("e-3", event="refund", transaction_id="t-1", **NOBODY)

    lines = bought(tmp_path, page, backend, refund)

    assert [whose for whose, *_ in lines] == [None, None]
