"""What may be asked of an audience: each rule of ``POST /audiences``, at its edge."""

from typing import Any

import pytest
from starlette.testclient import TestClient

IDS = [f"c-{n}" for n in range(100)]
ALIKE: dict[str, Any] = {"type": "lookalike", "seeds": IDS, "expansion": 1}
RULE: dict[str, Any] = {"type": "rule", "rule": {"eq": ["bought_category", "dairy"]}}
GROUP: dict[str, Any] = {"type": "group", "group": "high"}
NOBODY = "aud_0123456789abcdef"


def asked(client: TestClient, body: dict[str, Any]) -> dict[str, Any]:
    response = client.post("/audiences", json=body)
    assert response.status_code == 202, response.text
    return dict(response.json()["definition"])


@pytest.mark.parametrize(
    "body",
    [
        ALIKE,
        ALIKE | {"expansion": 10, "weight": "value", "name": "x" * 256, "ttl_days": 365},
        ALIKE | {"expansion": None, "size": 1},
        ALIKE | {"expansion": 2.5, "seeds": [*IDS, "ñ" * 256]},
        ALIKE | {"seeds": {"rule": {"in": ["portfolio", ["portfolio-1"]]}}},
        ALIKE | {"seeds": {"group": "champions"}, "refresh": True},
        RULE | {"rule": {"in": ["bought_item", ["milk", "cream"]]}},
        RULE | {"size": 10_000_000, "refresh": False, "ttl_days": 1.0},
        RULE | {"rule": {"not": {"eq": ["redeemed", "SPRING"]}}, "seeds": None},
        GROUP | {"exclude": []},
        GROUP | {"name": None, "size": None, "group": "portfolio-unknown"},
    ],
)
def test_what_is_within_the_rules_is_taken(client: TestClient, body: dict[str, Any]) -> None:
    assert asked(client, body)["type"] == body["type"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/type", "missing"),
        ({"type": "twins"}, "/type", "not-one-of"),
        (GROUP | {"colour": "red"}, "/colour", "unknown-field"),
        ({"type": "lookalike", "size": 1}, "/seeds", "missing-definition"),
        ({"type": "rule"}, "/rule", "missing-definition"),
        ({"type": "group"}, "/group", "missing-definition"),
        (GROUP | {"rule": RULE["rule"]}, "/rule", "not-of-the-type"),
        (GROUP | {"seeds": IDS}, "/seeds", "not-of-the-type"),
        (RULE | {"expansion": 1}, "/expansion", "not-of-the-type"),
        (RULE | {"weight": "equal"}, "/weight", "not-of-the-type"),
        (ALIKE | {"group": "high"}, "/group", "not-of-the-type"),
        (ALIKE | {"expansion": None}, "/size", "size-or-expansion"),
        (ALIKE | {"size": 1}, "/size", "size-or-expansion"),
        (ALIKE | {"expansion": 0.99}, "/expansion", "out-of-range"),
        (ALIKE | {"expansion": 10.01}, "/expansion", "out-of-range"),
        (ALIKE | {"expansion": True}, "/expansion", "not-a-number"),
        (ALIKE | {"weight": "clv"}, "/weight", "not-one-of"),
        (ALIKE | {"seeds": IDS[:99]}, "/seeds", "wrong-length"),
        (ALIKE | {"seeds": [str(n) for n in range(20_001)]}, "/seeds", "wrong-length"),
        (ALIKE | {"seeds": [*IDS, "c-7"]}, "/seeds", "each-once"),
        (ALIKE | {"seeds": [*IDS, "a\n"]}, "/seeds/100", "wrong-characters"),
        (ALIKE | {"seeds": [*IDS, ""]}, "/seeds/100", "wrong-characters"),
        (ALIKE | {"seeds": [*IDS, "a" * 257]}, "/seeds/100", "wrong-characters"),
        (ALIKE | {"seeds": [1, *IDS]}, "/seeds/0", "wrong-characters"),
        (ALIKE | {"seeds": "c-1"}, "/seeds", "seeds-shape"),
        (ALIKE | {"seeds": {"group": ""}}, "/seeds", "seeds-shape"),
        (ALIKE | {"seeds": {"group": "high", "rule": RULE["rule"]}}, "/seeds", "seeds-shape"),
        (ALIKE | {"seeds": {"rule": {"eq": ["tier", 1]}}}, "/seeds/rule/eq/1", "filter-type"),
        (ALIKE | {"seeds": {"group": "highest"}}, "/seeds/group", "not-in-release"),
        (RULE | {"rule": {"like": ["tier", "high"]}}, "/rule", "filter-operator"),
        (RULE | {"rule": {"and": [{"eq": ["age", 1]}]}}, "/rule/and/0/eq/0", "filter-field"),
        (RULE | {"rule": {"eq": ["redeemed", "x" * 16_384]}}, "/rule", "filter-too-large"),
        (RULE | {"rule": {"eq": ["bought_category", "shoes"]}}, "/rule", "not-in-release"),
        (RULE | {"rule": {"eq": ["bought_item", "nonesuch"]}}, "/rule", "not-in-release"),
        (RULE | {"rule": {"in": ["bought_item", ["milk", "truffle"]]}}, "/rule", "not-in-release"),
        (RULE | {"rule": {"not": {"eq": ["portfolio", "portfolio-9"]}}}, "/rule", "not-in-release"),
        (GROUP | {"group": "highest"}, "/group", "not-in-release"),
        (GROUP | {"group": "x" * 65}, "/group", "wrong-length"),
        (GROUP | {"size": 0}, "/size", "out-of-range"),
        (GROUP | {"size": 10_000_001}, "/size", "out-of-range"),
        (GROUP | {"size": 1.5}, "/size", "not-an-integer"),
        (GROUP | {"ttl_days": 0}, "/ttl_days", "out-of-range"),
        (GROUP | {"ttl_days": 366}, "/ttl_days", "out-of-range"),
        (GROUP | {"refresh": "yes"}, "/refresh", "not-a-boolean"),
        (GROUP | {"name": "two\nlines"}, "/name", "wrong-characters"),
        (GROUP | {"exclude": ["mine"]}, "/exclude/0", "wrong-characters"),
        (GROUP | {"exclude": [NOBODY]}, "/exclude/0", "unknown-audience"),
        (GROUP | {"exclude": [NOBODY] * 2}, "/exclude", "each-once"),
        (GROUP | {"exclude": [f"aud_{n:016x}" for n in range(21)]}, "/exclude", "wrong-length"),
    ],
)
def test_what_breaks_a_rule_is_refused_at_its_place(
    client: TestClient, body: dict[str, Any], pointer: str, code: str
) -> None:
    response = client.post("/audiences", json=body)

    assert response.status_code == 422
    assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [(pointer, code)]


def test_what_was_sent_is_never_said_again(client: TestClient) -> None:
    told = "zq-secret"
    bodies = [
        ALIKE | {"seeds": [*IDS, f"{told}\n"]},
        ALIKE | {"seeds": [*IDS, told, told]},
        ALIKE | {"seeds": {"rule": {"eq": [told, told]}}},
        RULE | {"rule": {"eq": ["bought_category", told]}},
        GROUP | {"group": told},
    ]

    answers = [client.post("/audiences", json=body) for body in bodies]

    assert [one.status_code for one in answers] == [422] * len(bodies)
    assert not [one.text for one in answers if told in one.text]


def test_rules_and_groups_follow_the_releases_and_lookalikes_do_not(client: TestClient) -> None:
    followed = [asked(client, body)["refresh"] for body in (ALIKE, RULE, GROUP)]

    assert followed == [False, True, True]
    assert asked(client, ALIKE | {"refresh": True})["refresh"] is True
    assert asked(client, GROUP | {"refresh": False})["refresh"] is False
