"""More of the shop for what relevance the caller gives."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from models.arrays import Codes
from models.shaping.diversity import diversified

CATEGORIES = st.lists(st.integers(-1, 5), max_size=40).map(
    lambda codes: np.array(codes, dtype=np.int32)
)
SHARE = st.floats(0, 1)


def order(*categories: int, diversity: float) -> list[int]:
    codes = np.array(categories, dtype=np.int32)
    return list(diversified(codes, diversity=diversity, n_picks=codes.size))


@given(categories=CATEGORIES, diversity=SHARE)
def test_every_item_is_taken_once_and_the_first_stays_first(
    categories: Codes, diversity: float
) -> None:
    taken = diversified(categories, diversity=diversity, n_picks=categories.size).tolist()

    assert sorted(taken) == list(range(categories.size))
    assert taken[:1] == list(range(categories.size))[:1]


@given(categories=CATEGORIES)
def test_no_diversity_changes_nothing(categories: Codes) -> None:
    assert diversified(categories, diversity=0, n_picks=categories.size).tolist() == list(
        range(categories.size)
    )


@given(categories=CATEGORIES)
def test_at_most_diversity_every_category_comes_once_before_any_comes_twice(
    categories: Codes,
) -> None:
    taken = diversified(categories, diversity=1, n_picks=categories.size)

    kinds = [(int(code), 0) if code >= 0 else (-1, int(place))
             for place, code in zip(taken, categories[taken], strict=True)]  # fmt: skip
    n_kinds = len(set(kinds))
    assert len(set(kinds[:n_kinds])) == n_kinds


@given(categories=CATEGORIES, diversity=SHARE)
def test_items_of_one_category_keep_their_order(categories: Codes, diversity: float) -> None:
    taken = diversified(categories, diversity=diversity, n_picks=categories.size)

    for code in set(categories.tolist()):
        places = taken[categories[taken] == code]
        assert (np.diff(places) > 0).all()


def test_a_little_diversity_moves_the_nearest_other_category_up() -> None:
    # worth: 1, .75, .5, .25; after the first, dairy is worth half: .375 < .5
    assert order(0, 0, 1, 1, diversity=0.5) == [0, 2, 1, 3]


def test_items_without_a_category_are_each_a_kind_of_their_own() -> None:
    assert order(-1, -1, 0, 0, -1, diversity=1) == [0, 1, 2, 4, 3]


def test_one_category_alone_stays_as_it_is() -> None:
    assert order(3, 3, 3, diversity=1) == [0, 1, 2]


def test_what_is_not_picked_follows_as_it_stood() -> None:
    categories = np.array([0, 0, 0, 1, 0], dtype=np.int32)

    assert diversified(categories, diversity=1, n_picks=2).tolist() == [0, 3, 1, 2, 4]
