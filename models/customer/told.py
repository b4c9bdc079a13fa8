"""What is known of a customer, and of groups of them, in the words of the shop.

Routes and the command line both answer with this, so that they say the same. What is not known is
None; a due date and a share of the customer's purchases stand there only where they can be told.
"""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, slug
from models.customer.summary import Group, Kind, Sum, Summary, Within
from models.customer.value import HORIZONS_WEEKS, SOON_WEEKS, Tier
from models.ids import Texts

Told = dict[str, Any]

MONEY_DECIMALS = 2
SHARE_DECIMALS = 4
"""Of a probability, a share or an expected number of orders."""


def customer(
    customer_id: str, profile: np.void, *, summary: Summary, categories: Texts, release: str
) -> Told:
    """Return what is known of one customer.

    Args:
        customer_id: Theirs.
        profile: A row of ``models.artifacts.customer_profile.PROFILE``, checked.
        summary: Of the profile's release.
        categories: Names of the profile's categories.
        release: The version that says so.
    """
    expected, low, high = _numbers(profile["predicted_clv"], MONEY_DECIMALS)
    return {
        "customer_id": customer_id,
        "orders": int(profile["orders"]),
        "first_purchase": _date(profile["first_day"]),
        "last_purchase": _date(profile["last_day"]),
        "historic_clv": _number(profile["historic_clv"], MONEY_DECIMALS),
        "predicted_clv": expected,
        "predicted_clv_interval": {"low": low, "high": high},
        "clv_horizon_weeks": summary.horizon_weeks,
        "value_basis": summary.basis,
        "currency": summary.currency,
        "churn_probability": _number(1 - profile["alive"], SHARE_DECIMALS),
        "expected_purchases": _horizons(profile["purchases"], SHARE_DECIMALS),
        "expected_spend": _horizons(profile["spend"], MONEY_DECIMALS),
        "average_order_value": _number(profile["average_order_value"], MONEY_DECIMALS),
        "next_purchase": _next_purchase(profile),
        "categories": _categories(profile, categories),
        "tier": _rung(Tier, "tier", profile),
        "stage": _rung(Stage, "stage", profile),
        "segment": _titled(slug(Segment(profile["segment"])), "segment", profile, summary),
        "portfolio": _portfolio(profile, summary),
        "satisfaction": _satisfaction(profile),
        "discount_sensitivity": {
            "value": _number(profile["discount_sensitivity"], SHARE_DECIMALS),
            "reliability": _number(profile["discount_reliability"], SHARE_DECIMALS),
        },
        **_share_of_customer(profile),
        "release": release,
    }


def groups(summary: Summary, *, release: str) -> Told:
    """Return every group of a release, and how their value was told."""
    return {
        "segments": [_group(one) for one in summary.groups],
        **_terms(summary),
        "release": release,
    }


def group(one: Group, summary: Summary, *, release: str) -> Told:
    """Return one group; its ``movements`` are None where no release was before."""
    return {**_group(one), **_terms(summary), "release": release}


def portfolio(summary: Summary, *, release: str) -> Told:
    """Return the matrix of historical and potential value."""
    return {**_rounded(summary.matrix), **_terms(summary), "release": release}


def _terms(summary: Summary) -> Told:
    return {
        "clv_horizon_weeks": summary.horizon_weeks,
        "clv_annual_rate": summary.annual_rate,
        "value_basis": summary.basis,
        "currency": summary.currency,
    }


def _group(one: Group) -> Told:
    moved = one.joined is not None and one.left is not None
    return {
        "name": one.name,
        "kind": one.kind,
        "title": one.title,
        "description": one.description,
        "customers": one.customers,
        "share_of_customers": _number(one.share_of_customers, SHARE_DECIMALS),
        "historic_value": _number(one.historic_value, MONEY_DECIMALS),
        "share_of_value": _number(one.share_of_value, SHARE_DECIMALS),
        "predicted_value": None
        if one.predicted_value is None
        else _sum(one.predicted_value, MONEY_DECIMALS),
        "expected_purchases": _within(one.expected_purchases, SHARE_DECIMALS),
        "expected_spend": _within(one.expected_spend, MONEY_DECIMALS),
        "expected_alive": _number(one.expected_alive, MONEY_DECIMALS),
        "movements": {"joined": one.joined, "left": one.left} if moved else None,
    }


def _sum(told: Sum, n_decimals: int) -> Told:
    return {name: _number(getattr(told, name), n_decimals) for name in ("expected", "low", "high")}


def _within(told: Sequence[Within] | None, n_decimals: int) -> list[Told] | None:
    if told is None:
        return None
    return [{"weeks": one.weeks, **_sum(one, n_decimals)} for one in told]


def _rounded(told: Any) -> Any:  # noqa: ANN401  # any JSON
    """Return the same with its amounts rounded."""
    if isinstance(told, dict):
        return {name: _rounded(part) for name, part in told.items()}
    if isinstance(told, list):
        return [_rounded(part) for part in told]
    return _number(told, MONEY_DECIMALS) if isinstance(told, float) else told


def _number(value: float | np.floating | None, n_decimals: int) -> float | None:
    """Round in double precision; None where it is not known, which JSON has for nan."""
    return None if value is None or not isfinite(value) else round(float(value), n_decimals)


def _numbers(values: NDArray[np.floating], n_decimals: int) -> list[float | None]:
    return [_number(value, n_decimals) for value in values.tolist()]


def _date(day: np.integer) -> str | None:
    """Return a date; numpy counts days from 1970-01-01, as profiles do."""
    return str(np.datetime64(int(day), "D")) if day else None


def _horizons(numbers: NDArray[np.floating], n_decimals: int) -> list[Told]:
    return [
        {"weeks": weeks, "expected": expected, "low": low, "high": high}
        for weeks, (expected, low, high) in zip(
            HORIZONS_WEEKS, (_numbers(row, n_decimals) for row in numbers), strict=True
        )
    ]


def _next_purchase(profile: np.void) -> Told:
    within = {
        f"within_{weeks}_week{'s' if weeks > 1 else ''}": probability
        for weeks, probability in zip(
            SOON_WEEKS, _numbers(profile["buys"], SHARE_DECIMALS), strict=True
        )
    }
    due = _date(profile["due_day"])
    return within if due is None else {**within, "due_date": due}


def _categories(profile: np.void, names: Texts) -> list[Told]:
    return [
        {
            "category": names[category],
            "share_of_spend": share,
            "buys_within_4_weeks": buys,
        }
        for category, share, buys in zip(
            profile["category"].tolist(),
            _numbers(profile["category_share"], SHARE_DECIMALS),
            _numbers(profile["category_buys"], SHARE_DECIMALS),
            strict=True,
        )
        if category >= 0
    ]


def _rung(kind: type[Tier] | type[Stage], name: str, profile: np.void) -> Told:
    told = {"name": slug(kind(profile[name]))}
    if not profile["previous_known"]:
        return told
    return {**told, "previous": slug(kind(profile[f"previous_{name}"]))}


def _titled(name: str, kind: Kind, profile: np.void, summary: Summary) -> Told:
    found = summary.named(kind, int(profile[kind]))
    return {"name": name, "title": name if found is None else found.title}


def _portfolio(profile: np.void, summary: Summary) -> Told | None:
    number = int(profile["portfolio"])
    return _titled(f"portfolio-{number}", "portfolio", profile, summary) if number else None


def _satisfaction(profile: np.void) -> Told:
    return {
        "level": slug(Satisfaction(profile["satisfaction"])),
        "evidence": {
            "ratings": int(profile["ratings"]),
            "complaints": int(profile["complaints"]),
            "returned_orders": int(profile["returned_orders"]),
            "silence": _number(profile["silence"], 2),
        },
    }


def _share_of_customer(profile: np.void) -> Told:
    share = _number(profile["share_of_customer"], SHARE_DECIMALS)
    return {} if share is None else {"share_of_customer": {"estimate": share}}
