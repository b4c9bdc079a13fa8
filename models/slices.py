"""The rows of each category, and of each brand: what a filter reads instead of the catalogue.

A shop of a million items has some thousand in a category. They are found here by the category's
code, in two arrays for all categories together: 4 bytes an item, made once a release.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from models.arrays import Codes, Offsets, Rows

MANY = 16
"""Codes that cost less counted together than one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slices:
    """Rows by code."""

    rows: Rows
    """Those of code 0 first, then of code 1, …, each by ascending row."""
    offsets: Offsets
    """Shape ``(n_codes + 1,)``."""

    @classmethod
    def of(cls, codes: Codes, n_codes: int) -> Self:
        """Sort the rows of ``codes``; those without a code, -1, are in no slice."""
        order = np.argsort(codes, kind="stable").astype(np.int32)
        offsets = np.cumsum(np.bincount(codes + 1, minlength=n_codes + 1))
        return cls(rows=order, offsets=offsets)

    def count(self, codes: list[int]) -> int:
        """Return how many rows there are of ``codes``, each named once."""
        if len(codes) > MANY:
            places = np.array(codes)
            return int((self.offsets[places + 1] - self.offsets[places]).sum())
        return sum(int(self.offsets[code + 1] - self.offsets[code]) for code in codes)

    def of_codes(self, codes: list[int]) -> Rows:
        """Return the rows of ``codes``, each code named once, by ascending row."""
        slices = [self.rows[self.offsets[code] : self.offsets[code + 1]] for code in codes]
        return slices[0] if len(slices) == 1 else np.sort(np.concatenate([self.rows[:0], *slices]))
