"""Lists come out of the path that serves, and are judged customer by customer."""

from dataclasses import replace

import numpy as np
import pytest

from models.artifacts.customer_record import CustomerRecord, History
from models.asked import Query
from models.loaded import Loaded
from models.recommend import Recommendation, recommend
from tests import shop
from training.data.split import HeldOut
from training.judge import evaluate
from training.judge.evaluate import Judged, K, Lists, differences, judge, served

ROW = {item: row for row, item in enumerate(shop.ITEMS)}
MADE = shop.tiny()
PACKED = {id_: (record.pack(), history.pack()) for id_, (record, history) in MADE.customers.items()}


def rows(*items: str) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(sorted(ROW[item] for item in items), dtype=np.int32)


def names(found: np.ndarray[tuple[int], np.dtype[np.int32]]) -> list[str]:
    return [shop.ITEMS[row] for row in found]


HELD_OUT = HeldOut(
    customer_ids=["ana", "ben", "eve"],
    customers=np.array([0, 1, -1], dtype=np.int32),
    bought=[rows("butter", "wine"), rows("milk"), rows("milk", "beer")],
    bought_before=[rows("butter", "milk"), rows("beer"), rows()],
    spend=[np.array([3.0, 9.0]), np.array([1.0]), np.array([1.0, 5.0])],
    next_basket=[rows("wine"), rows("milk"), rows("beer")],
)


@pytest.fixture
def lists() -> Lists:
    return served(MADE.loaded, PACKED, HELD_OUT, name="ours")


def test_every_customer_is_asked_for_as_a_request_would_ask(lists: Lists) -> None:
    record, history = MADE.customers["ana"]
    answer = recommend(MADE.loaded, Query(limit=K), record=record, history=history)

    assert lists.ordinary[0].tolist() == answer.ranked.rows.tolist()
    assert names(lists.ordinary[0])[:4] == ["butter", "milk", "bread", "jam"]
    assert names(lists.new_only[0])[:2] == ["bread", "jam"]


def test_a_customer_without_a_record_is_a_stranger(lists: Lists) -> None:
    assert names(lists.ordinary[2])[:3] == ["milk", "bread", "butter"]
    assert lists.new_only[2].tolist() == lists.ordinary[2].tolist()


def test_every_list_goes_through_the_path_that_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[bool, Query]] = []

    def overheard(
        loaded: Loaded,
        query: Query,
        *,
        record: CustomerRecord | None = None,
        history: History | None = None,
    ) -> Recommendation:
        asked.append((record is not None, query))
        return recommend(loaded, query, record=record, history=history)

    monkeypatch.setattr(evaluate, "recommend", overheard)
    served(MADE.loaded, PACKED, HELD_OUT, name="ours")

    assert [known for known, _ in asked] == [True, True, True, True, False, False]
    assert {(query.limit, query.novelty) for _, query in asked} == {(K, "any"), (K, "new_only")}


def test_lists_are_judged_as_a_whole_by_repeats_by_discoveries_and_by_the_next_basket() -> None:
    lists = Lists(
        name="by hand",
        ordinary=[rows("butter", "jam"), rows("beer"), rows("beer")],
        new_only=[rows("wine"), rows("wine", "milk")[::-1], rows("jam")],
    )

    found = judge(lists, HELD_OUT, n_items=8)

    second = 1 / np.log2(3)
    values = found.values
    assert values["ndcg@10"].tolist() == pytest.approx([1 / (1 + second), 0, 1 / (1 + second)])
    assert values["recall@20"].tolist() == [0.5, 0, 0.5]
    assert values["hit@10"].tolist() == [1, 0, 1]
    assert values["mrr"].tolist() == [1, 0, 1]
    assert values["revenue@10"].tolist() == pytest.approx([3 / 12, 0, 5 / 6])
    assert values["repeat ndcg@10"][0] == 1
    assert np.isnan(values["repeat ndcg@10"][1:]).all()
    assert values["explore ndcg@10"].tolist() == pytest.approx([0, 0, 1 / (1 + second)])
    assert values["explore-only ndcg@10"].tolist() == pytest.approx([1, second, 0])
    assert values["next-basket ndcg@10"].tolist() == [0, 0, 1]
    assert found.coverage == 3 / 8


def test_means_leave_out_whom_a_metric_cannot_judge() -> None:
    found = Judged(
        name="by hand",
        values={"a": np.array([1.0, 0.5]), "b": np.array([np.nan, 0.5]), "c": np.full(2, np.nan)},
        coverage=0.25,
    )

    means = found.means()

    assert (means["a"], means["b"], means["coverage@10"]) == (0.75, 0.5, 0.25)
    assert np.isnan(means["c"])


def test_the_same_lists_differ_by_nothing(lists: Lists) -> None:
    ours = judge(lists, HELD_OUT, n_items=8)

    found = differences(ours, [replace(ours, name="twin")], rng=np.random.default_rng(7))

    assert list(found["twin"]["ndcg@10"]) == [0, 0]
    assert set(found["twin"]) == set(ours.values)


def test_differences_are_paired_by_customer() -> None:
    ours = Judged(name="ours", values={"x": np.array([0.9, 0.1, 0.5])}, coverage=1)
    other = Judged(name="other", values={"x": np.array([0.8, 0.0, 0.4])}, coverage=1)

    found = differences(ours, [other], rng=np.random.default_rng(7))

    assert found["other"]["x"] == pytest.approx((0.1, 0.1))
