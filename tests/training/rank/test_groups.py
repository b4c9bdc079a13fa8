"""Items are alike by kind, category and brand."""

import pytest

from tests.training.tiny import basket, items_of, lines
from training.data.purchases import number
from training.rank.groups import Grouping, groupings


def grouped(**columns: dict[str, str]) -> tuple[dict[str, Grouping], list[str]]:
    purchases = lines(*basket("ann", "milk oats jam beer", 1), *basket("bob", "milk", 2))
    items = items_of(purchases, **columns)
    numbered = number(purchases, items["item_id"], until=purchases["timestamp"][-1], min_buyers=1)
    return {one.name: one for one in groupings(numbered, items)}, numbered.item_ids


def together(grouping: Grouping, ids: list[str], *items: str) -> bool:
    return len({int(grouping.of[ids.index(item)]) for item in items}) == 1


def test_sizes_of_one_thing_are_one_kind() -> None:
    found, ids = grouped(
        title={
            "milk": "Milk, whole, 1 gal",
            "oats": "MILK, whole,2 l",
            "jam": "Milk, skimmed, 1 gal",
            "beer": "Beer",
        }
    )

    assert together(found["kind"], ids, "milk", "oats")
    assert not together(found["kind"], ids, "milk", "jam")
    assert found["kind"].n == 3


def test_a_title_that_is_all_numbers_is_a_kind_of_its_own() -> None:
    found, ids = grouped(title={"milk": "7up", "oats": "7up, 1 l", "jam": "Jam", "beer": "501"})

    assert found["kind"].n == 4
    assert not together(found["kind"], ids, "milk", "beer")


@pytest.mark.parametrize("name", ["kind", "category", "brand"])
def test_without_labels_all_items_are_one_group(name: str) -> None:
    found, ids = grouped()

    assert found[name].n == 1
    assert found[name].of.tolist() == [0] * len(ids)


def test_items_whose_label_is_unknown_are_one_group_beside_the_others() -> None:
    found, ids = grouped(category={"milk": "dairy", "oats": "dairy"}, brand={"beer": "Alba"})

    assert together(found["category"], ids, "milk", "oats")
    assert together(found["category"], ids, "jam", "beer")
    assert found["category"].n == found["brand"].n == 2
    assert together(found["brand"], ids, "milk", "oats", "jam")
