"""A visitor turned out to be a customer, or it was thought so by mistake.

Visitor and customer are on two shards, so each change is two steps, and each step is done at once:

    join    1  the visitor's live state says whose it is: from now on ingest follows it
            2  the customer's takes in what the visitor did; the stream is told
    part    1  the visitor's live state says so no more
            2  the customer's gives back what came from the visitor; the stream is told

A crash between the steps leaves the second one undone, and the same call does it: every step bears
repetition, and the stream is told once. What was refused by either stays refused, parted or not,
until they say otherwise.
"""

import time
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from app.errors import Conflict, NotDurable, NotFound
from app.identity_scripts import CLOSE, GIVE_BACK, OPEN, TAKE_IN
from app.scripts import Argument, Script, Scripts, StoreRefused
from app.store import StoreAway
from models.artifacts.event import JOINED, PARTED, Event, Source
from models.artifacts.keys import Keys, shard_of
from models.artifacts.live_state import of_origin


async def join(
    scripts: Scripts, keys: Keys, *, customer_id: str, anonymous_id: str, source: Source
) -> None:
    """Make a visitor the customer they turned out to be; the very next answer knows.

    Raises:
        Conflict: They are joined to another customer.
        NotDurable: The store did not take it, or not all of it; the same call does the rest.
    """
    visitor, customer = keys.live_of_visitor(anonymous_id), keys.live_of_customer(customer_id)
    did = await _run(scripts, OPEN, [visitor], [customer_id])
    if did == 0:
        raise Conflict(Conflict.example)
    events, feedback, hidden, consent = (part or b"" for part in did)
    now_ms = time.time_ns() // 1_000_000
    event = _event(JOINED, now_ms, customer_id, anonymous_id, source)
    await _run(
        scripts,
        TAKE_IN,
        [customer, keys.events(shard_of(customer_id))],
        [
            f"i:{anonymous_id}",
            now_ms,
            event.pack(),
            of_origin(events, anonymous_id),
            of_origin(feedback, anonymous_id),
            hidden,
            consent,
        ],
    )


async def part(
    scripts: Scripts, keys: Keys, *, customer_id: str, anonymous_id: str, source: Source
) -> None:
    """Undo a join that was a mistake; the very next answer knows.

    Raises:
        NotFound: They were not joined.
        NotDurable: The store did not take it, or not all of it; the same call does the rest.
    """
    visitor, customer = keys.live_of_visitor(anonymous_id), keys.live_of_customer(customer_id)
    now_ms = time.time_ns() // 1_000_000
    was, hidden = await _run(scripts, CLOSE, [visitor], [customer_id, now_ms])
    event = _event(PARTED, now_ms, customer_id, anonymous_id, source)
    is_undone = await _run(
        scripts,
        GIVE_BACK,
        [customer, keys.events(shard_of(customer_id))],
        [f"i:{anonymous_id}", anonymous_id, was, event.pack(), hidden],
    )
    if not is_undone:
        raise NotFound("this visitor is not joined to this customer, so there is nothing to undo")


def _event(name: str, now_ms: int, customer_id: str, anonymous_id: str, source: Source) -> Event:
    return Event(
        event=name,
        event_id=uuid4().hex,
        at_ms=now_ms,
        source=source,
        customer_id=customer_id,
        anonymous_id=anonymous_id,
    )


async def _run(
    scripts: Scripts, script: Script, keys: Sequence[str], args: Sequence[Argument]
) -> Any:  # noqa: ANN401  # whatever the script returns
    try:
        return await scripts.run(script, keys, args)
    except (StoreAway, StoreRefused):
        raise NotDurable(
            "the store does not take it now, or not all of it; send the same again"
        ) from None
