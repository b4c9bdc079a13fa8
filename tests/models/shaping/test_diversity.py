"""More of the shop for what relevance the caller gives, and for no more."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.arrays import Codes, Scores
from models.shaping.diversity import diversified

CODE = st.integers(-1, 5)
SHELF = st.lists(st.tuples(CODE, CODE, st.floats(-1, 1, width=32)), max_size=40).map(
    lambda items: (
        np.array([category for category, _, _ in items], dtype=np.int32),
        np.array([brand for _, brand, _ in items], dtype=np.int32),
        np.array(sorted((score for _, _, score in items), reverse=True), dtype=np.float32),
    )
)
SHARE = st.floats(0, 1)
Shelf = tuple[Codes, Codes, Scores]


def taken(shelf: Shelf, diversity: float, n_picks: int = 40) -> list[int]:
    categories, brands, scores = shelf
    order = diversified(
        scores, categories=categories, brands=brands, diversity=diversity, n_picks=n_picks
    )
    return [int(place) for place in order]


def shelf(categories: list[int], scores: list[float], brands: list[int] | None = None) -> Shelf:
    return (
        np.array(categories, dtype=np.int32),
        np.array(brands or [-1] * len(categories), dtype=np.int32),
        np.array(scores, dtype=np.float32),
    )


@given(items=SHELF, diversity=SHARE, n_picks=st.integers(0, 40))
def test_each_place_keeps_the_share_of_its_worth_that_was_promised(
    items: Shelf, diversity: float, n_picks: int
) -> None:
    worth = np.maximum(items[2], 0)

    kept = worth[taken(items, diversity, n_picks)]

    shown = slice(0, n_picks)
    assert (kept[shown] >= (1 - diversity) * worth[shown] - 1e-5).all()


@given(items=SHELF, diversity=SHARE, n_picks=st.integers(1, 40))
def test_every_item_is_taken_once_and_the_first_stays_first(
    items: Shelf, diversity: float, n_picks: int
) -> None:
    order = taken(items, diversity, n_picks)

    assert sorted(order) == list(range(items[2].size))
    assert order[:1] == list(range(items[2].size))[:1]


@given(items=SHELF)
def test_no_diversity_changes_nothing(items: Shelf) -> None:
    above = (items[0], items[1], items[2] + 2)  # worthless items have no order to keep

    assert taken(above, 0) == list(range(items[2].size))


@given(items=SHELF)
def test_at_most_diversity_every_category_comes_once_before_any_comes_twice(items: Shelf) -> None:
    order = taken(items, 1)

    codes = [int(items[0][place]) for place in order]
    kinds = [
        (code, 0) if code >= 0 else (-1, place) for code, place in zip(codes, order, strict=True)
    ]
    n_kinds = len(set(kinds))
    assert len(set(kinds[:n_kinds])) == n_kinds


@given(items=SHELF, diversity=SHARE)
def test_equal_items_of_one_kind_keep_their_order(items: Shelf, diversity: float) -> None:
    categories, brands, scores = items
    order = taken(items, diversity)

    for kind in {(int(c), int(b)) for c, b in zip(categories, brands, strict=True) if c > -1}:
        if kind[1] >= 0:
            places = [place for place in order if (categories[place], brands[place]) == kind]
            assert (np.diff(scores[places]) <= 1e-6).all()


def test_an_item_of_another_category_passes_one_that_is_worth_little_more() -> None:
    """Of what is left .8 is best, and half of it will do: .5 is .25 - 0 against .4 - .375."""
    assert taken(shelf([0, 0, 1, 2], [1, 0.8, 0.5, 0.3]), 0.5) == [0, 2, 1, 3]


def test_what_is_worth_too_little_stays_back_however_new_it_is() -> None:
    assert taken(shelf([0, 0, 1], [1, 1, 0.49]), 0.5) == [0, 1, 2]
    assert taken(shelf([0, 0, 1], [1, 1, 0.51]), 0.5) == [0, 2, 1]


def test_another_brand_of_the_category_comes_before_the_same_one() -> None:
    assert taken(shelf([0, 0, 0], [1, 1, 1], brands=[0, 0, 1]), 0.5) == [0, 2, 1]


def test_items_without_a_category_are_each_a_kind_of_their_own() -> None:
    assert taken(shelf([-1, -1, 0, 0, -1], [1, 1, 1, 1, 1]), 1) == [0, 1, 2, 4, 3]


def test_one_kind_alone_stays_as_it_is() -> None:
    assert taken(shelf([3, 3, 3], [1, 0.5, 0.2]), 1) == [0, 1, 2]


def test_what_is_not_picked_follows_as_it_stood() -> None:
    assert taken(shelf([0, 0, 0, 1, 0], [5, 4, 3, 2, 1]), 1, n_picks=2) == [0, 3, 1, 2, 4]


def test_what_is_worth_nothing_is_told_apart_by_kind_alone() -> None:
    assert taken(shelf([0, 0, 1], [0, 0, 0]), 0.1) == [0, 2, 1]
