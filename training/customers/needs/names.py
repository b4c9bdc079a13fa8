"""What a portfolio is called: the categories that set it apart from the shop.

    title        Infant formula · Baby foods · Diapers
    description  Infant formula, 9.4 times the shop's share of spend; Baby foods, 6.5 times; …;
                 8 % of customers, 10 % of value

A category sets a portfolio apart if its share of the portfolio's spend is well above its share of
the shop's (its lift). The order is by the log of the lift, by the square root of the share, for
money spent counts, and by how many of the portfolio's customers buy it at all, for what one in
ten buys by the pallet describes nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from training.customers.needs.clusters import members
from training.customers.needs.spending import Spending

LEAST_LIFT = 1.25
LEAST_SHARE = 0.002
"""Of a portfolio's spend; less is too little to be known by."""
N_NAMED = 3

Table = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Marks:
    """What sets one portfolio apart."""

    categories: NDArray[np.intp]
    """The most telling first; may be empty."""
    lift: NDArray[np.float64]
    """Shape ``(n_categories,)``."""


def named(
    codes: NDArray[np.uint8],
    spent: Spending,
    *,
    names: Sequence[str],
    value: NDArray[np.floating],
) -> tuple[list[str], list[str]]:
    """Return the title and the description of each portfolio.

    Titles are unique: where two begin with the same categories, each names more of them, and where
    that does not tell them apart, later ones are numbered.

    Args:
        codes: Shape ``(n_customers,)``: 0 for none, else 1 to the number of portfolios.
        spent: By the same customers, and category.
        names: Of the categories.
        value: Shape ``(n_customers,)``: what each customer brought so far.
    """
    marks = _marks(codes, spent)
    sizes = np.bincount(codes, minlength=len(marks) + 1)[1:] / codes.size
    worth = np.bincount(codes, weights=value, minlength=len(marks) + 1)[1:]
    total = float(np.sum(value))
    descriptions = [
        _description(mark, names, size=size, worth=part / total if total > 0 else None)
        for mark, size, part in zip(marks, sizes.tolist(), worth.tolist(), strict=True)
    ]
    return _titles(marks, names), descriptions


def _marks(codes: NDArray[np.uint8], spent: Spending) -> list[_Marks]:
    k = int(codes.max())
    group = members(codes, k + 1)
    money = (group @ spent.money).toarray().astype(np.float64)
    shop = np.maximum(money.sum(axis=0) / money.sum(), 1e-12)
    share = money[1:] / money[1:].sum(axis=1, keepdims=True)
    buyers = (group @ spent.money.sign()).toarray()[1:]
    reach = buyers / np.bincount(codes, minlength=k + 1)[1:, None]
    return [_apart(*one, shop=shop) for one in zip(share, reach, strict=True)]


def _apart(share: Table, reach: Table, *, shop: Table) -> _Marks:
    lift = share / shop
    apart = reach * np.sqrt(share) * np.log(np.maximum(lift, 1.0))
    telling = np.where((lift >= LEAST_LIFT) & (share >= LEAST_SHARE), apart, 0.0)
    best_first = np.argsort(-telling, kind="stable")
    return _Marks(categories=best_first[telling[best_first] > 0], lift=lift)


def _titles(marks: Sequence[_Marks], names: Sequence[str]) -> list[str]:
    titles: list[str] = []
    for n_named in range(N_NAMED, max(mark.categories.size for mark in marks) + N_NAMED + 1):
        titles = [_title(mark, names, n_named) for mark in marks]
        if len(set(titles)) == len(titles):
            return titles
    return [
        title if (before := titles[:place].count(title)) == 0 else f"{title} ({before + 1})"
        for place, title in enumerate(titles)
    ]


def _title(mark: _Marks, names: Sequence[str], n_named: int) -> str:
    told = [names[place] for place in mark.categories[:n_named]]
    return " · ".join(told) or "Much like the shop"


def _description(mark: _Marks, names: Sequence[str], *, size: float, worth: float | None) -> str:
    told = [f"{names[place]}, {mark.lift[place]:.1f} times" for place in mark.categories[:N_NAMED]]
    if told:
        told[0] += " the shop's share of spend"
    else:
        told = ["No category takes much more of their money than of the shop's"]
    of_value = "" if worth is None else f", {100 * worth:.0f} % of value"
    return "; ".join([*told, f"{100 * size:.0f} % of customers{of_value}"])
