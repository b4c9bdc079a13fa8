"""The strictest word wins, whoever's word it is."""

import itertools
from dataclasses import fields, replace
from typing import Any

import pytest

from app.events.body import sent
from app.events.consents import of_categories, of_google, strictest
from models.artifacts.event import NOTHING_SAID, Consent

WORDS = (None, True, False)


def saying(matter: str, word: bool | None) -> Consent:
    return replace(Consent(), **{matter: word})  # type: ignore[arg-type]


@pytest.mark.parametrize("matter", ["analytics", "personalization", "ads"])
def test_a_refusal_stands_against_anybodys_consent(matter: str) -> None:
    for one, other in itertools.product(WORDS, WORDS):
        words = {one, other}
        expected = False if False in words else True if True in words else None

        both = strictest(saying(matter, one), saying(matter, other))

        assert getattr(both, matter) is expected
        assert all(
            getattr(both, field.name) is None for field in fields(both) if field.name != matter
        )


def test_where_nobody_says_anything_nothing_is_said() -> None:
    assert strictest(Consent(), Consent()) is NOTHING_SAID  # so that an event costs nothing for it


def test_who_objects_to_a_sale_does_not_consent_to_ads() -> None:
    objecting, consenting = Consent(sale_opt_out=True), Consent(ads=True, sale_opt_out=False)

    for both in (strictest(objecting, consenting), strictest(consenting, objecting)):
        assert (both.sale_opt_out, both.ads, both.personalization) == (True, False, None)
    assert strictest(objecting, Consent()).ads is False


def test_the_strings_of_an_event_count_before_those_of_its_body() -> None:
    both = strictest(Consent(tcf="A"), Consent(tcf="B", gpp="C"))

    assert (both.tcf, both.gpp) == ("A", "C")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"ad_user_data": "GRANTED", "ad_personalization": "GRANTED"}, {"ads": True}),
        ({"ad_user_data": "GRANTED", "ad_personalization": "DENIED"}, {"ads": False}),
        ({"ad_user_data": "DENIED", "ad_personalization": "GRANTED"}, {"ads": False}),
        (
            {"analytics_storage": "denied", "ad_storage": "granted"},
            {"analytics": False, "ads": True},
        ),
        ({"personalization_storage": "denied"}, {"personalization": False}),
        ({"ad_user_data": None, "functionality_storage": "denied"}, {}),
        ({"ad_user_data": "maybe"}, {"ads": "maybe"}),
    ],
)
def test_googles_consent_is_about_ads_and_storage(
    said: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert of_google(said) == expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([{"Advertising": True, "Analytics": False}], {"ads": True, "analytics": False}),
        ([{"Functional": False}], {"personalization": False}),
        ([{"DataSharing": False}], {"sale_opt_out": True}),
        ([{"DataSharing": True}], {"sale_opt_out": False}),
        ([{"C0002": False, "C0003": True, "C0004": False}],
         {"analytics": False, "personalization": True, "ads": False}),
        ([{"Analytics": True}, {"Analytics": False}], {"analytics": False}),
        ([{"Analytics": False}, {"Analytics": True}], {"analytics": False}),
        ([{"Of our own": False}], None),
        ([None, {}], None),
        ([7], 7),
    ],
)  # fmt: skip
def test_categories_of_a_consent_tool_are_known_by_their_usual_names(
    said: list[Any], expected: object
) -> None:
    assert of_categories(*said) == expected


def test_ads_that_are_not_personal_are_a_refusal() -> None:
    body = {"client_id": "v", "non_personalized_ads": True, "events": [{"name": "x"}]}

    assert sent(body).consent == Consent(ads=False)
