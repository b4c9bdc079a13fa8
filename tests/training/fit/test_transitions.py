"""What follows what, counted as its plain definition says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import basket, numbered
from training.data.purchases import Purchases
from training.fit import transitions
from training.fit.transitions import BACKWARDS, COLUMN_POWER, DECAY, N_STEPS, ROW_POWER

HISTORY = dict[str, list[str]]
"""Of each customer the baskets, oldest first."""


def shop(told: HISTORY, min_buyers: int = 1) -> Purchases:
    lines = [
        line
        for who, baskets in told.items()
        for n, items in enumerate(baskets)
        for line in basket(who, items, 2 * n)
    ]
    return numbered(*lines, catalogue=("nothing",), min_buyers=min_buyers)


def found(purchases: Purchases, **options: int) -> dict[tuple[str, str], float]:
    """Strength of each pair that is kept, by name."""
    model = transitions.fit(transitions.orders(purchases), **options).model
    return {
        (purchases.item_ids[row], purchases.item_ids[other]): float(strength)
        for row in range(purchases.n_ranked)
        for other, strength in zip(model.successors[row], model.strengths[row], strict=True)
        if other >= 0
    }


def definition(told: HISTORY) -> dict[tuple[str, str], float]:
    """Every ordered pair of different items, by the words of the module."""
    weight: dict[tuple[str, str], float] = {}
    for baskets in told.values():
        for here, one in enumerate(baskets):
            for there, other in enumerate(baskets):
                gap = there - here
                if gap == 0 or abs(gap) > N_STEPS:
                    continue
                faded = DECAY ** (abs(gap) - 1) * (1 if gap > 0 else BACKWARDS)
                for pair in ((a, b) for a in one.split() for b in other.split() if a != b):
                    weight[pair] = weight.get(pair, 0) + faded
    rows: dict[str, float] = {}
    columns: dict[str, float] = {}
    for (one, other), of in weight.items():
        rows[one] = rows.get(one, 0) + of
        columns[other] = columns.get(other, 0) + of
    return {
        (one, other): of * rows[one] ** -ROW_POWER * columns[other] ** -COLUMN_POWER
        for (one, other), of in weight.items()
    }


def test_the_next_order_follows_and_the_one_before_counts_half() -> None:
    pairs = found(shop({"ann": ["tea", "jam"]}))

    assert pairs["tea", "jam"] == pytest.approx(1**-ROW_POWER * 1**-COLUMN_POWER)
    back = BACKWARDS ** (1 - ROW_POWER - COLUMN_POWER)
    assert pairs["jam", "tea"] == pytest.approx(back)


def test_what_lies_in_one_basket_does_not_follow_itself() -> None:
    assert found(shop({"ann": ["tea jam"], "bob": ["tea", "tea"]})) == {}


def test_one_customers_orders_do_not_follow_anothers() -> None:
    assert found(shop({"ann": ["tea"], "bob": ["jam"]})) == {}


def test_what_is_too_rare_for_a_model_follows_nothing() -> None:
    told = {"ann": ["tea", "jam", "rare"], "bob": ["tea", "jam"]}

    assert set(found(shop(told, min_buyers=2))) == {("tea", "jam"), ("jam", "tea")}


def test_only_so_many_successors_are_kept_the_strongest_first() -> None:
    told = {"ann": ["tea", "jam", "ale"], "bob": ["tea", "jam"], "cid": ["tea", "jam"]}
    purchases = shop(told)

    model = transitions.fit(transitions.orders(purchases), n_successors=1).model

    tea = purchases.item_ids.index("tea")
    assert [purchases.item_ids[row] for row in model.successors[tea]] == ["jam"]
    assert len(found(purchases, n_successors=1)) == 3


def test_a_shop_without_items_has_no_successors() -> None:
    model = transitions.fit(transitions.orders(numbered(catalogue=("tea",)))).model

    assert model.successors.shape[0] == 0


def test_a_customers_score_is_what_the_server_would_answer_for_their_orders() -> None:
    purchases = shop({"ann": ["tea", "jam", "ale"], "bob": ["jam", "ale"], "cid": ["ale", "gin"]})
    fitted = transitions.fit(transitions.orders(purchases))

    scores = fitted.score(np.array([0])).toarray()[0]

    recent = [purchases.item_ids.index(item) for item in ("tea", "jam", "ale")]
    rows, strengths = fitted.model.score(np.array(recent, np.int32))
    assert np.flatnonzero(scores).tolist() == rows.tolist()
    assert scores[rows] == pytest.approx(strengths, rel=1e-5)


def test_orders_come_in_time_whatever_they_are_called() -> None:
    lines = [*basket("ann", "late", 9), *basket("ann", "early", 1), *basket("ann", "middle", 5)]
    purchases = numbered(*lines)

    told = transitions.orders(purchases)

    items = [purchases.item_ids[row] for row in told.items.indices]
    assert items == ["early", "middle", "late"]
    assert told.steps_to_last.tolist() == [2, 1, 0]


@settings(deadline=None, max_examples=60)
@given(
    baskets=st.dictionaries(
        st.sampled_from(["ann", "bob", "cid"]),
        st.lists(st.sets(st.sampled_from("abcdef"), min_size=1, max_size=3), max_size=14),
    )
)
def test_every_pair_is_its_plain_definition(baskets: dict[str, list[set[str]]]) -> None:
    told = {who: [" ".join(sorted(of)) for of in each] for who, each in baskets.items()}

    assert found(shop(told)) == pytest.approx(definition(told), rel=1e-4)
