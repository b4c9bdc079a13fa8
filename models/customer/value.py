"""What a customer is worth: the horizons, and the matrix of historical and potential value.

    potential  high   medium   high
               low    low      medium
                      low      high    historical

Whoever brought much and will bring much is of the high tier, little and little is low, and where
the two cross is medium: who was good and fades, and who is new and promises much.
"""

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

HORIZONS_WEEKS = (4, 12, 52)
"""How far purchases and spend are foretold."""
SOON_WEEKS = (1, 4, 12)
"""Within which the next purchase is foretold."""


class Tier(IntEnum):
    """How much is at stake with a customer."""

    UNKNOWN = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """From which money on a customer's value counts as high."""

    historic: float
    potential: float

    def tiers(
        self, historic: NDArray[np.floating], potential: NDArray[np.floating]
    ) -> NDArray[np.uint8]:
        """Return the tier of each customer; ``Tier.UNKNOWN`` where a value is nan.

        Args:
            historic: Shape ``(n_customers,)``: what each has brought.
            potential: Shape ``(n_customers,)``: what each is expected to bring.
        """
        n_high = (historic >= self.historic).astype(np.uint8) + (potential >= self.potential)
        tiers = np.uint8(Tier.LOW) + n_high.astype(np.uint8)
        unknown = np.isnan(historic) | np.isnan(potential)
        return np.where(unknown, np.uint8(Tier.UNKNOWN), tiers).astype(np.uint8)
