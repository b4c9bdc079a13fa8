"""The refresh outlives surprises, and ends when it is told to."""

import asyncio
import time
from pathlib import Path

import pytest

from app.cache import Cache
from app.live import Live
from app.releases import Releases
from models.artifacts.keys import Keys

pytestmark = pytest.mark.anyio


class LosesCancellation(Releases):
    """As ``asyncio.wait_for`` of Python 3.11 does when a reply and a cancellation come together."""

    n_asked = 0

    async def current(self) -> str | None:
        self.n_asked += 1
        if self.n_asked > 1:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                return None
        return None


class FailsOnce(Releases):
    """Fails in a way that nobody foresaw, once."""

    n_asked = 0

    async def current(self) -> str | None:
        self.n_asked += 1
        if self.n_asked == 2:
            raise RuntimeError("nobody foresaw this")
        return None


async def asked(releases: LosesCancellation | FailsOnce, n: int) -> None:
    async with asyncio.timeout(5):
        while releases.n_asked < n:
            await asyncio.sleep(0.01)


async def test_a_lost_cancellation_does_not_hold_up_the_end(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    releases = LosesCancellation(store_url, Keys(namespace))
    live = Live(releases, Cache(tmp_path, namespace))
    await live.start()
    await asked(releases, 2)

    started = time.monotonic()
    async with asyncio.timeout(5):
        await live.stop()

    assert time.monotonic() - started < 1
    await releases.stop()


async def test_a_surprise_does_not_end_the_refresh(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    releases = FailsOnce(store_url, Keys(namespace))
    live = Live(releases, Cache(tmp_path, namespace))
    await live.start()

    await asked(releases, 3)

    await live.stop()
    await releases.stop()
