"""What was given back is taken from the newest purchase before it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.training.tiny import bought, lines
from training.data.returns import taken_away


def units(*told: dict[str, Any]) -> list[tuple[str | None, str, float]]:
    """Who kept how much of what, line by line."""
    found = taken_away(lines(*told))
    return list(zip(found["customer_id"], found["item_id"], found["kept"], strict=True))


def test_a_shop_without_returns_of_anybody_known_is_left_as_it_is() -> None:
    told = lines(bought("ann", "cup", 1), bought(None, "cup", 1), bought(None, "cup", 2))
    strangers = lines(bought(None, "cup", 3, quantity=-1))

    assert taken_away(told).equals(told)
    assert taken_away(told.vstack(strangers)).equals(told)


def test_a_return_takes_from_the_newest_purchase_first() -> None:
    found = units(
        bought("ann", "cup", 1, quantity=2),
        bought("ann", "cup", 2, quantity=3),
        bought("ann", "cup", 3, quantity=-4),
    )

    assert found == [("ann", "cup", 1), ("ann", "cup", 0)]


def test_what_was_bought_again_after_a_return_is_kept() -> None:
    found = units(
        bought("ann", "boots", 1), bought("ann", "boots", 2, quantity=-1), bought("ann", "boots", 3)
    )

    assert found == [("ann", "boots", 0), ("ann", "boots", 1)]


def test_a_return_at_the_moment_of_a_purchase_is_of_that_purchase() -> None:
    found = units(
        bought("ann", "cup", 1), bought("ann", "cup", 2, quantity=-1), bought("ann", "cup", 2)
    )

    assert found == [("ann", "cup", 1), ("ann", "cup", 0)]


def test_what_was_given_back_beyond_what_was_bought_by_then_was_bought_before_the_history() -> None:
    found = units(
        bought("ann", "cup", 1, quantity=-9),
        bought("ann", "cup", 2),
        bought("ann", "cup", 3, quantity=-5),
        bought("ann", "cup", 4, quantity=8),
    )

    assert found == [("ann", "cup", 0), ("ann", "cup", 8)]


def test_only_the_customers_own_purchases_of_that_item_are_touched() -> None:
    found = units(
        bought("ann", "cup", 1, quantity=2),
        bought("bob", "cup", 1),
        bought(None, "cup", 1),
        bought("ann", "jam", 1),
        bought("ann", "cup", 2, quantity=-1),
    )

    assert found == [("ann", "cup", 1), ("bob", "cup", 1), (None, "cup", 1), ("ann", "jam", 1)]


def test_weights_that_do_not_add_up_in_binary_are_given_back_whole() -> None:
    found = units(
        bought("ann", "ham", 1, quantity=0.1),
        bought("ann", "ham", 2, quantity=0.2),
        bought("ann", "ham", 3, quantity=-0.3),
    )

    assert found == []


MOVES = st.lists(st.integers(-4, 4).filter(bool), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(moves=MOVES)
def test_what_is_kept_is_what_a_pile_keeps_from_which_returns_take_the_top(
    moves: list[int],
) -> None:
    pile: list[list[float]] = []  # units left of each purchase, the newest last
    for move in moves:
        if move > 0:
            pile.append([float(move)])
        back = float(max(-move, 0))
        for left in reversed(pile):
            taken = min(left[0], back)
            left[0], back = left[0] - taken, back - taken
    since_first = moves[next((n for n, move in enumerate(moves) if move > 0), len(moves)) :]
    is_gone = sum(since_first) <= 0 and min(since_first, default=0) < 0

    found = units(
        *(bought("ann", "cup", n, quantity=move) for n, move in enumerate(moves)),
        bought("eve", "jam", 1, quantity=2),
        bought("eve", "jam", 2, quantity=-1),
    )

    own = [kept for who, _, kept in found if who == "ann"]
    assert own == ([] if is_gone else pytest.approx([left for (left,) in pile]))
