"""A table of policies is one of ours or is refused in words; a request keeps what it says."""

from typing import Any

import pytest

from models.asked import Query
from models.customer.value import Tier
from models.errors import PolicyError
from models.shaping.policies import Policy, fitting, left_open, read, unmet
from models.shaping.rules import parse
from tests import shop

TABLE: dict[str, Any] = {
    "home": {
        "novelty": 0.2,
        "diversity": 0,
        "high": {"novelty": 0.4, "categories": ["dairy", "drinks"], "objective": "profit"},
        "unknown": {"novelty": "any"},
    },
    "email": {"low": {"novelty": "new_only"}},
}


def test_a_tier_has_what_its_own_row_says_over_what_the_placement_says() -> None:
    home = read(TABLE)["home"]

    assert home[Tier.HIGH] == Policy(
        novelty=0.4, diversity=0, objective="profit", categories=("dairy", "drinks")
    )
    assert home[Tier.MEDIUM] == home[Tier.LOW] == Policy(novelty=0.2, diversity=0)
    assert home[Tier.UNKNOWN] == Policy(novelty="any", diversity=0)


def test_a_placement_without_columns_of_its_own_leaves_other_tiers_alone() -> None:
    email = read(TABLE)["email"]

    assert email[Tier.LOW].told == {"novelty": "new_only"}
    assert email[Tier.HIGH].told == {}


def test_a_share_of_nothing_is_said_and_no_column_is_not() -> None:
    assert Policy(diversity=0.0).told == {"diversity": 0.0}
    assert Policy().told == {}


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ({"novelty": 0.2}, "'novelty' at the top; expected tables"),
        ({"Home": {}}, "'Home' at the top; expected tables"),
        ({"home\n": {}}, "at the top; expected tables"),
        ({"home": {"vip": {}}}, "tier 'vip' in .home.; expected high, medium, low, unknown;"),
        ({"home": {"novlty": 0.2}}, "column 'novlty' in .home.; expected novelty, diversity,"),
        ({"home": {"high": {"limit": 3}}}, "column 'limit' in .home.high.; expected novelty,"),
        ({"home": {"high": {"low": {}}}}, "column 'low' in .home.high."),
    ],
)
def test_an_unknown_name_is_told_with_its_place_and_the_known_ones(
    table: dict[str, Any], words: str
) -> None:
    with pytest.raises(PolicyError, match=f"found .*{words}"):
        read(table)


@pytest.mark.parametrize(
    ("column", "said", "expected"),
    [
        *(("novelty", said, "a share from 0 to 1") for said in ("all", -0.1, 1.1, True, [0.5])),
        ("novelty", float("nan"), "a share from 0 to 1"),
        *(("diversity", said, "a number from 0 to 1") for said in ("any", "0.3", 2, False)),
        *(("objective", said, '"relevance" or "profit"') for said in ("Profit", 1, ["profit"])),
        *(("categories", said, "1 to 100 names") for said in ("dairy", [], [1], [""], ["a"] * 101)),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(
    column: str, said: object, expected: str
) -> None:
    with pytest.raises(PolicyError, match=rf"found {column} = .* in \[home\.low\]; .*{expected}"):
        read({"home": {"low": {column: said}}})


def test_what_the_request_fills_itself_stays() -> None:
    policy = read(TABLE)["home"][Tier.HIGH]

    query = Query(novelty="new_only", limit=5).under(policy.but({"novelty"}))

    assert query.novelty == "new_only"
    assert (query.objective, query.diversity, query.limit) == ("profit", 0, 5)


def test_the_requests_filter_and_the_policys_categories_must_both_be_met() -> None:
    catalogue = shop.tiny().loaded.catalogue
    policy = read(TABLE)["home"][Tier.HIGH]

    query = Query(filter=parse({"gt": ["price", 2.5]})).under(policy)

    assert query.filter is not None
    met = query.filter.of(catalogue).meets(slice(None))
    assert [item for item, meets in zip(shop.ITEMS, met, strict=True) if meets] == [
        "butter",
        "beer",
        "wine",
    ]


def test_categories_alone_are_the_filter_of_a_request_without_one() -> None:
    policy = Policy(categories=("bakery",))

    query = Query().under(policy)

    assert query.filter == parse({"in": ["category", ["bakery"]]})
    assert query.needs_history


def test_a_policy_that_says_nothing_changes_nothing() -> None:
    query = Query(diversity=0.3, filter=parse({"eq": ["brand", "Alba"]}))

    assert query.under(Policy()) == query


def test_a_release_does_of_the_table_what_it_can() -> None:
    table = TABLE | {"cart": {"categories": ["wine", "cheese"], "low": {"categories": ["dairy"]}}}
    catalogue = shop.tiny().loaded.catalogue

    without = fitting(read(table), catalogue, has_margins=False)

    assert without["home"][Tier.HIGH] == Policy(
        novelty=0.4, diversity=0, categories=("dairy", "drinks")
    )
    assert without["cart"][Tier.HIGH] == without["cart"][None] == Policy()
    assert without["cart"][Tier.LOW] == Policy(categories=("dairy",))
    with_margins = fitting(read(TABLE), catalogue, has_margins=True)
    assert with_margins == read(TABLE)


def test_whoever_comes_has_a_row_of_their_own() -> None:
    assert read(TABLE)["home"][None] == Policy(novelty=0.2, diversity=0)


def test_a_row_is_made_once_for_requests_that_fill_the_same_columns() -> None:
    row = read(TABLE)["home"][Tier.HIGH]

    left = left_open(row, frozenset({"novelty"}))

    assert left == row.but({"novelty"})
    assert left_open(row, frozenset({"novelty"})) is left
    assert left_open(row, frozenset()) is row


def test_what_a_release_lacks_is_told_once_a_placement() -> None:
    table = TABLE | {"cart": {"categories": ["dairy", "wine", "cheese"], "objective": "profit"}}
    loaded = shop.tiny(margins=True).loaded

    with_margins = list(unmet(read(table), loaded.catalogue, has_margins=True))
    without = list(unmet(read(table), loaded.catalogue, has_margins=False))

    named = [
        "[cart] keeps to 'cheese', and no item is of that category",
        "[cart] keeps to 'wine', and no item is of that category",
    ]
    assert with_margins == named
    assert without == [
        "[home] asks for profit, and no margin is known: it gets relevance",
        "[cart] asks for profit, and no margin is known: it gets relevance",
        *named,
    ]
