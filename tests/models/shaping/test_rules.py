"""A filter is one of ours or is refused, with where and why, and never with what it said."""

from typing import Any

import pytest

from models.errors import FilterError
from models.filter_tree import MAX_NODES, MAX_VALUES
from models.shaping import rules
from models.shaping.rules import parse

SECRET = "sesame"
DAIRY = {"eq": ["category", "dairy"]}


def refusal(tree: object) -> FilterError:
    with pytest.raises(FilterError) as refused:
        parse(tree)
    return refused.value


@pytest.mark.parametrize(
    "tree",
    [
        DAIRY,
        {"ne": ["brand", "Alba"]},
        {"in": ["item_id", ["p-1", "p-2"]]},
        {"in": ["price", [1, 2.5]]},
        {"lte": ["price", 5]},
        {"gt": ["stock", 0]},
        {"not": DAIRY},
        {"or": [DAIRY]},
        {"and": [DAIRY, {"or": [{"not": DAIRY}, {"lt": ["price", 5]}]}]},
        {"eq": ["price", -1.5]},
        {"eq": ["category", ""]},
    ],
)
def test_a_filter_of_ours_is_taken_as_it_is(tree: dict[str, Any]) -> None:
    assert parse(tree).tree == tree


@pytest.mark.parametrize(
    ("tree", "code", "pointer"),
    [
        ([], "filter-shape", ""),
        (None, "filter-shape", ""),
        (SECRET, "filter-shape", ""),
        ({}, "filter-shape", ""),
        (DAIRY | {"ne": ["brand", SECRET]}, "filter-shape", ""),
        ({SECRET: ["category", "dairy"]}, "filter-operator", ""),
        ({"and": [DAIRY, {SECRET: []}]}, "filter-operator", "/and/1"),
        ({"and": []}, "filter-shape", "/and"),
        ({"or": {}}, "filter-shape", "/or"),
        ({"or": SECRET}, "filter-shape", "/or"),
        ({"not": []}, "filter-shape", "/not"),
        ({"not": {"and": [DAIRY, 7]}}, "filter-shape", "/not/and/1"),
        ({"eq": "category"}, "filter-shape", "/eq"),
        ({"eq": ["category"]}, "filter-shape", "/eq"),
        ({"eq": ["category", "dairy", SECRET]}, "filter-shape", "/eq"),
        ({"eq": [SECRET, "dairy"]}, "filter-field", "/eq/0"),
        ({"eq": [["category"], "dairy"]}, "filter-field", "/eq/0"),
        ({"eq": [{"a": 1}, "dairy"]}, "filter-field", "/eq/0"),
        ({"or": [DAIRY, {"eq": ["margin", 1]}]}, "filter-field", "/or/1/eq/0"),
        ({"lt": ["category", SECRET]}, "filter-type", "/lt/0"),
        ({"gte": ["item_id", 5]}, "filter-type", "/gte/0"),
        ({"eq": ["category", 5]}, "filter-type", "/eq/1"),
        ({"eq": ["category", None]}, "filter-type", "/eq/1"),
        ({"eq": ["category", ["dairy"]]}, "filter-type", "/eq/1"),
        ({"eq": ["price", SECRET]}, "filter-type", "/eq/1"),
        ({"lt": ["price", None]}, "filter-type", "/lt/1"),
        ({"lt": ["price", True]}, "filter-type", "/lt/1"),
        ({"in": ["stock", [1, False]]}, "filter-type", "/in/1"),
        ({"in": ["category", ["dairy", 5]]}, "filter-type", "/in/1"),
        ({"in": ["category", SECRET]}, "filter-shape", "/in/1"),
        ({"in": ["category", []]}, "filter-shape", "/in/1"),
        ({"in": ["category", [SECRET] * (MAX_VALUES + 1)]}, "filter-shape", "/in/1"),
    ],
)
def test_what_is_no_filter_is_refused_with_where_and_why(
    tree: object, code: str, pointer: str
) -> None:
    refused = refusal(tree)

    assert (refused.code, refused.pointer) == (code, pointer)
    assert SECRET not in refused.detail + refused.pointer
    assert str(refused) == refused.detail


def nested(depth: int) -> dict[str, Any]:
    tree: dict[str, Any] = DAIRY
    for _ in range(depth):
        tree = {"not": tree}
    return tree


def test_64_nodes_are_taken_and_65_are_too_many() -> None:
    assert parse({"and": [DAIRY] * (MAX_NODES - 1)}).tree

    refused = refusal({"and": [DAIRY] * MAX_NODES})

    assert (refused.code, refused.pointer) == ("filter-too-large", "")


def test_64_levels_are_taken_and_a_bomb_is_too_large() -> None:
    assert parse(nested(MAX_NODES - 1)).tree

    assert refusal(nested(MAX_NODES)).code == "filter-too-large"
    assert refusal(nested(50_000)).code == "filter-too-large"


def test_as_many_values_as_allowed_are_taken() -> None:
    assert parse({"in": ["item_id", [str(n) for n in range(MAX_VALUES)]]}).tree


def test_every_field_is_a_text_or_a_number() -> None:
    assert not set(rules.TEXT_FIELDS) & set(rules.NUMBER_FIELDS)
