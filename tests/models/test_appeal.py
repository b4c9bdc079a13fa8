"""A search that looks at few items finds what scoring all of them finds."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.appeal import Appeal
from models.arrays import Scores
from models.artifacts.customer_record import Reason
from models.asked import NOTHING, Allowed, Query, Ranked
from models.loaded import Loaded
from models.shaping.rules import parse
from tests.models.asking import LOADED, names, rows
from tests.models.generated import N_FACTORS, SHOPS

FILTERS = st.sampled_from(
    [
        None,
        {"eq": ["category", "dairy"]},
        {"in": ["brand", ["Alba", "Bock"]]},
        {"in": ["item_id", ["p-1", "p-5", "p-7", "nothing"]]},
        {"lt": ["price", 4]},
        {"ne": ["category", "dairy"]},
        {"and": [{"eq": ["brand", "Alba"]}, {"gt": ["price", 1]}, {"eq": ["category", "dairy"]}]},
        {"or": [{"eq": ["category", "dairy"]}, {"eq": ["brand", "Bock"]}]},
        {"or": [{"eq": ["category", "dairy"]}, {"gt": ["price", 1]}]},
        {"not": {"eq": ["category", "drinks"]}},
    ]
)
VECTORS = st.one_of(
    st.none(),
    st.lists(st.integers(-2, 2), min_size=N_FACTORS, max_size=N_FACTORS).map(
        lambda numbers: np.array(numbers, dtype=np.float32)
    ),
)


@pytest.fixture(params=["all scored", "searched", "searched where that is cheaper"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have small shops searched as large ones are, in blocks of a few items."""
    if request.param == "searched":
        monkeypatch.setattr("models.ranking.HOPELESS", 1.0)
    if request.param != "all scored":
        monkeypatch.setattr("models.appeal.FEW", -1)
        monkeypatch.setattr("models.appeal.SHARE", 0.0)
        monkeypatch.setattr("models.ranking.BLOCK", 4)
        monkeypatch.setattr("models.ranking.FIRST_LOOK", 1)


def plainly(loaded: Loaded, query: Query, appeal: Appeal, n: int) -> tuple[list[int], list[float]]:
    """Score every item that may be shown, and sort; as the file's head states it."""
    every = np.arange(len(loaded.catalogue), dtype=np.int32)
    may = loaded.catalogue.stock != 0
    may[query.exclude] = False
    if query.filter is not None:
        may &= query.filter.of(loaded.catalogue).meets(every)
    taste = _taste(loaded, appeal)
    top = max(taste[may].max(initial=0), 0)
    share = np.maximum(taste / np.float32(top or np.inf), 0)
    scores = (appeal.liking * share + appeal.selling * loaded.popular).astype(np.float32)
    scores[appeal.more.rows] += appeal.more.scores
    order = sorted(np.flatnonzero(may).tolist(), key=lambda row: (-scores[row], row))[:n]
    return order, scores[order].tolist()


def _taste(loaded: Loaded, appeal: Appeal) -> Scores:
    assert loaded.content is not None
    if appeal.vector is None:
        return np.zeros(len(loaded.catalogue), np.float32)
    vectors = np.concatenate([loaded.collaborative.items, loaded.content.items])
    return np.asarray(vectors @ appeal.vector, dtype=np.float32)


@pytest.mark.usefixtures("way")
@settings(deadline=None, max_examples=400)
@given(
    loaded=SHOPS,
    vector=VECTORS,
    weights=st.tuples(st.sampled_from([0, 0.15, 1.0]), st.sampled_from([0, 0.1, 0.5])),
    tree=FILTERS,
    chosen=st.randoms(use_true_random=False),
    n=st.integers(1, 70),
)
def test_the_best_are_those_of_scoring_everything(
    *,
    loaded: Loaded,
    vector: Scores | None,
    weights: tuple[float, float],
    tree: object,
    chosen: Random,
    n: int,
) -> None:
    every = range(len(loaded.catalogue))
    some = sorted(chosen.sample(every, chosen.randint(0, len(every))))
    banned = chosen.sample(every, chosen.randint(0, len(every)))
    more = Ranked.of(
        np.array(some, np.int32),
        np.array([chosen.choice([-0.5, 0, 0.25, 1]) for _ in some], np.float32),
        Reason.REPEAT,
    )
    query = Query(
        exclude=np.array(banned, np.int32), filter=parse(tree) if tree is not None else None
    )
    appeal = Appeal(vector=vector, liking=weights[0], selling=weights[1], more=more)

    found = appeal.best(loaded, Allowed.of(loaded, query), n)

    expected, scores = plainly(loaded, query, appeal, n)
    assert found.rows.tolist() == expected
    assert found.scores.tolist() == scores


def test_the_factors_speak_for_all_taste_on_the_spot() -> None:
    appeal = Appeal(
        vector=np.array([0, 1], np.float32),
        liking=2.0,
        selling=0.5,
        more=Ranked.of(rows("milk"), np.array([0.25], np.float32), Reason.REPEAT),
    )

    ranked = appeal.ranked(LOADED, rows("milk", "beer", "wine"), 3)

    # beer lies all the evening's way, wine nine tenths, milk not at all; they sell 4, 3 and 8
    assert names(ranked) == ["beer", "wine", "milk"]
    assert ranked.scores.tolist() == pytest.approx([2 + 0.25, 1.8 + 0.1875, 0.25 + 0.5])
    assert ranked.reasons.tolist() == [Reason.TASTE, Reason.TASTE, Reason.REPEAT]


def test_where_nothing_is_known_of_taste_the_best_are_what_sells() -> None:
    appeal = Appeal(vector=None, liking=1.0, selling=0.1, more=NOTHING)

    found = appeal.best(LOADED, Allowed.of(LOADED, Query()), 3)

    assert names(found) == ["milk", "bread", "butter"]
    assert found.reasons.tolist() == [Reason.POPULAR] * 3
