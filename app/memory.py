"""What a worker remembers of its customers for when the store is away.

Values stay packed, as the store gave them, and belong to one release: rows of another would mean
other items. What happened belongs to none. The longest unasked go first when the room is full; none
is used after a day.

Whether a customer may be known by what they did is in what happened. So where that is not known,
nothing that is remembered of them is to be used.
"""

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from models.artifacts.customer_record import CustomerRecord

RECORD_BYTES = 2048
"""Room that a remembered customer is counted with; a long history takes several customers' room."""
MAX_AGE_S = 24 * 3600.0
N_READY = 4096
"""Records that are at hand unpacked, at some 4 KiB each; fewer where fewer are remembered."""


Happening = tuple[bytes | None, ...]
"""The fields of a live state as the store holds them."""
NOTHING: Happening = ()
"""Of whoever has no live state."""


class Packed(NamedTuple):
    """A customer as the store holds them; None where it holds nothing."""

    record: bytes | None
    history: bytes | None = None
    live: Happening | None = NOTHING
    """None where it could not be had."""


class Memory:
    """The last record of the last customers."""

    def __init__(self, n_records: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._room = n_records * RECORD_BYTES
        self._n_records = n_records
        self._clock = clock
        self._n_bytes = 0
        self._kept: OrderedDict[str, _Kept] = OrderedDict()
        self._ready: OrderedDict[str, tuple[str, bytes, CustomerRecord]] = OrderedDict()
        self._n_ready = min(n_records, N_READY)

    def __len__(self) -> int:
        """Return how many customers are remembered."""
        return len(self._kept)

    def keep(self, customer_id: str, version: str, packed: Packed) -> None:
        """Remember a customer; a history read earlier stays beside a newer record.

        So does what happened, where it could not be read this time.
        """
        record, history = packed.record or b"", packed.history or b""
        live, now_s = packed.live, self._clock()
        before = self._kept.pop(customer_id, None)
        if before is not None:
            self._n_bytes -= _size(before)
            if packed.history is None and before[0] == version:
                history = before[3]
            if live is None:
                live, now_s = before[4], before[1]
        kept = version, now_s, record, history, live
        self._kept[customer_id] = kept
        self._n_bytes += _size(kept)
        while len(self._kept) > self._n_records or self._n_bytes > self._room:
            self._n_bytes -= _size(self._kept.popitem(last=False)[1])

    def recall(self, customer_id: str, version: str) -> Packed | None:
        """Return what is remembered of a customer under this release, if it is not too old."""
        found = self._kept.get(customer_id)
        if found is None or found[0] != version or self._clock() - found[1] > MAX_AGE_S:
            return None
        return Packed(found[2] or None, found[3] or None, found[4])

    def recall_live(self, customer_id: str) -> Happening | None:
        """Return what is known to have happened, under whichever release; None if it is not."""
        found = self._kept.get(customer_id)
        if found is None or self._clock() - found[1] > MAX_AGE_S:
            return None
        return found[4]

    def forget_live(self, customer_id: str) -> None:
        """Know no more what happened: the customer has just decided what they allow."""
        found = self._kept.get(customer_id)
        if found is not None:
            self._n_bytes -= _size(found)
            self._kept[customer_id] = kept = (*found[:4], None)
            self._n_bytes += _size(kept)

    def ready(self, customer_id: str, version: str, packed: bytes) -> CustomerRecord | None:
        """Return the record that was last made of these very bytes, if it is still at hand."""
        found = self._ready.get(customer_id)
        if found is None or found[0] != version or found[1] != packed:
            return None
        self._ready.move_to_end(customer_id)
        return found[2]

    def make_ready(
        self, customer_id: str, version: str, packed: bytes, record: CustomerRecord
    ) -> None:
        """Have a record at hand that was made of ``packed`` and checked against its release.

        Whoever looks through a shop asks for a list on every page; their bytes are read each time
        and, while they stay the same, unpacked once.
        """
        self._ready[customer_id] = version, packed, record
        self._ready.move_to_end(customer_id)
        if len(self._ready) > self._n_ready:
            self._ready.popitem(last=False)


_Kept = tuple[str, float, bytes, bytes, Happening | None]
"""Version, when, record, history (empty where there was none), live state: tuples of nothing but
values, which the garbage collector soon leaves alone, however many customers are remembered."""


def _size(kept: _Kept) -> int:
    live = sum(len(field) for field in kept[4] or () if field)
    return len(kept[2]) + len(kept[3]) + live
