"""A rule over customers is one of ours or is refused, with where and why; never with its values."""

from typing import Any

import pytest

from models.customer import rule
from models.customer.rule import parse
from models.customer.segments import Stage, slug
from models.errors import FilterError
from models.filter_tree import MAX_NODES

SECRET = "sesame"
HIGH = {"eq": ["tier", "high"]}


def refusal(tree: object) -> FilterError:
    with pytest.raises(FilterError) as refused:
        parse(tree)
    return refused.value


@pytest.mark.parametrize(
    "tree",
    [
        HIGH,
        {"ne": ["stage", "won-back"]},
        {"in": ["segment", ["at-risk", "cannot-lose"]]},
        {"eq": ["portfolio", "portfolio-3"]},
        {"eq": ["satisfaction", "completely-dissatisfied"]},
        {"eq": ["tier", "unknown"]},
        {"eq": ["bought_category", "wine"]},
        {"not": {"in": ["bought_item", ["p-1", "p-2"]]}},
        {"eq": ["redeemed", "Campaign 18"]},
        {"and": [HIGH, {"gt": ["churn_probability", 0.5]}]},
        {"or": [{"lte": ["days_since_last_purchase", 30]}, {"eq": ["orders", 1]}]},
        {"in": ["returned_orders", [0, 1]]},
        {"gt": ["predicted_clv", -1e300]},
    ],
)
def test_a_rule_of_ours_is_taken_as_it_is(tree: dict[str, Any]) -> None:
    assert parse(tree).tree == tree


@pytest.mark.parametrize(
    ("tree", "code", "pointer"),
    [
        (None, "filter-shape", ""),
        ({}, "filter-shape", ""),
        ({SECRET: ["tier", "high"]}, "filter-operator", ""),
        ({"and": [HIGH, {"not": []}]}, "filter-shape", "/and/1/not"),
        ({"eq": ["category", "dairy"]}, "filter-field", "/eq/0"),
        ({"eq": ["email", SECRET]}, "filter-field", "/eq/0"),
        ({"gt": ["tier", "low"]}, "filter-type", "/gt/0"),
        ({"lt": ["bought_item", 3]}, "filter-type", "/lt/0"),
        ({"eq": ["tier", 3]}, "filter-type", "/eq/1"),
        ({"eq": ["orders", "7"]}, "filter-type", "/eq/1"),
        ({"gt": ["orders", True]}, "filter-type", "/gt/1"),
        ({"gt": ["orders", float("nan")]}, "filter-type", "/gt/1"),
        ({"lt": ["historic_clv", float("inf")]}, "filter-type", "/lt/1"),
        ({"lt": ["historic_clv", -(10**400)]}, "filter-type", "/lt/1"),
        ({"in": ["orders", [1, float("inf")]]}, "filter-type", "/in/1"),
        ({"eq": ["tier", SECRET]}, "filter-value", "/eq/1"),
        ({"eq": ["tier", "High"]}, "filter-value", "/eq/1"),
        ({"in": ["stage", ["client", SECRET]]}, "filter-value", "/in/1"),
        ({"ne": ["segment", "champion"]}, "filter-value", "/ne/1"),
        ({"eq": ["satisfaction", "happy"]}, "filter-value", "/eq/1"),
        ({"or": [{"eq": ["portfolio", "portfolio-0"]}]}, "filter-value", "/or/0/eq/1"),
        ({"eq": ["portfolio", "portfolio-256"]}, "filter-value", "/eq/1"),
    ],
)
def test_what_is_no_rule_is_refused_with_where_and_why(
    tree: object, code: str, pointer: str
) -> None:
    refused = refusal(tree)

    assert (refused.code, refused.pointer) == (code, pointer)
    assert SECRET not in refused.detail + refused.pointer


def test_a_refused_value_says_which_there_are() -> None:
    assert refusal({"eq": ["tier", SECRET]}).detail.endswith("unknown, low, medium, high")
    assert refusal({"eq": ["portfolio", SECRET]}).detail.endswith("portfolio-12, …")


def test_a_refused_shape_shows_a_rule_over_customers() -> None:
    assert '{"eq": ["tier", "high"]}' in refusal([]).detail


def test_64_nodes_are_taken_and_65_are_too_many() -> None:
    assert parse({"and": [HIGH] * (MAX_NODES - 1)}).tree

    assert refusal({"and": [HIGH] * MAX_NODES}).code == "filter-too-large"


def test_a_rule_knows_the_fields_that_it_names() -> None:
    nested = {"not": {"or": [{"in": ["stage", ["client"]]}, {"lt": ["orders", 3]}, HIGH]}}

    assert parse({"and": [HIGH, nested]}).fields == {"tier", "stage", "orders"}


def test_every_field_is_a_text_or_a_number_and_the_groups_have_words() -> None:
    assert not set(rule.TEXT_FIELDS) & set(rule.NUMBER_FIELDS)
    assert set(rule.WORDS) == set(rule.GROUP_FIELDS)
    assert rule.WORDS["stage"][slug(Stage.WON_BACK)] == 8
