"""All customers of a release as columns, read out of the store: what audiences are found in.

A million customers with 64 factors and 30 items each are some 700 MB.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Bought:
    """What every customer bought: those of customer ``i`` stand from ``begins[i]`` on."""

    begins: NDArray[np.int64]
    """Shape ``(n_customers + 1,)``."""
    rows: Rows
    """Shape ``(n_pairs,)``: rows of the catalogue."""
    times: NDArray[np.uint16]
    """Likewise: in how many orders."""
    last_day: NDArray[np.uint16]
    """Likewise: day of the latest order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Customers of one release, a row each."""

    ids: Sequence[str]
    profiles: NDArray[np.void]
    """Shape ``(n_customers,)``, dtype ``PROFILE`` of ``models.artifacts.customer_profile``."""
    vectors: NDArray[np.float16]
    """Shape ``(n_customers, n_factors)``; zeros of who has no record."""
    bought: Bought
    coupons: Mapping[str, NDArray[np.int32]] = field(default_factory=dict)
    """Name of a coupon or campaign -> rows of this table that redeemed it, ascending."""
