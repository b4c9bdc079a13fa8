"""Low, medium and high: the matrix of what customers have brought and of what they will bring.

What counts as high is money that the shop names, or the value that ``quantile`` of the customers
stay below. Equal values are not torn apart, so that share is met as nearly as it can be; and where
most customers have the highest value in common, nobody stands out and nobody is high.
"""

from dataclasses import dataclass
from math import inf, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.customer.segments import slug
from models.customer.value import Thresholds, Tier

Values = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers:
    """The tier of each customer, and how it came about."""

    codes: NDArray[np.uint8]
    """Shape ``(n_customers,)`` of ``Tier``; unknown where a value is nan."""
    thresholds: Thresholds
    """Infinite where nobody is high."""
    matrix: dict[str, Any]
    """For ``Summary.matrix``, as JSON: ``thresholds`` by ``historic`` and ``potential``, each with
    ``from`` (money; None where nobody is high), ``by`` ("money" or "quantile") and ``why`` in
    words; ``cells``, four of them, each with ``historic`` and ``potential`` ("low" or "high"),
    ``tier``, ``customers``, ``historic_value`` and ``predicted_value``; ``unknown_customers``."""


def fit(
    historic: Values,
    potential: Values,
    *,
    quantile: float,
    historic_at: float | None = None,
    potential_at: float | None = None,
) -> Tiers:
    """Put each customer into the matrix.

    Args:
        historic: Shape ``(n_customers,)``: money that each has brought; nan where not known.
        potential: Shape ``(n_customers,)``: money that each is expected to bring, likewise.
        quantile: The share of customers who are below high, above 0 and below 1.
        historic_at: From what money on historic value is high; None goes by quantile.
        potential_at: Likewise, potential value.
    """
    told = {
        "historic": _threshold(historic, quantile, historic_at),
        "potential": _threshold(potential, quantile, potential_at),
    }
    thresholds = Thresholds(historic=told["historic"][0], potential=told["potential"][0])
    codes = thresholds.tiers(historic, potential)
    return Tiers(
        codes=codes,
        thresholds=thresholds,
        matrix={
            "thresholds": {
                name: {"from": at if isfinite(at) else None, "by": by, "why": why}
                for name, (at, by, why) in told.items()
            },
            "cells": _cells(historic, potential, thresholds, codes),
            "unknown_customers": int((codes == Tier.UNKNOWN).sum()),
        },
    )


def _threshold(values: Values, quantile: float, at: float | None) -> tuple[float, str, str]:
    """Return from what value on customers are high, by what, and why."""
    if at is not None:
        return at, "money", f"the settings name {at:,.2f}"
    known = values[~np.isnan(values)]
    if known.size == 0:
        return inf, "quantile", "the value of no customer is known, so none is high"
    value, n_below = _nearest(known, quantile * known.size)
    share = f"{100 * n_below / known.size:.0f} % of {known.size:,} customers"
    if not isfinite(value):
        why = (
            "too many customers have the highest value in common, or none has any, for "
            f"{100 * (1 - quantile):.0f} % to stand out, so none is high"
        )
    elif abs(n_below / known.size - quantile) > 0.01:
        near = f"as near to {100 * quantile:.0f} % as customers of equal value allow"
        why = f"{share} are below it: {near}"
    else:
        why = f"{share} are below it"
    return value, "quantile", why


def _nearest(known: Values, wanted: float) -> tuple[float, int]:
    """Return the value that has nearest to ``wanted`` customers below it, and how many it has.

    Only money can be high, so the value is above 0; infinite stands for none, with all below.
    """
    ordered = np.sort(known[known > 0])
    starts = np.flatnonzero(np.diff(ordered, prepend=0) > 0)
    values = np.append(ordered[starts].astype(np.float64), inf)
    n_below = np.append(known.size - ordered.size + starts, known.size)
    best = np.flatnonzero(np.abs(n_below - wanted) == np.abs(n_below - wanted).min())[-1]
    return float(values[best]), int(n_below[best])


def _cells(
    historic: Values, potential: Values, thresholds: Thresholds, codes: NDArray[np.uint8]
) -> list[dict[str, Any]]:
    """Return the four cells, low before high."""
    known = codes != Tier.UNKNOWN
    brought = historic >= thresholds.historic
    will_bring = potential >= thresholds.potential
    cells = []
    for past in ("low", "high"):
        for future in ("low", "high"):
            members = known & (brought == (past == "high")) & (will_bring == (future == "high"))
            tier = Tier(Tier.LOW + (past == "high") + (future == "high"))
            cells.append(
                {
                    "historic": past,
                    "potential": future,
                    "tier": slug(tier),
                    "customers": int(members.sum()),
                    "historic_value": float(historic[members].sum(dtype=np.float64)),
                    "predicted_value": float(potential[members].sum(dtype=np.float64)),
                }
            )
    return cells
