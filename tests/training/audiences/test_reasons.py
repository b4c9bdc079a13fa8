"""What distinguishes members is said in their own words, the strongest first."""

import numpy as np
import pytest

from models.artifacts.audience import Reason
from tests.training.audiences.tastes import ROW, crowd, loaded, table
from training.audiences.reasons import reasons
from training.audiences.table import Table

NOTHING = np.empty(0, dtype=np.int32)


def told(
    customers: Table,
    members: np.ndarray,
    *,
    kept_out: tuple[str, ...] = (),
    rows: np.ndarray = NOTHING,
) -> list[Reason]:
    return reasons(
        customers,
        members.astype(np.int32),
        loaded=loaded(),
        kept_out=kept_out,
        kept_out_rows=rows,
        rng_seed=7,
    )


def test_those_who_love_the_evening_have_more_drinks_and_less_dairy() -> None:
    customers, evening = crowd(900)

    found = told(customers, np.flatnonzero(evening))

    assert {("share of drinks", "higher"), ("share of dairy", "lower")} <= {
        (one.feature, one.direction) for one in found
    }
    assert len(found) <= 5


def test_a_reason_gives_both_means_as_a_person_reads_them() -> None:
    customers = table([{"milk": (1, 5)}] * 3 + [{"beer": (1, 5)}], orders=[2, 2, 2, 30])

    by_feature = {one.feature: one for one in told(customers, np.array([3]))}

    assert by_feature["orders"] == Reason(
        feature="orders", direction="higher", members=30, everybody=9
    )
    assert by_feature["share of drinks"].members == 1
    assert by_feature["share of drinks"].everybody == 0.25


def test_what_reads_the_same_of_members_and_of_all_is_no_reason() -> None:
    customers = table(
        [{"milk": (1000, 5), "beer": (1, 5)}] * 50 + [{"milk": (1004, 5), "beer": (1, 5)}] * 50
    )

    found = told(customers, np.arange(50, 100))

    assert "share of dairy" not in {one.feature for one in found}


def test_of_a_family_only_the_strongest_speaks() -> None:
    customers = table([{"milk": (1, 5)}] * 9 + [{"milk": (9, 5), "beer": (9, 5)}],
                      orders=[1] * 9 + [40])  # fmt: skip

    features = [one.feature for one in told(customers, np.array([9]))]

    about_how_often = {"orders", "different items", "share of items bought again"}
    assert len(about_how_often & set(features)) == 1


def test_what_says_who_is_a_member_is_no_news() -> None:
    customers, evening = crowd(600)

    found = told(
        customers,
        np.flatnonzero(evening),
        kept_out=("bought_category", "orders"),
        rows=np.array([ROW["beer"], ROW["wine"]], dtype=np.int32),
    )

    assert not {"share of drinks", "orders"} & {one.feature for one in found}
    assert found[0].feature == "share of dairy"


@pytest.mark.parametrize("members", [np.array([]), np.arange(90)])
def test_nothing_distinguishes_nobody_or_everybody(members: np.ndarray) -> None:
    customers, _ = crowd(90)

    assert told(customers, members) == []
