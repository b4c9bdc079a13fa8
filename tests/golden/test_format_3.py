"""What was written in format 3 loads for ever, and says what it said then.

The files beside this test were written once, by the first version that knew format 3, from the tiny
shop of ``tests/shop.py`` as it was then. They are never written again: a change that cannot read
them needs a new format number, and a reader of the old one.
"""

from pathlib import Path

import numpy as np
import pytest

from models.artifacts import bundle
from models.artifacts.customer_record import CustomerRecord, History, Reason
from models.artifacts.manifest import Manifest
from models.asked import Query
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, Standing
from models.customer.summary import Sum
from models.customer.value import Tier
from models.known import customer
from models.loaded import Loaded
from models.recommend import recommend

FOLDER = Path(__file__).parent / "format_3"
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


def test_a_manifest_of_format_3_says_what_it_said() -> None:
    manifest = Manifest.from_json((FOLDER / "manifest.json").read_bytes())

    assert manifest.version == "golden"
    assert manifest.format == 3
    assert manifest.created_at == "2018-01-01T00:00:00Z"
    assert manifest.first_purchase == "2017-01-01T08:00:00Z"
    assert manifest.last_purchase == "2017-12-31T20:00:00Z"
    assert manifest.counts == {"customers": 2, "items": 8}
    assert manifest.metrics == {"ndcg@10": 0.5}
    assert manifest.intervals == {"ndcg@10": (0.4, 0.6)}
    assert manifest.layout == 2
    assert manifest.choices["base lists"]["chosen"] == "ranker"
    assert manifest.choices["base lists"]["figures"]["blend"] == {"ndcg@10": 0.5}
    assert manifest.choices["promotions"]["chosen"] is True


def test_a_bundle_of_format_3_holds_what_it_held(loaded: Loaded) -> None:
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
    assert (loaded.weights.transitions, loaded.weights.neighbours) == (0.35, 0.2)
    assert loaded.weights.again == 0
    assert sorted(loaded.transitions.score(np.array([1], np.int32))[0].tolist()) == [3, 4]
    assert loaded.last_day == np.datetime64("2017-12-31", "D")


def test_a_summary_of_format_3_holds_what_it_held(loaded: Loaded) -> None:
    summary = loaded.customers

    assert summary is not None
    assert [group.name for group in summary.groups[:3]] == ["high", "medium", "low"]
    high = summary.group("high")
    assert high is not None
    assert (high.kind, high.code, high.customers, high.historic_value) == ("tier", 3, 1, 60)
    assert high.predicted_value == Sum(expected=40, low=25, high=55)
    assert (high.joined, high.left) == ({"medium": 1}, {})
    assert (summary.currency, summary.basis) == ("EUR", "revenue")
    assert (summary.horizon_weeks, summary.annual_rate) == (52, 0.15)
    assert summary.n_portfolios == 1
    assert [cell["customers"] for cell in summary.matrix["cells"]] == [1, 0, 0, 1]


def test_a_record_of_format_3_holds_what_it_held(record: CustomerRecord) -> None:
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
    assert record.standing == Standing(
        tier=Tier.HIGH,
        stage=Stage.CLIENT,
        segment=Segment.CHAMPIONS,
        portfolio=1,
        satisfaction=Satisfaction.SATISFIED,
    )


def test_a_history_of_format_3_holds_what_it_held(history: History) -> None:
    assert history.rows.tolist() == [0, 2]
    assert history.times.tolist() == [1, 6]
    assert history.last_day.tolist() == [17501, 17519]
    assert history.every_days.tolist() == [0, 14]
    assert history.repeat == pytest.approx([1 / 6, 1], abs=1e-3)


def test_a_profile_of_format_3_holds_what_it_held(loaded: Loaded) -> None:
    packed = (FOLDER / "profile.bin").read_bytes()
    assert loaded.customers is not None

    found = customer(loaded, loaded.customers, "ana", packed)

    assert (found["orders"], found["first_purchase"]) == (7, "2017-10-01")
    assert (found["historic_clv"], found["predicted_clv"]) == (60, 40)
    assert found["churn_probability"] == 0.25
    assert [one["expected"] for one in found["expected_spend"]] == [16.8, 50.4, 168]
    assert found["next_purchase"]["due_date"] == "2018-01-05"
    assert [one["category"] for one in found["categories"]] == ["dairy", "bakery"]
    assert found["tier"] == {"name": "high", "previous": "medium"}
    assert found["share_of_customer"] == {"estimate": 0.375}


def test_a_release_of_format_3_still_answers(
    loaded: Loaded, record: CustomerRecord, history: History
) -> None:
    query = Query(limit=4, novelty="new_only")

    answer = recommend(loaded, query, record=record, history=history)

    assert [ITEMS[row] for row in answer.ranked.rows] == ["bread", "jam", "wine", "beer"]
