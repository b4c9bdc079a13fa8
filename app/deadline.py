"""Deadlines for the store; of ``within`` a worker's own slowness is no part."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

_LOOK_AGAIN_S = 0.001
_LOOKS = 5
"""Turns of the loop from a read that is left to its reply in the hands of whoever waits for it."""


@asynccontextmanager
async def within(limit_s: float) -> AsyncIterator[None]:
    """Cancel the block after ``limit_s``, once the loop has looked again for what has arrived.

    A worker that was busy for longer than the limit finds its timer before the reply that lay
    there in time; it must not take its own slowness for the store's. Each look is a turn of the
    loop of its own, however long that turn takes.

    Raises:
        TimeoutError: The block was cancelled.
    """
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []
    async with asyncio.timeout(None) as deadline:

        def look_again(n_left: int = _LOOKS) -> None:
            if n_left:
                timers.append(loop.call_later(_LOOK_AGAIN_S, look_again, n_left - 1))
            else:
                deadline.reschedule(loop.time())

        timers.append(loop.call_later(limit_s, look_again))
        try:
            yield
        finally:
            for timer in timers:
                timer.cancel()


async def by(at_s: float, replies: asyncio.Future[list[Any]]) -> list[Any]:
    """Return what is awaited, unless it has not come by ``at_s`` of the loop's clock.

    Here a worker's own slowness counts: whoever asked waits no longer.

    Raises:
        TimeoutError: It has not.
    """
    timer = asyncio.get_running_loop().call_at(at_s, _give_up, replies)
    try:
        return await replies
    finally:
        timer.cancel()


def _give_up(replies: asyncio.Future[list[Any]]) -> None:
    if not replies.done():
        replies.set_exception(TimeoutError())
