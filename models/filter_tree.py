"""A filter as JSON gives it: a tree of operators over fields that are known.

    {"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}

    and, or   a list of one filter or more          not   one filter
    eq, ne, lt, lte, gt, gte   [field, value]       in    [field, [value, …]]

Texts have no order, so ``lt`` and its like want a number. What is filtered, and by which fields, is
the matter of ``models.shaping.rules`` (items) and ``models.customer.rule`` (customers).
"""

import operator
import sys
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, NamedTuple

from models.errors import FilterError

COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
MAX_NODES = 64
MAX_VALUES = 100

_NESTING = ("and", "or", "not")
_ORDERING = ("lt", "lte", "gt", "gte")
_MANY = 12
"""Words that a message lists; of more it says how they begin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """What one kind of filter speaks of."""

    texts: tuple[str, ...]
    """Fields that are compared with a text."""
    numbers: tuple[str, ...]
    """Fields that are compared with a number."""
    example: str
    """A filter, as messages show it."""
    words: Mapping[str, Collection[str]] = field(default_factory=dict)
    """The only values of those texts that have no others."""


class Comparison(NamedTuple):
    """A leaf of the tree."""

    name: str
    """The operator."""
    field: str
    values: list[Any]
    """One, but for ``in``."""


def check(tree: object, vocabulary: Vocabulary) -> None:
    """Look at a filter as JSON gave it.

    Raises:
        FilterError: It is not one of ours, or has more than 64 nodes.
    """
    _check(tree, "", [0], vocabulary)


def comparisons(tree: Mapping[str, Any]) -> Iterator[Comparison]:
    """Yield the leaves of a checked tree, from left to right."""
    name, inside = next(iter(tree.items()))
    if name == "not":
        yield from comparisons(inside)
    elif name in _NESTING:
        for part in inside:
            yield from comparisons(part)
    else:
        field_, value = inside
        yield Comparison(name, field_, value if name == "in" else [value])


def _check(tree: object, pointer: str, nodes: list[int], vocabulary: Vocabulary) -> None:
    nodes[0] += 1
    if nodes[0] > MAX_NODES:
        raise FilterError(
            f"a filter has at most {MAX_NODES} nodes", pointer="", code="filter-too-large"
        )
    if not isinstance(tree, dict) or len(tree) != 1:
        raise FilterError(
            f"a filter is an object with one operator, like {vocabulary.example}",
            pointer=pointer,
            code="filter-shape",
        )
    name, inside = next(iter(tree.items()))
    below = f"{pointer}/{name}" if name in (*_NESTING, *COMPARE, "in") else pointer
    if name == "not":
        _check(inside, below, nodes, vocabulary)
    elif name in _NESTING:
        if not isinstance(inside, list) or not inside:
            raise FilterError(
                "and, or take a list of filters, not empty", pointer=below, code="filter-shape"
            )
        for place, part in enumerate(inside):
            _check(part, f"{below}/{place}", nodes, vocabulary)
    elif name == "in" or name in COMPARE:
        _check_comparison(name, inside, below, vocabulary)
    else:
        raise FilterError(
            f"unknown operator; known are {', '.join((*_NESTING, *COMPARE, 'in'))}",
            pointer=pointer,
            code="filter-operator",
        )


def _check_comparison(name: str, inside: object, pointer: str, vocabulary: Vocabulary) -> None:
    if not isinstance(inside, list) or len(inside) != 2:  # field and value
        raise FilterError("a comparison is [field, value]", pointer=pointer, code="filter-shape")
    field_, value = inside
    if field_ not in (*vocabulary.texts, *vocabulary.numbers):
        raise FilterError(
            f"unknown field; known are {', '.join((*vocabulary.texts, *vocabulary.numbers))}",
            pointer=f"{pointer}/0",
            code="filter-field",
        )
    if name in _ORDERING and field_ in vocabulary.texts:
        raise FilterError(
            f"{name} compares numbers, and {field_} is a text; use eq, ne or in",
            pointer=f"{pointer}/0",
            code="filter-type",
        )
    values = value if name == "in" else [value]
    if not isinstance(values, list) or not 0 < len(values) <= MAX_VALUES:
        raise FilterError(
            f"in takes a list of 1 to {MAX_VALUES} values",
            pointer=f"{pointer}/1",
            code="filter-shape",
        )
    _check_values(field_, values, f"{pointer}/1", vocabulary)


def _check_values(field_: str, values: list[object], pointer: str, vocabulary: Vocabulary) -> None:
    is_text = field_ in vocabulary.texts
    if not all(isinstance(one, str) if is_text else _is_number(one) for one in values):
        raise FilterError(
            f"{field_} is compared with a {'text' if is_text else 'number'}",
            pointer=pointer,
            code="filter-type",
        )
    words = vocabulary.words.get(field_)
    if words is not None and not all(one in words for one in values):
        first = [*islice(words, _MANY), *(["…"] if len(words) > _MANY else [])]
        raise FilterError(
            f"{field_} has no such value; known are {', '.join(first)}",
            pointer=pointer,
            code="filter-value",
        )


def _is_number(value: object) -> bool:
    """Whether a value is a finite number; of integers, one that a float can hold."""
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and abs(value) <= sys.float_info.max
    )
