"""How much of a worker exports may take, for its lists come first.

Few exports run at a time; whoever comes then is asked to come again. Of those that run, fewer still
make a block at the same time, and after each block the turn is held as long again as the worker was
at work meanwhile, on whatever it was: so exports leave at least half of it to others, and more
where others have much to do.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

MOST_RUNNING = 4
_AT_A_TIME = 2
_WAIT_S = 30.0
"""The longest that an export waits for its turn."""
_LONGEST_PAUSE_S = 0.1


class Crowded(Exception):
    """Others export, and there is no room for one more."""


class Turns:
    """The exports of one worker."""

    def __init__(self, *, wait_s: float = _WAIT_S) -> None:
        """Prepare.

        Args:
            wait_s: The longest that an export waits for its turn.
        """
        self._wait_s = wait_s
        self._n_running = 0
        self._free = asyncio.Semaphore(_AT_A_TIME)

    def begin(self) -> None:
        """Take a place; ``end`` gives it back.

        Raises:
            Crowded: There is none.
        """
        if self._n_running >= MOST_RUNNING:
            raise Crowded(
                f"{MOST_RUNNING} exports are under way in this worker; ask again when one has ended"
            )
        self._n_running += 1

    def end(self) -> None:
        """Give the place back."""
        self._n_running -= 1

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Wait for a turn; once its work is done, leave the worker to others for as long.

        Raises:
            Crowded: It did not come in time.
        """
        try:
            async with asyncio.timeout(self._wait_s):
                await self._free.acquire()
        except TimeoutError:
            raise Crowded("other exports take all the time there is; ask again") from None
        try:
            began_s = time.thread_time()
            yield
            await asyncio.sleep(min(time.thread_time() - began_s, _LONGEST_PAUSE_S))
        finally:
            self._free.release()
