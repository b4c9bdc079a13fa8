"""How far chance reaches in a mean over windows of means over customers."""

import numpy as np
import pytest

from training.judge.intervals import Judgement, intervals
from training.judge.metrics import Values


def of(*windows: Values, ids: list[list[str]] | None = None) -> tuple[float, float]:
    """Return the interval of one metric on windows, whose customers are all different."""
    ids = ids or [
        [f"{place}-{n}" for n in range(values.size)] for place, values in enumerate(windows)
    ]
    judgements = [
        Judgement(customer_ids=each, values={"score": values})
        for each, values in zip(ids, windows, strict=True)
    ]
    return intervals(judgements, rng=np.random.default_rng(7))["score"]


def values(n: int, *, seed: int = 1) -> Values:
    return np.random.default_rng(seed).normal(0.5, 0.2, n)


def test_the_interval_of_one_window_is_as_wide_as_theory_says() -> None:
    told = values(1000)
    error = told.std() / np.sqrt(1000)

    low, high = of(told)

    assert low == pytest.approx(told.mean() - 1.96 * error, abs=0.2 * error)
    assert high == pytest.approx(told.mean() + 1.96 * error, abs=0.2 * error)


def test_two_windows_of_strangers_are_twice_the_evidence() -> None:
    told = values(500), values(500, seed=2)

    low, high = of(*told)

    error = np.sqrt(told[0].var() / 500 + told[1].var() / 500) / 2
    assert high - low == pytest.approx(2 * 1.96 * error, rel=0.1)
    assert low < (told[0].mean() + told[1].mean()) / 2 < high


def test_two_windows_in_which_the_same_people_do_the_same_are_one() -> None:
    told, ids = values(500), [str(n) for n in range(500)]

    twice, once = of(told, told, ids=[ids, ids]), of(told, ids=[ids])

    assert twice == pytest.approx(once)


def test_windows_count_alike_whatever_their_size() -> None:
    low, high = of(np.zeros(2000) + 0.1, np.full(10, 0.3))

    assert (low, high) == pytest.approx((0.2, 0.2))


def test_who_could_not_be_judged_counts_for_nobody() -> None:
    told = values(300)

    with_holes = of(np.append(told, np.full(300, np.nan)))

    assert with_holes[0] < told.mean() < with_holes[1]
    assert np.diff(with_holes) == pytest.approx(np.diff(of(told)), rel=0.1)


def test_a_metric_that_judged_nobody_in_some_window_has_no_interval() -> None:
    judgements = [
        Judgement(customer_ids=["a", "b"], values={"x": np.ones(2), "y": np.ones(2)}),
        Judgement(customer_ids=["a"], values={"x": np.ones(1), "y": np.array([np.nan])}),
    ]

    found = intervals(judgements, rng=np.random.default_rng(7))

    assert found == {"x": (1.0, 1.0)}


def test_without_a_window_there_is_no_interval() -> None:
    assert intervals([], rng=np.random.default_rng(7)) == {}


def test_the_same_draws_give_the_same_interval() -> None:
    assert of(values(50)) == of(values(50))
