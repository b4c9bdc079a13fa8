"""Who buys on offer: the share of a customer's purchases that had a discount, and how sure it is.

Of each customer we know how many lines they bought and how many of those with a discount. Few lines
say little, so the share is pulled towards the shop's (empirical Bayes):

    sensitivity = (lines on offer + k * the shop's share) / (lines + k)
    reliability = lines / (lines + k)

``k`` is how many lines weigh as much as knowing nothing of the customer: what one line varies by
chance, over what customers truly differ. Both are read off two halves of the orders of each
customer, dealt by a coin: what the halves have in common is the customer. Lines of one order are
not independent (a leaflet, a coupon book), which the halves tell and a count of lines does not.

A share adjusted for how often the same items are on offer (a Rasch model, and observed against
expected) foretold the share of the half year after worse on the Complete Journey (Spearman .57
against .65), since customers keep to the items that are often on offer. So it was left out.

Source: Morris, "Parametric Empirical Bayes Inference", JASA 1983.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.customers.needs.spending import Lines, halves_of_orders
from training.data.purchases import Purchases

LEAST_CUSTOMERS = 30
"""With lines in both halves of their orders; fewer do not tell how far customers differ."""
_MOST = 1 - 1e-12
"""Fisher's z of 1 is infinite."""

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Discounts:
    """How much of what each customer buys is on offer."""

    sensitivity: NDArray[np.float32]
    """Shape ``(n_customers,)``: 0 to 1; nan where it cannot be told."""
    reliability: NDArray[np.float32]
    """Shape ``(n_customers,)``: the part of the differences between such customers that is no
    chance, 0 to 1; nan likewise."""
    choice: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """How far customers differ, as two halves of their orders tell."""

    n_customers: int
    """Who have lines in both halves."""
    correlation: float
    """Of the shares in both halves, who has more lines counting for more; 0 where none vary."""
    lowest: float
    """The lower end of its one-sided 95 % interval."""
    lines_like_nothing: float
    """``k`` above; infinite where customers do not differ."""


def fit(purchases: Purchases, *, seed: int) -> Discounts:
    """Tell who buys on offer.

    Args:
        purchases: What was bought; a line was on offer if something was ``saved`` on it.
        seed: Deals the orders into halves.
    """
    lines = np.flatnonzero(purchases.customer >= 0)
    if not (purchases.saved[lines] > 0).any():
        return _unknown(purchases, "no purchase names a discount", {})
    halves = halves_of_orders(purchases, lines, rng=np.random.default_rng(seed))
    spread = _spread(*(_counted(purchases, half) for half in halves))
    figures = {
        "split_half_correlation": round(spread.correlation, 3),
        "at_least": round(spread.lowest, 3),
        "customers_compared": spread.n_customers,
    }
    if spread.n_customers < LEAST_CUSTOMERS:
        why = f"fewer than {LEAST_CUSTOMERS} customers have two orders to compare"
        return _unknown(purchases, why, figures)
    if not spread.lowest > 0:
        why = "two halves of a customer's orders are no more alike than those of two customers"
        return _unknown(purchases, why, figures)
    return _pulled(_counted(purchases, lines), spread, figures)


def _counted(purchases: Purchases, lines: Lines) -> tuple[Numbers, Numbers]:
    """Return each customer's lines, and those of them that were on offer."""
    customer, n = purchases.customer[lines], purchases.n_customers
    on_offer = customer[purchases.saved[lines] > 0]
    return (
        np.bincount(customer, minlength=n).astype(np.float64),
        np.bincount(on_offer, minlength=n).astype(np.float64),
    )


def _spread(one: tuple[Numbers, Numbers], other: tuple[Numbers, Numbers]) -> _Spread:
    both = (one[0] > 0) & (other[0] > 0)
    (lines, offers), (others, other_offers) = (
        (half[0][both], half[1][both]) for half in (one, other)
    )
    if not both.any():
        return _Spread(n_customers=0, correlation=0, lowest=-1, lines_like_nothing=np.inf)
    share, other_share = offers / lines, other_offers / others
    weight = lines * others / (lines + others)
    table = np.cov(share, other_share, aweights=weight, ddof=0)
    varies = sqrt(table[0, 0] * table[1, 1])
    correlation = float(table[0, 1] / varies) if varies > 0 else 0.0
    effective = float(weight.sum() ** 2 / np.square(weight).sum())
    by_chance = float(np.mean(weight * np.square(share - other_share)))
    return _Spread(
        n_customers=int(both.sum()),
        correlation=correlation,
        lowest=_lowest(correlation, effective),
        lines_like_nothing=by_chance / float(table[0, 1]) if table[0, 1] > 0 else np.inf,
    )


def _lowest(correlation: float, n: float) -> float:
    """Return the lower end by Fisher's z, one-sided 95 %; -1 where ``n`` is too small for it."""
    if n <= 3:
        return -1.0
    return float(np.tanh(np.arctanh(np.clip(correlation, -_MOST, _MOST)) - 1.645 / sqrt(n - 3)))


def _pulled(
    counted: tuple[Numbers, Numbers], spread: _Spread, figures: Mapping[str, Any]
) -> Discounts:
    lines, offers = counted
    usual, k = float(offers.sum() / lines.sum()), spread.lines_like_nothing
    return Discounts(
        sensitivity=((offers + k * usual) / (lines + k)).astype(np.float32),
        reliability=(lines / (lines + k)).astype(np.float32),
        choice={
            "chosen": "share of lines on offer, pulled towards the shop's",
            "why": "two halves of a customer's orders agree beyond chance",
            **figures,
            "share_on_offer": round(usual, 4),
            "lines_like_nothing": round(k, 1),
        },
    )


def _unknown(purchases: Purchases, why: str, figures: Mapping[str, Any]) -> Discounts:
    nothing = np.full(purchases.n_customers, np.nan, np.float32)
    return Discounts(
        sensitivity=nothing,
        reliability=nothing,
        choice={"chosen": "none", "why": why, **figures},
    )
