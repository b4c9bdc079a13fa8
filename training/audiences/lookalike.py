"""Customers who are like the seeds: scored, and measured on seeds that were held out of everything.

    draw      seeds and others to learn from, where there are more than are needed
    hold out  three in ten of both: nothing is chosen, learned or calibrated by them
    choose    the classifier, by cross-validation of the rest (``training.audiences.contest``)
    judge     it on those held out; no better than chance, and nothing is scored
    learn     it anew from all that was drawn
    score     everybody, and calibrate

The classifier tells seeds from others: ``g``, the probability to be a seed, is calibrated by scores
out of the fold. If seeds are members drawn by chance, being a member is ``g / c`` as probable, with
``c`` the probability that a member is a seed. How many members there are cannot be seen from seeds
alone; we take the third estimator of Elkan and Noto, ``c`` = the largest ``g``: whoever is most
like a seed belongs. Any other ``c`` would give the same order. Their first, the mean ``g`` of
seeds, is right where members and others hardly overlap; in shops they do, and half of all seeds
would pass for certain.

Source: Elkan and Noto, "Learning Classifiers from Only Positive and Unlabeled Data", KDD 2008.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from models.arrays import Mask, Rows, Scores
from models.artifacts.audience import Quality
from models.loaded import Loaded
from training.audiences import judging
from training.audiences.contest import Won, again, contest, dealt
from training.audiences.drawn import Drawn, draw
from training.audiences.features import features
from training.audiences.table import Table
from training.errors import TrainingError
from training.fit import calibration
from training.fit.calibration import Calibration

N_FOLDS, N_FOLDS_OF_MANY = 5, 2
N_DEALS = 2
"""How often cases are dealt anew to learn from what was chosen: chance then says less."""
MANY = 10_000
"""Cases from which fewer folds do, and one deal."""
HELD_OUT = 0.3
FEWEST = 20
"""Seeds, and others, of whom so many must have bought what may be looked at."""


class NoBetterThanChance(TrainingError):
    """Seeds cannot be told from other customers by what may be looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """Everybody's likeness to the seeds."""

    scores: Scores
    """Shape ``(n_customers,)``: how probably each belongs to the audience; nan of whom nothing was
    bought that may be looked at."""
    quality: Quality


def lookalike(
    table: Table,
    seeds: Rows,
    *,
    weights: NDArray[np.float64] | None,
    kept_out: Collection[str],
    kept_out_rows: Rows,
    loaded: Loaded,
    rng_seed: int,
    progress: Callable[[float], None],
) -> Lookalike:
    """Score all customers by how like the seeds they are.

    Args:
        table: All customers of a release.
        seeds: Rows of the table, ascending, each once.
        weights: Shape ``(seeds.size,)``: how much each seed counts, 0 at least and some above, in
            learning, choice and figures; None where all count alike.
        kept_out: Fields of ``models.customer.rule`` that say who the seeds are.
        kept_out_rows: Items of the catalogue whose purchase says so.
        loaded: The release.
        rng_seed: Where chance begins: the same gives the same scores.
        progress: Told what share is done, 0 to 1; what it raises ends the work.

    Raises:
        NoBetterThanChance: The interval of the AUC on held-out seeds reaches down to 0.5, or too
            few seeds or others bought anything that may be looked at, or nothing may be.
    """
    known = features(table, loaded, kept_out=kept_out, kept_out_rows=kept_out_rows)
    rng = np.random.default_rng(rng_seed)
    bought = known.bought()
    drawn = draw(seeds, weights, bought=bought, rng=rng)
    _expect_enough(drawn)
    held_out = _held_out(drawn.is_seed, rng)
    columns = known.gathered(drawn.rows)
    if not columns.shape[1]:
        raise NoBetterThanChance(
            "everything that is known of customers says by itself who the seeds are; expected "
            "something to tell them by; let the rule name fewer fields, or give the seeds' ids"
        )
    lesson = drawn.lesson(columns, known.blocks)
    progress(0.1)
    rest = lesson.only(~held_out)
    won = contest(
        rest,
        _folds(rest.is_seed, rng),
        rng_seed=rng_seed,
        progress=lambda share: progress(0.1 + 0.4 * share),
    )
    quality = _judged(won, drawn, held_out, won.mix.scores(columns[held_out]))
    n_deals = 1 if lesson.is_seed.size > MANY else N_DEALS
    deals = [_folds(lesson.is_seed, rng) for _ in range(n_deals)]
    mix = again(won.mix, lesson, deals, rng_seed=rng_seed)
    progress(0.7)
    seed_odds = calibration.fit(mix.out_of_fold, drawn.is_seed, drawn.stands_for)
    told = np.full(bought.size, np.nan)
    for rows, columns in known.each(np.flatnonzero(bought)):
        told[rows] = mix.scores(columns)
        progress(0.7 + 0.3 * float(rows[-1]) / bought.size)
    progress(1.0)
    told[drawn.rows] = mix.out_of_fold
    return Lookalike(scores=_belonging(told, seed_odds), quality=quality)


def _expect_enough(drawn: Drawn) -> None:
    n_seeds, n_others = int(drawn.is_seed.sum()), int((~drawn.is_seed).sum())
    if min(n_seeds, n_others) < FEWEST:
        raise NoBetterThanChance(
            f"{n_seeds} seeds and {n_others} other customers bought anything that does not itself "
            f"say who the seeds are; expected {FEWEST} of both at least, to tell them apart; give "
            "other seeds, or a rule that leaves more to go by"
        )


def _held_out(is_seed: Mask, rng: np.random.Generator) -> Mask:
    held_out = np.zeros(is_seed.size, dtype=np.bool_)
    for some in (np.flatnonzero(is_seed), np.flatnonzero(~is_seed)):
        held_out[rng.permutation(some)[: round(HELD_OUT * some.size)]] = True
    return held_out


def _folds(is_seed: Mask, rng: np.random.Generator) -> NDArray[np.intp]:
    return dealt(is_seed, N_FOLDS_OF_MANY if is_seed.size > MANY else N_FOLDS, rng=rng)


def _judged(won: Won, drawn: Drawn, held_out: Mask, scores: NDArray[np.float64]) -> Quality:
    """Return how well those held out are told apart.

    Raises:
        NoBetterThanChance: It may be chance.
    """
    is_seed, counts = drawn.is_seed[held_out], drawn.counts[held_out]
    auc = judging.auc(scores, is_seed, counts)
    n_seeds, n_others = int(is_seed.sum()), int((~is_seed).sum())
    low, high = auc.interval
    if low <= 0.5:
        raise NoBetterThanChance(
            f"of {n_seeds} seeds held out, AUC {auc.value:.2f} was measured ({low:.2f} to "
            f"{high:.2f} in 95 %), where more than chance, 0.50, was expected: of "
            f"{int(drawn.is_seed.sum())} seeds nothing is known that {n_others} other customers "
            "held out had not as well; give more seeds, or seeds that have more in common"
        )
    lift = judging.lift(scores, is_seed, counts, drawn.stands_for[held_out])
    return Quality(
        auc=round(auc.value, 4),
        auc_interval=_rounded(auc),
        lift=round(lift.value, 2),
        lift_interval=_rounded(lift),
        held_out=n_seeds,
        others=n_others,
        classifier=won.mix.kind,
        candidates={kind: round(value, 4) for kind, value in won.aucs.items()},
    )


def _rounded(figure: judging.Figure) -> tuple[float, float]:
    low, high = figure.interval
    return round(low, 4), round(high, 4)


def _belonging(told: NDArray[np.float64], seed_odds: Calibration) -> Scores:
    """Return how probably each belongs to the audience; nan where nothing was told."""
    is_seed = expit(seed_odds.slope * told + seed_odds.offset)
    return np.asarray(is_seed / np.nanmax(is_seed), dtype=np.float32)
