"""The published sets as shops, and the lists that single models are judged by."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import scipy.sparse as sp

from benchmarks import published_models, published_sets
from models.arrays import Scores
from tests.training.tiny import basket, day, lines
from training.data.purchases import Purchases, number
from training.data.split import HeldOut, hold_out


def shop() -> tuple[Purchases, HeldOut]:
    """Ann and bob are known, cat is a stranger; tea sells best, then jam, then rye."""
    told = lines(
        *basket("ann", "tea jam", 1),
        *basket("bob", "tea jam rye", 2),
        *basket("dan", "tea", 3),
        *basket("bob", "jam", 12),
        *basket("cat", "tea", 12),
        *basket("ann", "rye", 12),
    )
    known = number(told, told["item_id"].unique(), until=day(10), min_buyers=1)
    return known, hold_out(told, known)


SELLS = np.array([1, 0.5, 0.2], np.float32)


def rye_then_jam(begin: int, end: int) -> Scores:
    return np.tile(np.array([1, 2, 3], np.float32), (end - begin, 1))


def test_lists_hold_what_was_bought_or_leave_it_out() -> None:
    known, window = shop()

    any_, new = published_models.lists(rye_then_jam, window, SELLS, k=2)

    names = np.array(known.item_ids)
    told = {id_: place for place, id_ in enumerate(window.customer_ids)}
    assert names[any_[told["ann"]]].tolist() == ["rye", "jam"]
    assert names[new[told["ann"]]].tolist() == ["rye"]
    assert names[any_[told["bob"]]].tolist() == ["rye", "jam"]
    assert names[new[told["bob"]]].tolist() == []


def test_a_stranger_is_shown_what_sells_best() -> None:
    known, window = shop()

    for found in published_models.lists(rye_then_jam, window, SELLS, k=2):
        stranger = found[window.customer_ids.index("cat")]
        assert [known.item_ids[item] for item in stranger] == ["tea", "jam"]


def test_what_scores_alike_stands_in_the_order_of_what_sells() -> None:
    known, window = shop()

    def nothing(begin: int, end: int) -> Scores:
        return np.zeros((end - begin, known.n_ranked), np.float32)

    any_, _new = published_models.lists(nothing, window, SELLS[::-1].copy(), k=3)

    assert [[known.item_ids[item] for item in rows] for rows in any_] == [["rye", "jam", "tea"]] * 3


@pytest.mark.parametrize("block", [1, 2, 256])
def test_lists_are_the_same_in_blocks_of_any_size(
    block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    known, window = shop()
    scores = np.random.default_rng(3).random((known.n_customers, known.n_ranked), np.float32)
    whole = published_models.lists(lambda b, e: scores[b:e], window, SELLS, k=2)
    monkeypatch.setattr(published_models, "BLOCK", block)

    blocks = published_models.lists(lambda b, e: scores[b:e], window, SELLS, k=2)

    for one, other in zip(whole, blocks, strict=True):
        assert [rows.tolist() for rows in one] == [rows.tolist() for rows in other]


def test_who_foretells_everything_reaches_one() -> None:
    truth = sp.csr_matrix(np.array([[0, 1, 1], [0, 0, 0], [1, 0, 0]], np.float32))

    figures = published_models.reached(lambda b, e: truth[b:e].toarray(), truth, k=2)

    assert figures == (1, 1)


def test_what_was_seen_is_not_foretold() -> None:
    truth = sp.csr_matrix(np.array([[0, 1, 0]], np.float32))
    seen = sp.csr_matrix(np.array([[1, 0, 0]], np.float32))
    best_is_seen = np.array([[3, 2, 1]], np.float32)

    def score(begin: int, end: int) -> Scores:
        return best_is_seen[begin:end]

    assert published_models.reached(score, truth, k=1) == (0, 0)
    assert published_models.reached(score, truth, seen=seen, k=1) == (1, 1)


def test_the_last_basket_of_every_customer_lies_in_the_last_window(tmp_path: Path) -> None:
    told = {"user": [1, 1, 1, 2], "basket_no": [0, 0, 4, 7], "item": [5, 6, 5, 8]}
    pl.DataFrame(told | {"is_future": [False] * 4}).write_parquet(
        tmp_path / "tafeng_baskets.parquet"
    )

    spaced = published_sets.ta_feng(tmp_path)

    after = spaced.filter(pl.col("timestamp") >= published_sets.before(1))
    assert after.select("customer_id", "item_id").rows() == [("1", "5"), ("2", "8")]
    assert spaced["timestamp"].n_unique() == 2
    assert spaced.group_by("customer_id").agg(pl.col("order_id").n_unique()).sort(
        "customer_id"
    ).rows() == [("1", 2), ("2", 1)]


def test_a_set_that_is_not_there_is_named_with_its_source(tmp_path: Path) -> None:
    assert published_sets.missing(tmp_path) == published_sets.SOURCES
