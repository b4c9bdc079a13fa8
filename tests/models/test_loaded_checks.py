"""What would fail a request, or spoil its answer in silence, is found before a release serves."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from models.errors import ArtifactCorrupt
from models.ids import Texts
from models.loaded import Loaded
from tests import shop

WHOLE = shop.tiny().loaded
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
