"""A rule means exactly those of whom its words are true by what the shop is told of each."""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np
import pytest

from models.artifacts.customer_profile import PROFILE, pack
from models.customer import rule
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage
from models.customer.value import Tier
from models.filter_tree import COMPARE
from models.known import customer
from models.loaded import Loaded
from tests import known, shop
from tests.training.published import namespace_of
from training.audiences import meeting, table
from training.audiences.table import Bought, Table
from training.errors import GroupUnknown

ROW = {item: row for row, item in enumerate(shop.ITEMS)}
LOADED = shop.tiny().loaded
N = 40
"""Generated customers."""


def generated() -> Mapping[str, bytes]:
    """Return profiles of which every field takes many values, the unknown among them."""
    rng = np.random.default_rng(11)
    made = np.zeros(N, dtype=PROFILE)
    for name, kind in {
        "tier": Tier,
        "stage": Stage,
        "segment": Segment,
        "satisfaction": Satisfaction,
    }.items():
        made[name] = rng.integers(0, len(kind), N)
    made["portfolio"] = rng.integers(0, 2, N)
    made["orders"], made["returned_orders"] = rng.integers(0, 5, N), rng.integers(0, 3, N)
    made["last_day"] = np.where(rng.random(N) < 0.2, 0, known.day("2017-12-31") - np.arange(N))
    made["category"] = -1
    for name in PROFILE.names or ():
        if PROFILE[name].base.kind == "f":
            numbers = rng.choice([0, 0.125, 0.33335, 1 / 3, 0.5, 1, np.nan], made[name].shape)
            made[name] = numbers * (100 if "clv" in name else 1)
    return {f"c-{n}": pack(row) for n, row in enumerate(made)}


SHOP = replace(shop.tiny(), profiles={**known.profiles(), **generated()})


@pytest.fixture(scope="module")
def read(store_url: str) -> Iterator[Table]:
    with namespace_of(store_url, f"test-{uuid.uuid4().hex}") as releases:
        shop.publish(store_url, releases.keys.namespace, SHOP)
        yield table.read(releases.store, releases.keys, LOADED, progress=lambda _share: None)


def meeting_it(tree: object, read: Table) -> set[str]:
    mask = meeting.members(rule.parse(tree), read, LOADED)
    assert mask.dtype == np.bool_
    return {read.ids[row] for row in np.flatnonzero(mask).tolist()}


def told() -> dict[str, dict[str, Any]]:
    """Return what ``GET /customers/{customer_id}`` says of each, by the names of rules."""
    assert LOADED.customers is not None
    every = {}
    for id_, packed in SHOP.profiles.items():
        said = customer(LOADED, LOADED.customers, id_, packed)
        last = said["last_purchase"]
        every[id_] = {
            **{name: said[name] for name in rule.NUMBER_FIELDS if name in said},
            **{name: said[name]["name"] for name in ("tier", "stage", "segment")},
            "portfolio": said["portfolio"] and said["portfolio"]["name"],
            "satisfaction": said["satisfaction"]["level"],
            "returned_orders": said["satisfaction"]["evidence"]["returned_orders"],
            "discount_sensitivity": said["discount_sensitivity"]["value"],
            "buys_within_4_weeks": said["next_purchase"]["within_4_weeks"],
            "expected_purchases": said["expected_purchases"][-1]["expected"],
            "expected_spend": said["expected_spend"][-1]["expected"],
            "days_since_last_purchase": last
            and (date(2017, 12, 31) - date.fromisoformat(last)).days,
        }
    return every


@pytest.mark.parametrize("field", rule.NUMBER_FIELDS)
def test_a_number_is_compared_as_it_is_told(field: str, read: Table) -> None:
    values = {id_: said[field] for id_, said in told().items()}
    numbers = sorted({value for value in values.values() if value is not None})

    assert len(numbers) > 2
    assert None in values.values() or field in ("orders", "returned_orders")
    for number in numbers:
        for name, compare in COMPARE.items():
            expected = {
                id_ for id_, value in values.items() if value is not None and compare(value, number)
            }
            assert meeting_it({name: [field, number]}, read) == expected
    assert meeting_it({"in": [field, numbers[:2]]}, read) == {
        id_ for id_, value in values.items() if value in numbers[:2]
    }


@pytest.mark.parametrize("field", rule.GROUP_FIELDS)
def test_a_group_is_who_is_told_to_be_of_it(field: str, read: Table) -> None:
    values = {id_: said[field] for id_, said in told().items()}
    names = sorted(set(values.values()) - {None})

    assert names
    for name in names:
        of_it = {id_ for id_, value in values.items() if value == name}
        assert meeting_it({"eq": [field, name]}, read) == of_it
        assert meeting_it({"ne": [field, name]}, read) == values.keys() - of_it
    assert meeting_it({"in": [field, names[:2]]}, read) == {
        id_ for id_, value in values.items() if value in names[:2]
    }


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        ({"eq": ["bought_item", "beer"]}, {"ben"}),
        ({"eq": ["bought_item", "truffle"]}, set()),
        ({"eq": ["bought_item", "no such item"]}, set()),
        ({"in": ["bought_item", ["milk", "beer"]]}, {"ana", "ben"}),
        ({"eq": ["bought_category", "dairy"]}, {"ana"}),
        ({"in": ["bought_category", ["drinks", "dairy", "no such category"]]}, {"ana", "ben"}),
        ({"eq": ["bought_category", "bakery"]}, set()),
        ({"eq": ["redeemed", "no such coupon"]}, set()),
        ({"and": [{"eq": ["tier", "high"]}, {"eq": ["bought_item", "butter"]}]}, {"ana"}),
        ({"or": [{"eq": ["bought_item", "wine"]}, {"eq": ["bought_item", "beer"]}]}, {"ben"}),
        ({"eq": ["portfolio", "portfolio-200"]}, set()),
    ],
)
def test_a_deed_is_true_of_whoever_has_ever_done_it(
    tree: object, expected: set[str], read: Table
) -> None:
    assert meeting_it(tree, read) == expected


def test_ne_and_not_mean_everybody_else(read: Table) -> None:
    everybody = set(read.ids)

    assert meeting_it({"ne": ["bought_category", "dairy"]}, read) == everybody - {"ana"}
    assert meeting_it({"not": {"eq": ["bought_item", "beer"]}}, read) == everybody - {"ben"}


def test_whoever_redeemed_one_of_some_coupons_is_meant(read: Table) -> None:
    rows = {"Spring": np.array([0, 2], np.int32), "Coupon 1": np.array([2, 5], np.int32)}
    with_coupons = replace(read, coupons=rows)

    found = meeting_it({"in": ["redeemed", ["Spring", "Coupon 1"]]}, with_coupons)

    assert found == {read.ids[row] for row in (0, 2, 5)}
    assert meeting_it({"ne": ["redeemed", "Spring"]}, with_coupons) == set(read.ids) - {
        read.ids[0],
        read.ids[2],
    }


def test_every_group_of_the_release_is_who_is_told_to_be_of_it(read: Table) -> None:
    assert LOADED.customers is not None
    for group in LOADED.customers.groups:
        unknown = {None, "unknown"} if group.name.endswith("unknown") else set()
        expected = {
            id_ for id_, said in told().items() if said[group.kind] in (unknown or {group.name})
        }
        found = meeting.of_group(group.name, read, LOADED)

        assert {read.ids[row] for row in np.flatnonzero(found).tolist()} == expected


@pytest.mark.parametrize("loaded", [LOADED, replace(LOADED, customers=None)])
def test_a_group_that_the_release_has_not_is_refused(loaded: Loaded, read: Table) -> None:
    with pytest.raises(GroupUnknown, match="release r1 has no group of that name"):
        meeting.of_group("portfolio-9", read, loaded)


@pytest.mark.parametrize(
    ("tree", "items"),
    [
        ({"eq": ["tier", "high"]}, []),
        ({"eq": ["bought_item", "beer"]}, ["beer"]),
        ({"ne": ["bought_category", "drinks"]}, ["beer", "wine"]),
        (
            {
                "and": [
                    {"not": {"in": ["bought_category", ["dairy", "none"]]}},
                    {"in": ["bought_item", ["milk", "jam"]]},
                    {"gt": ["orders", 3]},
                ]
            },
            ["milk", "butter", "jam", "cream"],
        ),
    ],
)
def test_the_items_that_define_a_rule_are_those_it_names(tree: object, items: list[str]) -> None:
    rows = meeting.defining_rows(rule.parse(tree), LOADED)

    assert rows.dtype == np.int32
    assert rows.tolist() == sorted(ROW[item] for item in items)


def test_of_nobody_nobody_meets_a_rule(read: Table) -> None:
    nobody = Table(
        ids=[],
        profiles=read.profiles[:0],
        vectors=read.vectors[:0],
        bought=Bought(
            begins=np.zeros(1, np.int64),
            rows=read.bought.rows[:0],
            times=read.bought.times[:0],
            last_day=read.bought.last_day[:0],
        ),
    )
    every = {"or": [{"eq": ["bought_item", "milk"]}, {"gte": ["orders", 0]}]}

    assert meeting_it(every, nobody) == set()
