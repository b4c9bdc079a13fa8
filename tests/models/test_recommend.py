"""The decision, on a shop whose lists can be worked out by thought.

Ana's list is butter, milk, bread, jam, cream; cream is out of stock. Behind it come the others, on
the spot: wine, which lies a tenth her way, before beer, which only sells; then truffle, which
nobody ever bought.
"""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifacts.customer_record import CustomerRecord, Reason
from models.asked import Query
from models.errors import NoMargins
from models.loaded import Loaded
from models.recommend import recommend
from models.shaping.profit import WEIGHT
from tests import shop
from tests.models.asking import LOADED, MADE, ask, bytes_of, copied, names, query, rows

ANA = ["butter", "milk", "bread", "jam", "wine", "beer", "truffle"]
SELLING = ["milk", "bread", "butter", "jam", "beer", "wine", "truffle"]


def test_a_customers_list_comes_first_and_the_rest_of_the_shop_behind_it() -> None:
    assert names(ask("ana", limit=10)) == ANA


@pytest.mark.parametrize("limit", range(1, 8))
def test_a_shorter_list_is_the_head_of_a_longer_one(limit: int) -> None:
    assert names(ask("ana", limit=limit)) == ANA[:limit]


def test_scores_are_those_of_the_list_and_fall_below_its_last_one() -> None:
    ranked = ask("ana").ranked

    assert ranked.scores[:4].tolist() == [1, 0.75, 0.5, 0.25]
    assert ranked.scores[4] <= 0.25
    assert (np.diff(ranked.scores) <= 0).all()
    assert ranked.scores[-1] == 0


def test_every_item_says_why_it_is_listed() -> None:
    reasons = [Reason(reason) for reason in ask("ana").ranked.reasons]

    assert reasons == [
        Reason.REPEAT,
        Reason.REPEAT,
        Reason.TASTE,
        Reason.TASTE,
        Reason.TASTE,
        Reason.POPULAR,
        Reason.POPULAR,
    ]


def test_whoever_is_unknown_gets_what_sells() -> None:
    answer = ask(None)

    assert names(answer) == SELLING
    assert answer.level == 3
    assert (np.diff(answer.ranked.scores) <= 0).all()


def test_a_stranger_with_an_item_in_view_gets_what_goes_with_it() -> None:
    answer = ask(None, context=("bread",))

    assert names(answer)[:3] == ["butter", "jam", "milk"]
    assert answer.level == 2
    assert answer.ranked.reasons[:2].tolist() == [Reason.GOES_WITH, Reason.GOES_WITH]


def test_a_stranger_in_view_of_what_nobody_bought_gets_what_sells() -> None:
    answer = ask(None, context=("truffle",))

    assert names(answer) == SELLING[:-1]
    assert answer.level == 2


def test_a_known_customer_is_served_from_level_0_even_with_an_empty_list() -> None:
    empty = CustomerRecord(
        vector=np.array([0, 1], np.float16),
        rows=rows(),
        reasons=np.empty(0, np.uint8),
        scores=np.empty(0, np.float32),
    )

    answer = recommend(LOADED, Query(limit=2), record=empty)

    assert answer.level == 0
    assert names(answer) == ["beer", "wine"]


def test_what_goes_with_the_cart_moves_up() -> None:
    # jam's companions: bread .6, butter .5; raised by 1 and .5/.6 over Ana's .5 and 1
    answer = ask("ana", context=("jam",))

    assert names(answer)[:3] == ["butter", "bread", "milk"]
    assert answer.ranked.scores[:3].tolist() == pytest.approx([1 + 5 / 6, 1.5, 0.75])


def test_a_companion_that_is_on_no_list_joins_it() -> None:
    answer = ask("ana", context=("beer",), limit=3)

    # wine is beer's strongest companion: 1; jam is .1 of .8 above its .25
    assert sorted(names(answer)[:2]) == ["butter", "wine"]
    assert names(answer)[2] == "milk"
    assert answer.ranked.reasons[names(answer).index("wine")] == Reason.GOES_WITH


def earning(weight: float) -> Loaded:
    """The tiny shop where margins count ``weight``; those who bought of late earned it 1.6 each."""
    loaded = shop.tiny(margins=True).loaded
    weights = {**loaded.manifest.weights, WEIGHT: weight}
    return replace(loaded, manifest=replace(loaded.manifest, weights=weights))


@pytest.mark.parametrize("customer", ["ana", "ben", None])
@pytest.mark.parametrize("asked", [{}, {"diversity": 1.0}, {"novelty": 0.5}, {"limit": 3}])
def test_what_is_excluded_in_view_or_out_of_stock_never_appears(
    customer: str | None, asked: dict[str, Any]
) -> None:
    answer = ask(customer, exclude=("milk", "wine"), context=("butter",), **asked)

    assert not {"milk", "wine", "butter", "cream"} & set(names(answer))
    assert answer.ranked.rows.size == min(4, query(**asked).limit)


def test_a_filter_is_answered_from_the_whole_catalogue() -> None:
    answer = ask("ana", meets={"eq": ["category", "drinks"]})

    assert names(answer) == ["wine", "beer"]
    assert answer.level == 0


def test_a_filter_keeps_the_customers_order_and_adds_what_nobody_bought() -> None:
    assert names(ask("ana", meets={"eq": ["category", "pantry"]})) == ["jam", "truffle"]


def test_a_filtered_list_knows_what_was_bought_though_it_is_on_no_list() -> None:
    record, history = MADE.customers["ana"]
    without = replace(
        record, rows=rows("jam"), reasons=record.reasons[3:4], scores=record.scores[:1]
    )

    answer = recommend(
        LOADED, query(meets={"eq": ["category", "dairy"]}), record=without, history=history
    )

    # butter was bought six times as often as milk, which lies more her way: 1 + .8/1 > 1/6 + 1
    assert names(answer) == ["butter", "milk"]
    assert answer.ranked.reasons.tolist() == [Reason.REPEAT, Reason.REPEAT]


def test_a_filter_that_nothing_meets_gives_an_empty_list() -> None:
    answer = ask("ana", meets={"gt": ["price", 1000]})

    assert names(answer) == []
    assert answer.level == 0


def test_where_margins_count_fully_profit_orders_by_score_times_margin() -> None:
    # margins are half of the price: butter 1 × 1.5, wine .25 × 4.5, bread .5 × 1, jam .25 × 2
    answer = ask("ana", earning(1.0), objective="profit")

    assert names(answer) == ["butter", "wine", "bread", "jam", "milk", "beer", "truffle"]
    assert answer.ranked.scores[0] == pytest.approx(1.5 / 1.6)


def test_where_margins_count_for_nothing_profit_is_relevance() -> None:
    answer, plain = ask("ana", earning(0.0), objective="profit"), ask("ana", earning(0.0))

    assert names(answer) == names(plain)
    assert answer.ranked.scores.tolist() == pytest.approx(plain.ranked.scores.tolist())


def test_where_margins_count_a_half_an_item_counts_for_its_purchase_too() -> None:
    # milk .75 × (.5 + .5 × .5 / 1.6), wine .25 × (.5 + .5 × 4.5 / 1.6)
    answer = ask("ana", earning(0.5), objective="profit", limit=3)

    assert names(answer) == ["butter", "milk", "wine"]
    assert answer.ranked.scores[1] == pytest.approx(0.75 * (0.5 + 0.25 / 1.6))


def test_an_item_of_unknown_margin_earns_nothing_for_certain() -> None:
    loaded = earning(1.0)
    margin = loaded.catalogue.margin.copy()
    margin[rows("butter")] = np.nan
    known = replace(loaded, catalogue=replace(loaded.catalogue, margin=margin))

    answer = ask("ana", known, objective="profit")

    assert names(answer)[0] == "wine"
    assert set(names(answer)[-2:]) == {"butter", "truffle"}


def test_profit_without_any_margin_is_refused_in_words() -> None:
    with pytest.raises(NoMargins, match=r"release r1 knows no item's margin.* margin column"):
        ask("ana", objective="profit")


def test_at_most_diversity_every_category_comes_once_before_any_twice() -> None:
    answer = ask("ana", diversity=1.0)

    assert names(answer) == ["butter", "bread", "jam", "wine", "milk", "beer", "truffle"]


def test_diversity_reaches_beyond_the_items_asked_for() -> None:
    assert names(ask("ana", diversity=1.0, limit=4)) == ["butter", "bread", "jam", "wine"]


ASKED = st.fixed_dictionaries(
    {},
    optional={
        "limit": st.integers(1, 100),
        "context": st.lists(st.sampled_from(shop.ITEMS), max_size=4).map(tuple),
        "exclude": st.lists(st.sampled_from(shop.ITEMS), max_size=8).map(tuple),
        "meets": st.sampled_from([None, {"lt": ["price", 4]}, {"eq": ["category", "none"]}]),
        "diversity": st.floats(0, 1),
        "novelty": st.one_of(st.sampled_from(["any", "new_only"]), st.floats(0, 1)),
        "objective": st.sampled_from(["relevance", "profit"]),
    },
)


@settings(deadline=None, max_examples=120)
@given(customer=st.sampled_from(["ana", "ben", None]), asked=ASKED)
def test_whatever_is_asked_the_answer_is_sound_the_same_twice_and_changes_nothing(
    customer: str | None, asked: dict[str, Any]
) -> None:
    loaded = shop.tiny(margins=True).loaded
    packed = [bytes_of(part) for part in MADE.customers[customer]] if customer else []
    before = copied(loaded)

    first, second = ask(customer, loaded, **asked), ask(customer, loaded, **asked)

    wanted = query(**asked)
    assert bytes_of(first.ranked) == bytes_of(second.ranked)
    assert first.ranked.rows.size <= wanted.limit
    assert np.unique(first.ranked.rows).size == first.ranked.rows.size
    assert np.isfinite(first.ranked.scores).all()
    banned = np.concatenate([wanted.exclude, wanted.context, rows("cream")])
    assert not np.isin(first.ranked.rows, banned).any()
    if wanted.filter is not None:
        assert wanted.filter.of(loaded.catalogue).meets(first.ranked.rows).all()
    assert copied(loaded) == before
    assert [bytes_of(part) for part in MADE.customers[customer]] == packed if customer else True
