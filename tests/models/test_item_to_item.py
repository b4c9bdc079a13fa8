"""What is like an item, what goes with it, and a given list in the customer's order."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.artifacts.customer_record import Reason
from models.asked import Query
from models.item_to_item import bought_together, similar
from models.loaded import Loaded
from models.recommend import rerank
from models.resemblance import SAME_CATEGORY
from tests import shop
from tests.models.asking import LOADED, MADE, names, query, rows
from tests.models.generated import SHOPS


def test_what_is_of_its_kind_and_sells_to_the_same_people_is_like_an_item() -> None:
    ranked = similar(LOADED, query(context=("beer",), limit=2))

    assert names(ranked) == ["wine", "jam"]
    assert set(ranked.reasons) == {Reason.ALIKE}
    assert (np.diff(ranked.scores) <= 0).all()


def test_a_substitute_comes_before_what_merely_sells_to_the_same_people() -> None:
    # bread lies nearer to milk than butter does, but butter is dairy too
    assert names(similar(LOADED, query(context=("milk",), limit=2))) == ["butter", "bread"]


def test_an_item_without_a_vector_is_answered_by_its_kind() -> None:
    assert names(similar(LOADED, query(context=("truffle",)))) == ["jam"]


def test_nothing_is_like_no_item_at_all() -> None:
    assert names(similar(LOADED, query())) == []


def test_what_is_out_of_stock_excluded_filtered_or_asked_about_is_no_substitute() -> None:
    ranked = similar(
        LOADED,
        query(context=("milk",), exclude=("bread",), meets={"lt": ["price", 4]}),
    )

    assert names(ranked) == ["butter"]


@settings(deadline=None, max_examples=300)
@given(loaded=SHOPS, limit=st.integers(1, 8), chosen=st.randoms(use_true_random=False))
def test_the_most_alike_are_those_of_scoring_everything(
    loaded: Loaded, limit: int, chosen: Random
) -> None:
    every = range(len(loaded.catalogue))
    context = np.array(chosen.sample(every, min(chosen.randint(1, 2), len(every))), np.int32)
    codes = (loaded.catalogue.category, loaded.catalogue.brand)
    category, brand = (np.isin(of, of[context][of[context] >= 0]) for of in codes)
    alike = np.maximum(loaded.likeness(context, np.array(every, np.int32)), 0)
    scores = (alike + SAME_CATEGORY * category + (1 - SAME_CATEGORY) * brand) / 2
    may = (loaded.catalogue.stock != 0) & (scores > 0)
    may[context] = False

    found = similar(loaded, Query(limit=limit, context=context))

    assert found.rows.size == min(limit, may.sum())
    assert may[found.rows].all()
    assert found.scores == pytest.approx(scores[found.rows])
    assert found.scores == pytest.approx(np.sort(scores[may])[::-1][:limit])


def test_what_lands_in_one_basket_comes_strongest_first() -> None:
    ranked = bought_together(LOADED, query(context=("bread",)))

    assert names(ranked) == ["butter", "jam"]
    assert ranked.scores.tolist() == pytest.approx([0.9, 0.6])
    assert ranked.reasons.tolist() == [Reason.GOES_WITH, Reason.GOES_WITH]


def test_companions_of_a_basket_are_not_of_the_basket() -> None:
    ranked = bought_together(LOADED, query(context=("bread", "butter")))

    assert names(ranked) == ["jam"]
    assert ranked.scores.tolist() == pytest.approx([1.1])


@pytest.mark.parametrize("context", [(), ("milk",), ("truffle",)])
def test_what_goes_with_nothing_gives_an_empty_list(context: tuple[str, ...]) -> None:
    assert names(bought_together(LOADED, query(context=context))) == []


def test_companions_obey_limit_filter_and_exclusions() -> None:
    assert names(bought_together(LOADED, query(context=("bread",), limit=1))) == ["butter"]
    assert names(bought_together(LOADED, query(context=("bread",), exclude=("butter",)))) == ["jam"]
    assert names(
        bought_together(LOADED, query(context=("bread",), meets={"lt": ["price", 4]}))
    ) == ["butter"]


def test_a_list_is_put_in_the_customers_order() -> None:
    record, history = MADE.customers["ana"]

    ranked = rerank(
        LOADED,
        rows("truffle", "beer", "bread", "wine", "butter"),
        record=record,
        history=history,
    )

    assert names(ranked) == ["butter", "bread", "wine", "beer", "truffle"]


def test_what_is_out_of_stock_is_kept_for_the_caller_chose_it() -> None:
    record, history = MADE.customers["ana"]

    ranked = rerank(LOADED, rows("cream", "milk"), record=record, history=history)

    assert names(ranked) == ["milk", "cream"]


def test_for_a_stranger_a_list_is_put_in_order_of_what_sells() -> None:
    ranked = rerank(LOADED, rows("wine", "truffle", "milk"), record=None, history=None)

    assert names(ranked) == ["milk", "wine", "truffle"]


def test_an_empty_list_stays_empty() -> None:
    record, history = MADE.customers["ana"]

    assert names(rerank(LOADED, rows(), record=record, history=history)) == []


@settings(deadline=None)
@given(
    customer=st.sampled_from(["ana", "ben", None]),
    given_rows=st.lists(st.integers(0, len(shop.ITEMS) - 1)),
)
def test_a_reranked_list_holds_every_item_exactly_once_best_first(
    customer: str | None, given_rows: list[int]
) -> None:
    record, history = MADE.customers[customer] if customer else (None, None)

    ranked = rerank(LOADED, np.array(given_rows, np.int32), record=record, history=history)

    assert sorted(ranked.rows.tolist()) == sorted(set(given_rows))
    assert (np.diff(ranked.scores) <= 0).all()
    assert np.isfinite(ranked.scores).all()
