"""A worse release is held back, in words that say what was found and what was expected."""

from dataclasses import replace

import pytest

from models.artifacts.manifest import Manifest
from training.errors import GateRefused
from training.judge.gate import BASELINE, ERROR, SCORE, check


def release(
    *,
    score: float | None = 0.40,
    error: float = 0.01,
    popular: float = 0.20,
    customers: int = 1000,
    items: int = 500,
    version: str = "new",
) -> Manifest:
    metrics = {} if score is None else {SCORE: score, ERROR: error, BASELINE: popular}
    return Manifest(
        version=version,
        created_at="",
        first_purchase="",
        last_purchase="",
        counts={"customers": customers, "items": items},
        settings={},
        weights={},
        metrics=metrics,
    )


LIVE = release(version="live")


def refusal(new: Manifest, live: Manifest | None = LIVE) -> str:
    with pytest.raises(GateRefused) as refused:
        check(new, live)
    return str(refused.value)


def test_a_release_as_good_as_the_live_one_passes() -> None:
    check(release(), LIVE)


def test_a_better_release_passes() -> None:
    check(release(score=0.60), LIVE)


def test_the_first_release_passes_if_it_beats_counting() -> None:
    check(release(), None)
    check(release(score=0.20, popular=0.20), None)


def test_a_release_worse_by_less_than_chance_explains_passes() -> None:
    # 1.64 × √(.01² + .01²) = .0232
    check(release(score=0.377), LIVE)


def test_a_release_worse_by_more_than_chance_explains_is_refused() -> None:
    told = refusal(release(score=0.376))

    assert "reaches NDCG@10 0.3760, release live reached 0.4000" in told
    assert "0.0240 worse, where chance explains 0.0232" in told
    assert "--force" in told


def test_the_less_certain_the_figures_the_more_chance_explains() -> None:
    check(release(score=0.30, error=0.10), LIVE)


def test_a_release_that_counting_beats_is_refused() -> None:
    told = refusal(release(score=0.15), None)

    assert "NDCG@10 0.1500" in told
    assert "28 days reaches 0.2000, 0.0500 more" in told
    assert "--force" in told


def test_a_release_that_lost_more_than_half_of_the_customers_is_refused() -> None:
    check(release(customers=500), LIVE)

    told = refusal(release(customers=499))

    assert "knows 499 customers, release live knows 1,000; expected at least half" in told
    assert "check that the purchases file is whole" in told


def test_a_release_that_lost_more_than_half_of_the_items_is_refused_however_young() -> None:
    assert "knows 249 items, release live knows 500" in refusal(release(score=None, items=249))


def test_a_shop_too_young_to_be_judged_passes() -> None:
    check(release(score=None), None)
    check(release(score=None), release(score=None, version="live"))


def test_a_release_that_was_not_judged_does_not_replace_one_that_was() -> None:
    told = refusal(release(score=None))

    assert "was not judged, for its purchases cover too few weeks" in told
    assert "release live was, and reached NDCG@10 0.4000" in told
    assert "reaches back as far as before, or publish all the same with --force" in told


def test_a_live_release_that_was_never_judged_is_no_bar() -> None:
    check(release(score=0.25), replace(LIVE, metrics={}))
