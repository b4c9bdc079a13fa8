"""How soon an item is bought again, by those who buy it again, and how many do.

It answers for whoever bought something for the first time, and for visitors: a customer's own
interval, where there is one, says more. ``training.fit.rebuying`` counts.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Arrays, Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebuying:
    """Of each item with a model."""

    every_days: NDArray[np.uint16]
    """Shape ``(n_ranked,)``: the median of its customers' own intervals; 0 where nobody knows."""
    share: Scores
    """Shape ``(n_ranked,)``: which share of its customers have bought it again, 0 to 1."""

    def of(self, row: int) -> tuple[int, float]:
        """Return days and share of an item; 0 and 0 of one without a model."""
        if row >= self.share.size:
            return 0, 0.0
        return int(self.every_days[row]), float(self.share[row])

    @classmethod
    def none(cls, n_ranked: int) -> Self:
        """Return what a release says that knows nothing of it: nothing is bought again."""
        return cls(
            every_days=np.zeros(n_ranked, dtype=np.uint16),
            share=np.zeros(n_ranked, dtype=np.float32),
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the counts as a bundle's arrays."""
        return {"rebuying.every_days": self.every_days, "rebuying.share": self.share}

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Read what ``arrays`` returned; an older release has none."""
        if not any(name.startswith("rebuying.") for name in arrays):
            return cls.none(int(arrays["n_ranked"][0]))
        return cls(every_days=arrays["rebuying.every_days"], share=arrays["rebuying.share"])
