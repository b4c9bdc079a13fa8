"""What a worker remembers of its customers for when the store is away.

Values stay packed, as the store gave them, and belong to one release: rows of another would mean
other items. The longest unasked go first when the room is full; none is used after a day.
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


class Packed(NamedTuple):
    """A customer as the store holds them; None where it holds nothing."""

    record: bytes | None
    history: bytes | None = None


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
        """Remember a customer; a history read earlier stays beside a newer record."""
        record, history = packed.record or b"", packed.history or b""
        before = self._kept.pop(customer_id, None)
        if before is not None:
            self._n_bytes -= len(before[2]) + len(before[3])
            if packed.history is None and before[0] == version:
                history = before[3]
        self._kept[customer_id] = version, self._clock(), record, history
        self._n_bytes += len(record) + len(history)
        while len(self._kept) > self._n_records or self._n_bytes > self._room:
            _, (_, _, record, history) = self._kept.popitem(last=False)
            self._n_bytes -= len(record) + len(history)

    def recall(self, customer_id: str, version: str) -> Packed | None:
        """Return what is remembered of a customer under this release, if it is not too old."""
        found = self._kept.get(customer_id)
        if found is None or found[0] != version or self._clock() - found[1] > MAX_AGE_S:
            return None
        return Packed(found[2] or None, found[3] or None)

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


_Kept = tuple[str, float, bytes, bytes]
"""Version, when, record, history (empty where there was none): a tuple of nothing but values, which
the garbage collector soon leaves alone, however many customers are remembered."""
