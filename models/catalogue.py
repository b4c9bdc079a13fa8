"""The shop's items as the server knows them: what can be shown, filtered and told.

Items are numbered best-selling first. The first ``n_ranked`` have models; the others were bought by
too few to learn from, and are found by filters and by id only.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Arrays, Codes, Mask, Money
from models.ids import Ids, Texts
from models.slices import Slices


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """Columns of the items table, in row order."""

    ids: Ids
    titles: Texts
    category: Codes
    categories: Texts
    """By their bytes, ascending, so that a filter finds a name without reading them all."""
    brand: Codes
    brands: Texts
    """As ``categories``."""
    price: Money
    margin: Money
    stock: NDArray[np.int64]
    """Shape ``(n_items,)``; -1 where the shop does not say, which counts as in stock."""
    fragments: Texts
    """Each item's part of an answer, serialised once: ``"item_id":"p-77","title":…`` ."""
    n_ranked: int

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.ids)

    @property
    def showable(self) -> Mask:
        """Which items may appear at all: those not out of stock."""
        return np.asarray(self.stock != 0)

    @cached_property
    def of_category(self) -> Slices:
        """The rows of each category."""
        return Slices.of(self.category, len(self.categories))

    @cached_property
    def of_brand(self) -> Slices:
        """The rows of each brand."""
        return Slices.of(self.brand, len(self.brands))

    def name(self, row: int) -> str:
        """Return what a person calls the item: its title, or its id where it has none."""
        return self.titles[row] or self.ids.id_of(row)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the catalogue as a bundle's arrays."""
        texts: dict[str, Texts] = {
            "item_ids": self.ids.texts,
            "titles": self.titles,
            "categories": self.categories,
            "brands": self.brands,
            "fragments": self.fragments,
        }
        arrays: dict[str, NDArray[Any]] = {
            "item_ids.hashes": self.ids.hashes,
            "item_ids.rows": self.ids.rows,
            "category": self.category,
            "brand": self.brand,
            "price": self.price,
            "margin": self.margin,
            "stock": self.stock,
            "n_ranked": np.array([self.n_ranked], dtype=np.int64),
        }
        for name, packed in texts.items():
            arrays |= {f"{name}.blob": packed.blob, f"{name}.offsets": packed.offsets}
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Arrays) -> "Catalogue":
        """Read what ``arrays`` returned."""
        texts = {
            name: Texts(blob=arrays[f"{name}.blob"], offsets=arrays[f"{name}.offsets"])
            for name in ("item_ids", "titles", "categories", "brands", "fragments")
        }
        return cls(
            ids=Ids(
                texts=texts.pop("item_ids"),
                hashes=arrays["item_ids.hashes"],
                rows=arrays["item_ids.rows"],
            ),
            category=arrays["category"],
            brand=arrays["brand"],
            price=arrays["price"],
            margin=arrays["margin"],
            stock=arrays["stock"],
            n_ranked=int(arrays["n_ranked"][0]),
            **texts,
        )
