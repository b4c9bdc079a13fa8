"""The best classifier wins, by scores of those whom it did not learn from."""

import numpy as np
import pytest

from training.audiences import judging
from training.audiences.contest import Mix, again, contest, cross, dealt
from training.fit.lookalike import Lesson

BLOCKS = {"vectors": slice(0, 2), "shares": slice(2, 4), "numbers": slice(4, 5)}


def lesson(*, told_by: int | None, n: int = 400) -> Lesson:
    """Return cases of five columns, of which one tells the seeds, or none."""
    rng = np.random.default_rng(2)
    columns = rng.normal(size=(n, 5)).astype(np.float32)
    told = rng.normal(size=n) if told_by is None else columns[:, told_by] * 2 + rng.normal(size=n)
    is_seed = told > np.quantile(told, 0.7)
    return Lesson(columns=columns, blocks=BLOCKS, is_seed=is_seed, counts=np.ones(n))


def folds(of: Lesson) -> np.ndarray:
    return dealt(of.is_seed, 4, rng=np.random.default_rng(1))


def nobody(_: float) -> None:
    pass


def test_every_fold_has_its_part_of_seeds_and_others() -> None:
    is_seed = np.arange(103) % 5 == 0

    found = dealt(is_seed, 4, rng=np.random.default_rng(1))

    for some in (is_seed, ~is_seed):
        sizes = np.bincount(found[some], minlength=4)
        assert sizes.max() - sizes.min() <= 1


@pytest.mark.parametrize(("told_by", "wins"), [(0, "logistic-vectors"), (2, "logistic-shares")])
def test_the_kind_wins_that_sees_what_tells_the_seeds(told_by: int, wins: str) -> None:
    cases = lesson(told_by=told_by)

    won = contest(cases, folds(cases), rng_seed=3, progress=nobody)

    singles = {kind: auc for kind, auc in won.aucs.items() if kind.startswith("logistic")}
    assert max(singles, key=lambda kind: singles[kind]) == wins
    assert judging.auc(won.mix.out_of_fold, cases.is_seed, cases.counts).value > 0.85


def test_seeds_drawn_by_chance_are_told_by_no_kind() -> None:
    cases = lesson(told_by=None, n=1000)

    won = contest(cases, folds(cases), rng_seed=3, progress=nobody)

    assert all(0.4 < auc < 0.6 for auc in won.aucs.values())


def test_nobody_is_scored_by_a_classifier_that_learned_from_them() -> None:
    cases = lesson(told_by=0)
    dealt_to = folds(cases)

    crossed = cross("logistic-vectors", cases, dealt_to, rng_seed=3)

    for fold, classifier in enumerate(crossed.classifiers):
        out = dealt_to == fold
        seen = cases.columns[out][:, [0, 1, 4]]
        assert crossed.out_of_fold[out] == pytest.approx(classifier.log_odds(seen))
        kept = lesson(told_by=0)
        kept.is_seed[out] = ~kept.is_seed[out]
        other = cross("logistic-vectors", kept, dealt_to, rng_seed=3)
        assert other.out_of_fold[out] == pytest.approx(crossed.out_of_fold[out])


def test_what_won_can_be_learned_again_from_other_cases() -> None:
    cases = lesson(told_by=2)
    won = contest(cases, folds(cases), rng_seed=3, progress=nobody)

    mix = again(won.mix, cases, [folds(cases)], rng_seed=3)

    assert mix.kind == won.mix.kind
    assert mix.out_of_fold.tolist() == won.mix.out_of_fold.tolist()


def test_what_was_dealt_twice_is_scored_by_the_mean() -> None:
    cases = lesson(told_by=2)
    dealt_to = [dealt(cases.is_seed, 4, rng=np.random.default_rng(seed)) for seed in (1, 2)]
    first = cross("logistic-shares", cases, dealt_to[0], rng_seed=3)
    won = Mix(parts=[first], blocks=BLOCKS)

    twice = again(won, cases, dealt_to, rng_seed=3)

    second = cross("logistic-shares", cases, dealt_to[1], rng_seed=4)
    mean = (first.out_of_fold / first.spread + second.out_of_fold / second.spread) / 2
    assert twice.kind == "logistic-shares"
    assert twice.out_of_fold == pytest.approx(mean)
