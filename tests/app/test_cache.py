"""What workers of one machine keep on its disk: one copy of a release, and no leftovers."""

import asyncio
import errno
import fcntl
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app import live
from app.cache import ABANDONED_S, Cache
from app.live import Live
from app.releases import Releases
from models.artifacts.keys import Keys
from tests import shop
from tests.app.conftest import Serve, serving

pytestmark = pytest.mark.anyio


class Counting(Releases):
    """Counts what is fetched."""

    n_chunks = 0

    async def chunk(self, version: str, n: int) -> bytes | None:
        self.n_chunks += 1
        return await super().chunk(version, n)


@asynccontextmanager
async def counted(store_url: str, namespace: str) -> AsyncIterator[Counting]:
    releases = Counting(store_url, Keys(namespace))
    yield releases
    await releases.stop()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def without_numbers(version: str) -> shop.Shop:
    """A release that checks out and cannot be used."""
    made = shop.tiny(version)
    factors = np.full_like(made.loaded.collaborative.items, np.nan)
    collaborative = replace(made.loaded.collaborative, items=factors)
    return replace(made, loaded=replace(made.loaded, collaborative=collaborative))


async def test_of_two_workers_one_fetches_and_both_map_its_copy(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny())

    async with counted(store_url, namespace) as releases:
        workers = [Live(releases, Cache(tmp_path, namespace)) for _ in range(2)]
        await asyncio.gather(*(worker.start() for worker in workers))
        served = [worker.loaded.version for worker in workers if worker.loaded is not None]
        for worker in workers:
            await worker.stop()

    assert served == ["r1", "r1"]
    assert releases.n_chunks == 1


async def test_a_worker_that_is_stuck_while_it_fetches_does_not_hold_up_the_others(
    store_url: str, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    monkeypatch.setattr(live, "STUCK_S", 0.2)
    held = Cache(tmp_path, namespace).lock()
    assert held is not None

    async with counted(store_url, namespace) as releases:
        worker = Live(releases, Cache(tmp_path, namespace))
        async with asyncio.timeout(10):
            await worker.refresh()
        os.close(held)

    assert worker.loaded is not None


async def test_on_a_disk_without_locks_each_worker_fetches_for_itself(
    store_url: str, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_locks(_folder: int, _how: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    shop.publish(store_url, namespace, shop.tiny())
    monkeypatch.setattr(fcntl, "flock", no_locks)

    async with counted(store_url, namespace) as releases:
        worker = Live(releases, Cache(tmp_path, namespace))
        await worker.refresh()

    assert worker.loaded is not None


async def test_a_release_that_is_refused_leaves_nothing_and_is_fetched_once(
    store_url: str, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = without_numbers("r1")
    shop.publish(store_url, namespace, made, content=made.bundle)
    monkeypatch.setattr(live, "AGAIN_S", 0.0)

    async with counted(store_url, namespace) as releases:
        worker = Live(releases, Cache(tmp_path, namespace))
        for _ in range(3):
            await worker.refresh()

    assert worker.loaded is None
    assert names(tmp_path / "cache" / namespace) == set()
    assert releases.n_chunks == 1


async def test_a_refused_release_that_is_published_anew_is_taken(
    store_url: str, namespace: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = without_numbers("r1")
    shop.publish(store_url, namespace, made, content=made.bundle)
    monkeypatch.setattr(live, "AGAIN_S", 0.0)

    async with counted(store_url, namespace) as releases:
        worker = Live(releases, Cache(tmp_path, namespace))
        await worker.refresh()
        mended = shop.tiny("r1")
        shop.publish(store_url, namespace, mended, content=mended.bundle)
        await worker.refresh()

    assert worker.loaded is not None


async def test_what_killed_workers_left_half_written_goes_at_the_next_start(
    store_url: str, namespace: str, tmp_path: Path
) -> None:
    folder = tmp_path / "cache" / namespace
    folder.mkdir(parents=True)
    for name, age_s in ((".abandoned", ABANDONED_S + 60), (".being-written", 1)):
        (folder / name).write_bytes(b"half")
        os.utime(folder / name, (time.time() - age_s,) * 2)

    async with counted(store_url, namespace) as releases:
        worker = Live(releases, Cache(tmp_path, namespace))
        await worker.start()
        await worker.stop()

    assert names(folder) == {".being-written"}


def test_a_disk_that_cannot_note_what_serves_does_not_stop_it_from_serving(
    serve: Serve, store_url: str, namespace: str, tmp_path: Path
) -> None:
    shop.publish(store_url, namespace, shop.tiny())
    folder = tmp_path / "cache" / namespace
    (folder / "r1.json").mkdir(parents=True)  # in the way of the manifest

    client = serve()

    assert serving(client) == "r1"
    assert client.get("/recommend?customer_id=ana").json()["level"] == 0
    assert names(folder) == {"r1.bin", "r1.json"}


def test_manifests_that_another_worker_removes_meanwhile_are_not_missed(tmp_path: Path) -> None:
    cache = Cache(tmp_path, "shop")
    folder = tmp_path / "cache" / "shop"
    folder.mkdir(parents=True)
    (folder / "gone.json").symlink_to("nothing")  # listed, and not there when it is looked at

    cache.served(shop.tiny("r2").manifest.to_json())

    assert cache.manifests() == [shop.tiny("r2").manifest.to_json()]
