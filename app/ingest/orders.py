"""Orders are told by pages and by backends, and count once.

- A page's copy is of its own subject only: whoever makes up the orders of others takes nothing from
  them. That a subject's page tells an order once is seen to where its event is stored.
- A backend's copy is the order's: the first one is stored, whoever else has told it. It confirms
  what its own customer's page has told, or that of a visitor who is the customer; where only
  others' pages have, it is that customer's order as if none had. After it every copy is a
  duplicate.

A backend's claim is settled once its event is stored. Until then another copy waits, on disk where
it must; and where whoever claimed has died, another's claim takes that place.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from app.ingest.lua import (
    BACKEND,
    BUSY,
    CLAIM,
    CONFIRMS,
    CONTESTED,
    DUPLICATE,
    IS_STORED,
    MADE,
    VISITORS,
)
from app.ingest.operation import Claim, Operation
from app.scripts import Call, Script, Scripts, StoreRefused
from app.store import StoreAway
from models.artifacts.event import Event
from models.artifacts.keys import Keys

Placed = tuple[int, Operation]
"""An operation, and its place among all of a request."""


class Orders:
    """Claims orders for events."""

    def __init__(self, scripts: Scripts, keys: Keys) -> None:
        self._scripts = scripts
        self._keys = keys

    async def claimed(
        self, asked: Sequence[Placed], outcomes: list[int | None]
    ) -> tuple[list[Placed], list[Placed]]:
        """Claim orders.

        Args:
            asked: Operations, with or without an order to claim.
            outcomes: Of all; that of one whose order another copy has is set.

        Returns:
            What is to be stored now, and what another copy keeps waiting.
        """
        claims = [(n, one, one.claim) for n, one in asked if one.claim is not None]
        said = await self._said([claim for _, _, claim in claims])
        left, busy = dict(asked), []
        for (n, one, claim), first in zip(claims, said, strict=True):
            reply = await self._by_visitors(one.event, claim) if first == CONTESTED else first
            if reply is None or reply in (MADE, BUSY):
                del left[n]
                if reply == MADE:
                    outcomes[n] = DUPLICATE
                elif reply == BUSY:
                    busy.append((n, one))
            elif reply == CONFIRMS:
                left[n] = one.confirming()
            elif reply == CONTESTED:
                left[n] = one.contested()
        return list(left.items()), busy

    async def settle(self, stored: Sequence[Operation]) -> None:
        """Say of backends' orders that they are stored; lost, it is as if their process had died.

        Then a copy of another id is stored too, which is counted with the first.
        """
        mine = [
            one.claim._replace(side=IS_STORED, marks=())
            for one in stored
            if one.claim is not None and one.claim.side == BACKEND
        ]
        if mine:
            await self._said(mine)

    async def _by_visitors(self, event: Event, claim: Claim) -> int | None:
        """Claim an order that others' pages have told: they may be visitors whom its customer was.

        Returns:
            The reply; None where the store does not say who they are.
        """
        if event.customer_id is None:
            return CONTESTED
        key = self._keys.live_of_customer(event.customer_id)
        (visitors,) = await replies(self._scripts, VISITORS, [([key], [])])
        if visitors is None:
            return None
        marks = [_mark(event, visitor.decode()) for visitor in visitors]
        (said,) = await self._said([claim._replace(marks=marks)])
        return said

    async def _said(self, claims: Sequence[Claim]) -> list[int | None]:
        calls: list[Call] = [
            ([self._keys.order(claim.order)], [claim.side, claim.mine, *claim.marks])
            for claim in claims
        ]
        return await replies(self._scripts, CLAIM, calls)


async def replies(scripts: Scripts, script: Script, calls: Sequence[Call]) -> list[Any]:
    """Return the reply to each call, None where there is none."""
    said = await scripts.run_each(script, calls)
    return [None if isinstance(reply, StoreAway | StoreRefused) else reply for reply in said]


def _mark(event: Event, visitor: str) -> bytes:
    return replace(event, customer_id=None, anonymous_id=visitor).order_mark
