"""Neighbours are those who bought the same, and tell what they bought lately."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import basket, numbered
from training.data.purchases import Purchases
from training.fit import neighbours, transitions
from training.fit.neighbours import ALPHA, LOCALITY, N_ORDERS, Neighbours


def shop(**baskets: list[str]) -> Purchases:
    """Of each customer the baskets, oldest first; all end on one day."""
    return numbered(
        *(
            line
            for who, each in baskets.items()
            for n, items in enumerate(reversed(each))
            for line in basket(who, items, 90 - n)
        ),
        catalogue=("nothing",),
    )


def fitted(purchases: Purchases) -> Neighbours:
    return neighbours.fit(purchases, transitions.orders(purchases))


def scores(purchases: Purchases, customer: str) -> dict[str, float]:
    row = purchases.customer_row[customer]
    told = fitted(purchases).score(np.array([row])).toarray()[0]
    return {purchases.item_ids[item]: float(told[item]) for item in np.flatnonzero(told)}


def similarity(shared: int, own: int, theirs: int) -> float:
    return float((shared / (own**ALPHA * theirs ** (1 - ALPHA))) ** LOCALITY)


def test_an_item_scores_what_neighbours_buy_of_it_by_how_near_they_are() -> None:
    purchases = shop(ann=["tea", "tea jam"], bob=["tea ale", "ale"], cid=["gin"])

    near = similarity(1, 2, 2)
    assert scores(purchases, "ann") == pytest.approx(
        {"tea": 1 + near / 2, "jam": 1 / 2, "ale": near}, rel=1e-5
    )


def test_whoever_shares_nothing_says_nothing() -> None:
    assert scores(shop(ann=["tea"], bob=["gin"]), "ann") == {"tea": 1}


def test_shares_are_of_the_last_orders_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "N_ORDERS", 2)

    assert scores(shop(ann=["old", "tea", "tea jam"]), "ann") == {"tea": 1, "jam": 0.5}


def test_only_the_nearest_are_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours, "N_NEIGHBOURS", 1)
    purchases = shop(ann=["a b c"], far=["a x"], near=["a b y"])

    assert {item for item in scores(purchases, "ann") if item in "xy"} == {"y"}


def test_of_a_large_shop_those_who_bought_last_are_listened_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(neighbours, "MAX_POOL", 1)
    purchases = numbered(
        *basket("ann", "a b", 10), *basket("bob", "a x", 80), *basket("cid", "a y", 50)
    )

    assert set(scores(purchases, "ann")) == {"a", "b", "x"}
    assert set(scores(purchases, "bob")) == {"a", "x"}


@settings(deadline=None, max_examples=40)
@given(
    baskets=st.lists(
        st.lists(st.sets(st.sampled_from("abcdef"), min_size=1), min_size=1, max_size=4),
        min_size=1,
        max_size=5,
    )
)
def test_every_score_is_its_plain_definition(baskets: list[list[set[str]]]) -> None:
    purchases = shop(**{f"c{n}": [" ".join(of) for of in each] for n, each in enumerate(baskets)})
    ever = [set().union(*each) for each in baskets]
    told = fitted(purchases).score(np.arange(len(baskets), dtype=np.int32)).toarray()

    for one in range(len(baskets)):
        for row, item in enumerate(purchases.item_ids[: purchases.n_ranked]):
            expected = 0.0
            for other, each in enumerate(baskets):
                near = similarity(len(ever[one] & ever[other]), len(ever[one]), len(ever[other]))
                last = each[-N_ORDERS:]
                expected += near * sum(item in of for of in last) / len(last)
            assert told[one, row] == pytest.approx(expected, rel=1e-4, abs=1e-6)
