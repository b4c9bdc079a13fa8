"""Who is like the seeds: classifiers that tell seeds from customers of whom nothing is said.

    logistic-vectors   logistic regression on the customers' vectors and numbers
    logistic-shares    the same on what share of their purchases each category has, and numbers
    trees              boosted trees on the same as the latter
    together           the mean of the three

None is always the best, so each audience has its own, chosen by cross-validation
(``training.audiences.contest``). To tell seeds from *others* is not to tell members from
non-members: among the others are those who are looked for. But where seeds were drawn from the
members by chance, the odds of being a seed rise with the odds of being a member, so the order is
the same; and who was learned from as an "other" must be scored by a model that did not learn from
them, or it would have learned that they are none.

Sources: Elkan and Noto, "Learning Classifiers from Only Positive and Unlabeled Data", KDD 2008
(lemma 1: the order is the same); Mordelet and Vert, "A Bagging SVM to Learn from Positive and
Unlabeled Examples", Pattern Recognition Letters 2014 (scores out of the bag); Ke et al.,
"LightGBM: A Highly Efficient Gradient Boosting Decision Tree", NIPS 2017.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors, Mask
from training.fit.lookalike_logistic import fit as fit_logistic
from training.fit.lookalike_trees import fit as fit_trees

Single = Literal["logistic-vectors", "logistic-shares", "trees"]
Kind = Literal[Single, "together"]
BLOCKS: Mapping[Single, tuple[str, ...]] = {
    "logistic-vectors": ("vectors", "numbers"),
    "logistic-shares": ("shares", "numbers"),
    "trees": ("shares", "numbers"),
}
"""Which columns each learns from."""
TOGETHER: Kind = "together"
SINGLES: tuple[Single, ...] = ("logistic-vectors", "logistic-shares", "trees")
VECTORS_PRIOR, SHARES_PRIOR = 100.0, 300.0
"""How strongly weights are drawn to 0; chosen on other audiences, and an earlier time, than those
that ``benchmarks.lookalike`` reports."""

LogOdds = NDArray[np.float64]
Counts = NDArray[np.float64]


class Classifier(Protocol):
    """What was learned."""

    def log_odds(self, columns: Factors) -> LogOdds:
        """Return how likely each customer is a seed, as log odds.

        Args:
            columns: Shape ``(n, n_columns)``, those that it learned from; nan where unknown.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """Seeds and others to learn from."""

    columns: Factors
    """Shape ``(n, n_columns)``; nan where something is not known."""
    blocks: Mapping[str, slice]
    """Which columns are ``vectors``, ``shares`` and ``numbers``."""
    is_seed: Mask
    """Shape ``(n,)``; some are and some are not."""
    counts: Counts
    """Shape ``(n,)``: how much each counts, 1 on average."""

    def only(self, rows: NDArray[np.intp] | Mask) -> "Lesson":
        """Return some of the cases."""
        return Lesson(
            columns=self.columns[rows],
            blocks=self.blocks,
            is_seed=self.is_seed[rows],
            counts=self.counts[rows],
        )


def seen_by(kind: Single, columns: Factors, blocks: Mapping[str, slice]) -> Factors:
    """Return the columns that one kind learns from."""
    parts = [columns[:, blocks[name]] for name in BLOCKS[kind]]
    return np.concatenate(parts, axis=1)


def fit(kind: Single, lesson: Lesson, *, rng_seed: int) -> Classifier:
    """Learn one kind of classifier; the same lesson and ``rng_seed`` give the same."""
    columns = seen_by(kind, lesson.columns, lesson.blocks)
    if kind == "trees":
        return fit_trees(columns, lesson.is_seed, lesson.counts, rng_seed=rng_seed)
    prior = VECTORS_PRIOR if kind == "logistic-vectors" else SHARES_PRIOR
    return fit_logistic(columns, lesson.is_seed, lesson.counts, prior=prior)
