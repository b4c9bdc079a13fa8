"""What the server knows of one customer, in two packed strings.

``CustomerRecord`` is read for every request: taste as a vector, and the list the trainer ranked for
this customer with more time than a request has. ``History`` is what they bought; it is read in the
same round trip, but only by requests that need it (a filter, novelty, an explanation, a rerank).

    record   "CR" format:u8 0:u8 n_factors:u16 n_list:u16 crc32:u32
             groups u8[5] 0[3]  vector f16[n_factors]  entries u32[n_list]  scores f16[n_list]
    history  "CH" format:u8 0:u8 n:u32 crc32:u32
             rows u32[n]  times u16[n]  last_day u16[n]  every_days u16[n]  repeat f16[n]

Both begin as ``models.artifacts.framing`` has it. A record of format 1 has no groups: they are
unknown.

An entry is an item's row in the low 24 bits and the reason it is listed in the high 8: a record of
200 items and 64 factors is then 1,348 bytes, under the 1.5 KiB that keep ten million customers in
20 GB. The price is a catalogue of at most 16.7 million items.
"""

from dataclasses import dataclass
from enum import IntEnum
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from models.arrays import Rows, Scores
from models.artifacts import standing_codes
from models.artifacts.framing import N_HEAD, closed, expect, opened
from models.customer.segments import UNKNOWN, Standing
from models.errors import ArtifactCorrupt

RECORD_FORMAT = 2
HISTORY_FORMAT = 1
MAX_RECORD_BYTES = 1536
MAX_ITEMS = 1 << 24
DAY_ZERO = np.datetime64("1970-01-01", "D")
"""``last_day`` counts days from here; 16 bits reach to the year 2149."""

_N_GROUPS = 8
"""Their codes and three zeros, which keep the entries on multiples of 4 bytes."""
_CODES = slice(N_HEAD, N_HEAD + standing_codes.N_CODES)
_ROW_BITS = np.uint32(MAX_ITEMS - 1)


class Reason(IntEnum):
    """Why an item is on a list."""

    REPEAT = 1
    """Bought before."""
    TASTE = 2
    """Customers with like baskets buy it."""
    POPULAR = 3
    """It sells well now."""
    GOES_WITH = 4
    """Bought together with an item of the request."""
    ALIKE = 5
    """Of one kind with an item of the request, or with what is bought: told by its label."""
    SEARCHED = 6
    """It holds the words that were just looked for."""

    @property
    def code(self) -> str:
        """The word that callers see."""
        return self.name.lower().replace("_", "-")


_REASONS = bytes(Reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerRecord:
    """Taste, ranked base list and groups of one customer."""

    vector: NDArray[np.float16]
    """Shape ``(n_factors,)``."""
    rows: Rows
    """Shape ``(n_list,)``, best first."""
    reasons: NDArray[np.uint8]
    """Shape ``(n_list,)``: a ``Reason`` each."""
    scores: Scores
    """Shape ``(n_list,)``, descending."""
    standing: Standing = UNKNOWN

    def pack(self) -> bytes:
        """Return the record's bytes.

        Raises:
            ValueError: It would be longer than 1.5 KiB, or 24 bits cannot hold a row.
        """
        outside = self.rows[(self.rows < 0) | (self.rows >= MAX_ITEMS)]
        if outside.size:
            raise ValueError(f"a row must be from 0 to {MAX_ITEMS - 1}, got {int(outside[0])}")
        entries = self.rows.astype(np.uint32) | (self.reasons.astype(np.uint32) << np.uint32(24))
        body = b"".join(
            [
                standing_codes.pack(self.standing).ljust(_N_GROUPS, b"\0"),
                self.vector.astype(np.float16).tobytes(),
                entries.tobytes(),
                self.scores.astype(np.float16).tobytes(),
            ]
        )
        n_bytes = N_HEAD + len(body)
        if n_bytes > MAX_RECORD_BYTES:
            raise ValueError(f"a record must be at most {MAX_RECORD_BYTES} B, got {n_bytes}")
        sizes = self.vector.size | self.rows.size << 16
        return closed(b"CR", RECORD_FORMAT, sizes, body=body)

    @classmethod
    def unpack(cls, packed: bytes) -> "CustomerRecord":
        """Read what ``pack`` wrote.

        Raises:
            ArtifactCorrupt: The bytes were truncated or altered, or name a group that is none.
            ArtifactTooNew: A later release of Cartera wrote them.
        """
        taste, n_factors, n_list = _opened(packed)
        begin = taste + 2 * n_factors
        end = begin + 4 * n_list
        entries = np.frombuffer(packed, np.uint32, n_list, begin)
        return cls(
            vector=np.frombuffer(packed, np.float16, n_factors, taste),
            rows=(entries & _ROW_BITS).view(np.int32),
            reasons=np.frombuffer(packed[begin + 3 : end : 4], np.uint8),
            scores=np.frombuffer(packed, np.float16, n_list, end).astype(np.float32),
            standing=standing_codes.unpack(packed[_CODES]) if taste > N_HEAD else UNKNOWN,
        )

    def check(self, *, n_items: int, n_factors: int) -> None:
        """Compare with the release that is to answer; a checksum says nothing of that.

        Raises:
            ArtifactCorrupt: The vector is of another length, a row lies beyond the catalogue, a
                reason is unknown, or a number is none.
        """
        _expect_rows(self.rows, n_items)
        _expect_factors(self.vector.size, n_factors)
        if self.reasons.tobytes().translate(None, _REASONS):
            raise ArtifactCorrupt(
                f"a customer's list has a reason that is none of 1 to {int(max(Reason))}; "
                "publish the release again"
            )
        _expect_finite(self.vector.astype(np.float32))
        _expect_finite(self.scores)


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What one customer bought, an entry an item, by ascending row."""

    rows: Rows
    times: NDArray[np.uint16]
    """In how many orders."""
    last_day: NDArray[np.uint16]
    """Day of the latest order, in days from ``DAY_ZERO``."""
    every_days: NDArray[np.uint16]
    """Median days between orders; 0 where it was bought once."""
    repeat: Scores
    """The share of the blended score that comes from having bought it."""

    def pack(self) -> bytes:
        """Return the history's bytes."""
        body = b"".join(
            [
                self.rows.astype(np.uint32).tobytes(),
                self.times.astype(np.uint16).tobytes(),
                self.last_day.astype(np.uint16).tobytes(),
                self.every_days.astype(np.uint16).tobytes(),
                self.repeat.astype(np.float16).tobytes(),
            ]
        )
        return closed(b"CH", HISTORY_FORMAT, self.rows.size, body=body)

    @classmethod
    def unpack(cls, packed: bytes) -> "History":
        """Read what ``pack`` wrote; raises as ``CustomerRecord.unpack`` does."""
        n = _opened_history(packed)
        return cls(
            rows=np.frombuffer(packed, np.uint32, n, N_HEAD).astype(np.int32),
            times=np.frombuffer(packed, np.uint16, n, N_HEAD + 4 * n),
            last_day=np.frombuffer(packed, np.uint16, n, N_HEAD + 6 * n),
            every_days=np.frombuffer(packed, np.uint16, n, N_HEAD + 8 * n),
            repeat=np.frombuffer(packed, np.float16, n, N_HEAD + 10 * n).astype(np.float32),
        )

    def check(self, *, n_items: int) -> None:
        """Compare with the release that is to answer.

        Raises:
            ArtifactCorrupt: A row lies beyond the catalogue, or a number is none.
        """
        _expect_rows(self.rows, n_items)
        _expect_finite(self.repeat)


def packed_vector(packed: bytes, *, n_factors: int) -> bytes:
    """Return the bytes of a packed record's vector, of which many together make an array.

    Raises:
        ArtifactError: As ``unpack`` does, or the vector is of another length.
    """
    taste, found, _ = _opened(packed)
    _expect_factors(found, n_factors)
    return packed[taste : taste + 2 * n_factors]


def whole_history(packed: bytes) -> bytes:
    """Return a packed history as it is; it is whole.

    Raises:
        ArtifactError: As ``unpack`` does.
    """
    _opened_history(packed)
    return packed


def _opened(packed: bytes) -> tuple[int, int, int]:
    """Return where a record's vector begins, and how long it and the list are."""
    format_, sizes = opened(packed, b"CR", newest=RECORD_FORMAT)
    n_factors, n_list = sizes & 0xFFFF, sizes >> 16
    n_groups = _N_GROUPS if format_ > 1 else 0
    expect(packed, n_groups + 2 * n_factors + 6 * n_list)
    return N_HEAD + n_groups, n_factors, n_list


def _opened_history(packed: bytes) -> int:
    """Return how many entries a history has."""
    _, n = opened(packed, b"CH", newest=HISTORY_FORMAT)
    expect(packed, 12 * n)
    return n


def _expect_factors(found: int, n_factors: int) -> None:
    if found != n_factors:
        raise ArtifactCorrupt(
            f"a customer's vector has {found} numbers, the release's have {n_factors}; "
            "publish the release again"
        )


def _expect_rows(rows: Rows, n_items: int) -> None:
    # Without its sign a row below 0 lies beyond every catalogue; argmax costs a third of max.
    found = rows.view(np.uint32)
    if found.size and found[found.argmax()] >= n_items:
        raise ArtifactCorrupt(
            f"a customer's bytes name an item beyond the release's {n_items}; "
            "publish the release again"
        )


def _expect_finite(numbers: Scores) -> None:
    # What was packed in 16 bits cannot overflow here; a sum of squares costs a third of isfinite.
    if not isfinite(numbers.dot(numbers)):
        raise ArtifactCorrupt("a customer's bytes hold NaN or infinity; publish the release again")
