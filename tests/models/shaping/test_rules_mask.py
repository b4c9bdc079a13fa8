"""What a filter lets through is what its plain definition lets through, item by item."""

import operator
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.catalogue import Catalogue
from models.ids import Ids, Texts
from models.shaping.rules import parse

Item = dict[str, Any]
Tree = dict[str, Any]
ITEMS: list[Item] = [
    {"item_id": "milk", "category": "dairy", "brand": "Alba", "price": 1.0, "stock": 5},
    {"item_id": "butter", "category": "dairy", "brand": None, "price": 3.0, "stock": None},
    {"item_id": "pão", "category": "bakery", "brand": "Alba", "price": None, "stock": 0},
    {"item_id": "beer", "category": None, "brand": "Bock", "price": 5.0, "stock": 1},
    {"item_id": "dairy", "category": None, "brand": None, "price": None, "stock": None},
    {"item_id": "wine", "category": "drinks", "brand": "Bock", "price": 0.0, "stock": 2},
]


def codes(field: str) -> tuple[Any, Texts]:
    names = sorted({item[field] for item in ITEMS if item[field]})
    places = [names.index(item[field]) if item[field] else -1 for item in ITEMS]
    return np.array(places, dtype=np.int32), Texts.of(names)


def catalogue() -> Catalogue:
    category, categories = codes("category")
    brand, brands = codes("brand")
    prices = [np.nan if item["price"] is None else item["price"] for item in ITEMS]
    stock = [-1 if item["stock"] is None else item["stock"] for item in ITEMS]
    return Catalogue(
        ids=Ids.of([item["item_id"] for item in ITEMS]),
        titles=Texts.of("" for _ in ITEMS),
        category=category,
        categories=categories,
        brand=brand,
        brands=brands,
        price=np.array(prices),
        margin=np.full(len(ITEMS), np.nan),
        stock=np.array(stock, dtype=np.int64),
        fragments=Texts.of("" for _ in ITEMS),
        n_ranked=4,
    )


def shown(tree: Tree) -> list[str]:
    """The ids of what meets the filter; however it is asked, of all items or of those it names."""
    meeting = parse(tree).of(catalogue())
    rows = np.arange(len(ITEMS), dtype=np.int32)
    mask = meeting.meets(rows)
    assert mask.dtype == np.bool_
    if meeting.named is not None:
        assert meeting.named().tolist() == rows[mask].tolist()
        assert mask.sum() <= meeting.at_most
    return [item["item_id"] for item, is_in in zip(ITEMS, mask, strict=True) if is_in]


COMPARE = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "lte": operator.le,
    "gt": operator.gt,
    "gte": operator.ge,
}


def meets(tree: Tree, item: Item) -> bool:
    """The plain definition, as the file's head states it."""
    (name, inside), *_ = tree.items()
    if name == "not":
        return not meets(inside, item)
    if name in ("and", "or"):
        return (all if name == "and" else any)(meets(part, item) for part in inside)
    field, value = inside
    found = item[field]
    if found is None and field in ("price", "stock"):
        return False
    return found in value if name == "in" else bool(COMPARE[name](found, value))


TEXT = st.tuples(
    st.sampled_from(["item_id", "category", "brand"]),
    st.sampled_from(["milk", "pão", "dairy", "bakery", "Alba", "Bock", "nothing", ""]),
)
NUMBER = st.tuples(
    st.sampled_from(["price", "stock"]), st.sampled_from([-1, 0, 1, 2.5, 3.0, 5, 1e30])
)


def pair(name: str, found: tuple[str, Any]) -> dict[str, list[Any]]:
    return {name: [found[0], [found[1]] if name == "in" else found[1]]}


COMPARISON = st.one_of(
    st.builds(pair, st.sampled_from(["eq", "ne", "in"]), TEXT),
    st.builds(pair, st.sampled_from([*COMPARE, "in"]), NUMBER),
    st.builds(
        lambda field, values: {"in": [field, values]},
        st.sampled_from(["item_id", "category"]),
        st.lists(st.sampled_from(["milk", "dairy", "wine", "x"]), min_size=1, max_size=4),
    ),
)
TREE = st.recursive(
    COMPARISON,
    lambda part: st.one_of(
        st.builds(lambda inside: {"not": inside}, part),
        st.builds(
            lambda name, parts: {name: parts},
            st.sampled_from(["and", "or"]),
            st.lists(part, min_size=1, max_size=4),
        ),
    ),
    max_leaves=12,
)


@settings(deadline=None)
@given(tree=TREE)
def test_a_filter_lets_through_what_its_plain_definition_does(tree: Tree) -> None:
    assert shown(tree) == [item["item_id"] for item in ITEMS if meets(tree, item)]


def test_both_conditions_of_the_interfaces_example_hold() -> None:
    tree = {"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 2]}]}

    assert shown(tree) == ["milk"]


@pytest.mark.parametrize("name", [*COMPARE])
def test_an_unknown_price_meets_no_comparison(name: str) -> None:
    assert "dairy" not in shown({name: ["price", 3]})
    assert "pão" not in shown({name: ["price", 3]})


@pytest.mark.parametrize("name", [*COMPARE])
def test_an_unknown_stock_meets_no_comparison(name: str) -> None:
    for value in (-1, 0, 3):
        assert "butter" not in shown({name: ["stock", value]})


def test_a_stock_of_0_is_known() -> None:
    assert shown({"eq": ["stock", 0]}) == ["pão"]


def test_an_item_without_a_category_is_in_none() -> None:
    assert shown({"eq": ["category", ""]}) == []
    assert shown({"ne": ["category", "dairy"]}) == ["pão", "beer", "dairy", "wine"]


def test_half_a_surrogate_matches_nothing() -> None:
    assert shown({"in": ["brand", ["\ud83c"]]}) == []
    assert shown({"eq": ["item_id", "\ud83c"]}) == []
