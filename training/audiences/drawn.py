"""Seeds and others that are learned from: all of them, or as many as say enough, by chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.arrays import Factors, Mask, Rows
from training.fit.lookalike import Counts, Lesson

MOST_SEEDS, MOST_OTHERS = 10_000, 25_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """Cases, the seeds first; every column of shape ``(n_cases,)``."""

    rows: NDArray[np.intp]
    """Of the table."""
    is_seed: Mask
    counts: Counts
    """How much each counts: seeds by their weight, others alike, 1 on average of either."""
    stands_for: Counts
    """Of how many customers each was drawn."""

    def lesson(self, columns: Factors, blocks: Mapping[str, slice]) -> Lesson:
        """Return what is learned from them.

        Args:
            columns: Shape ``(n_cases, n_columns)``.
            blocks: Which of them are what.
        """
        return Lesson(columns=columns, blocks=blocks, is_seed=self.is_seed, counts=self.counts)


def draw(
    seeds: Rows,
    weights: NDArray[np.float64] | None,
    *,
    bought: Mask,
    rng: np.random.Generator,
) -> Drawn:
    """Draw cases.

    Args:
        seeds: Rows of the table.
        weights: Shape ``(seeds.size,)``; None where all count alike. Who counts 0 is neither a seed
            nor another.
        bought: Shape ``(n_customers,)``: of whom anything is known.
        rng: Draws.
    """
    counts = np.ones(seeds.size) if weights is None else weights
    is_other = bought.copy()
    is_other[seeds] = False
    usable = bought[seeds] & (counts > 0)
    ours, n_ours = _some(np.flatnonzero(usable), MOST_SEEDS, rng)
    others, n_others = _some(np.flatnonzero(is_other), MOST_OTHERS, rng)
    counts = counts[ours]
    return Drawn(
        rows=np.concatenate([seeds[ours], others]),
        is_seed=np.arange(ours.size + others.size) < ours.size,
        counts=np.concatenate([counts / (counts.mean() if ours.size else 1), np.ones(others.size)]),
        stands_for=np.concatenate([np.full(ours.size, n_ours), np.full(others.size, n_others)]),
    )


def _some(
    rows: NDArray[np.intp], most: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], float]:
    """Return rows, drawn where there are more than ``most``, and how many each stands for."""
    if rows.size <= most:
        return rows, 1.0
    return np.sort(rng.choice(rows, most, replace=False)), rows.size / most
