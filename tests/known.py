"""What is known of the tiny shop's customers.

    customer  tier    stage       segment    portfolio  satisfaction  orders  brought  will bring
    ana       high    client      champions  1          satisfied     7       60       40, 25 to 55
    ben       low     first-time  new        none       unknown       3       15       not told
    cleo      unknown prospect    unknown    none       unknown       0       -        -

Ana was of the medium tier and a repeat customer in the release before; the others were not known.
She spends three quarters on dairy and the rest on bakery goods, and her next order is due on the
5th of January 2018. Cleo never bought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from models.artifacts.customer_profile import PROFILE, pack
from models.artifacts.customer_record import DAY_ZERO
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, Standing
from models.customer.summary import NEWCOMERS, Group, Kind, Sum, Summary
from models.customer.value import Tier

ANA = Standing(
    tier=Tier.HIGH,
    stage=Stage.CLIENT,
    segment=Segment.CHAMPIONS,
    portfolio=1,
    satisfaction=Satisfaction.SATISFIED,
)
BEN = Standing(tier=Tier.LOW, stage=Stage.FIRST_TIME, segment=Segment.NEW)
CLEO = Standing(stage=Stage.PROSPECT)

MATRIX = {
    "thresholds": {
        "historic": {"from": 50.0, "by": "money", "why": "the settings name 50.00"},
        "potential": {"from": 30.0, "by": "quantile", "why": "50% of 2 customers are below it"},
    },
    "cells": [
        {
            "historic": past,
            "potential": future,
            "tier": tier,
            "customers": n,
            "historic_value": brought,
            "predicted_value": will_bring,
        }
        for past, future, tier, n, brought, will_bring in (
            ("low", "low", "low", 1, 15.0, 0.0),
            ("low", "high", "medium", 0, 0.0, 0.0),
            ("high", "low", "medium", 0, 0.0, 0.0),
            ("high", "high", "high", 1, 60.0, 40.000001),
        )
    ],
    "unknown_customers": 1,
}


def profile(standing: Standing, **known: object) -> np.void:
    """Return a profile of which only what is given is known."""
    made = np.zeros(1, dtype=PROFILE)
    for name in PROFILE.names or ():
        if PROFILE[name].base.kind == "f":
            made[name] = np.nan
    made["category"] = -1
    groups = {name: getattr(standing, name) for name in Standing.__slots__}
    for name, value in (groups | known).items():
        made[name] = value
    return made[0]  # type: ignore[no-any-return]  # numpy does not know what a row is


def profiles() -> Mapping[str, bytes]:
    """Return the packed profiles of all three customers."""
    return {"ana": pack(ana()), "ben": pack(profile(BEN, orders=3)), "cleo": pack(profile(CLEO))}


def ana() -> np.void:
    """Return all that is known of Ana."""
    times = np.array([1, 0.5, 2])  # expected, low, high
    return profile(
        ANA,
        previous_tier=Tier.MEDIUM,
        previous_stage=Stage.REPEAT,
        previous_known=1,
        orders=7,
        first_day=day("2017-10-01"),
        last_day=day("2017-12-19"),
        due_day=day("2018-01-05"),
        returned_orders=1,
        historic_clv=60,
        average_order_value=8.4,
        predicted_clv=[40, 25, 55],
        alive=0.75,
        purchases=[times * 2, times * 6, times * 20],
        spend=[times * 16.8, times * 50.4, times * 168],
        buys=[0.25, 0.875, 0.96875],
        discount_sensitivity=0.5,
        discount_reliability=0.125,
        share_of_customer=0.375,
        ratings=2,
        silence=0.857,
        category=[1, 0, -1, -1, -1],
        category_share=[0.75, 0.25, np.nan, np.nan, np.nan],
        category_buys=[0.5, 0.0625, np.nan, np.nan, np.nan],
    )


def day(date: str) -> int:
    """Return a day as profiles have it."""
    return int((np.datetime64(date, "D") - DAY_ZERO).astype(int))


def summary() -> Summary:
    """Return the three customers as groups; of the tiers it is told who came and went."""
    rose = _Moved(joined={"medium": 1})
    fell = _Moved(left={"high": 1})
    new = _Moved(joined={NEWCOMERS: 1})
    will_bring = Sum(expected=40, low=25, high=55)
    return Summary(
        groups=(
            _group("high", "tier", Tier.HIGH, 1, 60, rose, will_bring),
            _group("medium", "tier", Tier.MEDIUM, 0, 0, fell),
            _group("low", "tier", Tier.LOW, 1, 15, new),
            _group("tier-unknown", "tier", Tier.UNKNOWN, 1, 0, new),
            _group("client", "stage", Stage.CLIENT, 1, 60),
            _group("first-time", "stage", Stage.FIRST_TIME, 1, 15),
            _group("prospect", "stage", Stage.PROSPECT, 1, 0),
            _group("champions", "segment", Segment.CHAMPIONS, 1, 60),
            _group("new", "segment", Segment.NEW, 1, 15),
            _group("segment-unknown", "segment", Segment.UNKNOWN, 1, 0),
            _group("portfolio-1", "portfolio", 1, 1, 60),
            _group("portfolio-unknown", "portfolio", 0, 2, 15),
            _group("satisfied", "satisfaction", Satisfaction.SATISFIED, 1, 60),
            _group("satisfaction-unknown", "satisfaction", Satisfaction.UNKNOWN, 2, 15),
        ),
        currency="EUR",
        basis="revenue",
        horizon_weeks=52,
        annual_rate=0.15,
        matrix=MATRIX,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Moved:
    joined: Mapping[str, int] | None = field(default_factory=dict)
    left: Mapping[str, int] | None = field(default_factory=dict)


def _group(  # noqa: PLR0917  # a row of a table
    name: str,
    kind: Kind,
    code: int,
    n: int,
    brought: float,
    moved: _Moved = _Moved(joined=None, left=None),
    predicted: Sum | None = None,
) -> Group:
    return Group(
        name=name,
        kind=kind,
        code=code,
        title="Breakfast: dairy, bakery" if name == "portfolio-1" else name.title(),
        description=f"The rule of {name}.",
        customers=n,
        share_of_customers=n / 3,
        historic_value=brought,
        share_of_value=brought / 75,
        predicted_value=predicted,
        joined=moved.joined,
        left=moved.left,
    )
