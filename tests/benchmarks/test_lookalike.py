"""Lookalikes are compared by halves, and what they cost is measured on whoever was made up."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from benchmarks.fabricated_items import items
from benchmarks.journey import manifest
from benchmarks.lookalike import measured
from benchmarks.lookalike_baselines import WAYS, Seen, Way
from benchmarks.lookalike_compared import (
    OURS,
    Judged,
    ahead,
    families,
    flat,
    goals_of,
    raw,
    table_of,
    words,
)
from benchmarks.lookalike_scale import N_ITEMS, made_up
from benchmarks.lookalike_sets import Audience, Shop
from tests.training.audiences.tastes import ROW, crowd, loaded

NOTHING = np.empty(0, dtype=np.int32)
OTHERS = {"cosine": 0.6, "kNN": 0.55, "logistic": 0.7, "trees": 0.8, "PU-bagged": 0.75}


def judged(name: str, ours: float, *, family: str = "buyers") -> Judged:
    figures = {OURS: ours} | OTHERS
    apart = np.array([-0.01, 0.0, 0.01])
    return Judged(
        name=name,
        family=family,
        n_members=200,
        figures={way: np.stack([auc + apart, apart + 5, apart + 1], 1)
                 for way, auc in figures.items()},
        told=np.array([ours, np.nan, ours]),
        chosen={"trees": 2, "refused": 1},
    )  # fmt: skip


def audience(*, among: np.ndarray | None = None, found: np.ndarray | None = None) -> Audience:
    table, evening = crowd(300)
    shop = Shop(table=table, loaded=loaded())
    return Audience(
        name="evening",
        family="buyers",
        shop=shop,
        members=np.flatnonzero(evening).astype(np.int32),
        found=found,
        among=among,
        kept_out_rows=NOTHING,
        vectors=table.vectors.astype(np.float32),
    )


def test_half_of_the_members_are_seeds_and_the_other_half_is_to_be_found() -> None:
    evening = audience()

    seeds = evening.half(np.random.default_rng(1))
    rows, is_found = evening.judged(seeds)

    assert seeds.size == is_found.sum() == 50
    assert rows.size == 250
    assert sorted([*seeds, *rows[is_found]]) == evening.members.tolist()


def test_prospects_are_found_among_those_who_never_bought() -> None:
    never = np.ones(300, dtype=np.bool_)
    never[::3] = False
    prospects = audience(among=never, found=np.array([1, 2], dtype=np.int32))

    rows, is_found = prospects.judged(prospects.half(np.random.default_rng(1)))

    assert rows.tolist() == np.flatnonzero(never).tolist()
    assert rows[is_found].tolist() == [1, 2]


def test_buyers_are_those_of_the_lines_whom_the_release_knows() -> None:
    shop = audience().shop
    lines = pl.DataFrame(
        {"customer_id": ["c-7", "c-2", "c-7", "c-9", "gone", None],
         "item_id": ["wine", "beer", "beer", "milk", "beer", "beer"]}
    )  # fmt: skip

    drinks = shop.items_of(["drinks"])

    assert drinks.tolist() == [ROW["beer"], ROW["wine"]]
    assert shop.buyers(drinks, lines).tolist() == [2, 7]


def test_figures_of_a_perfect_ranking_are_the_highest_there_are() -> None:
    is_found = np.arange(1000) < 50

    figures = measured(is_found.astype(float), is_found)

    assert figures == pytest.approx([1, 20, 0.5])


def test_who_has_no_score_stands_last() -> None:
    scores = np.array([0.1, np.nan, 0.3])

    assert measured(scores, np.array([False, True, False]))[0] == 0


def test_halves_are_no_independent_repeats() -> None:
    ours, others = np.array([0.8, 0.9]), np.array([0.7, 0.7])

    mean, low, high = ahead(ours, others)

    assert mean == pytest.approx(0.15)
    reach = 12.706 * np.sqrt((1 / 2 + 1) * 0.005)  # Student's, of one degree of freedom
    assert [low, high] == pytest.approx([0.15 - reach, 0.15 + reach], abs=1e-4)


def test_a_family_is_compared_with_its_best_baseline_and_with_the_cosine() -> None:
    told = families([judged("a", 0.84), judged("b", 0.86)])["buyers"]

    assert told[OURS] == pytest.approx(0.85)
    assert told["ahead of best"] == pytest.approx(0.05)
    assert told["ahead of cosine"] == pytest.approx(0.25)


def test_a_family_behind_a_baseline_falls_short() -> None:
    goals = goals_of([judged("a", 0.84), judged("b", 0.79, family="spenders")])

    holds = {name: goal.holds for name, goal in goals.items()}
    assert holds == {
        "buyers: AUC ahead of the best baseline": True,
        "buyers: AUC ahead of cosine, low": True,
        "spenders: AUC ahead of the best baseline": False,
        "spenders: AUC ahead of cosine, low": True,
        "mean AUC": True,
        "mean lift": False,
    }


def test_everything_measured_is_told() -> None:
    every = [judged("a", 0.84)]

    assert flat(every)["a: trees: AUC"] == pytest.approx(0.8)
    assert flat(every)["mean: Cartera: lift"] == pytest.approx(5)
    assert raw(every)["a"]["AUC told with each"] == [0.84, None, 0.84]
    assert table_of(every, 0).row_count == 2
    assert "a: told AUC 0.840, found 0.840" in words(every)[-1]
    refused = replace(every[0], told=np.full(3, np.nan))
    assert "told AUC nan" in words([refused])[-1]


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_each_baseline_finds_those_who_love_the_same(way: Way) -> None:
    evening = audience()
    seeds = evening.half(np.random.default_rng(1))
    rows, is_found = evening.judged(seeds)
    rng = np.random.default_rng(2)
    taste = evening.vectors
    seen = Seen(vectors=taste, shares=taste, numbers=rng.normal(size=(300, 1)).astype(np.float32))

    told = way(seen, seeds, rng)

    assert measured(told[rows], is_found)[0] > 0.65


def test_made_up_customers_buy_and_the_seeds_are_some_of_them() -> None:
    rng = np.random.default_rng(7)

    table, seeds = made_up(2000, items(N_ITEMS, manifest(), rng=rng), rng=rng)

    assert seeds.size == np.unique(seeds).size == 200
    assert table.bought.begins[-1] == table.bought.rows.size == table.bought.times.size
    assert 25 < table.bought.rows.size / 2000 < 35
    assert table.bought.rows.max() < N_ITEMS
