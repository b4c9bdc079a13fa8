"""What just happened moves the list.

Ana's list is butter 1, milk .75, bread .5, jam .25; cream is out of stock. With bread go butter .9
and jam .6; after bread comes jam .8, and sometimes beer .2; after wine comes cream.
"""

from dataclasses import replace

import numpy as np
import pytest

from models.artifacts.customer_record import Reason
from models.leading import RECENT_WEIGHT
from models.scorers.transitions import Transitions
from tests.models.asking import LOADED, ask, copied, names, rows

ANA = ["butter", "milk", "bread", "jam"]
HEEDING = replace(LOADED, weights=replace(LOADED.weights, transitions=1.0))
"""A shop whose windows gave transitions a weight."""


def test_what_goes_with_the_latest_event_is_raised_by_its_share_of_the_best() -> None:
    ranked = ask("ana", recent=rows("bread")).ranked

    scores = dict(zip(names(ranked), ranked.scores.tolist(), strict=True))
    assert scores["butter"] == pytest.approx(1 + RECENT_WEIGHT)
    assert scores["jam"] == pytest.approx(0.25 + RECENT_WEIGHT * 2 / 3)
    assert scores["milk"] == 0.75


def test_where_the_shop_heeds_transitions_what_follows_is_raised_by_their_weight() -> None:
    ranked = ask("ana", HEEDING, recent=rows("bread")).ranked

    scores = dict(zip(names(ranked), ranked.scores.tolist(), strict=True))
    assert scores["jam"] == pytest.approx(0.25 + 1)
    assert scores["beer"] == pytest.approx(1 / 4)
    assert scores["butter"] == 1


def test_what_moves_up_from_the_list_keeps_its_reason_and_what_is_new_says_its_own() -> None:
    ranked = ask("ana", HEEDING, recent=rows("bread")).ranked

    reasons = dict(zip(names(ranked), ranked.reasons.tolist(), strict=True))
    assert reasons["jam"] == Reason.TASTE
    assert reasons["beer"] == Reason.GOES_WITH


@pytest.mark.parametrize("loaded", [LOADED, HEEDING])
@pytest.mark.parametrize("events", [(), ("truffle",), ("milk",), ("milk", "cream")])
def test_events_that_lead_nowhere_change_nothing(events: tuple[str, ...], loaded: object) -> None:
    assert names(ask("ana", loaded, limit=4, recent=rows(*events))) == ANA  # type: ignore[arg-type]


def test_what_may_not_be_shown_is_not_raised() -> None:
    assert "cream" not in names(ask("ana", HEEDING, recent=rows("wine")))
    assert "jam" not in names(ask("ana", HEEDING, recent=rows("bread"), exclude=("jam",)))


@pytest.mark.parametrize("loaded", [LOADED, HEEDING])
def test_a_visitors_events_answer_before_what_sells(loaded: object) -> None:
    answer = ask(None, loaded, recent=rows("beer"))  # type: ignore[arg-type]

    assert names(answer)[0] == "wine"
    assert answer.level == 2


@pytest.mark.parametrize("loaded", [LOADED, HEEDING])
def test_only_the_latest_events_are_looked_back_on(loaded: object) -> None:
    long_ago = ["beer", *["truffle"] * 40]

    found = ask("ana", loaded, limit=4, recent=rows(*long_ago))  # type: ignore[arg-type]

    assert names(found) == ANA


def test_what_is_in_view_is_the_latest_event_where_the_shop_heeds_transitions() -> None:
    assert "beer" not in names(ask("ana", limit=4, context=("bread",)))
    in_view = ask("ana", HEEDING, limit=4, context=("bread",)).ranked

    assert names(in_view)[0] == "jam"
    assert "beer" in names(in_view)


def test_of_many_successors_the_strongest_are_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("models.leading.MOST_RAISED", 1)

    found = names(ask("ana", HEEDING, limit=5, recent=rows("bread")))

    assert found[0] == "jam"
    assert "beer" not in found


def test_a_release_without_transitions_is_answered_all_the_same() -> None:
    old = replace(HEEDING, transitions=Transitions.none(LOADED.catalogue.n_ranked))

    assert names(ask("ana", old, recent=rows("bread"))) == names(ask("ana", old))


def test_events_are_not_modified() -> None:
    events, before = rows("bread", "beer"), copied(LOADED)

    ask("ana", HEEDING, recent=events)

    assert np.array_equal(events, rows("bread", "beer"))
    assert copied(LOADED) == before
