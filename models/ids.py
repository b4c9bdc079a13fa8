"""Ids are strings outside and rows inside; they cross here, once each way.

The table lives in four flat arrays, so that workers share it by mapping the release's file: the ids
as one UTF-8 blob with offsets, and their 64-bit hashes, sorted, with the row of each. A dictionary
of a million ids would cost every worker some 150 MB of its own and a second at each new release;
two binary searches cost a request about 2 µs an id.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from models.arrays import Blob, Offsets, Rows

FEW = 3
"""Ids that cost less looked up one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Many strings in two arrays."""

    blob: Blob
    offsets: Offsets

    def __len__(self) -> int:
        """Return how many texts there are."""
        return int(self.offsets.size - 1)

    def raw(self, row: int) -> bytes:
        """Return the UTF-8 bytes of text ``row``."""
        return self.blob[self.offsets[row] : self.offsets[row + 1]].tobytes()

    def views(self, rows: Rows) -> list[memoryview]:
        """Return the UTF-8 bytes of the texts ``rows``, not copied."""
        blob, offsets = self.blob.data, self.offsets.data
        return [blob[offsets[row] : offsets[row + 1]] for row in rows.tolist()]

    def __getitem__(self, row: int) -> str:
        """Return text ``row``."""
        return self.raw(row).decode()

    @classmethod
    def of(cls, texts: Iterable[str | bytes]) -> "Texts":
        """Pack ``texts``; an absent text is the empty one."""
        encoded = [text if isinstance(text, bytes) else text.encode() for text in texts]
        offsets = np.zeros(len(encoded) + 1, dtype=np.int64)
        np.cumsum([len(text) for text in encoded], out=offsets[1:])
        return cls(blob=np.frombuffer(b"".join(encoded), dtype=np.uint8), offsets=offsets)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ids:
    """The ids of rows ``0 … n - 1``, both ways."""

    texts: Texts
    hashes: NDArray[np.uint64]
    """Shape ``(n,)``, ascending."""
    rows: Rows
    """Shape ``(n,)``: the row whose id has the hash at the same place."""

    def __len__(self) -> int:
        """Return how many ids there are."""
        return len(self.texts)

    def id_of(self, row: int) -> str:
        """Return the shop's id of ``row``."""
        return self.texts[row]

    def row_of(self, id_: str) -> int | None:
        """Return the row of ``id_``, or None where the release does not know it."""
        wanted = _hash(id_)
        place = int(np.searchsorted(self.hashes, np.uint64(wanted)))
        while place < self.hashes.size and int(self.hashes[place]) == wanted:
            row = int(self.rows[place])
            if self.texts[row] == id_:
                return row
            place += 1
        return None

    def rows_of(self, ids: Sequence[str]) -> Rows:
        """Return the rows of those ``ids`` that are known, in their order, each once."""
        found = [row for row in self.each_row_of(ids) if row is not None]
        return np.array(list(dict.fromkeys(found)), dtype=np.int32)

    def each_row_of(self, ids: Sequence[str]) -> list[int | None]:
        """Return the row of each of ``ids``, None where it is not known; one search for all."""
        if len(ids) < FEW or not self.hashes.size:
            return [self.row_of(id_) for id_ in ids]
        wanted = np.fromiter(map(_hash, ids), np.uint64, len(ids))
        places = self.hashes.searchsorted(wanted)
        rows = self.rows.take(places, mode="clip")
        near = self.hashes.take(places, mode="clip") == wanted
        return [
            (row if text == id_.encode() else self.row_of(id_)) if there else None
            for id_, row, text, there in zip(
                ids, rows.tolist(), self.texts.views(rows), near.tolist(), strict=True
            )
        ]

    @classmethod
    def of(cls, ids: Sequence[str]) -> "Ids":
        """Number ``ids`` in their order.

        Raises:
            ValueError: An id occurs twice.
        """
        if len(set(ids)) != len(ids):
            raise ValueError(f"ids must be unique, {len(ids) - len(set(ids))} occur more than once")
        hashes = np.array([_hash(id_) for id_ in ids], dtype=np.uint64)
        order = np.argsort(hashes, kind="stable")
        return cls(texts=Texts.of(ids), hashes=hashes[order], rows=order.astype(np.int32))


def _hash(id_: str) -> int:
    digest = blake2b(id_.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")
