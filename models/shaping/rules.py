"""What may be on the list: a caller's filter, answered over the whole catalogue.

    {"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}

    and, or   a list of one filter or more          not   one filter
    eq, ne, lt, lte, gt, gte   [field, value]       in    [field, [value, …]]

Texts: ``item_id category brand``; numbers: ``price stock``. Texts have no order, so ``lt`` and its
like want a number. An item whose price or stock is unknown meets no comparison with it, not even
``ne``: what is not known is not claimed.
"""

import operator
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from models.arrays import Mask
from models.catalogue import Catalogue
from models.errors import FilterError
from models.ids import Texts

MAX_NODES = 64
MAX_VALUES = 100
TEXT_FIELDS = ("item_id", "category", "brand")
NUMBER_FIELDS = ("price", "stock")

_COMPARE: Mapping[str, Callable[[Any, Any], Any]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}
_NESTING = ("and", "or", "not")
_ORDERING = ("lt", "lte", "gt", "gte")


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked filter: only ``parse`` makes one."""

    tree: Mapping[str, Any]

    def mask(self, catalogue: Catalogue) -> Mask:
        """Return which items meet the filter."""
        return _mask(self.tree, catalogue)


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
    below = f"{pointer}/{name}" if name in (*_NESTING, *_COMPARE, "in") else pointer
    if name == "not":
        _check(inside, below, nodes)
    elif name in _NESTING:
        if not isinstance(inside, list) or not inside:
            raise FilterError(
                "and, or take a list of filters, not empty", pointer=below, code="filter-shape"
            )
        for place, part in enumerate(inside):
            _check(part, f"{below}/{place}", nodes)
    elif name == "in" or name in _COMPARE:
        _check_comparison(name, inside, below)
    else:
        raise FilterError(
            f"unknown operator; known are {', '.join((*_NESTING, *_COMPARE, 'in'))}",
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


def _mask(tree: Mapping[str, Any], catalogue: Catalogue) -> Mask:
    name, inside = next(iter(tree.items()))
    if name == "not":
        return ~_mask(inside, catalogue)
    if name == "and":
        return np.asarray(np.logical_and.reduce([_mask(part, catalogue) for part in inside]))
    if name == "or":
        return np.asarray(np.logical_or.reduce([_mask(part, catalogue) for part in inside]))
    field, value = inside
    if field in TEXT_FIELDS:
        found = _texts(field, value if name == "in" else [value], catalogue)
        return ~found if name == "ne" else found
    column = catalogue.price if field == "price" else catalogue.stock
    known = np.isfinite(column) if field == "price" else column >= 0
    if name == "in":
        return known & np.isin(column, np.array(value, dtype=np.float64))
    return np.asarray(known & _COMPARE[name](column, float(value)), dtype=np.bool_)


def _texts(field: str, values: list[str], catalogue: Catalogue) -> Mask:
    if field == "item_id":
        found = np.zeros(len(catalogue), dtype=np.bool_)
        found[catalogue.ids.rows_of(values)] = True
        return found
    codes, names = (
        (catalogue.category, catalogue.categories)
        if field == "category"
        else (catalogue.brand, catalogue.brands)
    )
    places = [place for value in values if (place := _place(value, names)) is not None]
    return np.isin(codes, np.array(places, dtype=np.int32))


def _place(value: str, names: Texts) -> int | None:
    wanted = value.encode("utf-8", "surrogatepass")
    place = bisect_left(range(len(names)), wanted, key=names.raw)
    return place if place < len(names) and names.raw(place) == wanted else None
