"""Which classifier tells an audience's seeds best, found by cross-validation.

The cases are dealt into folds; each is scored by the classifier that did not learn from its fold.
Kinds are compared by the AUC of these scores, and so are mixes of them, in which each kind counts
by its spread. As a mix of all three errs least where the evidence is thin, it wins unless another
is ahead by a quarter of the standard error (``AHEAD``), which was chosen on other audiences than
those that ``benchmarks.lookalike`` reports. The classifiers of all folds together score whoever was
in none of them.

Source: Stone, "Cross-Validatory Choice and Assessment of Statistical Predictions", JRSS B 1974.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors
from training.audiences import judging
from training.fit.lookalike import (
    BLOCKS,
    SINGLES,
    TOGETHER,
    Classifier,
    Kind,
    Lesson,
    LogOdds,
    Single,
    fit,
    seen_by,
)

MIXES: tuple[tuple[Single, ...], ...] = (
    SINGLES,
    ("logistic-shares", "trees"),
    *((kind,) for kind in SINGLES),
)
"""The first is the safest."""
AHEAD = 0.25

Folds = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossed:
    """One kind, learned once a fold."""

    kind: Single
    classifiers: Sequence[Classifier]
    out_of_fold: LogOdds
    """Shape ``(n_cases,)``."""
    spread: float
    """Of these; above 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """Some kinds, each by its spread: what scores customers."""

    parts: Sequence[Crossed]
    blocks: Mapping[str, slice]

    @property
    def kind(self) -> Kind:
        """What a person reads."""
        kinds = {part.kind for part in self.parts}
        return kinds.pop() if len(kinds) == 1 else TOGETHER

    @property
    def out_of_fold(self) -> LogOdds:
        """The scores of the cases themselves, shape ``(n_cases,)``."""
        return _mean(part.out_of_fold / part.spread for part in self.parts)

    def scores(self, columns: Factors) -> LogOdds:
        """Return the scores of customers who were no cases, shape ``(n,)``."""
        return _mean(
            _mean(one.log_odds(seen) for one in part.classifiers) / part.spread
            for part in self.parts
            for seen in [seen_by(part.kind, columns, self.blocks)]
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Won:
    """What a contest came to."""

    mix: Mix
    aucs: Mapping[Kind, float]
    """Of each kind; of mixes, the best one's."""


def contest(
    lesson: Lesson, folds: Folds, *, rng_seed: int, progress: Callable[[float], None]
) -> Won:
    """Let every kind and mix learn, and return the best.

    Args:
        lesson: Cases, of one column at least; a kind that sees none of them is left out.
        folds: Shape ``(n_cases,)``, as ``dealt`` makes them.
        rng_seed: Where chance begins.
        progress: Told what share is done.
    """
    able = [kind for kind in SINGLES if _sees_anything(kind, lesson.blocks)]
    crossed: dict[Single, Crossed] = {}
    for place, kind in enumerate(able):
        crossed[kind] = cross(kind, lesson, folds, rng_seed=rng_seed)
        progress((place + 1) / len(able))
    mixes = [
        Mix(parts=[crossed[kind] for kind in kinds], blocks=lesson.blocks)
        for kinds in dict.fromkeys(tuple(filter(crossed.__contains__, kinds)) for kinds in MIXES)
        if kinds
    ]
    told = [judging.auc(mix.out_of_fold, lesson.is_seed, lesson.counts) for mix in mixes]
    others = [figure.value - AHEAD * figure.error for figure in told[1:]]
    best = int(np.argmax([told[0].value, *others]))
    aucs: dict[Kind, float] = {}
    for mix, figure in zip(mixes, told, strict=True):
        aucs[mix.kind] = max(figure.value, aucs.get(mix.kind, 0.0))
    return Won(mix=mixes[best], aucs=aucs)


def again(won: Mix, lesson: Lesson, deals: Sequence[Folds], *, rng_seed: int) -> Mix:
    """Return the same mix, learned from other cases, once for each of ``deals``."""
    parts = [
        cross(part.kind, lesson, folds, rng_seed=rng_seed + place)
        for place, folds in enumerate(deals)
        for part in won.parts
    ]
    return Mix(parts=parts, blocks=lesson.blocks)


def cross(kind: Single, lesson: Lesson, folds: Folds, *, rng_seed: int) -> Crossed:
    """Learn one kind once a fold."""
    told = np.empty(lesson.is_seed.size)
    classifiers = []
    for fold in np.unique(folds):
        out = folds == fold
        classifiers.append(fit(kind, lesson.only(~out), rng_seed=rng_seed))
        told[out] = classifiers[-1].log_odds(seen_by(kind, lesson.columns[out], lesson.blocks))
    spread = float(told.std()) or 1.0
    return Crossed(kind=kind, classifiers=classifiers, out_of_fold=told, spread=spread)


def dealt(is_seed: NDArray[np.bool_], n_folds: int, *, rng: np.random.Generator) -> Folds:
    """Return each case's fold; seeds and others are dealt apart, so that each has of both."""
    folds = np.empty(is_seed.size, dtype=np.intp)
    for some in (np.flatnonzero(is_seed), np.flatnonzero(~is_seed)):
        folds[rng.permutation(some)] = np.arange(some.size) % n_folds
    return folds


def _sees_anything(kind: Single, blocks: Mapping[str, slice]) -> bool:
    return any(blocks[name].stop > blocks[name].start for name in BLOCKS[kind])


def _mean(scores: Iterable[LogOdds]) -> LogOdds:
    return np.asarray(np.mean(list(scores), axis=0), dtype=np.float64)
