"""Impressions, clicks, orders and their money, with answers worked out by hand."""

from dataclasses import replace

import pytest

from models.artifacts.event import Event, Line
from models.artifacts.touches import Touches
from models.attribution import attribute
from models.counted import Field
from models.errors import ArtifactCorrupt
from tests.models.crediting import (
    DAY,
    DAYS,
    KNOWN,
    LIST,
    MINUTE,
    NOON,
    OTHER,
    at_home,
    bought,
    clicked,
    counted,
    made,
    seen,
    told,
)


def test_a_list_that_is_seen_followed_and_bought_from_is_credited() -> None:
    counts = counted(seen("milk", "jam"), clicked("milk"), bought("milk", "jam", "beer"))

    assert counts == {
        at_home("impressions"): 1,
        at_home("clicks"): 1,
        at_home("orders"): 1,
        at_home(
            "revenue", "EUR"
        ): 120_000,  # 3 × 2 EUR of milk, 3 × 2 EUR of jam; beer was not shown
        at_home("margin", "EUR"): 45_000,  # half of the milk's, a quarter of the jam's
    }


def test_a_list_that_is_seen_again_is_one_impression_and_what_it_adds_counts() -> None:
    counts = counted(seen("milk"), seen("jam", after=1), clicked("jam"))

    assert counts == {at_home("impressions"): 1, at_home("clicks"): 1}


def test_each_item_of_a_list_is_clicked_once() -> None:
    view = replace(clicked("milk"), event="view_item")

    counts = counted(seen("milk", "jam"), clicked("milk"), view, clicked("jam"))

    assert counts[at_home("clicks")] == 2


@pytest.mark.parametrize(
    "click",
    [
        clicked("milk", after=30 * MINUTE + 1),
        clicked("milk", after=-1),
        clicked("beer"),
        clicked("milk", list_=OTHER),
        replace(clicked("milk"), recommendation_id=None),
        replace(clicked("milk"), event="view_cart"),
    ],
    ids=["too late", "too early", "not shown", "another list", "no list", "no click"],
)
def test_what_is_no_click_on_the_list_counts_nothing(click: Event) -> None:
    counts = counted(seen("milk"), click)

    assert counts == {at_home("impressions"): 1}


def test_a_click_counts_until_the_thirtieth_minute() -> None:
    counts = counted(seen("milk"), clicked("milk", after=30 * MINUTE))

    assert counts[at_home("clicks")] == 1


def test_of_two_lists_the_one_clicked_last_is_credited() -> None:
    counts = counted(
        seen("milk"),
        seen("milk", "jam", list_=OTHER, after=1),
        clicked("milk", list_=OTHER),
        clicked("milk", after=2 * MINUTE),
        bought("milk", after=3 * MINUTE),
    )

    assert counts[at_home("orders")] == 1
    assert counts[Field(DAY, "cart", "r1", "", "orders")] == 0


def test_a_list_that_showed_nothing_of_the_order_is_passed_over() -> None:
    counts = counted(
        seen("milk"),
        seen("jam", list_=OTHER, after=1),
        clicked("milk"),
        clicked("jam", list_=OTHER, after=2 * MINUTE),
        bought("milk", after=3 * MINUTE),
    )

    assert counts[at_home("orders")] == 1
    assert counts[Field(DAY, "cart", "r1", "", "orders")] == 0


@pytest.mark.parametrize(("after", "orders"), [(7 * DAYS, 1), (7 * DAYS + 1, 0)])
def test_an_order_is_credited_for_seven_days_after_the_click(after: int, orders: int) -> None:
    counts = counted(
        seen("milk", after=-MINUTE), clicked("milk", after=0), bought("milk", after=after)
    )

    assert counts[at_home("orders", day="2026-11-27")] == orders


def test_a_list_that_was_only_seen_is_credited_where_the_order_names_it() -> None:
    named = counted(seen("milk"), bought("milk", "beer", recommendation_id=LIST))
    not_named = counted(seen("milk"), bought("milk"))

    assert named[at_home("revenue", "EUR")] == 60_000
    assert not_named == {at_home("impressions"): 1}


def test_a_list_that_nobody_told_of_is_credited_by_its_name_while_that_is_young() -> None:
    young = counted(bought("milk", recommendation_id=LIST, after=7 * DAYS))
    old = counted(bought("milk", recommendation_id=LIST, after=7 * DAYS + 1))
    foreign = counted(bought("milk", recommendation_id="a-1"))

    assert young[at_home("orders", day="2026-11-27")] == 1
    assert old == foreign == {}


def test_an_order_that_anothers_page_has_told_is_credited_to_what_its_customer_clicked() -> None:
    counts = counted(seen("milk"), clicked("milk"), bought("milk", contested=True))

    assert counts[at_home("orders")] == 1


def test_an_order_that_anothers_page_has_told_is_not_credited_by_a_lists_name_alone() -> None:
    assert counted(bought("milk", recommendation_id=LIST, contested=True)) == {}


def test_a_transaction_counts_once_and_is_corrected_to_what_the_backend_says() -> None:
    page = bought("milk", source="page")
    dearer = replace(bought(confirms=True, event_id="b"), items=(Line(item_id="milk", price=5.0),))

    counts = counted(seen("milk"), clicked("milk"), page, replace(page, event_id="again"), dearer)

    assert counts[at_home("orders")] == 1
    assert counts[at_home("revenue", "EUR")] == 50_000
    assert counts[at_home("margin", "EUR")] == 25_000


def test_a_confirmation_of_what_was_not_credited_counts_nothing() -> None:
    counts = counted(seen("milk"), clicked("milk"), bought("milk", confirms=True))

    assert counts == {at_home("impressions"): 1, at_home("clicks"): 1}


def test_an_order_without_a_transaction_counts_by_its_event() -> None:
    first = bought("milk", transaction_id=None)

    counts = counted(seen("milk"), clicked("milk"), first, replace(first, event_id="another"))

    assert counts[at_home("orders")] == 2


@pytest.mark.parametrize(
    ("lines", "revenue", "margin"),
    [
        ((), 0, 0),
        ((Line(item_id="milk", quantity=1),), 100_000, 35_000),  # 2 of 3 milk and all jam stay
        ((Line(item_id="milk", price=1.5, quantity=2),), 90_000, 30_000),
        ((Line(item_id="milk", price=99.0, quantity=9),), 60_000, 15_000),
        ((Line(item_id="beer", price=2.0),), 120_000, 45_000),
    ],
    ids=["all", "a part", "at its own price", "never more than was credited", "not credited"],
)
def test_a_refund_takes_back_what_was_credited(
    lines: tuple[Line, ...], revenue: int, margin: int
) -> None:
    refund = told("refund", after=9 * DAYS, transaction_id="t-1", items=lines, source="backend")

    counts = counted(seen("milk", "jam"), clicked("milk"), bought("milk", "jam", "beer"), refund)

    assert counts[at_home("orders")] == 1
    assert counts[at_home("revenue", "EUR")] == revenue
    assert counts[at_home("margin", "EUR")] == margin


def test_a_refund_of_an_unknown_transaction_takes_nothing() -> None:
    refund = told("refund", after=DAYS, transaction_id="t-2", source="backend")

    counts = counted(seen("milk"), clicked("milk"), bought("milk"), refund)

    assert counts[at_home("revenue", "EUR")] == 60_000


def test_what_has_no_price_or_no_known_margin_adds_none() -> None:
    lines = (Line(item_id="milk"), Line(item_id="beer", price=2.0))

    counts = counted(seen(), clicked("milk"), replace(bought(), items=lines))

    assert counts[at_home("revenue", "EUR")] == 20_000
    assert counts[at_home("margin", "EUR")] == 0


def test_the_placement_of_a_list_is_what_its_impression_says() -> None:
    hero = made(NOON, placement="hero")
    said = seen("milk", list_=hero, placement="hero")

    counts = counted(said, clicked("milk", list_=hero, placement="home"))

    assert counts == {
        Field(DAY, "hero", "r1", "", "impressions"): 1,
        Field(DAY, "hero", "r1", "", "clicks"): 1,
    }


def test_names_that_nobody_knows_are_counted_as_unknown() -> None:
    strange = made(NOON, release="gone", placement="somewhere")

    counts = counted(seen("milk", list_=strange), seen("milk", list_="x"))

    assert counts == {Field(DAY, "unknown", "unknown", "", "impressions"): 2}


def test_what_names_nobody_counts_nothing() -> None:
    assert counted(seen("milk", customer_id=None)) == {}


def test_the_last_twenty_lists_are_remembered() -> None:
    lists = [made(NOON + n, placement=f"p{n}") for n in range(21)]
    events = [seen("milk", list_=list_, after=n) for n, list_ in enumerate(lists)]

    forgotten = counted(*events, clicked("milk", list_=lists[0]))
    remembered = counted(*events, clicked("milk", list_=lists[1]))

    assert sum(n for where, n in forgotten.items() if where.what == "clicks") == 0
    assert sum(n for where, n in remembered.items() if where.what == "clicks") == 1


def test_what_a_visitor_was_shown_is_the_customers_once_they_are_joined() -> None:
    visitor = Touches()
    for event in (seen("milk"), clicked("milk")):
        visitor, _ = attribute(event, visitor, known=KNOWN, stored_ms=NOON)

    joined = Touches().joined_with(visitor).joined_with(visitor)
    _, counts = attribute(bought("milk"), joined, known=KNOWN, stored_ms=NOON)

    assert len(joined.shown) == 1
    assert counts[at_home("orders")] == 1


@pytest.mark.parametrize("packed", [b"{", b"[]", b'{"shown":[[1]],"ordered":[]}'])
def test_touches_of_another_make_are_refused(packed: bytes) -> None:
    with pytest.raises(ArtifactCorrupt):
        Touches.unpack(packed)
