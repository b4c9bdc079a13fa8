"""Ways in which items are alike: their kind, their category, their brand."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from models.arrays import Rows
from training.data.purchases import Purchases


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The group of each ranked item."""

    name: str
    of: Rows
    """Shape ``(n_ranked,)``."""
    n: int


def groupings(purchases: Purchases, items: pl.DataFrame) -> list[Grouping]:
    """Return kinds, categories and brands, from the finest to the coarsest.

    A kind is a title without what has a digit in it: *Milk, whole, 1 gal* and *Milk, whole, 2 l*
    are one. Items whose label is not known are one group.
    """
    order = pl.DataFrame({"item_id": purchases.item_ids[: purchases.n_ranked]})
    table = order.join(items, on="item_id", how="left", maintain_order="left")
    kinds = [_kind(title) for title in table["title"].fill_null("")]
    return [
        _grouping("kind", pl.Series(kinds, dtype=pl.String)),
        _grouping("category", table["category"]),
        _grouping("brand", table["brand"]),
    ]


def _kind(title: str) -> str:
    parts = [part.strip() for part in title.lower().split(",")]
    return ", ".join(part for part in parts if not any(map(str.isdigit, part))) or title


def _grouping(name: str, labels: pl.Series) -> Grouping:
    codes = labels.fill_null("").rank("dense").cast(pl.Int32).to_numpy() - 1
    return Grouping(name=name, of=codes.astype(np.int32), n=int(codes.max(initial=0)) + 1)
