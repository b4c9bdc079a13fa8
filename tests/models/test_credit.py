"""The money of an order: whose word counts, and what comes back; worked out by hand."""

from dataclasses import replace

import pytest

from models.artifacts.event import Event, Line, Source
from models.counted import What
from models.credit import MOST_OF_A_LINE, MOST_OF_A_PAGE, UNIT
from tests.models.crediting import LIST, MINUTE, at_home, bought, counted, told

PAGE = bought("milk", source="page", recommendation_id=LIST)
CONFIRMED = bought("milk", confirms=True, after=5 * MINUTE, event_id="b")
"""3 milk at 2 EUR, half of which is earned."""


def refund(n: float, *, source: str = "backend", confirms: bool = False) -> Event:
    event = told("refund", after=3 * MINUTE, transaction_id="t-1", source=source, confirms=confirms)
    return replace(event, items=(Line(item_id="milk", quantity=n),))


def money(*events: Event) -> tuple[int, int, int]:
    """Revenue, margin and provisional revenue, in EUR."""
    counts = counted(*events)
    return (
        counts[at_home("revenue", "EUR")] // UNIT,
        counts[at_home("margin", "EUR")] // UNIT,
        counts[at_home("provisional_revenue", "EUR")] // UNIT,
    )


def test_a_pages_word_is_provisional_until_a_backend_confirms_it() -> None:
    assert money(PAGE) == (0, 0, 6)
    assert money(PAGE, CONFIRMED) == (6, 3, 0)
    assert counted(PAGE)[at_home("orders")] == counted(PAGE, CONFIRMED)[at_home("orders")] == 1


def test_a_copy_without_lines_confirms_no_money() -> None:
    assert money(PAGE, replace(CONFIRMED, items=())) == (0, 0, 6)


@pytest.mark.parametrize(
    ("events", "revenue"),
    [
        ((PAGE, refund(1), CONFIRMED), 4),
        ((PAGE, CONFIRMED, refund(1)), 4),
        ((PAGE, CONFIRMED, refund(1), refund(1)), 2),
        ((PAGE, CONFIRMED, refund(1), refund(9)), 0),
        ((PAGE, CONFIRMED, refund(1, source="page")), 6),
        ((PAGE, refund(1, source="page"), CONFIRMED), 6),
        ((PAGE, refund(1, source="page"), CONFIRMED, refund(1, confirms=True)), 4),
        ((PAGE, CONFIRMED, refund(1, source="page"), refund(1, confirms=True)), 4),
    ],
    ids=[
        "before the order is confirmed", "after that", "two", "more than was sold",
        "a page's", "a page's before", "confirmed", "confirmed, after the order",
    ],
)  # fmt: skip
def test_what_came_back_is_taken_back_once(events: tuple[Event, ...], revenue: int) -> None:
    assert money(*events) == (revenue, revenue / 2, 0)


def test_a_pages_refund_takes_back_what_is_provisional_and_the_backends_copy_no_more() -> None:
    told_by_page = refund(1, source="page")

    assert money(PAGE, told_by_page) == (0, 0, 4)
    assert money(PAGE, told_by_page, refund(1, confirms=True)) == (0, 0, 4)


def test_all_of_an_order_comes_back_where_no_items_are_named() -> None:
    assert money(PAGE, replace(refund(1), items=()), CONFIRMED) == (0, 0, 0)


@pytest.mark.parametrize(
    ("price", "source", "revenue"),
    [
        (1.5e9, "backend", 1.5e9),
        (MOST_OF_A_LINE, "backend", MOST_OF_A_LINE),
        (MOST_OF_A_LINE + 1.0, "backend", 0),
        (1e300, "backend", 0),
        (MOST_OF_A_PAGE, "page", MOST_OF_A_PAGE),
        (MOST_OF_A_PAGE + 1.0, "page", 0),
    ],
)
def test_what_is_beyond_all_reason_brings_no_money(
    price: float, source: Source, revenue: float
) -> None:
    lines = (Line(item_id="milk", price=price),)

    counts = counted(replace(PAGE, items=lines, source=source, currency="VND"))

    what: What = "revenue" if source == "backend" else "provisional_revenue"
    assert counts[at_home("orders")] == 1
    assert counts[at_home(what, "VND")] == revenue * UNIT


def test_a_pages_order_is_weighed_as_a_whole() -> None:
    lines = tuple(Line(item_id=f"i-{n}", price=MOST_OF_A_PAGE / 100) for n in range(101))

    counts = counted(replace(PAGE, items=lines))

    assert counts == {at_home("orders"): 1}
