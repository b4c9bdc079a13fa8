"""A filter's tree is checked by the words of its kind, and its leaves are found from the left."""

import pytest

from models.errors import FilterError
from models.filter_tree import Comparison, Vocabulary, check, comparisons

WINES = Vocabulary(
    texts=("grape", "colour"),
    numbers=("year",),
    example='{"eq": ["colour", "red"]}',
    words={"colour": ("red", "white")},
)


def refusal(tree: object) -> FilterError:
    with pytest.raises(FilterError) as refused:
        check(tree, WINES)
    return refused.value


def test_leaves_are_found_from_the_left_with_all_their_values() -> None:
    tree = {"or": [{"not": {"in": ["grape", ["gamay", "merlot"]]}}, {"and": [{"lt": ["year", 9]}]}]}

    check(tree, WINES)

    assert list(comparisons(tree)) == [
        Comparison("in", "grape", ["gamay", "merlot"]),
        Comparison("lt", "year", [9]),
    ]


def test_messages_speak_of_the_fields_and_the_example_of_their_kind() -> None:
    assert refusal({"eq": ["stock", 1]}).detail == "unknown field; known are grape, colour, year"
    assert refusal(None).detail.endswith('like {"eq": ["colour", "red"]}')


def test_a_text_with_words_has_no_other_value_and_one_without_has_any() -> None:
    check({"in": ["grape", ["any", ""]]}, WINES)

    refused = refusal({"in": ["colour", ["red", "blue"]]})

    assert (refused.code, refused.pointer) == ("filter-value", "/in/1")
    assert refused.detail == "colour has no such value; known are red, white"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf"), 10**400, True])
def test_what_no_float_can_hold_is_no_number(number: float) -> None:
    assert refusal({"lt": ["year", number]}).code == "filter-type"


def test_the_largest_numbers_are_taken() -> None:
    check({"in": ["year", [1.7976931348623157e308, -(10**308)]]}, WINES)
