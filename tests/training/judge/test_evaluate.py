"""Lists come out of the path that serves, and are judged customer by customer."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from models.artifacts.customer_record import CustomerRecord, History
from models.asked import Query
from models.loaded import Loaded
from models.recommend import Recommendation, recommend
from tests import shop
from tests.training.tiny import basket, day, lines
from training.data.purchases import number
from training.data.split import HeldOut
from training.judge import evaluate
from training.judge.evaluate import (
    ItemFacts,
    Judged,
    K,
    Lists,
    differences,
    item_facts,
    judge,
    served,
)

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
    quantity=[np.array([1.0, 1.0]), np.array([1.0]), np.array([1.0, 1.0])],
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
    assert values["map@10"].tolist() == pytest.approx([1 / 2, 0, 1 / 2])
    assert values["revenue@10"].tolist() == pytest.approx([3 / 12, 0, 5 / 6])
    assert values["repeat ndcg@10"][0] == 1
    assert np.isnan(values["repeat ndcg@10"][1:]).all()
    assert values["explore ndcg@10"].tolist() == pytest.approx([0, 0, 1 / (1 + second)])
    assert values["explore-only ndcg@10"].tolist() == pytest.approx([1, second, 0])
    assert values["next-basket ndcg@10"].tolist() == [0, 0, 1]
    assert found.coverage == 3 / 8


def test_item_facts_tell_novelty_and_whether_the_categories_were_right() -> None:
    drinks, food = 1, 2
    kind = {"beer": drinks, "milk": drinks, "wine": drinks}
    facts = ItemFacts(
        share=np.array([1 / 4 if item == "jam" else 1 / 2 for item in shop.ITEMS]),
        category=np.array([kind.get(item, food) for item in shop.ITEMS], dtype=np.int32),
    )
    lists = Lists(
        name="by hand",
        ordinary=[rows("jam"), np.array([ROW["jam"], ROW["butter"], ROW["beer"]]), rows("wine")],
        new_only=[rows(), rows(), rows()],
    )

    found = judge(lists, HELD_OUT, n_items=8, facts=facts).values

    # bought: food and drinks; drinks, which the list has second; drinks
    second = 1 / np.log2(3)
    assert found["novelty@10"].tolist() == pytest.approx([2, 4 / 3, 1])
    assert found["category ndcg@10"].tolist() == pytest.approx([1 / (1 + second), second, 1])


def test_without_item_facts_they_are_not_judged() -> None:
    empty = [rows(), rows(), rows()]

    found = judge(Lists(name="none", ordinary=empty, new_only=empty), HELD_OUT, n_items=8)

    assert not {"novelty@10", "category ndcg@10"} & set(found.values)


def test_item_facts_count_buyers_not_orders_and_give_the_unnamed_a_category_each() -> None:
    told = lines(
        *basket("ann", "milk ale", 1),
        *basket("ann", "milk", 2),
        *basket("bob", "milk salt", 3),
        *basket(None, "salt", 4),
    )
    items = pl.DataFrame(
        {"item_id": ["salt", "gin", "ale", "milk"], "category": [None, "drinks", "drinks", None]},
    )
    bought = number(told, items["item_id"], until=day(9), min_buyers=1)

    found = item_facts(bought, items)

    share = dict(zip(bought.item_ids, found.share.tolist(), strict=True))
    kind = dict(zip(bought.item_ids, found.category.tolist(), strict=True))
    assert share == {"milk": 1, "ale": 1 / 2, "salt": 1 / 2, "gin": 1 / 2}
    assert kind["ale"] == kind["gin"]
    assert len({kind["ale"], kind["milk"], kind["salt"]}) == 3


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
