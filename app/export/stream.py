"""All members of an audience as one answer, made while it is sent.

Its status was told long before its end, so whatever goes wrong breaks the connection off without
the end that HTTP needs (and Parquet has): nobody takes a part for the whole. A caller who takes
nothing is left after a while, for whoever was allowed then may not be any more.
"""

import asyncio
from collections.abc import Mapping

from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from app.export.blocks import BlockMissing
from app.export.cursor import Place
from app.export.giving import Export
from app.export.turns import Crowded
from app.notes import noted
from app.scripts import StoreRefused
from app.store import StoreAway

STALLED_S = 60.0


class CallerLeft(Exception):
    """The caller has gone."""


_EXPECTED = (
    StoreAway,
    StoreRefused,
    BlockMissing,
    Crowded,
    CallerLeft,
    TimeoutError,
    asyncio.CancelledError,  # the server stops
)


class Stream(Response):
    """The answer; the export has begun."""

    def __init__(self, export: Export, at: Place, *, headers: Mapping[str, str]) -> None:
        """Prepare; nothing is read before it is sent."""
        self.status_code = 200
        self.background = None
        self.raw_headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in headers.items()
        ]
        self._export = export
        self._at = at

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send all of it, or break off."""
        leaving = asyncio.ensure_future(_left(receive))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            async for part in self._export.parts(self._at):
                await _sent(send, part, leaving)
            last = await self._export.finish()
        except BaseException as problem:
            why = type(problem).__name__
            noted(scope).update(aborted=why)
            await self._export.break_off(why)
            if isinstance(problem, _EXPECTED):
                return  # an answer without an end: the server closes the connection
            raise
        finally:
            leaving.cancel()
        await send({"type": "http.response.body", "body": last, "more_body": False})


async def _left(receive: Receive) -> None:
    """Return once the caller has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _sent(send: Send, part: bytes, leaving: "asyncio.Future[None]") -> None:
    """Send a part.

    Raises:
        CallerLeft: There is nobody to send it to.
        TimeoutError: They do not take it.
    """
    if leaving.done():
        raise CallerLeft
    async with asyncio.timeout(STALLED_S):
        await send({"type": "http.response.body", "body": part, "more_body": True})
