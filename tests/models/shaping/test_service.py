"""Service before selling: a table of placements by how satisfied the customer is."""

from typing import Any

import pytest

from models.asked import Query
from models.customer.preferences import CHANNELS
from models.customer.satisfaction import Satisfaction
from models.errors import PolicyError
from models.recommend import recommend
from models.shaping.service import BUILT_IN, Service, bought_again, of, read
from tests.models.asking import LOADED, MADE, names

ANGRY = [Satisfaction.COMPLETELY_DISSATISFIED, Satisfaction.DISSATISFIED]
TABLE: dict[str, Any] = {
    "*": {"content": "smile", "dissatisfied": {"upsell": False}},
    "email-april": {"dissatisfied": {"list": True}},
    "email": {"list": False},
    "home": {"upsell": True, "dissatisfied": {"content": "help"}},
}


@pytest.mark.parametrize("level", [level for level in Satisfaction if level not in ANGRY])
def test_by_default_nothing_changes_for_who_is_not_dissatisfied(level: Satisfaction) -> None:
    for placement in (None, "home", "email", "push-evening"):
        assert of(BUILT_IN, placement, level).told == {}


def test_by_default_the_dissatisfied_are_served_everywhere_and_sold_nothing_more() -> None:
    for placement in (None, "home", "cart", "emailing"):
        told = [of(BUILT_IN, placement, level).told for level in ANGRY]
        assert told == [
            {"upsell": False, "content": "apology"},
            {"upsell": False, "content": "help"},
        ]


@pytest.mark.parametrize("channel", CHANNELS)
def test_by_default_the_dissatisfied_are_sold_nothing_in_a_contact(channel: str) -> None:
    for placement in (channel, f"{channel}-april", f"{channel}_1"):
        assert [of(BUILT_IN, placement, level).list for level in ANGRY] == [False, False]


def test_a_row_says_what_it_does_over_what_more_general_ones_say() -> None:
    services, dissatisfied = read(TABLE), Satisfaction.DISSATISFIED

    assert of(services, "cart", Satisfaction.NEUTRAL) == Service(content="smile")
    assert of(services, "cart", dissatisfied) == Service(content="smile", upsell=False)
    assert of(services, "home", Satisfaction.UNKNOWN) == Service(content="smile", upsell=True)
    assert of(services, "home", dissatisfied) == Service(content="help", upsell=True)


def test_a_contact_takes_what_its_channel_says_whatever_comes_first_in_the_file() -> None:
    services = read(TABLE)

    assert of(services, "email-may", Satisfaction.NEUTRAL).list is False
    assert of(services, "email-april", Satisfaction.NEUTRAL).list is False
    assert of(services, "email-april", Satisfaction.DISSATISFIED) == Service(
        content="smile", upsell=False, list=True
    )


def test_an_empty_table_does_nothing_for_anybody() -> None:
    assert all(of(read({}), "email", level) == Service() for level in Satisfaction)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"upsell": False}, "'upsell' at the top; expected tables .*or '\\*' for all"),
        ({"home": {"angry": {}}}, "level of satisfaction 'angry' in .home.; expected unknown, "),
        ({"home": {"upsel": False}}, "column 'upsel' in .home.; expected upsell, content, list"),
        ({"home": {"upsell": 0}}, "upsell = 0 in .home.; expected true or false"),
        ({"*": {"neutral": {"list": "no"}}}, "list = 'no' in .*neutral.; expected true or false"),
        *(
            ({"home": {"content": said}}, "content = .*; expected a word of 1 to 64")
            for said in ("", "So sorry", "x" * 65, 1, "a\n")
        ),
    ],
)
def test_what_is_none_of_ours_is_told_with_its_place(table: dict[str, Any], words: str) -> None:
    with pytest.raises(PolicyError, match=f"found .*{words}"):
        read(table)


def test_what_is_bought_again_is_all_that_the_filter_leaves() -> None:
    record, _ = MADE.customers["ana"]

    kept = Query(filter=bought_again(record, LOADED.catalogue), limit=5)

    assert names(recommend(LOADED, kept, record=record)) == ["butter", "milk"]


def test_of_a_stranger_nothing_is_known_to_be_bought_again() -> None:
    kept = Query(filter=bought_again(None, LOADED.catalogue))

    assert names(recommend(LOADED, kept)) == []
