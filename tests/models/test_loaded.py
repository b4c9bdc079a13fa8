"""A release is put together whole and sound, or refused before any request sees it."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from models.errors import ArtifactCorrupt
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


@pytest.mark.parametrize("name", sorted(name for name in WHOLE.arrays() if "customers" not in name))
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


def test_the_evidence_on_the_customers_is_kept_apart_and_read_by_whoever_asks() -> None:
    assert WHOLE.customers is not None
    told = replace(WHOLE.customers, evidence={"value": {"lorenz": [0.0, 1.0]}})

    arrays = replace(WHOLE, customers=told).arrays()
    again = Loaded.from_arrays(WHOLE.manifest, arrays).customers
    arrays["customers.evidence"] = np.frombuffer(b"{", np.uint8)
    unread = Loaded.from_arrays(WHOLE.manifest, arrays).customers

    assert b"lorenz" not in arrays["customers.summary"].tobytes()
    assert again == told
    assert unread is not None
    assert unread.groups == told.groups
    with pytest.raises(ArtifactCorrupt, match="evidence"):
        unread.evidence.get("value")


def test_evidence_that_stands_in_the_summary_itself_is_found_as_well() -> None:
    assert WHOLE.customers is not None
    told = replace(WHOLE.customers, evidence={"value": {"lorenz": [0.0, 1.0]}})
    arrays = WHOLE.arrays() | {"customers.summary": np.frombuffer(told.to_json(), np.uint8)}
    del arrays["customers.evidence"]

    assert Loaded.from_arrays(WHOLE.manifest, arrays).customers == told


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
