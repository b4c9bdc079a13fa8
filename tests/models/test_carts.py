"""What was left behind: nothing that was bought, taken out, hidden or is not to be had."""

from dataclasses import replace
from math import nan

import numpy as np
import pytest

from models import carts
from models.artifacts.live_state import Happened, LiveState
from models.asked import Query
from models.carts import Left, in_cart, looked_at
from models.shaping.rules import parse
from tests.models.asking import LOADED, names

NOW_MS = 1_000


def did(*events: tuple[str, int, str], hidden: dict[str, int] | None = None) -> LiveState:
    """What somebody did, items as words of one text."""
    told = [Happened(event, at_ms, items.split()) for event, at_ms, items in events]
    return LiveState(events=told, hidden=hidden or {})


def cart(*events: tuple[str, int, str]) -> Left:
    return in_cart(did(*events), now_ms=NOW_MS)


def looks(*events: tuple[str, int, str]) -> Left:
    return looked_at(did(*events), now_ms=NOW_MS)


def test_a_cart_holds_what_was_put_in_and_not_taken_out_the_latest_first() -> None:
    left = cart(
        ("add_to_cart", 1, "milk"),
        ("view_cart", 2, "milk jam beer"),
        ("remove_from_cart", 3, "jam"),
        ("view_item", 4, "wine"),
    )

    assert left.item_ids == ["beer", "milk"]
    assert left.last == Happened("remove_from_cart", 3, ["jam"])
    assert left.active_ms == 4
    assert not left.bought


def test_whatever_is_bought_the_cart_before_it_was_paid_for() -> None:
    left = cart(("add_to_cart", 1, "milk jam"), ("purchase", 2, "wine"))

    assert (left.item_ids, left.bought) == ([], True)


def test_what_is_put_into_the_cart_after_a_purchase_is_left_again() -> None:
    left = cart(("add_to_cart", 1, "milk"), ("purchase", 2, "milk"), ("add_to_cart", 3, "jam"))

    assert (left.item_ids, left.bought) == (["jam"], False)


@pytest.mark.parametrize(
    "events",
    [
        (),
        (("view_item", 1, "milk"),),
        (("purchase", 1, "milk"),),
        (("add_to_cart", 1, "milk"), ("remove_from_cart", 2, "milk")),
        (("add_to_cart", 1, "milk"), ("remove_from_cart", 2, "milk"), ("purchase", 3, "jam")),
    ],
)
def test_an_empty_cart_was_neither_left_nor_paid_for(
    events: tuple[tuple[str, int, str], ...],
) -> None:
    left = cart(*events)

    assert (list(left.item_ids), left.bought) == ([], False)


def test_events_count_in_the_order_of_their_times() -> None:
    assert cart(("purchase", 2, "milk"), ("add_to_cart", 1, "milk")).bought


def test_looked_at_is_what_was_never_put_into_the_cart_the_latest_first() -> None:
    left = looks(
        ("view_item", 1, "milk"),
        ("select_item", 2, "jam"),
        ("add_to_cart", 3, "beer"),
        ("remove_from_cart", 4, "beer"),
        ("view_item", 5, "beer"),
        ("view_item", 6, "milk"),
        ("search", 7, ""),
    )

    assert left.item_ids == ["milk", "jam"]
    assert left.last == Happened("view_item", 6, ["milk"])
    assert left.active_ms == 7


def test_who_has_something_in_the_cart_has_left_that_and_nothing_else() -> None:
    left = looks(("view_item", 1, "milk"), ("add_to_cart", 2, "beer"))

    assert (left.item_ids, left.bought) == ([], False)


def test_whatever_is_bought_what_was_looked_at_before_is_done_with() -> None:
    left = looks(("view_item", 1, "milk"), ("purchase", 2, "wine"))
    again = looks(("view_item", 1, "milk"), ("purchase", 2, "wine"), ("view_item", 3, "jam"))

    assert (left.item_ids, left.bought) == ([], True)
    assert (again.item_ids, again.bought) == (["jam"], False)


def test_what_is_hidden_was_not_left_for_as_long_as_it_is() -> None:
    live = did(("add_to_cart", 1, "milk jam"), hidden={"milk": NOW_MS + 1, "jam": NOW_MS})

    assert in_cart(live, now_ms=NOW_MS).item_ids == ["jam"]


def test_what_is_sold_out_unknown_or_of_an_unwanted_topic_is_not_shown() -> None:
    no_drinks = Query(filter=parse({"not": {"eq": ["category", "drinks"]}}))

    rows = carts.shown(LOADED, ["jam", "cream", "nonesuch", "beer", "milk"], no_drinks)

    assert names(rows) == ["jam", "milk"]


def test_a_value_is_the_sum_of_the_prices_that_are_known() -> None:
    catalogue = LOADED.catalogue
    rows = carts.shown(LOADED, ["milk", "wine", "jam"], Query())
    one_unknown = np.where(np.arange(len(catalogue)) == rows[0], nan, catalogue.price)
    some = replace(LOADED, catalogue=replace(catalogue, price=one_unknown))
    none = replace(LOADED, catalogue=replace(catalogue, price=np.full(len(catalogue), nan)))

    assert carts.value(LOADED, rows) == 14.0
    assert carts.value(some, rows) == 13.0
    assert carts.value(none, rows) is None
