"""Pairs of customers and items lie flat, one customer's after another's."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from training.rank.pairs import Pairs


def pairs(of: dict[int, list[int]]) -> Pairs:
    return Pairs.of({customer: np.array(items, np.int32) for customer, items in of.items()})


def test_one_customers_pairs_follow_anothers() -> None:
    three = pairs({4: [0, 2], 5: [], 9: [1]})

    assert three.customer.tolist() == [4, 4, 9]
    assert three.item.tolist() == [0, 2, 1]
    assert len(three) == 3


def test_a_customer_without_items_has_an_empty_span() -> None:
    spans = pairs({4: [0, 2], 5: [], 9: [1]}).spans()

    assert spans == [(4, slice(0, 2)), (5, slice(2, 2)), (9, slice(2, 3))]


def test_nobody_has_no_pairs() -> None:
    none = pairs({})

    assert len(none) == 0
    assert none.spans() == []
    assert none.places(np.empty(0, np.float32)).size == 0


@given(
    st.dictionaries(
        st.integers(0, 50), st.lists(st.sampled_from([0.0, 0.5, 1.0, -2.0]), max_size=6), max_size=6
    )
)
def test_the_place_of_a_pair_is_that_of_a_stable_sort(scores: dict[int, list[float]]) -> None:
    flat = np.array([score for own in scores.values() for score in own], dtype=np.float32)

    found = pairs({customer: list(range(len(own))) for customer, own in scores.items()}).places(
        flat
    )

    expected = []
    for own in scores.values():
        order = sorted(range(len(own)), key=lambda place: -own[place])
        expected += [order.index(place) for place in range(len(own))]
    assert found.tolist() == expected
