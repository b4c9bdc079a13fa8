"""Ways to find lookalikes that a shop would build itself: what ours must not fall behind.

    cosine     to the mean vector of the seeds
    kNN        the mean cosine to the ten seeds that are nearest
    logistic   logistic regression on vectors, seeds against all others
    trees      boosted trees on category shares and numbers, scored out of the fold
    PU-bagged  logistic regressions on vectors and numbers, each of all seeds and as many others,
               averaged over those that an other was not drawn for

All see the same customers, without what is kept out; vectors are those that factorisation learns
without it. The trees are the library's own, half as large and at a gentler pace.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import lightgbm
import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors, Mask, Rows
from models.scorers.collaborative import directions
from training.audiences.contest import dealt
from training.fit.lookalike_logistic import fit as fit_logistic

N_NEAREST = 10
N_BAGS = 30
N_FOLDS = 5
PRIOR = 1.0
TREES = {
    "objective": "binary",
    "num_leaves": 15,
    "learning_rate": 0.05,
    "max_bin": 63,
    "deterministic": True,
    "force_row_wise": True,
    "num_threads": 1,
    "verbose": -1,
}
N_TREES = 100

Told = NDArray[np.floating]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What each way may look at; a row a customer."""

    vectors: Factors
    shares: Factors
    numbers: Factors


Way = Callable[[Seen, Rows, np.random.Generator], Told]
"""Scores everybody by likeness to some rows, the seeds."""


def cosine(seen: Seen, seeds: Rows, _rng: np.random.Generator) -> Told:
    """Return the cosine to the seeds' mean vector."""
    return np.asarray(directions(seen.vectors) @ seen.vectors[seeds].mean(axis=0))


def nearest(seen: Seen, seeds: Rows, _rng: np.random.Generator) -> Told:
    """Return the mean cosine to the nearest seeds."""
    unit = directions(seen.vectors)
    near = unit @ unit[seeds].T
    return np.asarray(np.partition(near, -N_NEAREST, axis=1)[:, -N_NEAREST:].mean(axis=1))


def logistic(seen: Seen, seeds: Rows, _rng: np.random.Generator) -> Told:
    """Return the log odds of a logistic regression on vectors."""
    is_seed = _are(seeds, seen)
    learned = fit_logistic(seen.vectors, is_seed, np.ones(is_seed.size), prior=PRIOR)
    return learned.log_odds(seen.vectors)


def trees(seen: Seen, seeds: Rows, rng: np.random.Generator) -> Told:
    """Return the log odds of boosted trees that did not learn from whom they score."""
    is_seed = _are(seeds, seen)
    columns = np.concatenate([seen.shares, seen.numbers], axis=1)
    folds, told = dealt(is_seed, N_FOLDS, rng=rng), np.empty(is_seed.size)
    for fold in range(N_FOLDS):
        out = folds == fold
        cases = lightgbm.Dataset(columns[~out], is_seed[~out].astype(np.int8), params=dict(TREES))
        learned = lightgbm.train(dict(TREES), cases, num_boost_round=N_TREES)
        told[out] = learned.predict(columns[out], raw_score=True)
    return told


def bagged(seen: Seen, seeds: Rows, rng: np.random.Generator) -> Told:
    """Return the mean log odds out of the bag, as Mordelet and Vert have it."""
    is_seed = _are(seeds, seen)
    others = np.flatnonzero(~is_seed)
    columns = np.concatenate([seen.vectors, seen.numbers], axis=1)
    told, times = np.zeros(is_seed.size), np.zeros(is_seed.size)
    for _ in range(N_BAGS):
        bag = rng.choice(others, min(seeds.size, others.size // 2), replace=False)
        rows = np.concatenate([seeds, bag])
        learned = fit_logistic(columns[rows], is_seed[rows], np.ones(rows.size), prior=PRIOR)
        out = np.setdiff1d(others, bag)
        told[out] += learned.log_odds(columns[out])
        times[out] += 1
    return told / np.maximum(times, 1)


WAYS: Mapping[str, Way] = {
    "cosine": cosine,
    "kNN": nearest,
    "logistic": logistic,
    "trees": trees,
    "PU-bagged": bagged,
}


def _are(seeds: Rows, seen: Seen) -> Mask:
    is_seed = np.zeros(seen.vectors.shape[0], dtype=np.bool_)
    is_seed[seeds] = True
    return is_seed
