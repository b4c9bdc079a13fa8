"""Who is asking: the customer as the store has them, or as this worker last saw them, or nobody.

A record that a near-line worker renewed for the loaded release stands for the release's own.

Levels 0 and 1 are told apart here; levels 2 and 3 by ``models.recommend``; level 5 needs no
release.
"""

from collections.abc import Callable
from typing import NamedTuple

import structlog

from app.deps import Server
from app.memory import Happening, Packed
from app.store import StoreAway
from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.live_state import NOTHING_HAPPENED, LiveState
from models.customer.value import Tier
from models.errors import ArtifactError
from models.loaded import Loaded
from models.session import has_bought

log = structlog.get_logger(__name__)


class Customer(NamedTuple):
    """What is known of whoever asks."""

    record: CustomerRecord | None = None
    history: History | None = None
    live: LiveState = NOTHING_HAPPENED
    """What happened since."""
    remembered: bool = False
    """Whether it comes from this worker's memory."""
    missed: bool = False
    """Whether more might have been known in health."""
    damaged: bool = False
    """Whether that is because what the store has of them cannot be read."""

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
_REFUSED = LiveState(may_personalize=False)


async def find(
    server: Server,
    loaded: Loaded,
    customer_id: str | None,
    *,
    history: bool,
    anonymous_id: str | None = None,
    follows: Callable[[str], bool] = lambda _joined: False,
) -> Customer:
    """Return what is known of a customer or visitor under the loaded release; never fails.

    Args:
        server: The worker's parts.
        loaded: The release that answers.
        customer_id: None for a visitor.
        history: Whether the purchases are needed whatever happened.
        anonymous_id: The visitor, where no customer is named; None for nobody in particular.
        follows: Whether a visitor who turned out to be this customer is answered as that one.
    """
    if customer_id is None:
        if anonymous_id is None:
            return NOBODY
        happening = await server.customers.read_visitor(anonymous_id)
        visitor = _visitor(server, anonymous_id, happening)
        joined = visitor.live.joined
        if joined is None or not visitor.live.may_personalize or not follows(joined):
            return visitor
        customer_id = joined
    try:
        packed = await server.customers.read(customer_id, loaded.version, history=history)
    except StoreAway:
        return _recalled(server, loaded, customer_id)
    if packed.record is None and server.live.current != loaded.version:
        # A store that lost its data, or serves another release and dropped this one's customers,
        # knows nobody; that is trouble, not an unknown customer.
        return _recalled(server, loaded, customer_id)
    if packed.live is None:
        customer = _with_what_is_remembered(server, loaded, customer_id, packed)
    else:
        customer = _unpacked(server, loaded, customer_id, packed)
    if not history and packed.record is not None and has_bought(loaded, customer.live):
        customer = await _with_history(server, loaded, customer_id, customer)
    if customer.record is not None or not customer.live.may_personalize:
        server.memory.keep(customer_id, loaded.version, packed)
    return customer


def _with_what_is_remembered(
    server: Server, loaded: Loaded, customer_id: str, packed: Packed
) -> Customer:
    """Return a customer whose live state cannot be had: what they refused, they still refuse.

    Where nobody remembers whether they did, they are nobody.
    """
    live = server.memory.recall_live(customer_id)
    if live is None:
        return Customer(missed=True)
    return _unpacked(server, loaded, customer_id, packed._replace(live=live))._replace(missed=True)


def _visitor(server: Server, anonymous_id: str, happening: Happening | None) -> Customer:
    if server.refusers.holds(happening, anonymous_id=anonymous_id):
        return Customer(live=_REFUSED, missed=happening is None)
    try:
        return Customer(live=_live(happening), missed=happening is None)
    except ArtifactError as problem:
        return _refused(server, problem)


async def _with_history(
    server: Server, loaded: Loaded, customer_id: str, customer: Customer
) -> Customer:
    """Return the same with what was bought: it says when the latest purchases are due again."""
    try:
        packed = await server.customers.read_history(customer_id, loaded.version)
        return customer._replace(history=_history(loaded, packed))
    except StoreAway:
        return customer._replace(missed=True)
    except ArtifactError as problem:
        return _refused(server, problem)


def _recalled(server: Server, loaded: Loaded, customer_id: str) -> Customer:
    packed = server.memory.recall(customer_id, loaded.version)
    if packed is None or packed.live is None:
        return Customer(missed=True)
    customer = _unpacked(server, loaded, customer_id, packed)
    return customer._replace(remembered=True, missed=True)


def _unpacked(server: Server, loaded: Loaded, customer_id: str, packed: Packed) -> Customer:
    """Return a customer; nothing but the refusal of one who may not be known by what they did."""
    if server.refusers.holds(packed.live, customer_id=customer_id):
        return Customer(live=_REFUSED)
    try:
        live = _live(packed.live)
        if not live.may_personalize:
            return Customer(live=live)
        record = packed.record
        if live.renewed is not None and live.renewed[0] == loaded.version:
            record = live.renewed[1]
        return Customer(
            record=None if record is None else _record(server, loaded, customer_id, record),
            history=_history(loaded, packed.history),
            live=live,
        )
    except ArtifactError as problem:
        return _refused(server, problem)


def _refused(server: Server, problem: ArtifactError) -> Customer:
    server.metrics.corrupt()
    log.error("customer's bytes refused", reason=str(problem))
    return Customer(missed=True, damaged=True)


def _live(happening: Happening | None) -> LiveState:
    return LiveState.unpack(happening) if happening else NOTHING_HAPPENED


def _history(loaded: Loaded, packed: bytes | None) -> History | None:
    if packed is None:
        return None
    history = History.unpack(packed)
    history.check(n_items=len(loaded.catalogue))
    return history


def _record(server: Server, loaded: Loaded, customer_id: str, packed: bytes) -> CustomerRecord:
    record = server.memory.ready(customer_id, loaded.version, packed)
    if record is None:
        record = CustomerRecord.unpack(packed)
        record.check(n_items=len(loaded.catalogue), n_factors=loaded.collaborative.items.shape[1])
        server.memory.make_ready(customer_id, loaded.version, packed, record)
    return record
