"""What is known of a customer and of groups, in words: of the tiny shop, worked out by hand."""

from dataclasses import replace

import numpy as np
import pytest

from models.customer import told
from models.customer.segments import Standing
from models.customer.summary import Within
from models.customer.told import Told
from models.ids import Texts
from tests.known import ANA, CLEO, MATRIX, ana, profile, summary

CATEGORIES = Texts.of(["bakery", "dairy"])
UNTOLD = {"expected": None, "low": None, "high": None}


def of(made: np.void) -> Told:
    return told.customer("ana", made, summary=summary(), categories=CATEGORIES, release="r1")


def test_all_that_is_known_of_a_customer_is_told() -> None:
    assert of(ana()) == {
        "customer_id": "ana",
        "orders": 7,
        "first_purchase": "2017-10-01",
        "last_purchase": "2017-12-19",
        "historic_clv": 60.0,
        "predicted_clv": 40.0,
        "predicted_clv_interval": {"low": 25.0, "high": 55.0},
        "clv_horizon_weeks": 52,
        "value_basis": "revenue",
        "currency": "EUR",
        "churn_probability": 0.25,
        "expected_purchases": [
            {"weeks": 4, "expected": 2.0, "low": 1.0, "high": 4.0},
            {"weeks": 12, "expected": 6.0, "low": 3.0, "high": 12.0},
            {"weeks": 52, "expected": 20.0, "low": 10.0, "high": 40.0},
        ],
        "expected_spend": [
            {"weeks": 4, "expected": 16.8, "low": 8.4, "high": 33.6},
            {"weeks": 12, "expected": 50.4, "low": 25.2, "high": 100.8},
            {"weeks": 52, "expected": 168.0, "low": 84.0, "high": 336.0},
        ],
        "average_order_value": 8.4,
        "next_purchase": {
            "within_1_week": 0.25,
            "within_4_weeks": 0.875,
            "within_12_weeks": 0.9688,
            "due_date": "2018-01-05",
        },
        "categories": [
            {"category": "dairy", "share_of_spend": 0.75, "buys_within_4_weeks": 0.5},
            {"category": "bakery", "share_of_spend": 0.25, "buys_within_4_weeks": 0.0625},
        ],
        "tier": {"name": "high", "previous": "medium"},
        "stage": {"name": "client", "previous": "repeat"},
        "segment": {"name": "champions", "title": "Champions"},
        "portfolio": {"name": "portfolio-1", "title": "Breakfast: dairy, bakery"},
        "satisfaction": {
            "level": "satisfied",
            "evidence": {"ratings": 2, "complaints": 0, "returned_orders": 1, "silence": 0.86},
        },
        "discount_sensitivity": {"value": 0.5, "reliability": 0.125},
        "share_of_customer": {"estimate": 0.375},
        "release": "r1",
    }


def test_what_is_not_known_is_null_or_absent_and_never_invented() -> None:
    found = of(profile(CLEO))

    assert found["orders"] == 0
    for name in (
        "first_purchase",
        "last_purchase",
        "historic_clv",
        "predicted_clv",
        "churn_probability",
        "average_order_value",
        "portfolio",
    ):
        assert found[name] is None, name
    assert found["predicted_clv_interval"] == {"low": None, "high": None}
    assert found["expected_spend"] == found["expected_purchases"]
    assert found["expected_spend"] == [{"weeks": weeks, **UNTOLD} for weeks in (4, 12, 52)]
    assert found["next_purchase"] == {
        "within_1_week": None,
        "within_4_weeks": None,
        "within_12_weeks": None,
    }
    assert found["categories"] == []
    assert found["discount_sensitivity"] == {"value": None, "reliability": None}
    assert "share_of_customer" not in found
    assert found["tier"] == {"name": "unknown"}
    assert found["stage"] == {"name": "prospect"}
    assert found["segment"] == {"name": "unknown", "title": "Segment-Unknown"}
    assert found["satisfaction"] == {
        "level": "unknown",
        "evidence": {"ratings": 0, "complaints": 0, "returned_orders": 0, "silence": None},
    }


def test_a_group_that_the_summary_leaves_out_is_called_by_its_name() -> None:
    found = of(profile(Standing(portfolio=9)))

    assert found["portfolio"] == {"name": "portfolio-9", "title": "portfolio-9"}


def test_every_group_is_told_with_how_value_was() -> None:
    found = told.groups(summary(), release="r1")

    names = [one["name"] for one in found.pop("segments")]
    assert names[:5] == ["high", "medium", "low", "tier-unknown", "client"]
    assert found == {
        "clv_horizon_weeks": 52,
        "clv_annual_rate": 0.15,
        "value_basis": "revenue",
        "currency": "EUR",
        "release": "r1",
    }


def test_a_group_says_how_many_they_are_what_they_are_worth_and_who_moved() -> None:
    shop = summary()

    found = told.group(shop.groups[0], shop, release="r1")

    assert found["currency"] == "EUR"
    expected = {
        "name": "high",
        "kind": "tier",
        "title": "High",
        "description": "The rule of high.",
        "customers": 1,
        "share_of_customers": 0.3333,
        "historic_value": 60.0,
        "share_of_value": 0.8,
        "predicted_value": {"expected": 40.0, "low": 25.0, "high": 55.0},
        "movements": {"joined": {"medium": 1}, "left": {}},
    }
    assert expected.items() <= found.items()


def test_a_group_says_what_is_to_come_of_it_within_each_horizon() -> None:
    shop = summary()
    coming = replace(
        shop.groups[0],
        share_of_value=None,
        expected_purchases=(Within(weeks=4, expected=2.00004, low=1.0, high=4.0),),
        expected_spend=(Within(weeks=4, expected=16.804, low=8.4, high=33.6),),
        expected_alive=0.754,
    )

    found = told.group(coming, shop, release="r1")

    within = {"weeks": 4, "expected": 2.0, "low": 1.0, "high": 4.0}
    assert found["expected_purchases"] == [within]
    assert found["expected_spend"] == [{"weeks": 4, "expected": 16.8, "low": 8.4, "high": 33.6}]
    assert found["expected_alive"] == 0.75
    assert found["share_of_value"] is None


def test_a_group_of_a_release_that_did_not_say_what_is_to_come_says_null() -> None:
    shop = summary()

    found = told.group(shop.groups[0], shop, release="r1")

    for name in ("expected_purchases", "expected_spend", "expected_alive"):
        assert found[name] is None


def test_nothing_is_told_of_movements_where_no_release_was_before() -> None:
    shop = summary()
    client = next(group for group in shop.groups if group.name == "client")

    found = told.group(client, shop, release="r1")

    assert found["movements"] is None
    assert found["predicted_value"] is None


@pytest.mark.parametrize("value", [float("nan"), None])
def test_value_that_is_no_number_is_null(value: float) -> None:
    shop = summary()

    found = told.group(replace(shop.groups[0], historic_value=value), shop, release="r1")

    assert found["historic_value"] is None


def test_the_matrix_is_told_with_its_money_rounded() -> None:
    found = told.portfolio(summary(), release="r1")

    assert found["thresholds"] == MATRIX["thresholds"]
    assert [cell["predicted_value"] for cell in found["cells"]] == [0, 0, 0, 40]
    assert [cell["customers"] for cell in found["cells"]] == [1, 0, 0, 1]
    assert found["unknown_customers"] == 1
    assert found["release"] == "r1"


def test_the_number_of_portfolios_is_that_of_the_groups_of_one_need() -> None:
    assert summary().n_portfolios == 1
    assert replace(summary(), groups=()).n_portfolios == 0


def test_the_customers_of_the_tests_are_of_the_groups_that_they_say() -> None:
    assert summary().named("tier", ANA.tier) == summary().group("high")
