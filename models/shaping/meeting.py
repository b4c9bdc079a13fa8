"""Which items of a catalogue meet a filter, without reading the whole of it.

A category, a brand and an id name the items that can meet them; of several conditions that must
all hold the rarest says where to look, and the others are asked of its items only. A price, a
stock and whatever is denied say nothing of where to look: then any item might meet the filter, and
where the customer's list holds too few that do, the whole column is compared.
"""

import operator
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import reduce
from math import inf
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows
from models.catalogue import Catalogue
from models.filter_tree import COMPARE
from models.ids import Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """A filter, ready to be asked of one catalogue's items."""

    meets: Callable[[Rows | slice], Mask]
    """Say of each of some rows whether it meets the filter; ``slice(None)`` is all of them."""
    named: Callable[[], Rows] | None
    """Return all rows that meet it, ascending; None where it does not say where to look."""
    at_most: float = inf
    """No more rows than these are ``named``."""


def meeting(tree: Mapping[str, Any], catalogue: Catalogue) -> Meeting:
    """Return what the checked filter ``tree`` says of ``catalogue``."""
    name, inside = next(iter(tree.items()))
    if name == "not":
        return _not(meeting(inside, catalogue))
    if name in ("and", "or"):
        parts = [meeting(part, catalogue) for part in inside]
        return _all(parts) if name == "and" else _any(parts)
    field, value = inside
    if field in ("price", "stock"):
        column = catalogue.price if field == "price" else catalogue.stock
        return Meeting(meets=_compared(name, value, column), named=None)
    values = value if name == "in" else [value]
    found = _ids(values, catalogue) if field == "item_id" else _coded(field, values, catalogue)
    return _not(found) if name == "ne" else found


def _not(part: Meeting) -> Meeting:
    return Meeting(meets=lambda rows: ~part.meets(rows), named=None)


def _all(parts: list[Meeting]) -> Meeting:
    def meets(rows: Rows | slice) -> Mask:
        return reduce(operator.and_, [part.meets(rows) for part in parts])

    rarest = min(parts, key=lambda part: part.at_most)
    begin = rarest.named
    if begin is None:
        return Meeting(meets=meets, named=None)
    others = [part for part in parts if part is not rarest]

    def named() -> Rows:
        rows = begin()
        for part in others:
            rows = rows[part.meets(rows)]
        return rows

    return Meeting(meets=meets, named=named, at_most=rarest.at_most)


def _any(parts: list[Meeting]) -> Meeting:
    def meets(rows: Rows | slice) -> Mask:
        return reduce(operator.or_, [part.meets(rows) for part in parts])

    named = [part.named for part in parts if part.named]
    if len(named) < len(parts):
        return Meeting(meets=meets, named=None)
    return Meeting(
        meets=meets,
        named=lambda: np.unique(np.concatenate([rows() for rows in named])),
        at_most=sum(part.at_most for part in parts),
    )


def _compared(name: str, value: Any, column: NDArray[Any]) -> Callable[[Rows | slice], Mask]:  # noqa: ANN401  # a number, or a list of them
    """Compare what is known: an unknown price is nan, an unknown stock below 0."""

    def meets(rows: Rows | slice) -> Mask:
        found = column[rows]
        known = found >= 0 if found.dtype.kind == "i" else np.isfinite(found)
        if name == "in":
            return known & np.isin(found, np.array(value, dtype=np.float64))
        return np.asarray(known & COMPARE[name](found, float(value)), dtype=np.bool_)

    return meets


def _ids(values: list[str], catalogue: Catalogue) -> Meeting:
    wanted = np.sort(catalogue.ids.rows_of(values))

    def meets(rows: Rows | slice) -> Mask:
        return np.isin(np.arange(len(catalogue))[rows] if isinstance(rows, slice) else rows, wanted)

    return Meeting(meets=meets, named=lambda: wanted, at_most=wanted.size)


def _coded(field: str, values: list[str], catalogue: Catalogue) -> Meeting:
    codes, names, slices = (
        (catalogue.category, catalogue.categories, catalogue.of_category)
        if field == "category"
        else (catalogue.brand, catalogue.brands, catalogue.of_brand)
    )
    found = {place for value in values if (place := _place(value, names)) is not None}
    places = list(found)
    wanted = np.zeros(len(names) + 1, dtype=np.bool_)  # the last is of code -1: none
    wanted[places] = True
    return Meeting(
        meets=lambda rows: wanted[codes[rows]],
        named=lambda: slices.of_codes(places),
        at_most=slices.count(places),
    )


def _place(value: str, names: Texts) -> int | None:
    wanted = value.encode("utf-8", "surrogatepass")
    place = bisect_left(range(len(names)), wanted, key=names.raw)
    return place if place < len(names) and names.raw(place) == wanted else None
