"""What a store has of many customers at once, as columns: what audiences are found in.

Each customer's bytes are looked at as whoever serves one looks at them, and what cannot be used is
left out and said; the numbers of all are then read together, which costs a hundredth of reading
them one by one.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import orjson
from numpy.typing import NDArray

from models.arrays import Mask, Rows
from models.artifacts import customer_profile
from models.artifacts.customer_profile import PROFILE
from models.artifacts.customer_record import packed_vector, whole_history
from models.artifacts.framing import N_HEAD
from models.errors import ArtifactError

Refused = Counter[str]
"""Why the bytes of some customers cannot be used, and how often."""


def profiles(
    packed: Sequence[bytes], *, n_categories: int, n_portfolios: int, refused: Refused
) -> tuple[NDArray[np.void], Mask]:
    """Return profiles that can be used, and of which customers they are.

    Args:
        packed: One of each customer.
        n_categories: Of the release that they are of.
        n_portfolios: Likewise.
        refused: Is told why others cannot be used.

    Returns:
        Shape ``(n_usable,)``, dtype ``PROFILE``; and shape ``(n_customers,)``.
    """
    blank = bytes(PROFILE.itemsize)
    bodies = _each(packed, customer_profile.body, refused)
    rows = np.frombuffer(b"".join(blank if one is None else one for one in bodies), PROFILE)
    usable = np.array([one is not None for one in bodies], dtype=np.bool_)
    fits = {"n_categories": n_categories, "n_portfolios": n_portfolios}
    for place in np.flatnonzero(usable & ~customer_profile.fitting(rows, **fits)):
        usable[place] = False
        _each([rows[place]], lambda row: customer_profile.check(row, **fits), refused)
    return rows[usable], usable


def vectors(
    records: Sequence[bytes | None], *, n_factors: int, refused: Refused
) -> NDArray[np.float16]:
    """Return the vectors of packed records; zeros for who has none, or one that cannot be used.

    Args:
        records: One of each customer, None where there is none.
        n_factors: The length of the release's vectors.
        refused: Is told why some cannot be used.

    Returns:
        Shape ``(n_customers, n_factors)``.
    """
    blank = bytes(2 * n_factors)
    found = _each(records, lambda one: packed_vector(one, n_factors=n_factors), refused)
    joined = b"".join(blank if one is None else one for one in found)
    tastes = np.frombuffer(joined, np.float16).reshape(len(records), n_factors)
    finite: Mask = np.asarray(np.isfinite(tastes).all(axis=1))
    if finite.all():
        return tastes
    refused["a customer's vector holds NaN or infinity; publish the release again"] += int(
        (~finite).sum()
    )
    return np.where(finite[:, None], tastes, np.float16(0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Histories:
    """What some customers bought, one after the other."""

    counts: NDArray[np.int64]
    """Shape ``(n_customers,)``: how many entries are of each."""
    rows: Rows
    """Shape ``(n_entries,)``."""
    times: NDArray[np.uint16]
    last_day: NDArray[np.uint16]

    @classmethod
    def of(cls, packed: Sequence[bytes | None], *, n_items: int, refused: Refused) -> Self:
        """Read packed histories; nothing for who has none, or one that cannot be used.

        Args:
            packed: One of each customer, None where there is none.
            n_items: How many items the release's catalogue has.
            refused: Is told why some cannot be used.
        """
        whole = [one or b"" for one in _each(packed, whole_history, refused)]
        read = cls._read(whole)
        beyond = read.rows.view(np.uint32) >= n_items
        if not beyond.any():
            return read
        places = np.unique(np.repeat(np.arange(len(whole)), read.counts)[beyond]).tolist()
        for place in places:
            whole[place] = b""
        refused[
            f"a customer's bytes name an item beyond the release's {n_items}; "
            "publish the release again"
        ] += len(places)
        return cls._read(whole)

    @classmethod
    def _read(cls, whole: Sequence[bytes]) -> Self:
        lengths = np.fromiter(map(len, whole), np.int64, len(whole))
        counts = np.maximum(lengths - N_HEAD, 0) // 12
        joined = b"".join(whole)
        begins = np.cumsum(lengths) - lengths + N_HEAD
        within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
        halves = np.frombuffer(joined, np.uint16)

        def column(begin: int) -> NDArray[np.uint16]:
            found: NDArray[np.uint16] = halves[
                np.repeat((begins + begin * counts) // 2, counts) + within
            ]
            return found

        words = np.frombuffer(joined, np.uint32)
        return cls(
            counts=counts,
            rows=words[np.repeat(begins // 4, counts) + within].view(np.int32),
            times=column(4),
            last_day=column(6),
        )


def names(packed: bytes | None, *, refused: Refused) -> list[str]:
    """Return the names of the coupons that one customer redeemed, from JSON; none for None."""
    if packed is None:
        return []
    try:
        found = orjson.loads(packed)
    except ValueError:
        found = None
    if isinstance(found, list) and all(isinstance(name, str) for name in found):
        return found
    refused["a customer's coupons are no list of names; publish the release again"] += 1
    return []


def _each(packed: Sequence[Any], read: Callable[[Any], Any], refused: Refused) -> list[Any]:
    """Return what ``read`` makes of each; None for none, and where it cannot be used."""
    found = []
    for one in packed:
        try:
            found.append(None if one is None else read(one))
        except ArtifactError as problem:
            refused[str(problem)] += 1
            found.append(None)
    return found
