"""Several opinions add up to one score, each by its weight."""

from dataclasses import fields, replace

import numpy as np
import pytest

from models.shaping import blend
from models.shaping.blend import Opinions, Weights

NONE = Weights(**dict.fromkeys((field.name for field in fields(Weights)), 0.0))
OPINIONS = Opinions(
    slow=np.array([[1.0, 0.5, 0.0], [0.0, 0.0, 0.0]], np.float32),
    fast=np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 0.0]], np.float32),
    ease=np.array([[0.0, 0.0, 1.0], [1.0, -0.5, 0.0]], np.float32),
    collaborative=np.array([[0.0, 0.0, 0.5], [0.5, 1.0, 0.0]], np.float32),
    popularity=np.array([1.0, 0.5, 0.25], np.float32),
    trend=np.array([1.0, 4.0, 0.25], np.float32),
    loyalty=np.array([1.0, 9.0, 1.0], np.float32),
    transitions=np.array([[0.0, 0.5, 1.0], [0.0, 0.0, 0.0]], np.float32),
    neighbours=np.array([[1.0, 0.0, 0.0], [0.0, 0.25, 1.0]], np.float32),
)


def test_habits_on_both_clocks_add_up() -> None:
    scores = blend.repeat(OPINIONS, replace(NONE, slow=2.0, fast=0.5))

    assert scores.tolist() == [[2.0, 1.5, 0.0], [0.0, 0.0, 0.0]]
    assert scores.dtype == np.float32


def test_trend_and_loyalty_raise_habits_by_their_powers() -> None:
    scores = blend.repeat(OPINIONS, replace(NONE, slow=1.0, trend=0.5, loyalty=0.5))

    assert scores.tolist() == [[1.0, 0.5 * 2 * 3, 0.0], [0.0, 0.0, 0.0]]


def test_where_nobody_buys_twice_what_was_bought_counts_against_an_item() -> None:
    scores = blend.repeat(OPINIONS, replace(NONE, fast=0.5, again=-1.0))

    assert scores.tolist() == [[-1.0, -0.5, 0.0], [0.0, 0.0, 0.0]]


def test_what_follows_and_what_neighbours_buy_are_taste() -> None:
    scores = blend.taste(OPINIONS, replace(NONE, transitions=2.0, neighbours=1.0, taste_trend=0.5))

    assert scores.tolist() == [[1.0, 1.0 * 2, 2.0 * 0.5], [0.0, 0.25 * 2, 0.5]]


def test_taste_is_ease_and_factors_raised_by_the_trend() -> None:
    scores = blend.taste(OPINIONS, replace(NONE, ease=1.0, collaborative=2.0, taste_trend=0.5))

    assert scores.tolist() == [[0.0, 0.0, 2.0 * 0.5], [2.0, 1.5 * 2, 0.0]]


def test_popularity_is_one_row_for_all() -> None:
    scores = blend.popular(OPINIONS, replace(NONE, popularity=0.5))

    assert scores.tolist() == [0.5, 0.25, 0.125]


def test_on_the_spot_the_factors_speak_for_all_taste() -> None:
    weights = replace(NONE, ease=0.5, collaborative=0.25, transitions=0.5, neighbours=1, slow=99.0)

    assert weights.liking == 2.25


@pytest.mark.parametrize("name", Weights.__slots__)
def test_one_weight_changes_alone(name: str) -> None:
    other = NONE.with_(name, 0.5)

    assert getattr(other, name) == 0.5
    assert replace(other, **{name: 0.0}) == NONE
