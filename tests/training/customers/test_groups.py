"""Five customers in two groups: ann, bob, cas are gold; dee and eve are plain."""

from dataclasses import replace

import numpy as np
import pytest

from models.customer.summary import Group, Sum, Within
from training.customers.before import Before
from training.customers.groups import Coming, Named, Worth, groups

GOLD, PLAIN = 1, 2
NAMES = {
    GOLD: Named(name="gold", title="Gold", description="bought much"),
    PLAIN: Named(name="plain", title="Plain", description="bought little"),
}
CODES = np.array([GOLD, GOLD, GOLD, PLAIN, PLAIN], dtype=np.uint8)
WORTH = Worth(
    historic=np.array([50.0, 20.0, 20.0, 5.0, 5.0]),
    predicted=lambda members: Sum(expected=float(members.sum()), low=0.0, high=9.0),
    coming=lambda members: Coming(
        purchases=(Within(weeks=4, expected=2.0 * members.sum(), low=1.0, high=8.0),),
        spend=None,
        alive=float(members.sum()) / 2,
    ),
)


def _groups(before: Before | None = None) -> dict[str, Group]:
    return {one.name: one for one in groups("segment", CODES, NAMES, WORTH, before=before)}


def _before(there: list[int], gone: list[int]) -> Before:
    return Before(
        there={"segment": np.array(there, dtype=np.int16)},
        gone={"segment": np.array(gone, dtype=np.int16)},
    )


def test_a_group_says_its_share_of_customers_and_of_value() -> None:
    gold = _groups()["gold"]

    assert (gold.customers, gold.historic_value) == (3, 90.0)
    assert gold.share_of_customers == pytest.approx(0.6)
    assert gold.share_of_value == pytest.approx(0.9)
    assert gold.predicted_value == Sum(expected=3.0, low=0.0, high=9.0)


def test_who_came_is_named_by_the_group_they_came_from() -> None:
    found = _groups(_before([GOLD, PLAIN, -1, PLAIN, GOLD], []))

    assert found["gold"].joined == {"plain": 1, "newcomers": 1}
    assert found["plain"].joined == {"gold": 1}


def test_who_left_is_named_by_the_group_they_went_to() -> None:
    found = _groups(_before([GOLD, PLAIN, -1, PLAIN, GOLD], [PLAIN, PLAIN]))

    assert found["gold"].left == {"plain": 1}
    assert found["plain"].left == {"gold": 1, "gone": 2}


def test_without_a_release_before_nobody_moved() -> None:
    assert all(one.joined is None and one.left is None for one in _groups().values())


def test_portfolios_which_are_found_anew_are_not_compared() -> None:
    before = _before([GOLD] * 5, [])

    found = groups("portfolio", CODES, NAMES, WORTH, before=before)

    assert all(one.joined is None and one.left is None for one in found)


def test_a_group_of_nobody_is_worth_nothing() -> None:
    names = NAMES | {3: Named(name="iron", title="Iron", description="nobody")}

    *_, iron = groups("segment", CODES, names, WORTH)

    assert (iron.customers, iron.share_of_value) == (0, 0.0)
    assert iron.predicted_value == Sum(expected=0, low=0, high=0)


def test_a_shop_whose_customers_are_worth_nothing_has_no_shares() -> None:
    nothing = replace(WORTH, historic=np.zeros(5))

    assert [one.share_of_value for one in groups("tier", CODES, NAMES, nothing)] == [None, None]


def test_beside_a_group_that_lost_money_none_has_a_share() -> None:
    losing = replace(WORTH, historic=np.array([50.0, 20.0, 20.0, -10.0, 5.0]))

    found = groups("tier", CODES, NAMES, losing)

    assert [one.historic_value for one in found] == [90.0, -5.0]
    assert [one.share_of_value for one in found] == [None, None]


def test_losses_within_a_group_that_earned_leave_it_its_share() -> None:
    losing = replace(WORTH, historic=np.array([90.0, -20.0, 20.0, 5.0, 5.0]))

    found = groups("tier", CODES, NAMES, losing)

    assert [one.share_of_value for one in found] == pytest.approx([0.9, 0.1])


def test_what_is_to_come_of_a_group_is_that_of_its_members() -> None:
    gold = _groups()["gold"]

    assert gold.expected_purchases == (Within(weeks=4, expected=6.0, low=1.0, high=8.0),)
    assert gold.expected_spend is None
    assert gold.expected_alive == 1.5
