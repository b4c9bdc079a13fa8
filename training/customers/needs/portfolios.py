"""Portfolios: customers of one need, by the categories that take more of their money than usual.

Customers who bought enough are points in the space of ``needs``; ``need_groups`` finds groups that
both their own orders and other customers confirm. Where there are none there are no portfolios,
and ``choice`` says why.

A title is what the group buys more of than the shop does, in the shop's own names of categories.
Who these people are is not in the data: a household that buys baby food may be young parents or a
nursery, so we name what is bought and leave the persona to whoever knows the customers.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Codes
from training.customers.needs import groups as need_groups
from training.customers.needs import spending
from training.customers.needs.groups import Found, Halves
from training.customers.needs.names import named
from training.customers.needs.spending import Lines, Spending
from training.data.purchases import Purchases

LEAST_ORDERS = 3
LEAST_LINES = 10
"""Who bought less often, or less, is in no portfolio."""
MOST = 12
LEAST_CUSTOMERS = 50
"""A portfolio is looked for only where there are so many customers for each."""
_SAMPLE = 10_000

TOO_LITTLE = (
    f"They bought in fewer than {LEAST_ORDERS} orders, or fewer than {LEAST_LINES} lines: too "
    "little to tell what they need."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolios:
    """The portfolio of each customer, and what the portfolios are called."""

    codes: NDArray[np.uint8]
    """Shape ``(n_customers,)``: 0 for none, else counted from 1, most valuable first."""
    titles: Sequence[str]
    """What a person reads, each unique; the first is of code 1."""
    descriptions: Sequence[str]
    unplaced: str
    """Why a customer has code 0."""
    choice: Mapping[str, Any]


def fit(
    purchases: Purchases,
    *,
    category: Codes,
    names: list[str],
    value: NDArray[np.floating],
    seed: int,
    step: Callable[[str], None],
) -> Portfolios:
    """Find the portfolios of a shop.

    Args:
        purchases: What was bought.
        category: The category of each item, a place in ``names``.
        names: Of the categories.
        value: Shape ``(n_customers,)``: what each customer brought so far.
        seed: Where chance begins.
        step: Told what is being done.
    """
    rng = np.random.default_rng(seed)
    if len(names) < 2:
        return _none(purchases, f"the items name {len(names) or 'no'} categories; it takes two")
    n_named = len(names)
    category, left = spending.most_bought(purchases, category, n_categories=n_named)
    names = [names[place] for place in left]
    lines = spending.countable(purchases, category)
    spent = spending.by_category(purchases, category, lines=lines, n_categories=len(names))
    told = spent.told(orders=LEAST_ORDERS, lines=LEAST_LINES)
    if told.size < 2 * LEAST_CUSTOMERS:
        return _none(purchases, _too_few(told.size))
    step("portfolios: how many there are")
    sample = np.sort(rng.permutation(told)[:_SAMPLE])
    theirs = lines[np.isin(purchases.customer[lines], sample)]
    found = need_groups.fit(
        spent,
        _halves(purchases, category, lines=theirs, n_categories=len(names), rng=rng),
        sample,
        most=min(MOST, len(names), told.size // LEAST_CUSTOMERS),
        rng=rng,
    )
    figures = {
        "categories": len(names),
        "categories_left_out": n_named - len(names),
        **_figures(found, n_told=told.size, n_customers=purchases.n_customers),
    }
    if found.groups is None:
        return _none(purchases, _why_none(found), figures)
    step("portfolios: who is in which")
    codes = np.zeros(purchases.n_customers, np.uint8)
    codes[told] = 1 + found.groups.sort(spent, told)
    return _told(_by_value(codes, value), spent, names=names, value=value, figures=figures)


def _halves(
    purchases: Purchases,
    category: Codes,
    *,
    lines: Lines,
    n_categories: int,
    rng: np.random.Generator,
) -> Halves:
    one, other = (
        spending.by_category(purchases, category, lines=half, n_categories=n_categories)
        for half in spending.halves_of_orders(purchases, lines, rng=rng)
    )
    return one, other


def _none(purchases: Purchases, why: str, figures: Mapping[str, Any] | None = None) -> Portfolios:
    return Portfolios(
        codes=np.zeros(purchases.n_customers, np.uint8),
        titles=(),
        descriptions=(),
        unplaced=f"No portfolios were found: {why}.",
        choice={"chosen": "none", "why": why, **(figures or {})},
    )


def _told(
    codes: NDArray[np.uint8],
    spent: Spending,
    *,
    names: Sequence[str],
    value: NDArray[np.floating],
    figures: Mapping[str, Any],
) -> Portfolios:
    titles, descriptions = named(codes, spent, names=names, value=value)
    why = (
        "the most groups that are all found again among half of the customers, along needs on "
        "which the two halves of customers' orders agree"
    )
    return Portfolios(
        codes=codes,
        titles=titles,
        descriptions=descriptions,
        unplaced=TOO_LITTLE,
        choice={"chosen": len(titles), "why": why, **figures},
    )


def _by_value(codes: NDArray[np.uint8], value: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Number the portfolios anew, the one that brought most first; 0 stays."""
    worth = np.bincount(codes, weights=value)[1:]
    place = np.zeros(worth.size + 1, np.uint8)
    place[1 + np.argsort(-worth, kind="stable")] = 1 + np.arange(worth.size)
    return place[codes]


def _too_few(n_told: int) -> str:
    return (
        f"{n_told} customers bought in {LEAST_ORDERS} orders and {LEAST_LINES} lines or more; "
        f"it takes {2 * LEAST_CUSTOMERS}"
    )


def _why_none(found: Found) -> str:
    if not found.tried:
        return "the two halves of customers' orders agree on no need"
    return "no number of groups is found again among half of the customers"


def _figures(found: Found, *, n_told: int, n_customers: int) -> dict[str, Any]:
    figures = {
        "agreement_of_halves_by_axis": [round(agreed, 2) for agreed in found.axes.tolist()],
        "found_again": {str(k): round(one.found_again, 3) for k, one in found.tried.items()},
        "smallest_share": {str(k): round(one.smallest, 3) for k, one in found.tried.items()},
        "share_of_customers_placed": round(n_told / n_customers, 4),
        "least_orders": LEAST_ORDERS,
        "least_lines": LEAST_LINES,
    }
    agreed = {"kappa_of_halves_of_orders": round(found.kappa, 3)} if found.groups else {}
    return figures | agreed
