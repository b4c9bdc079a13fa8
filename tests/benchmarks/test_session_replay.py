"""Baskets are played again as a page would tell them."""

from datetime import UTC, datetime, timedelta

import polars as pl

from benchmarks.session_replay import Basket, Way, carts, paid, place
from models.artifacts.live_state import LiveState
from tests import shop
from tests.models.asking import LOADED, MADE, ROW, rows

BEGIN = datetime(2018, 1, 2, tzinfo=UTC)
MS = int(BEGIN.timestamp() * 1000)


def line(customer: str | None, order: str, item: str, *, hours: float, quantity: int = 1) -> tuple:  # type: ignore[type-arg]
    return customer, order, item, BEGIN + timedelta(hours=hours), float(quantity)


def test_the_orders_of_known_customers_within_the_window_are_baskets() -> None:
    lines = pl.DataFrame(
        [
            line("ana", "before", "milk", hours=-1),
            line("ana", "second", "jam", hours=5),
            line("ana", "first", "milk", hours=1),
            line("ana", "first", "beer", hours=1),
            line("ana", "first", "milk", hours=1),
            line("ana", "first", "wine", hours=1, quantity=-1),
            line(None, "nobody's", "milk", hours=2),
            line("ben", "after", "milk", hours=24),
        ],
        schema=["customer_id", "order_id", "item_id", "timestamp", "quantity"],
        orient="row",
    )

    found = Basket.between(lines, BEGIN, BEGIN + timedelta(hours=24))

    assert [(one.customer_id, list(one.item_ids)) for one in found] == [
        ("ana", ["milk", "beer"]),
        ("ana", ["jam"]),
    ]
    assert found[0].at_ms == MS + 3_600_000


def test_a_basket_fills_item_by_item_and_asks_for_the_next() -> None:
    basket = Basket(customer_id="ana", at_ms=MS, item_ids=["milk", "jam", "beer"])

    steps = [
        ([event.item_ids[0] for event in live.events], following)
        for live, _, following in carts(basket)
    ]

    assert steps == [(["milk"], "jam"), (["milk", "jam"], "beer")]
    assert all(now_ms > live.events[-1].at_ms for live, now_ms, _ in carts(basket))


def test_a_way_knows_the_customer_and_hears_the_events_only_where_it_says_so() -> None:
    basket = Basket(customer_id="ana", at_ms=MS, item_ids=["butter", "jam"])
    live, now_ms, _ = next(carts(basket))

    def first(way: Way, state: LiveState = live) -> str:
        shown = way.answer(LOADED, MADE.customers, "ana", state, now_ms)
        return shop.ITEMS[shown[0]]

    assert first(Way(hears=False)) == "butter"
    assert first(Way(hears=False, excludes=True)) == "milk"
    assert first(Way()) == "bread"
    assert first(Way(known=False, hears=False)) == "milk"
    assert first(Way(), paid(basket)) != "butter"


def test_a_place_is_counted_from_0_and_none_where_the_item_is_not_listed() -> None:
    shown = rows("milk", "jam")

    assert place(shown, ROW["jam"]) == 1
    assert place(shown, ROW["beer"]) is None
    assert place(shown, None) is None
