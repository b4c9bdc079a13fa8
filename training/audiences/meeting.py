"""Which customers a rule means, and which are of a group: asked of all of them at once.

What a field is stands in ``models.customer.rule``. A number is rounded before it is compared, to as
many decimals as are told of it: what a person reads of a customer is what the rule goes by.
"""

import operator
from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Mask, Rows
from models.artifacts.customer_record import DAY_ZERO
from models.customer.rule import GROUP_FIELDS, NUMBER_FIELDS, WORDS, Rule
from models.customer.told import MONEY_DECIMALS, SHARE_DECIMALS
from models.customer.value import SOON_WEEKS
from models.filter_tree import COMPARE, Comparison, comparisons
from models.loaded import Loaded
from models.shaping import rules
from training.audiences.table import Bought, Table
from training.errors import GroupUnknown

Numbers = NDArray[np.float64]

_EXPECTED = 0
_ITEMS: Mapping[str, str] = {"bought_item": "item_id", "bought_category": "category"}
"""How a filter of items says it."""
_WITHIN_4_WEEKS = SOON_WEEKS.index(4)
_COLUMNS: Mapping[str, tuple[Callable[[NDArray[np.void]], NDArray[Any]], int]] = {
    "historic_clv": (operator.itemgetter("historic_clv"), MONEY_DECIMALS),
    "predicted_clv": (lambda known: known["predicted_clv"][:, _EXPECTED], MONEY_DECIMALS),
    "churn_probability": (lambda known: 1 - known["alive"], SHARE_DECIMALS),
    "average_order_value": (operator.itemgetter("average_order_value"), MONEY_DECIMALS),
    "orders": (operator.itemgetter("orders"), 0),
    "discount_sensitivity": (operator.itemgetter("discount_sensitivity"), SHARE_DECIMALS),
    "returned_orders": (operator.itemgetter("returned_orders"), 0),
    "buys_within_4_weeks": (lambda known: known["buys"][:, _WITHIN_4_WEEKS], SHARE_DECIMALS),
    "expected_purchases": (lambda known: known["purchases"][:, -1, _EXPECTED], SHARE_DECIMALS),
    "expected_spend": (lambda known: known["spend"][:, -1, _EXPECTED], MONEY_DECIMALS),
}
"""Of profiles, and with how many decimals they are told."""


def members(rule: Rule, table: Table, loaded: Loaded) -> Mask:
    """Return which customers of ``table`` meet a rule, shape ``(n_customers,)``.

    An item, a category, a coupon or a portfolio that the release does not know was bought, was
    redeemed and is had by nobody.
    """
    return _met(rule.tree, table, loaded)


def of_group(name: str, table: Table, loaded: Loaded) -> Mask:
    """Return which customers are of a group, by its name in ``GET /segments``.

    Returns:
        Shape ``(n_customers,)``.

    Raises:
        GroupUnknown: The release has none of this name.
    """
    group = None if loaded.customers is None else loaded.customers.group(name)
    if group is None:
        raise GroupUnknown(
            f"release {loaded.version} has no group of that name; GET /segments tells which it has"
        )
    return np.asarray(table.profiles[group.kind] == group.code)


def defining_rows(rule: Rule, loaded: Loaded) -> Rows:
    """Return the items whose purchase decides who meets a rule, ascending.

    Whoever learns from those who meet it what they are like must not look at these.
    """
    rows = [_items(one, loaded) for one in comparisons(rule.tree) if one.field in _ITEMS]
    return np.unique(np.concatenate([np.empty(0, dtype=np.int32), *rows]))


def _met(tree: Mapping[str, Any], table: Table, loaded: Loaded) -> Mask:
    name, inside = next(iter(tree.items()))
    if name == "not":
        return ~_met(inside, table, loaded)
    if name in ("and", "or"):
        both = operator.and_ if name == "and" else operator.or_
        return reduce(both, (_met(part, table, loaded) for part in inside))
    (one,) = comparisons(tree)
    if one.field in NUMBER_FIELDS:
        return _compared(one, _numbers(one.field, table.profiles, loaded))
    found = _said(one, table, loaded)
    return ~found if name == "ne" else found


def _numbers(field: str, profiles: NDArray[np.void], loaded: Loaded) -> Numbers:
    """Return a number of each customer as it is told; nan where it is unknown."""
    if field == "days_since_last_purchase":
        last_day = int((loaded.last_day - DAY_ZERO).astype(int))
        bought = profiles["last_day"].astype(np.float64)
        return np.where(bought > 0, last_day - bought, np.nan)
    column, n_decimals = _COLUMNS[field]
    # A float32 times a power of ten is exact in float64, so this rounds as Python does.
    numbers: Numbers = column(profiles).astype(np.float64)
    return numbers.round(n_decimals)


def _compared(one: Comparison, numbers: Numbers) -> Mask:
    values = [float(value) for value in one.values]
    if one.name == "in":
        return np.isin(numbers, values)
    return np.asarray(np.isfinite(numbers) & COMPARE[one.name](numbers, values[0]))


def _said(one: Comparison, table: Table, loaded: Loaded) -> Mask:
    """Return of whom one of the texts is true."""
    if one.field in GROUP_FIELDS:
        codes = [WORDS[one.field][value] for value in one.values]
        return np.isin(table.profiles[one.field], codes)
    if one.field in _ITEMS:
        return _bought(_items(one, loaded), table.bought, n_items=len(loaded.catalogue))
    found = np.zeros(len(table.ids), dtype=np.bool_)
    for value in one.values:
        found[table.coupons.get(value, [])] = True
    return found


def _items(one: Comparison, loaded: Loaded) -> Rows:
    """Return the items that a comparison names."""
    meant = rules.parse({"in": [_ITEMS[one.field], one.values]}).of(loaded.catalogue)
    return np.flatnonzero(meant.meets(slice(None))).astype(np.int32)


def _bought(rows: Rows, bought: Bought, *, n_items: int) -> Mask:
    """Return who has ever bought one of some items."""
    wanted = np.zeros(n_items, dtype=np.bool_)
    wanted[rows] = True
    # A last entry, which is nobody's, for those whose part would begin behind all.
    hits = np.append(wanted[bought.rows], False)
    some = np.diff(bought.begins) > 0
    return np.logical_or.reduceat(hits, bought.begins[:-1]) & some
