"""Every claim of an explanation is counted, and the evidence says from what."""

from dataclasses import replace

import numpy as np

from models.arrays import Rows
from models.artifacts.customer_record import History, Reason
from models.shaping.explain import Explainer, Explanation
from tests import shop

MADE = shop.tiny()
LOADED = MADE.loaded
ROW = {item: row for row, item in enumerate(shop.ITEMS)}
NOTHING = np.empty(0, np.int32)
LIKE_YOURS = "bought by customers whose baskets are like yours"


def rows(*items: str) -> Rows:
    return np.array([ROW[item] for item in items], dtype=np.int32)


def explain(
    item: str,
    reason: Reason,
    *,
    history: History | None = None,
    context: Rows = NOTHING,
    cart: Rows = NOTHING,
    bought: Rows = NOTHING,
    recent: Rows = NOTHING,
) -> Explanation:
    explainer = Explainer(
        catalogue=LOADED.catalogue,
        popularity=LOADED.popularity,
        copurchase=LOADED.copurchase,
        last_day=LOADED.last_day,
        history=history,
        context=context,
        cart=cart,
        bought=bought,
        recent=recent,
    )
    return explainer.explain(ROW[item], reason)


def anas() -> History:
    return MADE.customers["ana"][1]


def test_a_habit_is_told_with_count_last_day_and_interval() -> None:
    told = explain("butter", Reason.REPEAT, history=anas())

    assert told.text == "bought 6 times, last 12 days ago, usually every 14 days"
    assert told.evidence == {
        "item_id": "butter",
        "times": 6,
        "last_bought": "2017-12-19",
        "counted_to": "2017-12-31",
        "usually_every_days": 14,
    }


def test_what_was_bought_once_has_no_interval() -> None:
    told = explain("milk", Reason.REPEAT, history=anas())

    assert told.text == "bought once, last 30 days ago"
    assert told.evidence["usually_every_days"] is None


def test_one_day_is_told_as_one_and_the_latest_day_by_its_name() -> None:
    ana = anas()
    yesterday = replace(ana, last_day=ana.last_day + np.uint16(11), every_days=ana.every_days // 14)
    today = replace(ana, last_day=ana.last_day + np.uint16(12))

    assert explain("butter", Reason.REPEAT, history=yesterday).text == (
        "bought 6 times, last 1 day ago, usually every 1 day"
    )
    assert explain("butter", Reason.REPEAT, history=today).text == (
        "bought 6 times, last on the latest day, usually every 14 days"
    )


def test_a_companion_of_the_cart_is_named() -> None:
    told = explain("jam", Reason.GOES_WITH, context=rows("butter", "bread"))

    assert told.text == "bought together with bread r1, which is in view"
    assert told.evidence == {"item_id": "bread"}


def test_a_habit_is_told_before_its_companion_in_the_cart() -> None:
    told = explain("butter", Reason.REPEAT, history=anas(), context=rows("bread"))

    assert told.text.startswith("bought 6 times")


def test_a_repeat_that_the_history_does_not_hold_is_told_by_what_is_there() -> None:
    assert explain("jam", Reason.REPEAT, history=anas()).text == (
        "bought together with butter r1, which you bought"
    )
    assert explain("jam", Reason.REPEAT).text == "bought before"


def test_taste_is_told_by_what_was_bought_where_they_go_together() -> None:
    told = explain("bread", Reason.TASTE, history=anas())

    assert told.text == "bought together with butter r1, which you bought"
    assert told.evidence == {"item_id": "butter"}


def test_taste_without_a_companion_is_told_by_like_baskets() -> None:
    told = explain("wine", Reason.TASTE, history=anas())

    assert told == Explanation(text=LIKE_YOURS, evidence={})


def test_what_sells_is_told_by_its_buyers() -> None:
    told = explain("milk", Reason.POPULAR)

    assert told.text == "bought by 8 customers in the last 28 days"
    assert told.evidence == {"buyers": 8, "days": 28}


def test_one_buyer_is_one_customer() -> None:
    popularity = replace(LOADED.popularity, buyers=np.ones(8, np.int32))
    explainer = Explainer(
        catalogue=LOADED.catalogue,
        popularity=popularity,
        copurchase=LOADED.copurchase,
        last_day=LOADED.last_day,
        history=None,
        context=NOTHING,
    )

    told = explainer.explain(ROW["milk"], Reason.POPULAR)

    assert told.text == "bought by 1 customer in the last 28 days"


def test_what_the_session_points_at_names_the_item_and_what_was_done_with_it() -> None:
    told = [
        explain("jam", Reason.GOES_WITH, cart=rows("bread")),
        explain("jam", Reason.GOES_WITH, bought=rows("bread"), recent=rows("bread")),
        explain("jam", Reason.GOES_WITH, recent=rows("bread"), history=anas()),
    ]

    assert [one.text.partition(", ")[2] for one in told] == [
        "which is in your cart",
        "which you bought lately",
        "which you looked at",
    ]
    assert all(one.evidence == {"item_id": "bread"} for one in told)


def test_what_was_searched_for_says_so_and_not_what_the_words_were() -> None:
    told = explain("jam", Reason.SEARCHED, recent=rows("bread"))

    assert told == Explanation(text="holds what you searched for", evidence={})
