"""What may be on the list: a caller's filter, checked here, answered over the whole catalogue.

    {"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}

    and, or   a list of one filter or more          not   one filter
    eq, ne, lt, lte, gt, gte   [field, value]       in    [field, [value, …]]

Texts: ``item_id category brand``; numbers: ``price stock``. Texts have no order, so ``lt`` and its
like want a number. An item whose price or stock is unknown meets no comparison with it, not even
``ne``: what is not known is not claimed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models.catalogue import Catalogue
from models.errors import FilterError
from models.shaping.meeting import COMPARE, Meeting, meeting

MAX_NODES = 64
MAX_VALUES = 100
TEXT_FIELDS = ("item_id", "category", "brand")
NUMBER_FIELDS = ("price", "stock")

_NESTING = ("and", "or", "not")
_ORDERING = ("lt", "lte", "gt", "gte")


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked filter: ``parse`` makes one, ``and_`` puts two together."""

    tree: Mapping[str, Any]

    def of(self, catalogue: Catalogue) -> Meeting:
        """Return which items of ``catalogue`` meet the filter."""
        return meeting(self.tree, catalogue)

    def and_(self, other: "Filter | None") -> "Filter":
        """Return the filter that items meet which meet both."""
        return self if other is None else Filter({"and": [self.tree, other.tree]})


def parse(tree: object) -> Filter:
    """Check a filter as JSON gave it.

    Raises:
        FilterError: It is not one of ours, or has more than 64 nodes.
    """
    _check(tree, "", [0])
    return Filter(tree)  # type: ignore[arg-type]  # _check has seen that it is a mapping


def _check(tree: object, pointer: str, nodes: list[int]) -> None:
    nodes[0] += 1
    if nodes[0] > MAX_NODES:
        raise FilterError(
            f"a filter has at most {MAX_NODES} nodes", pointer="", code="filter-too-large"
        )
    if not isinstance(tree, dict) or len(tree) != 1:
        raise FilterError(
            'a filter is an object with one operator, like {"eq": ["category", "dairy"]}',
            pointer=pointer,
            code="filter-shape",
        )
    name, inside = next(iter(tree.items()))
    below = f"{pointer}/{name}" if name in (*_NESTING, *COMPARE, "in") else pointer
    if name == "not":
        _check(inside, below, nodes)
    elif name in _NESTING:
        if not isinstance(inside, list) or not inside:
            raise FilterError(
                "and, or take a list of filters, not empty", pointer=below, code="filter-shape"
            )
        for place, part in enumerate(inside):
            _check(part, f"{below}/{place}", nodes)
    elif name == "in" or name in COMPARE:
        _check_comparison(name, inside, below)
    else:
        raise FilterError(
            f"unknown operator; known are {', '.join((*_NESTING, *COMPARE, 'in'))}",
            pointer=pointer,
            code="filter-operator",
        )


def _check_comparison(name: str, inside: object, pointer: str) -> None:
    if not isinstance(inside, list) or len(inside) != 2:  # field and value
        raise FilterError("a comparison is [field, value]", pointer=pointer, code="filter-shape")
    field, value = inside
    if field not in (*TEXT_FIELDS, *NUMBER_FIELDS):
        raise FilterError(
            f"unknown field; known are {', '.join((*TEXT_FIELDS, *NUMBER_FIELDS))}",
            pointer=f"{pointer}/0",
            code="filter-field",
        )
    if name in _ORDERING and field in TEXT_FIELDS:
        raise FilterError(
            f"{name} compares numbers, and {field} is a text; use eq, ne or in",
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
    wanted = (str,) if field in TEXT_FIELDS else (int, float)
    if any(isinstance(one, bool) or not isinstance(one, wanted) for one in values):
        raise FilterError(
            f"{field} is compared with a {'text' if field in TEXT_FIELDS else 'number'}",
            pointer=f"{pointer}/1",
            code="filter-type",
        )
