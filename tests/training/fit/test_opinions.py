"""Of a large catalogue everybody is scored on its head, and on what is named behind it."""

import numpy as np
import pytest
import scipy.sparse as sp

from models.ranking import best
from models.shaping import blend as mixing
from models.shaping.blend import Opinions
from tests.training.fitted import LAST_DAY, fitted, of_habits
from training.fit import shop
from training.fit.blend import Choice
from training.fit.opinions import normalised_rows
from training.fit.records import N_LIST, N_NEW, records

FITTED = fitted(of_habits(), until=LAST_DAY)
N_HEAD = 20
WEIGHTS = mixing.Weights(
    slow=1.0,
    fast=0.2,
    ease=0.3,
    collaborative=0.1,
    popularity=0.1,
    trend=0.25,
    taste_trend=0.25,
    loyalty=0.25,
    transitions=0.2,
    neighbours=0.3,
)


@pytest.fixture
def _short_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shop, "N_HEAD", N_HEAD)


def whole() -> list[Opinions]:
    """The opinions on every customer where all of the catalogue is its head."""
    (block,) = FITTED.blocks(slow_days=240.0)
    return [block.whole(place)[1] for place in range(block.customers.size)]


@pytest.mark.usefixtures("_short_head")
def test_behind_the_head_are_the_items_that_somebody_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (block,) = FITTED.blocks(slow_days=240.0)
    monkeypatch.undo()

    for place, every in enumerate(whole()):
        named = np.flatnonzero(every.slow + every.transitions + every.neighbours)
        rows, _ = block.whole(place)
        assert rows.tolist() == sorted({*range(N_HEAD), *named.tolist()})
        assert set(block.bought(place).tolist()) == set(np.flatnonzero(every.slow).tolist())


@pytest.mark.usefixtures("_short_head")
def test_what_names_an_item_says_of_it_what_it_says_in_a_small_shop(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (block,) = FITTED.blocks(slow_days=240.0)
    monkeypatch.undo()

    for place, every in enumerate(whole()):
        rows, said = block.whole(place)
        for name in ("slow", "fast", "transitions", "neighbours", "popularity", "trend", "loyalty"):
            assert getattr(said, name).tolist() == getattr(every, name)[rows].tolist()
        for name in ("ease", "collaborative"):
            assert not getattr(said, name)[N_HEAD:].any()


@pytest.mark.usefixtures("_short_head")
def test_lists_are_the_best_of_all_that_is_said() -> None:
    (block,) = FITTED.blocks(slow_days=240.0)
    choice = Choice(weights=WEIGHTS, slow_days=240.0)

    for place, (_, record, history) in enumerate(records(FITTED, choice)):
        rows, said = block.whole(place)
        repeat = mixing.repeat(said, WEIGHTS)
        scores = repeat + mixing.taste(said, WEIGHTS) + mixing.popular(said, WEIGHTS)
        assert rows.size < min(N_LIST, N_NEW)
        assert record.rows.tolist() == rows[best(scores, N_LIST)].tolist()
        assert record.scores.tolist() == np.sort(scores)[::-1].tolist()
        assert history.rows.tolist() == block.bought(place).tolist()
        assert history.repeat.tolist() == repeat[np.isin(rows, history.rows)].tolist()


def test_rows_are_divided_by_their_highest_and_empty_ones_stay_empty() -> None:
    matrix = sp.csr_matrix(np.array([[0, 4, 2], [0, 0, 0], [3, 0, 0]], np.float32))

    found = normalised_rows(matrix)

    assert found.toarray().tolist() == [[0, 1, 0.5], [0, 0, 0], [1, 0, 0]]
