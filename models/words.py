"""Which texts hold a word: what a search is answered from.

A text's words are its runs of letters, digits and underscores, without regard to case. All words of
all texts stand sorted in two arrays, made once a release: some 60 ms and 3 MB for the titles of
50,000 items.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from models.arrays import Offsets, Rows
from models.ids import Texts

_WORD = re.compile(r"\w+")
_WORD_OR_END = re.compile(r"\w+|\n")
_END = "\n"
_TOGETHER = 2048
"""Texts read in one go: other threads have their turn between."""


def words(text: str) -> list[str]:
    """Return the words of a text, each once, in their order."""
    return list(dict.fromkeys(_WORD.findall(text.casefold())))


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """The words of many texts. It serves in the process that made it, for hashes are its own."""

    hashes: NDArray[np.int64]
    """Shape ``(n_words,)``, ascending."""
    offsets: Offsets
    """Shape ``(n_words + 1,)``."""
    places: Rows
    """The texts of the first word, ascending, behind them those of the second …"""

    def texts_with(self, word: str) -> Rows:
        """Return the places of the texts that hold ``word``, one of ``words``; ascending."""
        place = int(self.hashes.searchsorted(hash(word)))
        if place == self.hashes.size or self.hashes[place] != hash(word):
            return self.places[:0]
        return self.places[self.offsets[place] : self.offsets[place + 1]]

    @classmethod
    def of(cls, texts: Texts) -> Self:
        """Read ``texts``."""
        parts = list(_hashed(texts))
        hashes = np.concatenate([np.empty(0, np.int64), *(part for part, _ in parts)])
        places = np.concatenate([np.empty(0, np.int32), *(part for _, part in parts)])
        order = np.argsort(hashes, kind="stable")
        hashes, places = hashes[order], places[order]
        first = np.ones(hashes.size, dtype=np.bool_)
        first[1:] = (hashes[1:] != hashes[:-1]) | (places[1:] != places[:-1])
        each, begins = np.unique(hashes[first], return_index=True)
        offsets = np.append(begins, first.sum()).astype(np.int64)
        return cls(hashes=each, offsets=offsets, places=places[first])


def _hashed(texts: Texts) -> Iterator[tuple[NDArray[np.int64], Rows]]:
    """Yield every word's hash and the place of its text, some texts at a time."""
    for begin in range(0, len(texts), _TOGETHER):
        some = range(begin, min(begin + _TOGETHER, len(texts)))
        joined = "".join(texts[place].replace(_END, " ") + _END for place in some)
        found = _WORD_OR_END.findall(joined.casefold())
        hashes = np.fromiter(map(hash, found), np.int64, len(found))
        is_end = hashes == hash(_END)
        place = begin + np.cumsum(is_end)
        yield hashes[~is_end], place[~is_end].astype(np.int32)
