"""A release is put together whole and sound, or refused before any request sees it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import ArtifactCorrupt
from models.ids import Texts
from models.loaded import Loaded
from tests import shop

Arrays = dict[str, NDArray[Any]]
WHOLE = shop.tiny().loaded


def test_a_release_comes_back_from_its_arrays() -> None:
    again = Loaded.from_arrays(WHOLE.manifest, WHOLE.arrays())

    assert again.version == "r1"
    assert again.weights == WHOLE.weights
    assert again.collaborative.alpha == WHOLE.collaborative.alpha
    assert again.popularity.days == 28
    assert again.last_day == np.datetime64("2017-12-31", "D")
    assert again.transitions.decay == 0.5
    for name, array in WHOLE.arrays().items():
        assert np.array_equal(again.arrays()[name], array, equal_nan=array.dtype.kind == "f")


@pytest.mark.parametrize("name", sorted(WHOLE.arrays().keys() - {"customers.summary"}))
def test_a_release_without_one_of_its_arrays_is_refused(name: str) -> None:
    arrays = WHOLE.arrays()
    del arrays[name]

    with pytest.raises(ArtifactCorrupt, match=f"release r1 lacks part of its arrays .*{name}"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


def test_a_release_from_before_there_were_transitions_has_none() -> None:
    arrays = {name: of for name, of in WHOLE.arrays().items() if "transitions" not in name}

    old = Loaded.from_arrays(WHOLE.manifest, arrays)

    found, strengths = old.transitions.score(np.array([0, 4], np.int32))
    assert found.size == strengths.size == 0
    assert Loaded.from_arrays(old.manifest, old.arrays()).transitions.successors.shape == (7, 0)


def test_what_is_known_of_the_customers_comes_back_and_an_older_release_knows_nothing() -> None:
    arrays = WHOLE.arrays()

    again = Loaded.from_arrays(WHOLE.manifest, arrays)
    del arrays["customers.summary"]
    old = Loaded.from_arrays(WHOLE.manifest, arrays)

    assert again.customers == WHOLE.customers is not None
    assert old.customers is None
    assert "customers.summary" not in old.arrays()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"groups": [7]}',
        b'{"groups": [{"predicted_value": 7}]}',
        b'{"groups": [], "colour": "red"}',
    ],
)
def test_a_summary_of_the_customers_that_cannot_be_read_is_refused(text: bytes) -> None:
    arrays = WHOLE.arrays() | {"customers.summary": np.frombuffer(text, np.uint8)}

    with pytest.raises(ArtifactCorrupt, match=r"summary .* is not one of ours; train and publish"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


@pytest.mark.parametrize("weight", ["transitions", "neighbours", "again"])
def test_a_weight_that_an_older_release_did_not_choose_is_0(weight: str) -> None:
    chosen = {name: of for name, of in WHOLE.manifest.weights.items() if name != weight}

    old = Loaded.from_arrays(replace(WHOLE.manifest, weights=chosen), WHOLE.arrays())

    assert getattr(old.weights, weight) == 0
    assert old.weights.slow == 1


@pytest.mark.parametrize(
    "name", ["n_ranked", "popularity.days", "collaborative.numbers", "transitions.numbers"]
)
def test_an_empty_array_of_numbers_is_refused(name: str) -> None:
    arrays = WHOLE.arrays() | {name: np.empty(0)}

    with pytest.raises(ArtifactCorrupt, match="lacks part of its arrays"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


OF_ITEMS = [
    "item_ids.hashes",
    "item_ids.rows",
    "category",
    "brand",
    "price",
    "margin",
    "stock",
    "popularity.buyers",
    "collaborative.items",
    "copurchase.companions",
    "copurchase.strengths",
    "transitions.successors",
    "transitions.strengths",
]


@pytest.mark.parametrize("name", [*OF_ITEMS, "titles.offsets", "fragments.offsets"])
def test_a_column_that_lacks_an_item_is_refused(name: str) -> None:
    arrays = WHOLE.arrays()
    arrays[name] = arrays[name][:-1]

    with pytest.raises(ArtifactCorrupt, match=r"expected .*; train and publish again"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


@pytest.mark.parametrize("name", OF_ITEMS)
def test_a_column_of_another_rank_is_refused(name: str) -> None:
    arrays = WHOLE.arrays()
    arrays[name] = arrays[name][..., None]

    with pytest.raises(ArtifactCorrupt, match=r"expected .*; train and publish again"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


@pytest.mark.parametrize("names", [["dairy", "bakery", "drinks", "pantry"], ["dairy", "dairy"]])
def test_categories_out_of_order_are_refused_for_no_filter_would_find_them(
    names: list[str],
) -> None:
    unordered = replace(WHOLE, catalogue=replace(WHOLE.catalogue, categories=Texts.of(names)))

    with pytest.raises(ArtifactCorrupt, match="categories are not in order"):
        Loaded.from_arrays(WHOLE.manifest, unordered.arrays())


@pytest.mark.parametrize(("name", "code"), [("category", 4), ("category", -2), ("brand", 1)])
def test_an_item_of_a_category_or_brand_that_has_no_name_is_refused(name: str, code: int) -> None:
    codes = WHOLE.arrays()[name].copy()
    codes[3] = code

    with pytest.raises(ArtifactCorrupt, match=r"items name (categories|brands) it has not"):
        Loaded.from_arrays(WHOLE.manifest, WHOLE.arrays() | {name: codes})


def test_more_items_with_models_than_items_are_refused() -> None:
    arrays = WHOLE.arrays() | {"n_ranked": np.array([9])}
    arrays["collaborative.items"] = np.ones((9, 2), np.float32)
    arrays["copurchase.companions"] = np.zeros((9, 2), np.int32)
    arrays["copurchase.strengths"] = np.zeros((9, 2), np.float32)
    arrays["transitions.successors"] = np.zeros((9, 2), np.int32)
    arrays["transitions.strengths"] = np.zeros((9, 2), np.float32)

    with pytest.raises(ArtifactCorrupt, match=r"items with models .* \(8,\), expected \(9,\)"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("collaborative.items", "item factors"),
        ("copurchase.strengths", "co-purchase strengths"),
        ("transitions.strengths", "transition strengths"),
    ],
)
@pytest.mark.parametrize("number", [np.nan, np.inf])
def test_numbers_that_are_none_are_refused(name: str, told: str, number: float) -> None:
    arrays = WHOLE.arrays()
    arrays[name] = arrays[name].copy()
    arrays[name][0, 0] = number

    with pytest.raises(ArtifactCorrupt, match=f"release r1: {told} hold NaN or infinity"):
        Loaded.from_arrays(WHOLE.manifest, arrays)


@pytest.mark.parametrize("weight", [None, "many", float("nan")])
def test_a_weight_that_is_no_number_is_refused(weight: float | str | None) -> None:
    weights: dict[str, Any] = {**WHOLE.manifest.weights, "slow": weight}
    manifest = replace(WHOLE.manifest, weights=weights)

    with pytest.raises(ArtifactCorrupt, match="train and publish again"):
        Loaded.from_arrays(manifest, WHOLE.arrays())


@pytest.mark.parametrize(
    "day", ["soon", "", "NaT", "today", "2017-13-01T00:00:00Z", None, 20171231]
)
def test_a_last_purchase_without_a_day_is_refused(day: object) -> None:
    change: dict[str, Any] = {"last_purchase": day}
    manifest = replace(WHOLE.manifest, **change)

    with pytest.raises(ArtifactCorrupt, match="r1: its last purchase has no date"):
        Loaded.from_arrays(manifest, WHOLE.arrays())


def test_a_missing_weight_is_refused() -> None:
    with pytest.raises(ArtifactCorrupt, match="'slow'"):
        Loaded.from_arrays(replace(WHOLE.manifest, weights={}), WHOLE.arrays())


def test_items_out_of_stock_may_not_be_shown() -> None:
    shown = [WHOLE.catalogue.ids.id_of(int(row)) for row in np.flatnonzero(WHOLE.showable)]

    assert shown == ["milk", "bread", "butter", "jam", "beer", "wine", "truffle"]


def test_popularity_is_the_share_of_the_best_seller() -> None:
    assert WHOLE.popular.tolist() == [8 / 8, 7 / 8, 6 / 8, 5 / 8, 4 / 8, 3 / 8, 2 / 8, 0]


def test_one_known_margin_is_enough_to_speak_of_profit() -> None:
    margin = np.full(8, np.nan)
    unknown = replace(WHOLE, catalogue=replace(WHOLE.catalogue, margin=margin.copy()))
    margin[3] = 0.5
    known = replace(WHOLE, catalogue=replace(WHOLE.catalogue, margin=margin))

    assert unknown.earning is None
    assert known.earning is not None


def test_an_item_without_a_title_is_called_by_its_id() -> None:
    titles = [WHOLE.catalogue.titles[row] for row in range(8)]
    titles[2] = ""
    named = replace(WHOLE.catalogue, titles=type(WHOLE.catalogue.titles).of(titles))

    assert named.name(2) == "butter"
    assert named.name(3) == "jam r1"
