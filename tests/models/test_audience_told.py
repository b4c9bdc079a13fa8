"""An audience is told as far as it is known, and its seeds by their number only."""

from dataclasses import replace

import pytest

from models.artifacts.audience import Asked, Stands
from models.audience_told import mean_told, moment, told
from tests import asked_audiences as audiences

A = "aud_" + "a" * 16


def test_before_it_is_built_nothing_is_told_of_its_members() -> None:
    found = told(audiences.queued(A))

    members = ("size", "seeds", "quality", "reasons", "release", "built_at")
    assert {found[name] for name in members} == {None}
    assert found["created_at"] == "2018-01-03T10:00:00Z"
    assert found["definition"]["group"] == "high"
    assert found["definition"]["seeds"] is None
    assert found["definition"]["weight"] is None


def test_while_it_is_built_again_the_build_before_is_told() -> None:
    stands = Stands(status="building", at_ms=1, progress=1 / 3, step="scoring customers")

    found = told(replace(audiences.lookalike(A), stands=stands))

    assert (found["status"], found["progress"], found["step"]) == (
        "building", 0.3333, "scoring customers",
    )  # fmt: skip
    assert (found["size"], found["seeds"], found["release"]) == (5000, 809, "r1")
    assert found["built_at"] == "2018-01-03T10:00:41Z"


def test_what_was_measured_is_told_with_its_intervals() -> None:
    quality = told(audiences.lookalike(A))["quality"]

    assert (quality["auc"], quality["auc_interval"]) == (0.836, {"low": 0.81, "high": 0.86})
    assert quality["lift_at_5_percent"] == 6.4
    assert quality["lift_at_5_percent_interval"] == {"low": 5.1, "high": 7.7}
    assert (quality["held_out"], quality["others"]) == (162, 2307)
    assert quality["candidates"] == {"logistic-vectors": 0.836, "trees": 0.829}


def test_a_reason_is_told_in_a_sentence_too() -> None:
    (reason,) = told(audiences.lookalike(A))["reasons"]

    assert reason == {
        "feature": "share of dairy",
        "direction": "higher",
        "members": 0.42,
        "everybody": 0.18,
        "text": "share of dairy: 42 % on average, 18 % of all customers",
    }


@pytest.mark.parametrize(
    ("feature", "mean", "words"),
    [
        ("share of dairy", 0.0000234, "0.0023 %"),
        ("share of items bought again", 0.9961, "100 %"),
        ("churn probability", 0.1349, "13 %"),
        ("value so far", 12345.6, "12,350"),
        ("orders", 30.0, "30"),
        ("orders", 0.0, "0"),
    ],
)
def test_a_share_is_told_in_per_cent_and_every_number_in_few_digits(
    feature: str, mean: float, words: str
) -> None:
    assert mean_told(feature, mean) == words


def test_of_a_group_with_a_build_there_is_no_quality_and_there_are_no_seeds() -> None:
    built = replace(audiences.lookalike(A), asked=audiences.queued(A).asked)
    assert built.built is not None

    found = told(replace(built, built=replace(built.built, quality=None)))

    assert (found["size"], found["quality"], found["seeds"]) == (5000, None, None)


@pytest.mark.parametrize(
    ("asked", "seeds"),
    [
        ({"n_seeds": 120}, {"count": 120, "rule": None, "group": None}),
        ({"group": "high"}, {"count": None, "rule": None, "group": "high"}),
        (
            {"rule": {"gt": ["orders", 1]}},
            {"count": None, "rule": {"gt": ["orders", 1]}, "group": None},
        ),
    ],
)
def test_seeds_are_told_by_their_number_or_what_says_who_they_are(
    asked: dict[str, object], seeds: dict[str, object]
) -> None:
    base = {"type": "lookalike", "created_ms": 1, "created_by": "", "size": 10}
    one = replace(audiences.queued(A), asked=Asked(**base | asked))  # type: ignore[arg-type]  # a row of a table

    definition = told(one)["definition"]

    assert definition["seeds"] == seeds
    assert (definition["rule"], definition["group"]) == (None, None)


def test_a_moment_is_told_in_seconds_of_utc() -> None:
    assert moment(0) == "1970-01-01T00:00:00Z"
    assert moment(1_514_887_200_999) == "2018-01-02T10:00:00Z"
