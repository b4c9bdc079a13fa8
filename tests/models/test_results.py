"""Counts are summed to what each placement brought, and rates say how sure they are."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.counted import OTHER, Field, What, field
from models.credit import UNIT
from models.results import N_PLACEMENTS, NAME, Money, day_of, rate, results, size, summed


def of(
    what: What, *, day: str = "2026-11-22", placement: str = "home", currency: str = ""
) -> Field:
    return Field(day, placement, "r1", currency, what)


COUNTS = {
    of("impressions"): 10,
    of("impressions", day="2026-11-23"): 5,
    of("clicks"): 4,
    of("orders"): 2,
    of("revenue", currency="EUR"): 25 * UNIT,
    of("margin", currency="EUR"): 5 * UNIT // 2,
    of("revenue", currency="USD"): UNIT,
    of("provisional_revenue", currency="EUR"): 3 * UNIT,
    of("impressions", placement="cart"): 100,
}


def test_each_placement_has_its_sums_the_most_shown_first() -> None:
    cart, home = results(COUNTS)

    assert (cart.placement, cart.impressions, cart.clicks) == ("cart", 100, 0)
    assert (home.impressions, home.clicks, home.orders) == (15, 4, 2)
    assert home.money == (
        Money(currency="EUR", revenue=25.0, margin=2.5, provisional_revenue=3.0),
        Money(currency="USD", revenue=1.0, margin=None, provisional_revenue=0.0),
    )


@pytest.mark.parametrize(
    ("since", "until", "n"),
    [
        (None, date(2026, 11, 22), 10),
        (date(2026, 11, 23), None, 5),
        (date(2026, 11, 22), date(2026, 11, 23), 15),
    ],
)
def test_both_days_count(since: date | None, until: date | None, n: int) -> None:
    found = results(COUNTS, since=since, until=until)

    assert {one.placement: one.impressions for one in found}["home"] == n


def test_rates_are_of_lists_shown() -> None:
    _, home = results(COUNTS)

    assert home.click_rate is not None
    assert home.click_rate.value == pytest.approx(4 / 15)
    assert home.order_rate is not None
    assert home.order_rate.value == pytest.approx(2 / 15)


def test_of_nothing_there_is_no_rate() -> None:
    assert rate(0, 0) is None


def test_a_rate_above_one_is_no_share() -> None:
    found = rate(3, 2)

    assert found is not None
    assert (found.value, found.low, found.high) == (1.5, None, None)


def test_wilsons_interval_is_his() -> None:
    """10 of 100: 5.52 % to 17.44 %, as tables have it."""
    found = rate(10, 100)

    assert found is not None
    assert found.low == pytest.approx(0.0552, abs=1e-4)
    assert found.high == pytest.approx(0.1744, abs=1e-4)


@given(of_=st.integers(1, 10_000), data=st.data())
def test_an_interval_holds_its_rate_and_stays_a_share(of_: int, data: st.DataObject) -> None:
    found = rate(data.draw(st.integers(0, of_)), of_)

    assert found is not None
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= found.value + 1e-12
    assert found.value - 1e-12 <= found.high <= 1


def test_placements_that_pages_made_up_are_one() -> None:
    made_up = {of("impressions", placement=f"x{n:03d}"): 1 for n in range(3 * N_PLACEMENTS)}

    found = results(COUNTS | made_up)

    names = {one.placement for one in found}
    assert len(names) == N_PLACEMENTS + 1
    assert {"home", "cart", OTHER} <= names
    assert sum(one.impressions for one in found) == 115 + 3 * N_PLACEMENTS


def test_shards_are_added_up() -> None:
    shards: Any = [({b"[1": b"1", b"[2": b"2"}, {}), ({}, {}), ({b"[1": b"-3"}, {})]

    assert summed({b"[1": b"10"}, shards) == {b"[1": 8, b"[2": 2}


def test_what_is_set_aside_counts_until_the_sums_have_it() -> None:
    shards: Any = [({}, {}), ({b"[1": b"1"}, {b"[1": b"5", NAME.encode(): b"x"})]

    assert summed({b"[1": b"10", b"s001": b"w"}, shards) == {b"[1": 16}
    assert summed({b"[1": b"15", b"s001": b"x"}, shards) == {b"[1": 16}


def test_fields_of_the_sums_say_their_day() -> None:
    assert day_of(field(of("clicks"))) == day_of(size("2026-11-22").encode()) == "2026-11-22"
    assert day_of(b"s017") is day_of(size("").encode()) is None
