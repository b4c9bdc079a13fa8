"""Several opinions, one score.

Each model's scores are divided by its own highest for this customer, so that weights compare models
and not units, and added. Habits come on two clocks: a slow one for what a household always buys, a
fast one for what it is buying these weeks; both are raised or lowered by how the item sells now
against its usual (the ``trend``), which is how seasons reach the list. ``training.fit.blend``
chooses the numbers on the shop's own validation window; no fixed set of them wins in every shop.
"""

from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from typing import Any, Self

import numpy as np

from models.arrays import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each opinion counts; those with a default are absent from older releases."""

    slow: float
    """Bought before, forgotten slowly."""
    fast: float
    """Bought before, forgotten fast."""
    ease: float
    collaborative: float
    popularity: float
    trend: float
    """Exponent of the trend on what was bought before; 0 ignores it."""
    taste_trend: float
    """Exponent of the trend on what like customers buy and what follows."""
    loyalty: float
    """Exponent of an item's loyalty on what was bought before."""
    transitions: float = 0.0
    neighbours: float = 0.0
    again: float = 0.0
    """Added to whatever was bought before: below 0 where nobody buys a thing twice."""

    @classmethod
    def chosen(cls, weights: Mapping[str, Any]) -> Self:
        """Return a manifest's weights; only those that came later may be absent."""
        return cls(
            **{
                weight.name: float(weights[weight.name])
                for weight in fields(cls)
                if weight.default is MISSING or weight.name in weights
            }
        )

    @property
    def liking(self) -> float:
        """What taste counts where a request computes it: the factors then speak for all of it."""
        return self.ease + self.collaborative + self.transitions + self.neighbours

    @property
    def repeats(self) -> bool:
        """Whether having bought an item speaks for buying it again, in this shop."""
        return self.slow + self.again > 0

    def with_(self, name: str, value: float) -> Self:
        """Return the same weights but for one."""
        return type(self)(**(asdict(self) | {name: value}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What each model says, customers by items (or of one customer).

    Every array is normalised, but for two that multiply: ``trend``, the ratio of an item's sales
    now to its usual ones, around 1, and ``loyalty``, the share of its buyers who came back for it,
    above 0.
    """

    slow: Scores
    fast: Scores
    ease: Scores
    collaborative: Scores
    popularity: Scores
    trend: Scores
    loyalty: Scores
    transitions: Scores
    neighbours: Scores


def repeat(opinions: Opinions, weights: Weights) -> Scores:
    """Return the part of the blend that comes from having bought an item before."""
    habit = weights.slow * opinions.slow + weights.fast * opinions.fast
    pull = opinions.trend**weights.trend * opinions.loyalty**weights.loyalty
    again = np.float32(weights.again) * (opinions.slow > 0)
    return np.asarray(habit * pull + again, dtype=np.float32)


def taste(opinions: Opinions, weights: Weights) -> Scores:
    """Return the part that comes from what like customers buy, and what follows."""
    liking = (
        weights.ease * opinions.ease
        + weights.collaborative * opinions.collaborative
        + weights.transitions * opinions.transitions
        + weights.neighbours * opinions.neighbours
    )
    return np.asarray(liking * opinions.trend**weights.taste_trend, dtype=np.float32)


def popular(opinions: Opinions, weights: Weights) -> Scores:
    """Return the part that comes from what sells now."""
    return np.asarray(weights.popularity * opinions.popularity, dtype=np.float32)
