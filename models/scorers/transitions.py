"""What tends to follow what: from the items that had a customer's attention lately to the next one.

For each item its strongest successors, counted over the orders of each customer in time: the next
order counts most, the ones after it less and less, and what came before counts too, for half. A
recent sequence is answered by its successors added up, the latest item counting most. Where nothing
is bought twice the order of things is the strongest signal there is; and since a sequence is all
it needs, it also answers what happened a second ago. ``training.fit.transitions`` counts.

Source: the first-order part of Rendle, Freudenthaler and Schmidt-Thieme, "Factorizing Personalized
Markov Chains for Next-Basket Recommendation", WWW 2010, counted instead of factorised, and over
several steps.
"""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Arrays, Rows, Scores
from models.ranking import summed


@dataclass(frozen=True, slots=True, kw_only=True)
class Transitions:
    """Each item's successors, strongest first."""

    successors: NDArray[np.int32]
    """Shape ``(n_ranked, n_successors)``; -1 where there are fewer."""
    strengths: NDArray[np.float32]
    """Shape ``(n_ranked, n_successors)``, above 0 where there is a successor."""
    decay: float
    """What an item counts against the one after it, 0 to 1."""

    @classmethod
    def none(cls, n_ranked: int) -> Self:
        """Return the transitions of a release that learned none: nothing follows anything."""
        return cls(
            successors=np.empty((n_ranked, 0), dtype=np.int32),
            strengths=np.empty((n_ranked, 0), dtype=np.float32),
            decay=1.0,
        )

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the transitions as a bundle's arrays."""
        return {
            "transitions.successors": self.successors,
            "transitions.strengths": self.strengths,
            "transitions.numbers": np.array([self.decay], dtype=np.float64),
        }

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> Self:
        """Read what ``arrays`` returned; an older release has none."""
        if not any(name.startswith("transitions.") for name in arrays):
            return cls.none(int(arrays["n_ranked"][0]))
        return cls(
            successors=arrays["transitions.successors"],
            strengths=arrays["transitions.strengths"],
            decay=float(arrays["transitions.numbers"][0]),
        )

    def score(self, recent: Rows) -> tuple[Rows, Scores]:
        """Return what follows the items of ``recent``, with the sum of strengths by item.

        Args:
            recent: Oldest first. An item without a model adds nothing, but is a step between the
                others.

        Returns:
            Rows in row order, each once, and their strengths; some of ``recent`` may be among them.
        """
        weights = self.decay ** np.arange(recent.size - 1, -1, -1, dtype=np.float32)
        known = recent < self.successors.shape[0]
        strengths = self.strengths[recent[known]] * weights[known, None]
        return summed(self.successors[recent[known]].ravel(), strengths.ravel())
