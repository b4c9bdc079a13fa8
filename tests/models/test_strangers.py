"""Whoever has no list is answered from the whole catalogue, as if all of it had been scored."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.asked import NO_ROWS, Query
from models.loaded import Loaded
from models.ranking import normalised
from models.recommend import recommend
from models.strangers import (
    STRANGERS_CONTEXT,
    STRANGERS_POPULARITY,
    STRANGERS_RECENT,
    STRANGERS_TASTE,
)
from tests.models.generated import SHOPS

SEEN = st.lists(st.integers(0, 59), max_size=4)


def plainly(loaded: Loaded, context: list[int], recent: list[int]) -> dict[int, float]:
    """The score of every item that may be shown, added up as the weights say."""
    every = np.arange(len(loaded.catalogue), dtype=np.int32)
    may = loaded.catalogue.stock != 0
    may[context] = False
    rows = every[may]
    vector = loaded.collaborative.fold_in(np.unique(np.array([*context, *recent], np.int32)))
    taste = np.maximum(normalised(loaded.taste(vector, rows)), 0)
    scores = dict(
        zip(
            rows.tolist(),
            STRANGERS_TASTE * taste + STRANGERS_POPULARITY * loaded.popular[rows],
            strict=True,
        )
    )
    for near, weight in ((context, STRANGERS_CONTEXT), (recent, STRANGERS_RECENT)):
        strengths: dict[int, float] = {}
        for row in set(near) & set(range(loaded.catalogue.n_ranked)):
            for companion, strength in zip(
                loaded.copurchase.companions[row].tolist(),
                loaded.copurchase.strengths[row].tolist(),
                strict=True,
            ):
                if companion in scores:
                    strengths[companion] = strengths.get(companion, 0) + strength
        for companion, strength in strengths.items():
            scores[companion] += weight * strength / max(strengths.values())
    return scores


@pytest.mark.parametrize("few", [-1, 8192])
@settings(deadline=None, max_examples=200)
@given(loaded=SHOPS, context=SEEN, recent=SEEN, limit=st.integers(1, 70))
def test_a_visitor_gets_the_head_of_the_whole_catalogue(
    few: int, loaded: Loaded, context: list[int], recent: list[int], limit: int
) -> None:
    context = [row for row in dict.fromkeys(context) if row < len(loaded.catalogue)]
    recent = [row for row in recent if row < len(loaded.catalogue)] or context
    asked = Query(
        limit=limit,
        context=np.array(context, np.int32) if context else NO_ROWS,
        recent=np.array(recent, np.int32) if recent else NO_ROWS,
    )

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("models.appeal.FEW", few)
        patched.setattr("models.appeal.SHARE", 0.0)
        patched.setattr("models.ranking.BLOCK", 4)
        patched.setattr("models.ranking.HOPELESS", 1.0)
        patched.setattr("models.leading.RECENT_WEIGHT", 0.0)
        answer = recommend(loaded, asked)

    if not recent:
        expected = sorted(
            np.flatnonzero(loaded.catalogue.stock != 0), key=lambda row: (-loaded.popular[row], row)
        )
        assert answer.ranked.rows.tolist() == expected[:limit]
        assert answer.level == 3
        return
    scores = plainly(loaded, context, recent)
    best = sorted(scores.values(), reverse=True)[:limit]
    assert [scores[row] for row in answer.ranked.rows.tolist()] == pytest.approx(best, abs=1e-5)
    assert answer.level == 2
