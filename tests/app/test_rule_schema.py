"""The document says of rules what the server takes, and of filters likewise."""

from typing import Any

import jsonschema_rs
import pytest

from app.filter_schema import filter_schema
from app.rule_schema import rule_schema
from models.customer import rule
from models.errors import FilterError
from models.shaping import rules

SCHEMAS = {"Filter": filter_schema(), "Rule": rule_schema()}
TREES: list[Any] = [
    {"eq": ["tier", "high"]},
    {"eq": ["tier", "highest"]},
    {"ne": ["segment", "about-to-sleep"]},
    {"in": ["portfolio", ["portfolio-1", "portfolio-255"]]},
    {"in": ["portfolio", ["portfolio-1", "portfolio-256"]]},
    {"in": ["portfolio", [f"portfolio-{n}" for n in range(100, 200)]]},
    {"eq": ["portfolio", "portfolio-0"]},
    {"eq": ["portfolio", "portfolio-unknown"]},
    {"in": ["satisfaction", []]},
    {"eq": ["bought_item", "any text"]},
    {"eq": ["bought_item", 7]},
    {"gt": ["tier", "low"]},
    {"gt": ["churn_probability", 0.5]},
    {"gt": ["churn_probability", "0.5"]},
    {"in": ["orders", [1, 2]]},
    {"in": ["orders", [*range(100)]]},
    {"in": ["orders", [*range(101)]]},
    {"in": ["orders", 1]},
    {"eq": ["age", 40]},
    {"eq": ["category", "dairy"]},
    {"in": ["category", ["dairy", "wine"]]},
    {"lt": ["price", 5]},
    {"lt": ["price", True]},
    {"lt": ["brand", "Alba"]},
    {"and": [{"eq": ["tier", "high"]}, {"not": {"eq": ["redeemed", "SPRING"]}}]},
    {"or": [{"eq": ["category", "dairy"]}, {"not": {"lte": ["stock", 0]}}]},
    {"and": []},
    {"and": {"eq": ["tier", "high"]}},
    {"xor": [{"eq": ["tier", "high"]}]},
    {"eq": ["tier", "high"], "ne": ["tier", "low"]},
    {"eq": ["tier"]},
    {"eq": ["tier", "high", "low"]},
    {},
    "tier",
    None,
]


@pytest.mark.parametrize(("name", "parse"), [("Filter", rules.parse), ("Rule", rule.parse)])
def test_a_tree_meets_the_schema_if_and_only_if_it_is_taken(name: str, parse: Any) -> None:  # noqa: ANN401  # either's
    validator = jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    )

    def is_taken(tree: object) -> bool:
        try:
            parse(tree)
        except FilterError:
            return False
        return True

    taken = [is_taken(tree) for tree in TREES]

    assert [validator.is_valid(tree) for tree in TREES] == taken
    assert sum(taken) > 3
