"""Each metric on lists that can be judged by hand, and against its plain definition."""

from math import log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.judge import metrics
from training.judge.metrics import Values


def rows(*numbers: int) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.array(numbers, dtype=np.int32)


SHOWN = rows(4, 7, 1, 9)
NOTHING = rows()


def test_ndcg_discounts_each_hit_by_its_place_and_compares_with_the_best_list() -> None:
    # hits at places 1 and 3 of four bought: (1 + 1/2) / (1 + 1/log2(3) + 1/2 + 1/log2(5))
    ideal = 1 + 1 / log2(3) + 1 / 2 + 1 / log2(5)

    found = metrics.ndcg([SHOWN], [rows(1, 4, 5, 6)])

    assert found.tolist() == pytest.approx([1.5 / ideal])


def test_ndcg_is_1_where_everything_bought_stands_first() -> None:
    assert metrics.ndcg([SHOWN], [rows(4, 7)]).tolist() == [1]
    assert metrics.ndcg([SHOWN], [rows(1, 4, 5, 6, 7, 9)], k=2).tolist() == [1]


def test_ndcg_looks_no_further_than_k() -> None:
    assert metrics.ndcg([SHOWN], [rows(9)], k=3).tolist() == [0]


def test_recall_is_the_share_of_what_was_bought() -> None:
    assert metrics.recall([SHOWN], [rows(1, 4, 5, 6)]).tolist() == [0.5]
    assert metrics.recall([SHOWN], [rows(1, 4, 5, 6)], k=1).tolist() == [0.25]


def test_a_hit_is_any_of_the_first_ten() -> None:
    assert metrics.hit([SHOWN, SHOWN], [rows(9, 100), rows(100)]).tolist() == [1, 0]
    assert metrics.hit([SHOWN], [rows(9)], k=3).tolist() == [0]


def test_the_reciprocal_rank_is_of_the_first_hit() -> None:
    found = metrics.reciprocal_rank([SHOWN, SHOWN, SHOWN], [rows(1, 9), rows(4), rows(5)])

    assert found.tolist() == pytest.approx([1 / 3, 1, 0])


def test_average_precision_is_the_precision_at_each_hit_over_the_most_hits() -> None:
    # hits at places 1 and 3 of three bought: (1/1 + 2/3) / 3
    assert metrics.average_precision([SHOWN], [rows(1, 4, 5)]) == pytest.approx([5 / 9])
    assert metrics.average_precision([SHOWN], [rows(4, 7)]).tolist() == [1]
    assert metrics.average_precision([SHOWN], [rows(1, 4, 5)], k=1).tolist() == [1]
    assert metrics.average_precision([SHOWN], [rows(5)]).tolist() == [0]


def test_novelty_is_the_mean_of_what_each_item_tells_in_bits() -> None:
    share = np.array([1, 1 / 2, 1 / 8, 1 / 1024])

    found = metrics.novelty([rows(0), rows(1, 2), rows(3, 0), rows()], share)

    assert found[:3].tolist() == [0, 2, 5]
    assert np.isnan(found[3])
    assert metrics.novelty([rows(3, 0)], share, k=1).tolist() == [10]


def test_revenue_is_the_share_of_the_money_spent() -> None:
    spend = [np.array([3.0, 1.0, 6.0])]

    assert metrics.revenue([SHOWN], [rows(1, 4, 5)], spend).tolist() == [0.4]
    assert metrics.revenue([SHOWN], [rows(1, 4, 5)], spend, k=1).tolist() == [0.1]


def test_coverage_is_the_share_of_the_catalogue_on_anybodys_list() -> None:
    assert metrics.coverage([SHOWN, rows(4, 5)], n_items=10) == 0.5
    assert metrics.coverage([SHOWN, rows(4, 5)], n_items=10, k=1) == 0.1


def test_whoever_bought_nothing_is_not_judged() -> None:
    lists, bought = [SHOWN, SHOWN], [NOTHING, rows(4)]

    for metric in (
        metrics.ndcg,
        metrics.recall,
        metrics.hit,
        metrics.reciprocal_rank,
        metrics.average_precision,
    ):
        found = metric(lists, bought)
        assert np.isnan(found[0])
        assert found[1] == 1
    assert np.isnan(metrics.revenue(lists, bought, [np.array([]), np.array([2.0])])[0])


def test_an_empty_list_hits_nothing() -> None:
    lists, bought = [NOTHING], [rows(4)]

    for metric in (metrics.ndcg, metrics.recall, metrics.hit, metrics.reciprocal_rank):
        assert metric(lists, bought).tolist() == [0]
    assert metrics.revenue(lists, bought, [np.array([2.0])]).tolist() == [0]


def plain_ndcg(shown: list[int], bought: set[int], k: int) -> float:
    gained = sum(1 / log2(place + 2) for place, row in enumerate(shown[:k]) if row in bought)
    return gained / sum(1 / log2(place + 2) for place in range(min(k, len(bought))))


@settings(deadline=None)
@given(
    shown=st.lists(st.integers(0, 30), unique=True, max_size=25),
    bought=st.sets(st.integers(0, 30), min_size=1, max_size=15),
    k=st.integers(1, 20),
)
def test_metrics_are_their_plain_definitions(shown: list[int], bought: set[int], k: int) -> None:
    lists, wanted = [rows(*shown)], [rows(*sorted(bought))]
    hits = [place for place, row in enumerate(shown[:k]) if row in bought]

    assert metrics.ndcg(lists, wanted, k) == pytest.approx([plain_ndcg(shown, bought, k)])
    assert metrics.recall(lists, wanted, k) == pytest.approx([len(hits) / len(bought)])
    assert metrics.hit(lists, wanted, k).tolist() == [bool(hits)]
    assert metrics.reciprocal_rank(lists, wanted, k) == pytest.approx(
        [1 / (1 + hits[0]) if hits else 0]
    )
    precisions = [(n + 1) / (place + 1) for n, place in enumerate(hits)]
    assert metrics.average_precision(lists, wanted, k) == pytest.approx(
        [sum(precisions) / min(k, len(bought))]
    )


@given(
    shown=st.lists(st.integers(0, 30), unique=True, min_size=1, max_size=25),
    buyers=st.lists(st.integers(1, 99), min_size=31, max_size=31),
    k=st.integers(1, 20),
)
def test_novelty_is_its_plain_definition(shown: list[int], buyers: list[int], k: int) -> None:
    told = [log2(99 / buyers[row]) for row in shown[:k]]

    found = metrics.novelty([rows(*shown)], np.array(buyers) / 99, k)

    assert found == pytest.approx([sum(told) / len(told)])


def interval(values: Values, **options: float) -> tuple[float, float]:
    return metrics.interval(values, rng=np.random.default_rng(7), **options)  # type: ignore[arg-type]


def test_the_interval_of_a_mean_is_as_wide_as_theory_says() -> None:
    values = np.random.default_rng(1).normal(0.5, 0.2, 1000)
    error = values.std() / np.sqrt(1000)

    low, high = interval(values)

    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.2 * error)


@pytest.mark.slow
def test_the_interval_covers_the_truth_as_often_as_it_says() -> None:
    rng = np.random.default_rng(5)
    covered = 0
    for _ in range(200):
        low, high = metrics.interval(rng.exponential(1.0, 100), rng=rng, n=200)
        covered += low <= 1 <= high

    assert 0.89 <= covered / 200 <= 0.99


def test_a_smaller_share_is_a_narrower_interval() -> None:
    values = np.random.default_rng(1).normal(size=100)

    wide, narrow = interval(values), interval(values, share=0.5)

    assert wide[0] < narrow[0] < narrow[1] < wide[1]


def test_the_interval_is_the_same_twice_and_counts_nobody_who_is_not_there() -> None:
    values = np.array([0.0, 1.0, 1.0, 0.5])

    assert interval(values) == interval(values)
    assert interval(np.append(values, np.nan)) == interval(values)


def test_the_interval_of_nobody_is_unknown() -> None:
    assert np.isnan(interval(np.array([np.nan, np.nan]))).all()
