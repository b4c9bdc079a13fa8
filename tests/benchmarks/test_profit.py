"""The margins that are assumed, and what the benchmark makes of lists."""

import numpy as np
import polars as pl
import pytest

from benchmarks import profit
from benchmarks.profit import LEAST, MARGIN, MOST, PROFIT, RELEVANCE, asked, assumed, figures
from tests import shop
from tests.models.asking import rows
from training.data.split import HeldOut
from training.judge.earned import EARNED, PROMISED, Earned


def items(n: int) -> pl.DataFrame:
    """Half of them the shop's own, in twenty categories; the last two have no price or brand."""
    return pl.DataFrame(
        {
            "item_id": [f"p-{place}" for place in range(n)],
            "price": [*(float(place % 9 + 1) for place in range(n - 2)), None, 4.0],
            "category": [f"c-{place % 20}" for place in range(n - 1)] + [None],
            "brand": ["Private 69" if place % 2 else "National 7" for place in range(n - 1)]
            + [None],
            "margin": [None] * n,
        },
        schema_overrides={"margin": pl.Float64},
    )


def test_the_shops_own_brand_earns_more_of_its_price_and_nothing_earns_beyond_the_bounds() -> None:
    found = assumed(items(4002), np.random.default_rng(1))

    share = (found["margin"] / found["price"]).to_numpy()
    own = found["brand"].str.starts_with("Private").fill_null(value=False).to_numpy()
    assert np.nanmean(share[own]) == pytest.approx(0.35, abs=0.04)
    assert np.nanmean(share[~own]) == pytest.approx(0.25, abs=0.04)
    assert np.nanmin(share) >= LEAST - 1e-3
    assert np.nanmax(share) <= MOST + 1e-3
    assert np.nanstd(share[own]) > 0.04


def test_an_item_without_a_price_gets_no_margin_and_one_without_a_brand_does() -> None:
    found = assumed(items(42), np.random.default_rng(1))

    assert found["margin"].is_null().sum() == 1
    assert found["margin"][40] is None


def test_a_category_moves_all_its_items_and_the_draw_is_the_same_twice() -> None:
    found, again = (assumed(items(4002), np.random.default_rng(2)) for _ in range(2))

    own = found.filter(pl.col("brand") == "Private 69").drop_nulls()
    by_category = own.group_by("category").agg((pl.col("margin") / pl.col("price")).mean())
    assert by_category["margin"].std() == pytest.approx(profit.BY_CATEGORY, rel=0.6)
    assert found["margin"].to_list() == again["margin"].to_list()


def test_every_way_is_asked_of_the_served_function() -> None:
    made = shop.tiny(margins=True)
    held_out = HeldOut(
        customer_ids=["ana"],
        customers=np.array([0], dtype=np.int32),
        bought=[rows("milk")],
        bought_before=[rows()],
        spend=[np.array([1.0])],
        quantity=[np.array([3.0])],
        next_basket=[rows("milk")],
    )

    found = asked(made.loaded, {"ana": made.customers["ana"][0]}, held_out)

    # milk stands second by relevance, and fifth where margins alone count
    assert found[RELEVANCE].ndcg.tolist() == pytest.approx([1 / np.log2(3)])
    assert found[MARGIN].ndcg.tolist() == pytest.approx([1 / np.log2(6)])
    assert found[PROFIT].earned.tolist() == [1.5]


def test_figures_are_means_and_paired_differences_to_relevance() -> None:
    plain = Earned(
        customer_ids=["ana", "ben"],
        ndcg=np.array([0.4, 0.6]),
        promised=np.array([1.0, 3.0]),
        earned=np.array([2.0, 2.0]),
    )
    better = Earned(
        customer_ids=plain.customer_ids,
        ndcg=plain.ndcg * 0.9,
        promised=plain.promised + 1,
        earned=plain.earned * 2,
    )

    found = figures({RELEVANCE: plain, PROFIT: better})

    assert found["relevance: NDCG@10"] == 0.5
    assert found["profit: NDCG@10 kept"] == pytest.approx(0.9)
    assert found[f"profit: {EARNED} kept"] == 2
    ahead = [found[f"profit: {PROMISED} ahead, {end}"] for end in ("low", "high")]
    assert ahead == pytest.approx([1, 1])
    assert f"relevance: {EARNED} kept" not in found
