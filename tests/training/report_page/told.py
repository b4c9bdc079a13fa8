"""A release that says all that a page can tell, its figures made up so that they can be checked."""

from dataclasses import replace
from typing import Any

import numpy as np

from models.artifacts.manifest import Manifest
from models.customer.summary import Group, Kind, Sum, Summary


def manifest() -> Manifest:
    return Manifest(
        version="20261101T030000Z-1a2b",
        created_at="2026-11-01T03:20:00+00:00",
        first_purchase="2025-01-02T08:00:00+00:00",
        last_purchase="2026-10-31T20:00:00+00:00",
        counts={
            "lines": 1439785,
            "orders": 134567,
            "customers": 2400,
            "items": 60123,
            "items with models": 16255,
        },
        settings={"seed": 7},
        weights={"slow": 1.0},
        metrics={
            "ndcg@10": 0.4312,
            "recall@20": 0.1743,
            "hit@10": 0.8123,
            "mrr": 0.61,
            "revenue@10": 0.1301,
            "explore-only ndcg@10": 0.0653,
            "next-basket ndcg@10": 0.2238,
            "coverage@10": 0.352,
            "popularity ndcg@10": 0.178,
            "popularity recall@20": 0.06,
            "popularity explore-only ndcg@10": 0.0471,
            "popularity next-basket ndcg@10": 0.073,
            "validation windows": 2.0,
            "validation customers": 3910.0,
            "calibration error": 0.0124,
        },
        intervals={
            "ndcg@10": (0.418, 0.4444),
            "recall@20": (0.1674, 0.1812),
            "hit@10": (0.796, 0.828),
            "revenue@10": (0.1243, 0.136),
            "explore-only ndcg@10": (0.0611, 0.0697),
            "next-basket ndcg@10": (0.2131, 0.2345),
            "popularity ndcg@10": (0.1696, 0.1864),
            "popularity recall@20": (0.0563, 0.0637),
            "popularity explore-only ndcg@10": (0.0435, 0.0507),
            "popularity next-basket ndcg@10": (0.0662, 0.0798),
        },
        choices={
            "base lists": {
                "chosen": "ranker",
                "why": "NDCG@10 + Recall@20 + explore + next basket of the ranker is 0.0132 "
                "ahead of the blend's",
                "figures": {
                    "ranker": {"ndcg@10": 0.4312, "recall@20": 0.1743},
                    "blend": {"ndcg@10": 0.4177, "recall@20": 0.168},
                },
            },
            "promotions": {
                "chosen": True,
                "why": "the calendar reaches into the coming window",
                "kinds": ["mailer", "offer"],
            },
            "customer value": {
                "chosen": "trees",
                "why": "it was ahead of the moving average in the back-test",
            },
            "next purchase, within 1 week": {
                "chosen": "learned",
                "why": "over the last 7 days, its log loss was lower than that of: "
                "everybody alike, own rate",
                "cases": 2400,
                "auc": {"own rate": 0.79, "learned": 0.824},
            },
            "next purchase, due date": {
                "chosen": {"8 to 15 orders": "by clock", "16 or more orders": "by chances"},
                "why": "of the last 84 days, dates are given where their mean error was "
                "below that of both guesses by more than a standard error",
                "mean error, days": [due("8 to 15", 410, 9.4, given="by clock")],
            },
            "share of customer": {
                "chosen": False,
                "why": "it did not beat the customer's own level times the population's mix",
            },
        },
    )


def with_choices(choices: dict[str, Any]) -> Manifest:
    return replace(manifest(), choices=choices)


def group(
    kind: Kind,
    code: int,
    title: str,
    customers: int,
    value: float,
    *,
    joined: dict[str, int] | None = None,
    left: dict[str, int] | None = None,
    description: str = "By a rule that is written down.",
) -> Group:
    return Group(
        name=f"{kind}-{code}",
        kind=kind,
        code=code,
        title=title,
        description=description,
        customers=customers,
        share_of_customers=customers / 2400,
        historic_value=value,
        share_of_value=value / 4_000_000,
        predicted_value=Sum(expected=value / 2, low=value / 2.2, high=value / 1.8),
        joined=joined,
        left=left,
    )


def groups() -> tuple[Group, ...]:
    return (
        group(
            "tier", 3, "High value", 400, 2_000_000.0, joined={"tier-2": 42}, left={"tier-2": 17}
        ),
        group(
            "tier",
            2,
            "Medium value",
            600,
            1_100_000.0,
            joined={"tier-1": 88, "tier-3": 17, "newcomers": 5},
            left={"tier-3": 42, "gone": 2},
        ),
        group(
            "tier", 1, "Low value", 1400, 900_000.0, joined={"newcomers": 130}, left={"tier-2": 88}
        ),
        group("tier", 0, "Unknown", 0, 0.0, joined={}, left={}),
        group("stage", 1, "Prospect", 0, 0.0),
        group("stage", 2, "First time", 700, 180_000.0),
        group("stage", 3, "Repeat", 560, 620_000.0),
        group("stage", 4, "Client", 610, 1_900_000.0),
        group("stage", 5, "Advocate", 60, 340_000.0),
        group("stage", 6, "Lapsing", 220, 480_000.0),
        group("stage", 7, "Lapsed", 230, 430_000.0),
        group("stage", 8, "Won back", 20, 50_000.0),
        group(
            "segment",
            1,
            "Champions",
            312,
            1_840_000.0,
            description="Bought lately, buy often and spend most: reward them.",
            joined={"segment-2": 31, "newcomers": 3},
            left={"segment-9": 12, "gone": 1},
        ),
        group("segment", 2, "Loyal", 480, 1_020_000.0, joined={}, left={"segment-1": 31}),
        group("segment", 9, "Cannot lose", 88, 640_000.0, joined={"segment-1": 12}, left={}),
        group("segment", 11, "Lost", 1520, 500_000.0, joined={}, left={}),
        group(
            "portfolio",
            1,
            "Young parents: baby, dairy",
            192,
            560_000.0,
            description="They spend 31 % on baby, where others spend 4 %.",
        ),
        group("portfolio", 2, "<script>alert(1)</script>", 900, 1_240_000.0),
        group("portfolio", 0, "Unknown", 1308, 2_200_000.0),
        group("satisfaction", 5, "Completely satisfied", 60, 340_000.0),
        group("satisfaction", 1, "Completely dissatisfied", 12, 20_000.0),
        group("satisfaction", 0, "Unknown", 2328, 3_640_000.0),
    )


def matrix() -> dict[str, Any]:
    def cell(
        historic: str, potential: str, tier: str, customers: int, value: float
    ) -> dict[str, Any]:
        return {
            "historic": historic,
            "potential": potential,
            "tier": tier,
            "customers": customers,
            "historic_value": value,
            "predicted_value": value / 2,
        }

    return {
        "thresholds": {
            "historic": {
                "from": 2480.5,
                "by": "quantile",
                "why": "80 % of 2,400 customers are below it",
            },
            "potential": {"from": 1200.0, "by": "money", "why": "the settings name 1,200.00"},
        },
        "cells": [
            cell("low", "low", "low", 1400, 900_000.0),
            cell("low", "high", "medium", 260, 400_000.0),
            cell("high", "low", "medium", 340, 700_000.0),
            cell("high", "high", "high", 400, 2_000_000.0),
        ],
        "unknown_customers": 0,
    }


def tenths(foretold: list[float], *, off: float, of: str = "customers") -> list[dict[str, float]]:
    return [{of: 240, "foretold": one, "came": one * off} for one in foretold]


def evidence() -> dict[str, Any]:
    people = np.linspace(0, 1, 101)
    edges = np.linspace(0, 8000, 41)
    return {
        "value": {
            "predicted": {"expected": 2_140_000.0, "low": 2_010_000.0, "high": 2_260_000.0},
            "window_weeks": 12.0,
            "back_test": {
                "the mix": {"mae": 31.6, "bias": 1.01, "spearman": 0.61},
                "last period": {"mae": 60.7, "bias": 1.2, "spearman": 0.42},
            },
            "alive": tenths(np.linspace(0.08, 0.97, 10).tolist(), off=0.9),
            "spend": tenths(np.geomspace(8, 1900, 10).tolist(), off=0.93),
            "coverage": {"4": {"spend": 0.803, "purchases": 0.81}, "12": {"spend": 0.791}},
            "lorenz": (people**3).tolist(),
            "clv": {"edges": edges.tolist(), "customers": [*range(39, 0, -1), 120]},
        },
        "next_purchase": {
            "calibration": {
                name: tenths(np.linspace(0.01, top, 10).tolist(), off=0.97, of="cases")
                for name, top in (
                    ("within 1 week", 0.3),
                    ("within 4 weeks", 0.7),
                    ("within 12 weeks", 0.98),
                )
            },
            "categories": tenths(np.linspace(0.01, 0.5, 10).tolist(), off=1.02, of="cases"),
            "due dates": [
                due("1", 0),
                due("2 to 3", 210, 31.0),
                due("4 to 7", 300, 22.0),
                due("8 to 15", 410, 9.4, given="by clock"),
                due("16 or more", 820, 4.1, given="by chances"),
            ],
        },
    }


def due(
    orders: str, dated: int, error: float | None = None, *, given: str | None = None
) -> dict[str, Any]:
    row: dict[str, Any] = {"orders": orders, "dated": dated, "given": given}
    if error is None:
        return row
    guesses = {"last order + the shop's median gap": 14.0, "the group's median": 12.0}
    clock = {} if orders == "1" else {"by clock": error + 3}
    return row | {"by chances": error} | clock | guesses


def summary() -> Summary:
    return Summary(
        groups=groups(),
        currency="EUR",
        basis="margin",
        horizon_weeks=52,
        annual_rate=0.15,
        matrix=matrix(),
        evidence=evidence(),
    )
