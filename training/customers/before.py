"""Where today's customers stood in the release before: what movements are counted from.

Portfolios are found anew in each release, so their numbers cannot be compared; tiers, stages,
segments and satisfaction can.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

COMPARED = ("tier", "stage", "segment", "satisfaction")
NOT_THERE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """Codes of groups by kind."""

    there: Mapping[str, NDArray[np.int16]]
    """Each of shape ``(n_customers,)``, of today's customers; who was not known then is
    ``NOT_THERE``."""
    gone: Mapping[str, NDArray[np.int16]]
    """Of those who are known no more."""


def before(groups: pl.DataFrame | None, customer_ids: Sequence[str]) -> Before | None:
    """Put the groups of the release before into the order of today's customers.

    Args:
        groups: ``customer_id`` and a code of each of ``COMPARED``; None where no release serves.
        customer_ids: Today's customers.
    """
    if groups is None:
        return None
    ids = pl.Series("customer_id", customer_ids, dtype=pl.String).to_frame()
    codes = groups.select("customer_id", pl.col(COMPARED).cast(pl.Int16))
    there = ids.join(codes, on="customer_id", how="left", maintain_order="left")
    gone = codes.join(ids, on="customer_id", how="anti")
    return Before(
        there={kind: there[kind].fill_null(NOT_THERE).to_numpy() for kind in COMPARED},
        gone={kind: gone[kind].to_numpy() for kind in COMPARED},
    )
