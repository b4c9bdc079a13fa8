"""Who is asking: the customer as the store has them, or as this worker last saw them, or nobody.

Levels 0 and 1 are told apart here; levels 2 and 3 by ``models.recommend``; level 5 needs no
release.
"""

from typing import NamedTuple

import structlog

from app.deps import Server
from app.memory import Packed
from app.store import StoreAway
from models.artifacts.customer_record import CustomerRecord, History
from models.customer.value import Tier
from models.errors import ArtifactError
from models.loaded import Loaded

log = structlog.get_logger(__name__)


class Customer(NamedTuple):
    """What is known of whoever asks."""

    record: CustomerRecord | None = None
    history: History | None = None
    remembered: bool = False
    """Whether it comes from this worker's memory."""
    missed: bool = False
    """Whether more might have been known in health."""

    @property
    def tier(self) -> Tier | None:
        """How much is at stake with them; unknown where nobody is known.

        None where it is not at hand, though in health it might be.
        """
        if self.record is not None:
            return self.record.standing.tier
        return None if self.missed else Tier.UNKNOWN

    def level(self, level: int) -> int:
        """Return the level of a list that ``models.recommend`` put on ``level``."""
        return 1 if level == 0 and self.remembered else level


NOBODY = Customer()


async def find(
    server: Server, loaded: Loaded, customer_id: str | None, *, history: bool
) -> Customer:
    """Return what is known of a customer under the loaded release; never fails.

    Args:
        server: The worker's parts.
        loaded: The release that answers.
        customer_id: None for a visitor.
        history: Whether the purchases are needed too.
    """
    if customer_id is None:
        return NOBODY
    try:
        packed = await server.customers.read(customer_id, loaded.version, history=history)
    except StoreAway:
        return _recalled(server, loaded, customer_id)
    if packed.record is None:
        # A store that lost its data, or serves another release and dropped this one's customers,
        # knows nobody; that is trouble, not an unknown customer.
        if server.live.current != loaded.version:
            return _recalled(server, loaded, customer_id)
        return NOBODY
    customer = _unpacked(server, loaded, customer_id, packed)
    if customer.record is not None:
        server.memory.keep(customer_id, loaded.version, packed)
    return customer


def _recalled(server: Server, loaded: Loaded, customer_id: str) -> Customer:
    packed = server.memory.recall(customer_id, loaded.version)
    if packed is None:
        return Customer(missed=True)
    customer = _unpacked(server, loaded, customer_id, packed)
    return Customer(record=customer.record, history=customer.history, remembered=True, missed=True)


def _unpacked(server: Server, loaded: Loaded, customer_id: str, packed: Packed) -> Customer:
    record = history = None
    try:
        if packed.record is not None:
            record = _record(server, loaded, customer_id, packed.record)
        if packed.history is not None:
            history = History.unpack(packed.history)
            history.check(n_items=len(loaded.catalogue))
        return Customer(record=record, history=history)
    except ArtifactError as problem:
        server.metrics.corrupt()
        log.error("customer's bytes refused", reason=str(problem))
        return Customer(missed=True)


def _record(server: Server, loaded: Loaded, customer_id: str, packed: bytes) -> CustomerRecord:
    record = server.memory.ready(customer_id, loaded.version, packed)
    if record is None:
        record = CustomerRecord.unpack(packed)
        record.check(n_items=len(loaded.catalogue), n_factors=loaded.collaborative.items.shape[1])
        server.memory.make_ready(customer_id, loaded.version, packed, record)
    return record
