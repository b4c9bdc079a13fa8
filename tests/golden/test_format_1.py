"""What was written in format 1 loads for ever, and says what it said then.

The files beside this test were written once, by version 0.1.0, from the tiny shop of
``tests/shop.py`` as it was then. They are never written again: a change that cannot read them needs
a new format number, and a reader of the old one.
"""

from pathlib import Path

import numpy as np
import pytest

from models.artifacts import bundle
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.artifacts.manifest import Manifest
from models.asked import Query
from models.customer.segments import UNKNOWN
from models.loaded import Loaded
from models.recommend import recommend

FOLDER = Path(__file__).parent / "format_1"
ITEMS = ["milk", "bread", "butter", "jam", "beer", "wine", "cream", "truffle"]


@pytest.fixture
def loaded() -> Loaded:
    manifest = Manifest.from_json((FOLDER / "manifest.json").read_bytes())
    content = memoryview((FOLDER / "bundle.bin").read_bytes())
    manifest.files["bundle.bin"].check("bundle.bin", content)
    return Loaded.from_arrays(manifest, bundle.unpack(content))


@pytest.fixture
def record() -> CustomerRecord:
    return CustomerRecord.unpack((FOLDER / "record.bin").read_bytes())


@pytest.fixture
def history() -> History:
    return History.unpack((FOLDER / "history.bin").read_bytes())


def test_a_manifest_of_format_1_says_what_it_said() -> None:
    manifest = Manifest.from_json((FOLDER / "manifest.json").read_bytes())

    assert manifest.version == "golden"
    assert manifest.format == 1
    assert manifest.created_at == "2018-01-01T00:00:00Z"
    assert manifest.first_purchase == "2017-01-01T08:00:00Z"
    assert manifest.last_purchase == "2017-12-31T20:00:00Z"
    assert manifest.counts == {"customers": 2, "items": 8}
    assert manifest.metrics == {"ndcg@10": 0.5}


def test_a_bundle_of_format_1_holds_what_it_held(loaded: Loaded) -> None:
    catalogue = loaded.catalogue

    assert [catalogue.ids.id_of(row) for row in range(8)] == ITEMS
    assert [catalogue.ids.row_of(item) for item in ITEMS] == list(range(8))
    assert catalogue.titles[2] == "butter golden"
    assert catalogue.price.tolist() == [1, 2, 3, 4, 5, 9, 2.5, 50]
    assert catalogue.margin.tolist() == [0.5, 1, 1.5, 2, 2.5, 4.5, 1.25, 25]
    assert catalogue.stock.tolist() == [-1, -1, -1, -1, -1, -1, 0, -1]
    assert catalogue.categories[catalogue.category[0]] == "dairy"
    assert catalogue.brand.tolist() == [-1, -1, 0, -1, -1, -1, -1, -1]
    assert catalogue.fragments[0] == (
        '"item_id":"milk","title":"milk golden","category":"dairy","price":1.0'
    )
    assert loaded.popularity.buyers.tolist() == [8, 7, 6, 5, 4, 3, 2, 0]
    assert loaded.collaborative.items[4].tolist() == [0, 1]
    assert loaded.copurchase.companions[1].tolist() == [2, 3]
    assert loaded.weights.slow == 1.0
    assert loaded.weights.transitions == loaded.weights.neighbours == loaded.weights.again == 0
    assert loaded.transitions.score(np.array([1], np.int32))[0].size == 0
    assert loaded.last_day == np.datetime64("2017-12-31", "D")
    assert loaded.customers is None


def test_a_record_of_format_1_holds_what_it_held(record: CustomerRecord) -> None:
    assert record.vector.tolist() == [1, 0]
    assert record.rows.tolist() == [2, 0, 1, 3, 6]
    assert record.scores.tolist() == [1, 0.75, 0.5, 0.25, 0.125]
    assert [Reason(reason) for reason in record.reasons] == [
        Reason.REPEAT,
        Reason.REPEAT,
        Reason.TASTE,
        Reason.TASTE,
        Reason.POPULAR,
    ]
    assert record.standing == UNKNOWN


def test_a_history_of_format_1_holds_what_it_held(history: History) -> None:
    assert history.rows.tolist() == [0, 2]
    assert history.times.tolist() == [1, 6]
    assert history.last_day.tolist() == [17501, 17519]
    assert history.every_days.tolist() == [0, 14]
    assert history.repeat == pytest.approx([1 / 6, 1], abs=1e-3)


def test_a_release_of_format_1_still_answers(
    loaded: Loaded, record: CustomerRecord, history: History
) -> None:
    query = Query(limit=4, novelty="new_only")

    answer = recommend(loaded, query, record=record, history=history)

    assert [ITEMS[row] for row in answer.ranked.rows] == ["bread", "jam", "wine", "beer"]
