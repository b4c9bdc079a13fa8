"""The shop's items as the server knows them: what can be shown, filtered and told.

Items are numbered best-selling first. The first ``n_ranked`` have models; the others were bought by
too few to learn from, and are found by filters and by id only.
"""

from dataclasses import dataclass
from functools import cached_property
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from models.arrays import Arrays, Codes, Mask, Money, Rows, Scores
from models.ids import Ids, Texts
from models.ranking import summed
from models.slices import Slices
from models.words import Words, words

FEW = 1000
"""What so few items hold is never too common to search for."""
_NO_ROWS: Rows = np.empty(0, dtype=np.int32)


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

    @cached_property
    def words(self) -> tuple[Words, Words, Words]:
        """The words of titles, of categories and of brands."""
        return Words.of(self.titles), Words.of(self.categories), Words.of(self.brands)

    def searched(self, term: str) -> tuple[Rows, Scores]:
        """Return the items that hold words of ``term`` in title, category or brand.

        Returns:
            Rows, ascending, each once; and of each what share of the term its words make, 0 to 1.
            A word counts ``log(1 + n / m)`` where ``m`` of ``n`` items hold it, so that a rare one
            says more. One that no item holds counts for none, and so does one that an eighth of
            them hold, and more than ``FEW``: it tells them not apart.
        """
        rows, counts, whole = [_NO_ROWS], [np.empty(0, np.float32)], 0.0
        for word in words(term):
            holding = self._holding(word)
            if holding.size:
                count = log(1 + len(self) / holding.size)
                rows.append(holding)
                counts.append(np.full(holding.size, count, np.float32))
                whole += count
        found, said = summed(np.concatenate(rows), np.concatenate(counts))
        return found, said / np.float32(whole or 1)

    def _holding(self, word: str) -> Rows:
        """Return the items that hold a word; none where too many do."""
        titles, categories, brands = (one.texts_with(word) for one in self.words)
        in_category, in_brand = categories.tolist(), brands.tolist()
        n = titles.size + self.of_category.count(in_category) + self.of_brand.count(in_brand)
        if n > max(len(self) / 8, FEW):
            return _NO_ROWS
        parts = [
            titles,
            self.of_category.of_codes(in_category),
            self.of_brand.of_codes(in_brand),
        ]
        filled = [part for part in parts if part.size]
        return np.unique(np.concatenate(filled)) if len(filled) > 1 else [*filled, _NO_ROWS][0]

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
