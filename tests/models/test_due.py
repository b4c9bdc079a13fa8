"""When what was bought may be shown again.

Ana bought butter six times, usually every 14 days, and milk once, on 2017-12-01. Bread is bought
again by half of its buyers after 10 days, wine by a fiftieth, truffle nobody knows.
"""

import numpy as np
import pytest

from models.artifacts.customer_record import History
from models.due import DAY_MS, HELD, bought, just_bought
from tests.models.asking import LOADED, MADE, names

BEGAN_MS = LOADED.learned_until_ms + 10 * DAY_MS
ANA = MADE.customers["ana"][1]
MILK_DAYS = (BEGAN_MS - int(ANA.last_day[0]) * DAY_MS) / DAY_MS


@pytest.mark.parametrize(
    ("item", "history", "times_ms", "after_days"),
    [
        ("butter", ANA, [BEGAN_MS], HELD * 14),
        ("milk", ANA, [BEGAN_MS], HELD * MILK_DAYS),
        ("bread", ANA, [BEGAN_MS], HELD * 10),
        ("bread", None, [BEGAN_MS], HELD * 10),
        ("wine", None, [BEGAN_MS - 30 * DAY_MS, BEGAN_MS], HELD * 30),
        ("bread", None, [BEGAN_MS - 1, BEGAN_MS], HELD * 1),
    ],
    ids=["own interval", "two orders", "first order", "visitor", "twice since", "at once again"],
)
def test_an_item_is_due_when_a_tenth_of_its_interval_has_passed(
    item: str, history: History | None, times_ms: list[int], after_days: float
) -> None:
    moment = BEGAN_MS + after_days * DAY_MS

    before = bought(LOADED, {item: times_ms}, history, now_ms=int(moment) - 1)
    after = bought(LOADED, {item: times_ms}, history, now_ms=int(moment) + 1)

    assert (names(before.held), names(before.due)) == ([item], [])
    assert (names(after.held), names(after.due)) == ([], [item])
    assert names(before.rows) == names(after.rows) == [item]


@pytest.mark.parametrize("item", ["wine", "cream", "truffle"])
def test_what_is_seldom_bought_twice_waits_for_the_next_release(item: str) -> None:
    found = bought(LOADED, {item: [BEGAN_MS]}, None, now_ms=BEGAN_MS + 1000 * DAY_MS)

    assert names(found.held) == [item]


def test_what_is_due_moves_up_by_those_who_buy_it_again_and_in_full_for_who_did() -> None:
    now_ms = BEGAN_MS + 50 * DAY_MS

    found = bought(LOADED, {"bread": [BEGAN_MS], "butter": [BEGAN_MS]}, ANA, now_ms=now_ms)

    assert dict(zip(names(found.due), found.shares.tolist(), strict=True)) == {
        "bread": 0.5,
        "butter": 1.0,
    }


def test_items_that_the_release_does_not_know_are_left_out() -> None:
    found = bought(LOADED, {"nonesuch": [BEGAN_MS]}, None, now_ms=BEGAN_MS)

    assert found.rows.size == found.held.size == found.due.size == 0


def test_what_was_bought_just_before_the_release_waits_for_a_tenth_of_the_items_interval() -> None:
    def held(item: str, after_days: float) -> list[str]:
        moment = BEGAN_MS + int(after_days * DAY_MS)
        rows = just_bought(LOADED, {item: BEGAN_MS}, now_ms=moment)
        return names(np.array(rows, dtype=np.int32))

    assert held("bread", HELD * 10 - 0.01) == ["bread"]
    assert held("bread", HELD * 10 + 0.01) == []
    assert held("truffle", 0) == []
    assert held("unheard of", 0) == []
