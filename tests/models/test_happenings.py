"""Events undo one another in the order of their times."""

from models.artifacts.live_state import Happened
from models.happenings import Happenings, happenings


def after(*events: Happened) -> Happenings:
    return happenings(events, learned_until_ms=100)


def test_the_cart_holds_what_was_put_in_and_not_taken_out_or_paid_for() -> None:
    told = after(
        Happened("add_to_cart", 1, ["milk", "jam"]),
        Happened("view_cart", 2, ["milk", "jam", "beer"]),
        Happened("remove_from_cart", 3, ["jam"]),
        Happened("purchase", 4, ["milk"]),
    )

    assert list(told.cart) == ["beer"]


def test_events_count_in_the_order_of_their_times_whatever_order_they_came_in() -> None:
    told = after(Happened("remove_from_cart", 2, ["milk"]), Happened("add_to_cart", 1, ["milk"]))

    assert not told.cart
    assert told.last_ms == 2


def test_of_one_moment_the_later_one_undoes_the_earlier() -> None:
    told = after(Happened("add_to_cart", 1, ["milk"]), Happened("remove_from_cart", 1, ["milk"]))

    assert not told.cart


def test_what_was_looked_at_twice_stands_where_it_was_last() -> None:
    told = after(
        Happened("view_item", 1, ["milk"]),
        Happened("select_item", 2, ["jam"]),
        Happened("view_item", 3, ["milk"]),
    )

    assert list(told.recent) == ["jam", "milk"]


def test_only_what_was_bought_after_the_releases_last_purchase_is_bought() -> None:
    told = after(
        Happened("purchase", 100, ["milk"]),
        Happened("purchase", 101, ["jam", "beer"]),
        Happened("purchase", 103, ["jam"]),
    )

    assert told.bought == {"jam": [101, 103], "beer": [101]}
    assert "milk" not in told.recent
    assert told.learned == {"milk": 100}


def test_what_the_release_knows_to_be_bought_is_forgotten_once_it_is_given_back() -> None:
    told = after(Happened("purchase", 90, ["milk", "jam"]), Happened("refund", 95, ["milk"]))

    assert told.learned == {"jam": 90}


def test_a_refund_takes_back_the_latest_purchase_of_an_item() -> None:
    told = after(
        Happened("purchase", 101, ["jam"]),
        Happened("purchase", 103, ["jam", "beer"]),
        Happened("refund", 104, ["jam", "beer", "milk"]),
    )

    assert told.bought == {"jam": [101]}


def test_the_latest_search_counts_until_something_is_bought() -> None:
    searched = Happened("search", 1, [], "wine"), Happened("search", 2, [], "beer")

    assert after(*searched).searched == "beer"
    assert after(*searched, Happened("search", 3, [])).searched == "beer"
    assert after(*searched, Happened("purchase", 3, ["jam"])).searched == ""
