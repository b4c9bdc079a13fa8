"""The lists that ours are judged against are what their names say."""

import numpy as np
import pytest
from implicit.nearest_neighbours import CosineRecommender

from tests.training.fitted import window
from tests.training.tiny import basket, lines
from training.fit import baselines
from training.fit.blend import Window
from training.judge.evaluate import K, Lists

TOLD = lines(
    *basket("ann", "milk bread jam", 1),
    *basket("ann", "jam", 58),
    *basket("ann", "jam", 59),
    *basket("bob", "milk bread", 2),
    *basket("cid", "milk", 3),
    *basket("cid", "ale", 50),
    *basket("dan", "ale", 51),
    *basket("fay", "salt", 4),
    *basket("gus", "salt", 5),
    *basket("ann", "milk", 62),
    *basket("bob", "jam", 62),
    *basket("eve", "ale", 63),
)
"""Before day 60 milk has 3 buyers, ale, bread and salt 2, jam 1; lately ale has 2, jam 1."""

SELLING = ["ale", "jam", "milk", "bread", "salt"]


@pytest.fixture(scope="module")
def shop() -> Window:
    return window(TOLD, cut=60)


@pytest.fixture(scope="module")
def found(shop: Window) -> dict[str, Lists]:
    return {lists.name: lists for lists in baselines.all_lists(shop.shop, shop.held_out)}


def names(shop: Window, rows: np.ndarray[tuple[int], np.dtype[np.int32]]) -> list[str]:
    return [shop.shop.purchases.item_ids[row] for row in rows]


def test_every_baseline_has_both_lists_of_every_customer(
    shop: Window, found: dict[str, Lists]
) -> None:
    assert list(found) == [
        "popularity, all time",
        "popularity, 28 days",
        "personal frequency",
        "personal frequency, no decay",
        "ALS (implicit)",
        "item-kNN, BM25",
        "item-kNN, TF-IDF",
        "item-kNN, cosine",
    ]
    for lists in found.values():
        assert len(lists.ordinary) == len(lists.new_only) == len(shop.held_out.customer_ids) == 3
        assert all(rows.size <= K for rows in lists.ordinary)


def test_popularity_of_all_time_counts_buyers(shop: Window, found: dict[str, Lists]) -> None:
    lists = found["popularity, all time"]

    assert names(shop, lists.ordinary[0]) == ["milk", "ale", "bread", "salt", "jam"]


def test_popularity_of_28_days_counts_recent_buyers(shop: Window, found: dict[str, Lists]) -> None:
    lists = found["popularity, 28 days"]

    for rows in lists.ordinary:
        assert names(shop, rows) == SELLING


def test_personal_frequency_puts_own_orders_first_and_fills_with_what_sells(
    shop: Window, found: dict[str, Lists]
) -> None:
    ann, bob, eve = found["personal frequency"].ordinary

    assert names(shop, ann) == ["jam", "milk", "bread", "ale", "salt"]
    assert names(shop, bob) == ["milk", "bread", "ale", "jam", "salt"]
    assert names(shop, eve) == SELLING


def test_personal_frequency_without_decay_forgets_nothing_and_breaks_ties_by_what_sells(
    shop: Window, found: dict[str, Lists]
) -> None:
    ann, bob, eve = found["personal frequency, no decay"].ordinary

    assert names(shop, ann) == ["jam", "milk", "bread", "ale", "salt"]
    assert names(shop, bob) == ["milk", "bread", "ale", "jam", "salt"]
    assert names(shop, eve) == SELLING


def test_without_decay_old_orders_outweigh_new_ones() -> None:
    old = [line for n in range(3) for line in basket("ann", "bread", n)]
    new = [line for n in (98, 99) for line in basket("ann", "milk", n)]
    others = [*basket("bob", "milk ale", 98), *basket("cid", "gin", 98)]
    told = lines(*old, *new, *others, *basket("ann", "ale", 101))
    late = window(told, cut=100)

    lists = {found.name: found for found in baselines.all_lists(late.shop, late.held_out)}

    assert late.held_out.customer_ids == ["ann"]
    assert names(late, lists["personal frequency"].ordinary[0])[:2] == ["milk", "bread"]
    assert names(late, lists["personal frequency, no decay"].ordinary[0])[:2] == ["bread", "milk"]


def test_the_second_list_leaves_out_what_was_bought(shop: Window, found: dict[str, Lists]) -> None:
    for lists in found.values():
        for rows, before in zip(lists.new_only, shop.held_out.bought_before, strict=True):
            assert not np.isin(rows, before).any()


def test_a_stranger_gets_what_sells_from_models_of_customers(
    shop: Window, found: dict[str, Lists]
) -> None:
    for name in ("ALS (implicit)", "item-kNN, BM25", "item-kNN, TF-IDF", "item-kNN, cosine"):
        assert names(shop, found[name].ordinary[2]) == SELLING


def test_als_is_the_product_of_its_factors(shop: Window, found: dict[str, Lists]) -> None:
    fitted = shop.shop.collaborative
    scores = fitted.model.items @ fitted.customers[0]

    rows = found["ALS (implicit)"].ordinary[0]

    assert scores[rows].tolist() == pytest.approx(sorted(scores.tolist(), reverse=True))


@pytest.mark.filterwarnings("ignore:Method expects CSR input")
def test_neighbours_are_as_the_library_ships_them(shop: Window, found: dict[str, Lists]) -> None:
    counts = shop.shop.purchases.matrix()
    theirs = CosineRecommender(K=20)
    theirs.fit(counts, show_progress=False)

    ids, _ = theirs.recommend(1, counts[1], N=5, filter_already_liked_items=False)

    ours = found["item-kNN, cosine"].ordinary[1]
    assert ours[: ids.size].tolist() == ids.tolist()
