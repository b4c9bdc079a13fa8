"""Who is like the seeds is found, by what may be looked at, or nobody is."""

from contextlib import suppress
from itertools import combinations, pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.audiences.tastes import ROW, Basket, crowd, loaded, table
from training.audiences import judging
from training.audiences.lookalike import Lookalike, NoBetterThanChance, lookalike
from training.audiences.numbers import MADE_OF
from training.audiences.table import Table
from training.fit import calibration

NOTHING = np.empty(0, dtype=np.int32)
EVERYBODY, EVENING = crowd(900)
SEEDS = np.flatnonzero(EVENING)[::2]
REST = np.setdiff1d(np.arange(900), SEEDS)


def likened(
    customers: Table,
    seeds: NDArray[np.integer],
    *,
    weights: NDArray[np.float64] | None = None,
    kept_out: tuple[str, ...] = (),
    rows: NDArray[np.int32] = NOTHING,
) -> Lookalike:
    return lookalike(
        customers,
        seeds.astype(np.int32),
        weights=weights,
        kept_out=kept_out,
        kept_out_rows=rows,
        loaded=loaded(),
        rng_seed=7,
        progress=lambda _: None,
    )


def auc(scores: np.ndarray, found: np.ndarray) -> float:
    return judging.auc(scores, found, np.ones(found.size)).value


@pytest.fixture(scope="module")
def found() -> Lookalike:
    return likened(EVERYBODY, SEEDS)


def test_those_who_love_the_same_stand_first(found: Lookalike) -> None:
    assert auc(found.scores[REST], EVENING[REST]) > 0.8
    assert found.scores.dtype == np.float32
    assert found.scores.min() > 0
    assert found.scores.max() == 1


def test_the_quality_told_is_that_of_customers_never_looked_at() -> None:
    told, shown = [], []
    for seed in range(4):
        customers, evening = crowd(900, seed=seed)
        found = likened(customers, np.flatnonzero(evening)[::2])
        told.append(found.quality.auc)
        # Among the others of the figure are members, too: a fifth of them.
        shown.append(0.8 * auc(found.scores[REST], evening[REST]) + 0.2 * 0.5)

    assert np.mean(told) == pytest.approx(np.mean(shown), abs=0.05)


def test_the_quality_says_on_how_many_it_was_measured(found: Lookalike) -> None:
    told = found.quality

    assert (told.held_out, told.others) == (45, 225)
    assert told.auc_interval[0] < told.auc < told.auc_interval[1]
    assert told.lift_interval[0] < told.lift < told.lift_interval[1]
    assert told.candidates[told.classifier] > max(told.candidates.values()) - 0.01


def test_the_same_seed_of_chance_gives_the_same_scores(found: Lookalike) -> None:
    again = likened(EVERYBODY, SEEDS)

    assert again.scores.tolist() == found.scores.tolist()
    assert again.quality == found.quality


def test_a_score_is_how_probably_a_customer_belongs(found: Lookalike) -> None:
    # Who bought wine loves the evening for certain, as the calibration expects of somebody.
    assert calibration.error(found.scores[REST], EVENING[REST]) < 0.08


def test_seeds_score_as_those_who_were_not_given(found: Lookalike) -> None:
    others = np.setdiff1d(np.flatnonzero(EVENING), SEEDS)

    assert found.scores[SEEDS].mean() == pytest.approx(found.scores[others].mean(), rel=0.2)


def test_seeds_drawn_by_chance_are_refused_with_what_was_measured() -> None:
    seeds = np.sort(np.random.default_rng(8).choice(900, 150, replace=False))

    with pytest.raises(NoBetterThanChance) as refused:
        likened(EVERYBODY, seeds)

    told = str(refused.value)
    assert "of 45 seeds held out" in told
    assert "AUC 0." in told
    assert "in 95 %" in told
    assert "150 seeds" in told


def test_what_defines_the_seeds_does_not_tell_them() -> None:
    rng = np.random.default_rng(4)
    wine = rng.random(300) < 0.4
    baskets: list[Basket] = [
        {"milk": (int(rng.integers(1, 4)), int(rng.integers(0, 50)))}
        | ({"wine": (2, 3)} if drinks else {})
        for drinks in wine
    ]
    customers, buyers = table(baskets), np.flatnonzero(wine)

    assert likened(customers, buyers).quality.auc > 0.99
    with pytest.raises(NoBetterThanChance):
        likened(
            customers,
            buyers,
            kept_out=("bought_item",),
            rows=np.array([ROW["wine"]], dtype=np.int32),
        )


def test_a_field_that_defines_the_seeds_does_not_tell_them() -> None:
    customers, _ = crowd(300)
    often = np.flatnonzero(customers.profiles["orders"] > 10)

    assert likened(customers, often).quality.auc > 0.99
    with pytest.raises(NoBetterThanChance):
        likened(customers, often, kept_out=("orders",))


def test_who_bought_nothing_else_has_no_score_and_teaches_nothing() -> None:
    begins, rows = EVERYBODY.bought.begins, EVERYBODY.bought.rows
    only_bread = [
        set(rows[begin:end].tolist()) == {ROW["bread"]} for begin, end in pairwise(begins)
    ]

    found = likened(
        EVERYBODY,
        SEEDS,
        kept_out=("bought_item",),
        rows=np.array([ROW["bread"]], dtype=np.int32),
    )

    assert any(only_bread)
    assert np.isnan(found.scores).tolist() == only_bread


def test_too_few_who_bought_anything_else_are_refused() -> None:
    customers = table([{"beer": (1, 3)}] * 120 + [{"milk": (1, 3)}] * 200)

    with pytest.raises(NoBetterThanChance, match="0 seeds and 200 other customers"):
        likened(
            customers,
            np.arange(120),
            kept_out=("bought_item",),
            rows=np.array([ROW["beer"]], dtype=np.int32),
        )


def test_lookalikes_are_those_of_the_seeds_that_count_most() -> None:
    seeds, rest = np.arange(0, 900, 2), np.arange(1, 900, 2)

    by_evening = likened(EVERYBODY, seeds, weights=np.where(EVENING[seeds], 50.0, 1.0))

    assert auc(by_evening.scores[rest], EVENING[rest]) > 0.8
    with pytest.raises(NoBetterThanChance):
        likened(EVERYBODY, seeds)


def test_progress_goes_up_to_the_end() -> None:
    customers, evening = crowd(200)
    told: list[float] = []

    lookalike(
        customers,
        np.flatnonzero(evening).astype(np.int32),
        weights=None,
        kept_out=(),
        kept_out_rows=NOTHING,
        loaded=loaded(),
        rng_seed=7,
        progress=told.append,
    )

    assert told == sorted(told)
    assert 0 < told[0] < told[-1] == 1


@pytest.mark.slow
def test_whatever_two_fields_say_who_the_seeds_are_there_is_an_answer() -> None:
    alike = {frozenset().union(*(MADE_OF[one] for one in two)): two for two in _pairs()}
    some, _ = crowd(200)
    milk = np.array([ROW["milk"]], dtype=np.int32)

    for kept_out in alike.values():
        with suppress(NoBetterThanChance):
            likened(some, SEEDS[SEEDS < 200], kept_out=kept_out, rows=milk)


def test_where_everything_says_who_the_seeds_are_nobody_is_like_them() -> None:
    with pytest.raises(NoBetterThanChance, match="by itself"):
        likened(EVERYBODY, SEEDS, kept_out=tuple(MADE_OF))


def _pairs() -> list[tuple[str, str]]:
    return list(combinations(sorted(MADE_OF), 2))
