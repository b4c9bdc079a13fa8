"""Blend or ranker: whichever ranked the past windows better, and by how much."""

from collections.abc import Sequence
from functools import partial

import polars as pl
import pytest

from models.artifacts.manifest import Manifest
from models.loaded import Loaded
from tests.training.fitted import window
from tests.training.rank.ranked import (
    CUTS,
    SEED,
    counted,
    features_at,
    planted_window,
    promoted_shop,
    table_of,
)
from tests.training.tiny import bought, items_of, lines
from training.fit.blend import DEFAULT, Window
from training.fit.loaded import loaded
from training.fit.profit import NO_GAIN, UNASKED
from training.judge import gate
from training.judge.earned import PROMISED
from training.rank import contest
from training.rank.contest import AIM, Ranking
from training.rank.study import BLEND, RANKER

pytestmark = pytest.mark.slow


def release_of(of: Window, *, margin: float | None = None) -> Loaded:
    manifest = Manifest(
        version="contest",
        created_at="",
        first_purchase="2024-01-01",
        last_purchase="2024-05-21",
        counts={},
        settings={},
        weights=DEFAULT.numbers(),
        metrics={},
    )
    items = items_of(lines(*(bought(None, id_, 0) for id_ in of.shop.purchases.item_ids)))
    return loaded(
        of.shop, items.with_columns(margin=pl.lit(margin, pl.Float64)), manifest, DEFAULT.weights
    )


def held(
    windows: Sequence[Window],
    *,
    promotions: pl.DataFrame | None = None,
    refused: Sequence[str | None] = (),
    margin: float | None = None,
) -> Ranking:
    """Let windows judge, the oldest first; ``refused`` is what the budget says after each."""
    said = iter(refused)
    return contest.hold(
        iter(windows),
        DEFAULT,
        features_of=lambda of: counted(of, promotions),
        release_of=partial(release_of, margin=margin),
        affordable=lambda _seconds, _n: next(said, None),
        n_windows=len(windows),
        seed=SEED,
    )


@pytest.fixture(scope="module")
def three() -> Ranking:
    return held([planted_window(cut) for cut in CUTS])


def test_a_shop_without_a_window_is_blended_and_says_why() -> None:
    ranking = held([])

    assert (ranking.ranker, ranking.calibration, ranking.metrics) == (None, None, {})
    assert ranking.choice == {
        "chosen": BLEND,
        "why": "the shop is too young for a validation window",
    }


def test_a_shop_with_one_window_is_blended_judged_and_calibrated() -> None:
    ranking = held([planted_window(142)])

    assert ranking.ranker is None
    assert ranking.calibration is not None
    assert ranking.choice["chosen"] == BLEND
    assert "too short to judge a ranker" in ranking.choice["why"]
    assert ranking.metrics["validation windows"] == 1
    assert ranking.metrics["validation customers"] == 160
    assert "calibration error" not in ranking.metrics


def test_with_two_windows_the_older_teaches_and_the_later_judges() -> None:
    ranking = held([planted_window(cut) for cut in CUTS[1:]])

    assert set(ranking.choice["figures"]) == {BLEND, RANKER}
    assert ranking.metrics["validation windows"] == (1 if ranking.ranker else 2)


def test_with_three_windows_both_are_judged_on_the_later_two(three: Ranking) -> None:
    figures = three.choice["figures"]

    assert set(figures) == {BLEND, RANKER}
    assert set(figures[BLEND]) == set(figures[RANKER]) == set(AIM)
    ahead = sum(figures[RANKER].values()) - sum(figures[BLEND].values())
    assert (three.choice["chosen"] == RANKER) == (ahead > 0.0005)
    assert f"{abs(ahead):.4f} " in three.choice["why"]


def test_the_metrics_are_those_of_the_chosen_way(three: Ranking) -> None:
    chosen = three.choice["figures"][three.choice["chosen"]]

    if three.choice["chosen"] == RANKER:
        assert {name: three.metrics[name] for name in AIM} == chosen
    assert three.metrics[gate.SCORE] > 2 * three.metrics[gate.BASELINE]
    assert 0 < three.metrics[gate.ERROR] < 0.05
    assert three.metrics["candidates' ceiling"] == 1


def test_every_mean_of_customers_lies_in_its_interval(three: Ranking) -> None:
    assert {*AIM, *(gate.POPULAR + name for name in AIM), "hit@10"} <= set(three.intervals)
    assert not {"coverage@10", gate.ERROR} & set(three.intervals)
    for name, (low, high) in three.intervals.items():
        assert low <= three.metrics[name] <= high
    low, high = three.intervals[gate.SCORE]
    assert 0.9 < (high - low) / (2 * 1.96 * three.metrics[gate.ERROR]) < 2**0.5 + 0.1


def test_probabilities_are_as_often_right_as_they_say(three: Ranking) -> None:
    assert three.metrics["calibration error"] < 0.02


def test_without_margins_no_window_is_asked_what_they_cost(three: Ranking) -> None:
    assert three.profit == UNASKED


def test_where_all_earn_the_same_margins_change_no_list_and_count_for_nothing() -> None:
    ranking = held([planted_window(CUTS[0])], margin=2.0)

    assert ranking.profit.weight == 0
    assert ranking.profit.choice["why"] == NO_GAIN
    (told,) = {tuple(one.values()) for one in ranking.profit.choice["figures"].values()}
    assert told[0] == pytest.approx(ranking.metrics["ndcg@10"])


def test_what_a_window_promises_is_told_by_the_window_before_it() -> None:
    """The first has none before it, and is told by itself."""
    old, new = planted_window(114), planted_window(142)

    first, second, both = (
        held(windows, margin=2.0, refused=["no"]).profit.choice["figures"]["0"][PROMISED]
        for windows in ([old], [new], [old, new])
    )

    told_by_first = 2 * both - first
    assert told_by_first == pytest.approx(second, rel=0.2)
    assert told_by_first != pytest.approx(second, rel=1e-4)


def test_a_second_contest_with_one_seed_is_equal(three: Ranking) -> None:
    windows = [planted_window(cut) for cut in CUTS]

    again = held(windows)

    assert again.choice == three.choice
    assert again.metrics == three.metrics
    assert again.calibration == three.calibration
    assert again.ranker is not None
    assert three.ranker is not None
    matrix, _ = table_of(windows[-1], features_at(CUTS[-1]))
    assert again.ranker.log_odds(matrix).tobytes() == three.ranker.log_odds(matrix).tobytes()


@pytest.mark.parametrize("after", [0, 1])
def test_what_cannot_be_paid_for_leaves_the_ranker_out_and_says_so(after: int) -> None:
    ranking = held(
        [planted_window(cut) for cut in CUTS], refused=[None] * after + ["it needs 900 s more"]
    )

    assert ranking.ranker is None
    assert ranking.choice["chosen"] == BLEND
    assert ranking.choice["why"] == "the ranker was refused: it needs 900 s more"
    assert ranking.calibration is not None
    assert ranking.metrics["validation windows"] == 3
    assert ranking.metrics["validation customers"] == 3 * 160


def test_the_blend_is_judged_alike_with_and_without_candidates() -> None:
    """A window after the refusal is walked another way, and must say the same."""
    old, new = planted_window(114), planted_window(142)

    first, second = held([old]), held([new])
    both = held([old, new], refused=["no"])

    for name in AIM:
        mean = (first.metrics[name] + second.metrics[name]) / 2
        assert both.metrics[name] == pytest.approx(mean, abs=1e-6)


def test_where_promotions_sell_a_ranker_that_reads_the_calendar_is_chosen() -> None:
    purchases, promotions = promoted_shop()
    windows = [window(purchases, cut=cut) for cut in CUTS[1:]]

    ranking = held(windows, promotions=promotions)

    figures = ranking.choice["figures"]
    assert ranking.choice["chosen"] == RANKER
    assert sum(figures[RANKER].values()) > sum(figures[BLEND].values()) + 0.1
