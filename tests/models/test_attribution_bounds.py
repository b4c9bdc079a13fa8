"""Whatever a page sends, what is remembered and counted of it stays small."""

import time

import pytest

from models.artifacts.event import Event, Line
from models.artifacts.touches import MAX_SHOWN, Touches
from models.attribution import AHEAD_MS, LATE_MS, LATE_OF_PAGES_MS, attribute
from models.counted import Counts, Field
from tests.models.crediting import (
    DAY,
    DAYS,
    KNOWN,
    LIST,
    NOON,
    OTHER,
    at_home,
    bought,
    clicked,
    counted,
    made,
    seen,
)


def attributed(*events: Event) -> tuple[Touches, Counts]:
    touches, total = Touches(), Counts()
    for event in events:
        touches, counts = attribute(event, touches, known=KNOWN, stored_ms=event.at_ms)
        total.update(counts)
    return touches, total


def some(n: int) -> list[str]:
    return [f"{n}-{i}" for i in range(200)]


def test_a_list_that_is_told_without_end_has_two_hundred_items() -> None:
    touches, _ = attributed(*(seen(*some(n), after=n) for n in range(50)))

    assert len(touches.shown[0].items) == MAX_SHOWN


def test_a_list_whose_items_nobody_told_is_clicked_two_hundred_times_at_most() -> None:
    touches, counts = attributed(seen(), *(clicked(*some(n), after=n) for n in range(50)))

    assert len(touches.shown[0].clicked) == counts[at_home("clicks")] == MAX_SHOWN


def test_what_is_remembered_of_the_busiest_page_is_small_and_quickly_dealt_with() -> None:
    events = []
    for n in range(40):
        name = "ä" * 250 + f"{n:04}"
        events += [
            seen(*some(n), list_=name, after=n), clicked(*some(n), list_=name, after=n),
            bought(*some(n), after=n, transaction_id=name, source="page"),
        ]  # fmt: skip

    began_s = time.process_time()
    touches, _ = attributed(*events)
    took_s = time.process_time() - began_s

    assert touches.shown[-1].recommendation_id.endswith("0039")
    assert touches.ordered[-1].at_ms == NOON + 39
    assert len(touches.pack()) < 150_000
    assert took_s < 1


@pytest.mark.parametrize(
    ("source", "late_ms", "n"),
    [
        ("page", LATE_OF_PAGES_MS, 1),
        ("page", LATE_OF_PAGES_MS + 1, 0),
        ("backend", LATE_MS, 1),
        ("backend", LATE_MS + 1, 0),
    ],
)
def test_what_comes_too_late_counts_nothing(source: str, late_ms: int, n: int) -> None:
    assert counted(seen(source=source), late_ms=late_ms)[at_home("impressions")] == n


def test_a_clock_that_is_ahead_makes_no_days_up() -> None:
    ahead = seen(after=AHEAD_MS + 1)
    year = seen(list_=OTHER, after=365 * DAYS)

    assert counted(ahead, late_ms=-AHEAD_MS - 1) == {at_home("impressions"): 1}
    assert [where.day for where in counted(year, late_ms=-365 * DAYS)] == [DAY]


@pytest.mark.parametrize(
    ("source", "list_", "says", "counted_as"),
    [
        ("page", LIST, "home", "home"),
        ("page", LIST, "made-up", "home"),
        ("page", made(NOON, placement="hero"), "hero", "hero"),
        ("page", made(NOON, placement="hero"), "made-up", "unknown"),
        ("page", "no id of ours", "made-up", "unknown"),
        ("backend", "no id of ours", "hero", "hero"),
    ],
)
def test_a_placement_counts_by_name_if_the_id_or_a_backend_says_so(
    source: str, list_: str, says: str, counted_as: str
) -> None:
    (where,) = counted(seen("milk", list_=list_, placement=says, source=source))

    assert where.placement == counted_as


def test_what_cannot_be_told_apart_stands_among_others() -> None:
    where = Field(DAY, "hero", "r1", "EUR", "revenue")

    assert where.among_others == Field(DAY, "other", "other", "EUR", "revenue")


def test_a_line_has_no_more_clicks_than_items() -> None:
    lines = tuple(Line(item_id="milk") for _ in range(200))
    events = [seen("milk")] + [
        Event(
            event="select_item", event_id=f"{n}", at_ms=NOON + n, source="page", items=lines,
            customer_id="ana", recommendation_id=LIST,
        )
        for n in range(10)
    ]  # fmt: skip

    assert attributed(*events)[1][at_home("clicks")] == 1
