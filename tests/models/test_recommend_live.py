"""The very next list knows what just happened.

Ana's list is butter 1, milk .75, bread .5, jam .25; Ben's is beer 1, wine .5. With bread go butter
.9 and jam .6, with beer wine .8 and jam .1.
"""

from dataclasses import replace

import numpy as np
import pytest

from models.artifacts.customer_record import Reason
from models.artifacts.live_state import NOTHING_HAPPENED, LiveState
from models.leading import CART_WEIGHT, RECENT_WEIGHT
from models.recommend import Recommendation, recommend, rerank
from tests.models.asking import LOADED, MADE, ask, names, query, rows
from tests.models.living import NOW_MS, ask_live, did, live

ANA = ["butter", "milk", "bread", "jam"]


def scores(answer: Recommendation) -> dict[str, float]:
    ranked = answer.ranked
    return dict(zip(names(ranked), ranked.scores.tolist(), strict=True))


def test_without_a_live_state_nothing_changes() -> None:
    assert names(ask_live("ana", NOTHING_HAPPENED, limit=4)) == names(ask("ana", limit=4)) == ANA


@pytest.mark.parametrize("looked", ["view_item", "select_item", "add_to_wishlist"])
def test_what_goes_with_an_item_looked_at_is_raised(looked: str) -> None:
    found = scores(ask_live("ana", live(did(looked, "bread"))))

    assert found["butter"] == pytest.approx(1 + RECENT_WEIGHT, rel=1e-3)
    assert found["jam"] == pytest.approx(0.25 + RECENT_WEIGHT * 2 / 3, rel=1e-3)
    assert found["milk"] == 0.75


def test_looks_of_a_day_ago_count_half() -> None:
    found = scores(ask_live("ana", live(did("view_item", "bread", ago_days=1))))

    assert found["butter"] == pytest.approx(1 + RECENT_WEIGHT / 2, rel=1e-3)


def test_what_is_in_the_cart_is_not_shown_and_what_goes_with_it_is_raised() -> None:
    found = scores(ask_live("ana", live(did("add_to_cart", "bread"))))

    assert "bread" not in found
    assert found["butter"] == pytest.approx(1 + CART_WEIGHT * 0.9)
    assert found["jam"] == pytest.approx(0.25 + CART_WEIGHT * 0.6)


@pytest.mark.parametrize(
    "events",
    [
        (did("add_to_cart", "bread"), did("remove_from_cart", "bread")),
        (did("purchase", "bread"), did("refund", "bread")),
        (did("view_item_list", "bread"),),
        (did("view_item", "nonesuch"), did("purchase", "nonesuch"), did("add_to_cart", "nonesuch")),
        (did("search", term="nonesuch"),),
    ],
    ids=["out of the cart", "given back", "weighs nothing", "unknown items", "unknown words"],
)
def test_what_is_undone_or_unknown_changes_nothing(events: tuple[object, ...]) -> None:
    assert scores(ask_live("ana", live(*events), limit=4)) == scores(ask("ana", limit=4))  # type: ignore[arg-type]


def test_a_purchase_takes_the_item_from_the_very_next_list() -> None:
    assert "butter" not in names(ask_live("ana", live(did("purchase", "butter"))))


def test_what_the_customer_buys_every_fortnight_is_back_after_a_tenth_of_it() -> None:
    early, late = (
        names(ask_live("ana", live(did("purchase", "butter", ago_days=days))))
        for days in (1.3, 1.5)
    )

    assert "butter" not in early
    assert late[0] == "butter"


def test_what_hardly_anybody_buys_twice_does_not_come_back() -> None:
    found = names(ask_live("ana", live(did("purchase", "wine", ago_days=60)), limit=8))

    assert "wine" not in found


def test_what_was_bought_before_the_releases_last_purchase_is_the_releases_matter() -> None:
    known = live(did("purchase", "butter", ago_days=101))

    assert scores(ask_live("ana", known, limit=4)) == scores(ask("ana", limit=4))


def test_a_live_purchase_is_not_new_to_the_customer() -> None:
    bought = live(did("purchase", "bread", ago_days=1.2))

    found = names(ask_live("ana", bought, novelty="new_only"))

    assert "bread" not in found
    assert "bread" in names(ask_live("ana", bought))


def test_what_is_hidden_is_not_shown_until_then() -> None:
    hidden = live(hidden={"butter": NOW_MS + 1})

    assert "butter" not in names(ask_live("ana", hidden))
    assert "butter" in names(ask_live("ana", hidden, now_ms=NOW_MS + 2))


def test_what_is_like_a_hidden_item_moves_down_and_stays() -> None:
    found = scores(ask_live("ana", live(hidden={"butter": NOW_MS + 1}), limit=4))

    assert 0 < found["milk"] < 0.75  # dairy, and bought by the same
    assert 0 < found["bread"] < 0.5  # bought by the same
    assert found["milk"] / 0.75 < found["bread"] / 0.5


def test_for_a_visitor_too_what_is_like_a_hidden_item_moves_down() -> None:
    before = names(ask(None, limit=8))
    after = names(ask_live(None, live(hidden={"butter": NOW_MS + 1}), limit=8))

    assert before.index("milk") == 0
    assert after[0] != "milk"
    assert "milk" in after


def test_a_search_raises_what_holds_its_words_and_shows_the_rest_too() -> None:
    answer = ask_live("ana", live(did("search", term="Wine, please")), limit=5)

    found = dict(zip(names(answer), answer.ranked.reasons.tolist(), strict=True))
    assert found["wine"] == Reason.SEARCHED
    assert names(answer).index("wine") <= 1
    assert {"butter", "milk"} <= set(found)


def test_a_search_for_a_category_raises_its_items_by_the_customers_order() -> None:
    found = names(ask_live("ana", live(did("search", term="pantry")), limit=3))

    assert found[0] == "jam"


def test_a_purchase_ends_a_search() -> None:
    state = live(did("search", term="wine"), did("purchase", "jam"))

    assert names(ask_live("ana", state, limit=3)) == ["butter", "milk", "bread"]


def test_a_visitors_list_follows_the_session() -> None:
    plain = ask(None)
    looked = ask_live(None, live(did("view_item", "beer")))
    carted = ask_live(None, live(did("add_to_cart", "beer")))
    searched = ask_live(None, live(did("search", term="drinks")))

    assert (plain.level, looked.level, carted.level, searched.level) == (3, 2, 2, 2)
    assert names(looked)[0] == names(carted)[0] == "wine"
    assert "beer" not in names(carted)
    assert set(names(searched)[:2]) == {"beer", "wine"}


def test_what_a_visitor_bought_and_many_buy_again_comes_back_first() -> None:
    now, later = (
        names(ask_live(None, live(did("purchase", "bread", ago_days=days)))) for days in (0.5, 1.5)
    )

    assert "bread" not in now
    assert later[0] == "bread"


def test_without_consent_neither_record_nor_events_are_used() -> None:
    state = LiveState(
        may_personalize=False, events=[did("view_item", "beer")], hidden={"milk": NOW_MS + 1}
    )

    answer = ask_live("ana", state, limit=4)

    assert answer.level == 3
    assert names(answer) == names(ask(None, limit=4))


def test_without_consent_the_request_itself_still_leads() -> None:
    answer = ask_live("ana", LiveState(may_personalize=False), context=("beer",))

    assert answer.level == 2
    assert names(answer) == names(ask(None, context=("beer",)))


def test_filters_exclusions_and_stock_hold_whatever_happened() -> None:
    state = live(did("view_item", "bread"), did("add_to_cart", "milk"), did("search", term="cream"))

    found = names(
        ask_live("ana", state, exclude=("butter",), meets={"in": ["category", ["dairy", "pantry"]]})
    )

    assert set(found) == {"jam", "truffle"}


def test_with_the_pages_item_in_view_the_cart_is_still_left_out() -> None:
    found = names(ask_live("ana", live(did("add_to_cart", "butter")), context=("bread",)))

    assert not {"butter", "bread"} & set(found)
    assert found[0] == "jam"


def test_a_rerank_puts_what_is_hidden_or_just_bought_last() -> None:
    record, history = MADE.customers["ana"]
    state = live(did("purchase", "butter"), hidden={"milk": NOW_MS + 1})

    ranked = rerank(
        LOADED,
        rows("milk", "jam", "butter"),
        record=record,
        history=history,
        live=state,
        now_ms=NOW_MS,
    )

    assert names(ranked)[0] == "jam"
    assert set(names(ranked)) == {"milk", "jam", "butter"}
    assert np.all(np.diff(ranked.scores) <= 0)


def test_a_rerank_without_consent_is_by_what_sells() -> None:
    record, history = MADE.customers["ben"]

    ranked = rerank(
        LOADED,
        rows("wine", "milk"),
        record=record,
        history=history,
        live=LiveState(may_personalize=False),
        now_ms=NOW_MS,
    )

    assert names(ranked) == ["milk", "wine"]


def test_asking_twice_gives_the_same_list_and_changes_no_event() -> None:
    state = live(did("view_item", "bread"), did("purchase", "jam", ago_days=0.5))
    before = repr(state)

    first, second = (ask_live("ana", state, diversity=0.3, novelty=0.5) for _ in range(2))

    assert names(first) == names(second)
    assert repr(state) == before


def test_a_record_without_a_list_follows_the_session_by_its_taste() -> None:
    record = replace(
        MADE.customers["ben"][0],
        rows=rows(),
        reasons=np.empty(0, np.uint8),
        scores=np.empty(0, np.float32),
    )

    answer = recommend(
        LOADED, query(), record=record, live=live(did("view_item", "beer")), now_ms=NOW_MS
    )

    assert answer.level == 0
    assert names(answer)[0] == "wine"
