"""What the shop earned with each line it sold.

An item's margin stands in the items file. Where it does not, the line earned a share of what was
paid: the share that the shop names (``CARTERA_MARGIN_SHARE``), or else the one that the lines of
known margin earned together.
"""

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from training.data.purchases import Purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Margins:
    """Margins of lines, and how they were told."""

    lines: NDArray[np.float64] | None
    """Shape ``(n_lines,)``, for the whole quantity; None where nothing says what is earned."""
    why: str


def margins(bought: Purchases, items: pl.DataFrame, *, share: float | None) -> Margins:
    """Return the margin of every line.

    Args:
        bought: What was bought.
        items: With ``item_id`` and ``margin`` per unit, null where unknown.
        share: What is earned of the price where the items do not say; None where nobody says.
    """
    order = pl.DataFrame({"item_id": bought.item_ids})
    table = order.join(items, on="item_id", how="left", maintain_order="left")
    unit = table["margin"].cast(pl.Float64).fill_null(float("nan")).to_numpy()[bought.item]
    known = np.isfinite(unit)
    spend = bought.spend.astype(np.float64)
    if not known.any() and share is None:
        return Margins(
            lines=None,
            why="no item's margin is known; give a margin column in the items file, or "
            "CARTERA_MARGIN_SHARE",
        )
    earned = unit * bought.quantity
    paid = float(spend[known].sum())
    why = f"the items file says the margin of {paid / max(float(spend.sum()), 1e-9):.0%} of sales"
    if share is None:
        share = float(earned[known].sum()) / paid if paid else 0.0
        rest = f"the rest is taken to earn as much of the price, {share:.1%}"
    else:
        rest = f"the rest earns {share:.1%} of the price (CARTERA_MARGIN_SHARE)"
    return Margins(lines=np.where(known, earned, share * spend), why=f"{why}; {rest}")
