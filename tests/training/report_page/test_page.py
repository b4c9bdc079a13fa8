"""The page as a whole: what a reader finds on it, and what must never be on it."""

import re
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from models.artifacts.manifest import Manifest
from models.customer.summary import Summary
from tests.training.report_page import told
from tests.training.report_page.read import Element, read
from training.report_page.page import page


@pytest.fixture(scope="module")
def html() -> str:
    return page(told.manifest(), told.summary())


@pytest.fixture(scope="module")
def document(html: str) -> Element:
    return read(html)


def test_the_page_is_well_formed_and_says_its_language(html: str, document: Element) -> None:
    assert html.startswith("<!DOCTYPE html>")
    (root,) = document.all("html")
    assert root.attributes["lang"] == "en-GB"
    (title,) = document.all("title")
    assert "20261101T030000Z-1a2b" in title.text


def test_nothing_is_fetched_and_nothing_runs(html: str, document: Element) -> None:
    assert not document.all("script") + document.all("link") + document.all("img")
    assert not re.search(r"https?://|//\w|url\(|@import|javascript:| on\w+=", html)


def test_headings_go_down_one_step_at_a_time(html: str) -> None:
    levels = [int(tag) for tag in re.findall(r"<h(\d)", html)]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_the_contents_lead_to_every_section(document: Element) -> None:
    links = [link.attributes["href"] for link in document.all("a")]
    ids = [section.attributes["id"] for section in document.all("section")]

    assert links == [f"#{id_}" for id_ in ids]
    assert len(set(ids)) == len(ids) == 10


def test_every_drawing_has_a_caption_words_for_who_cannot_see_it_and_a_table(
    document: Element,
) -> None:
    drawn = [one for one in document.all("figure") if one.all("svg")]

    assert len(drawn) == 10
    for figure in drawn:
        (svg,) = figure.all("svg")
        assert svg.attributes["role"] == "img"
        assert svg.attributes["aria-label"]
        assert figure.all("figcaption")[0].text
        (details,) = figure.all("details")
        assert details.all("td")
        assert all(head.attributes["scope"] == "col" for head in details.all("thead")[0].all("th"))


def test_the_words_of_the_data_are_words_and_no_tags(html: str, document: Element) -> None:
    named = [heading.text for heading in document.all("h4")]

    assert "<script>alert(1)</script>" in named
    assert "<script" not in html


def test_the_head_says_what_the_release_is(document: Element) -> None:
    (head,) = document.all("header")

    for words in (
        "Release 20261101T030000Z-1a2b of 1 November 2026",
        "learned from 1,439,785 lines, 134,567 orders and 60,123 items of purchases",
        "between 2 January 2025 and 31 October 2026",
        "Customers 2,400",
        "Margin so far €4.00 million",
        "Expected in 52 weeks €2.14 million 80 % interval: €2.01 million to €2.26 million",
    ):
        assert words.lower() in head.text.lower()
    assert "no earlier release" not in head.text


def test_a_first_release_says_once_that_nobody_can_have_moved() -> None:
    groups = tuple(replace(group, joined=None, left=None) for group in told.groups())

    document = read(page(told.manifest(), replace(told.summary(), groups=groups)))

    assert "There is no earlier release" in document.all("header")[0].text
    assert "Since the release before" not in document.text


def test_a_release_from_before_customers_were_known_still_has_a_page() -> None:
    document = read(page(replace(told.manifest(), intervals={}), None))

    assert "says nothing of its customers: it was made before" in document.text
    assert [one.attributes["id"] for one in document.all("section")] == [
        "value",
        "quality",
        "decisions",
    ]
    assert "0.431" in document.text


def nothing_known() -> Summary:
    return replace(told.summary(), groups=(), matrix={}, evidence={}, currency=None)


def young() -> Manifest:
    why = "history is 3 days long, and a forecast needs 42"
    return replace(
        told.manifest(),
        metrics={},
        intervals={},
        choices={"customer value": {"chosen": "nothing", "why": why}},
    )


def test_a_shop_of_three_days_has_a_page_that_says_what_is_unknown_and_why() -> None:
    document = read(page(young(), nothing_known()))

    assert not document.all("svg")
    text = document.text
    for words in (
        "Nothing could be foretold. History is 3 days long, and a forecast needs 42.",
        "No margin is known that could be shared out.",
        "Nothing is known yet: a tier needs both",
        "Nothing is known yet. The release does not say why.",
        "This release gives no due dates.",
        "Not known. History is 3 days long",
        "Not known. The history is too short to play a past moment again.",
        "This release was not judged.",
        "Customer value not used History is 3 days long",
    ):
        assert words in text


def replaced(found: Any, at: tuple[str | int, ...], by: Any) -> Any:  # noqa: ANN401
    if not at:
        return by
    if isinstance(found, list):
        return [replaced(one, at[1:], by) if n == at[0] else one for n, one in enumerate(found)]
    return {
        name: replaced(one, at[1:], by) if name == at[0] else one for name, one in found.items()
    }


def paths(found: Any, *above: str | int) -> list[tuple[str | int, ...]]:  # noqa: ANN401
    """Return the path to everything in the evidence, three steps down."""
    inside = found.items() if isinstance(found, dict) else ()
    deeper = [path for name, one in inside for path in paths(one, *above, name)]
    return ([above] if above else []) + deeper


@pytest.mark.parametrize("path", paths(told.evidence()), ids="/".join)
def test_whatever_part_of_the_evidence_is_absent_the_rest_is_told(
    path: tuple[str | int, ...],
) -> None:
    evidence = replaced(told.evidence(), path, None)

    document = read(page(told.manifest(), replace(told.summary(), evidence=evidence)))

    assert len(document.all("section")) == 10
    assert "nan" not in document.text.lower().split()


def test_a_summary_that_went_through_the_bundle_makes_the_same_page(html: str) -> None:
    through = Summary.from_json(told.summary().to_json())

    assert page(Manifest.from_json(told.manifest().to_json()), through) == html
