"""A release's groups, through JSON and back."""

import orjson
import pytest

from models.customer.segments import Segment, Stage, slug
from models.customer.summary import Group, Kind, Sum, Summary, Within


def _group(name: str, kind: Kind, code: int, predicted: Sum | None) -> Group:
    return Group(
        name=name,
        kind=kind,
        code=code,
        title=name.title(),
        description="a rule",
        customers=3,
        share_of_customers=0.5,
        historic_value=12.5,
        share_of_value=0.25,
        predicted_value=predicted,
        joined={"new": 2},
        expected_purchases=(Within(weeks=4, expected=2.0, low=1.0, high=3.0),),
        expected_alive=2.5,
    )


SUMMARY = Summary(
    groups=(
        _group("client", "stage", 4, Sum(expected=2.0, low=1.0, high=3.0)),
        _group("loyal", "segment", 2, None),
    ),
    currency="EUR",
    basis="margin",
    horizon_weeks=52,
    annual_rate=0.15,
    matrix={"cells": []},
)


def test_a_summary_comes_back_from_its_json_as_it_was() -> None:
    assert Summary.from_json(SUMMARY.to_json()) == SUMMARY


def test_a_summary_from_before_sums_by_horizon_were_told_still_loads() -> None:
    told = orjson.loads(SUMMARY.to_json())
    for group in told["groups"]:
        for name in ("expected_purchases", "expected_spend", "expected_alive"):
            del group[name]

    found = Summary.from_json(orjson.dumps(told))

    assert found.groups[0].predicted_value == Sum(expected=2.0, low=1.0, high=3.0)
    assert found.groups[0].expected_purchases is None
    assert found.groups[0].expected_spend is None
    assert found.groups[0].expected_alive is None


def test_a_group_is_found_by_its_name_and_by_its_code() -> None:
    assert SUMMARY.group("client") is SUMMARY.groups[0]
    assert SUMMARY.named("segment", 2) is SUMMARY.groups[1]


def test_a_group_that_is_not_there_is_none() -> None:
    assert SUMMARY.group("lost") is None
    assert SUMMARY.named("tier", 4) is None


def test_what_is_no_summary_is_refused() -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        Summary.from_json(b'{"groups":[{"name":"x"}]}')


def test_no_stage_has_the_name_of_a_segment() -> None:
    stages, segments = ({slug(one) for one in kind if one} for kind in (Stage, Segment))

    assert stages.isdisjoint(segments)
