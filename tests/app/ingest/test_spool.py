"""What is on disk is whole, within its room, and one process's at a time."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.ingest.frames import framed
from app.ingest.spool import NotKept, Spool

pytestmark = pytest.mark.anyio


@asynccontextmanager
async def opened(folder: Path, max_bytes: int = 1000) -> AsyncIterator[Spool]:
    spool = Spool(folder, max_bytes=max_bytes)
    yield spool
    await spool.stop()


async def entries(spool: Spool) -> list[bytes]:
    """All that nobody holds; it stays where it is."""
    found: list[bytes] = []
    held_all = []
    while (held := await spool.take("")) is not None:
        found += (await spool.read(held, 1000))[0]
        held_all.append(held)
    for held in held_all:
        await spool.leave(held)
    return sorted(found)


async def test_what_is_kept_is_there_for_the_next_process(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        await spool.keep([b"a", b"b"])
        await asyncio.gather(spool.keep([b"c"]), spool.keep([b"d"]))

    async with opened(tmp_path) as another:
        assert await entries(another) == [b"a", b"b", b"c", b"d"]


async def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    async with opened(tmp_path / "spool") as spool:
        await spool.keep([b"a"])

    (file,) = (tmp_path / "spool").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "spool").stat().st_mode) == 0o700


async def test_a_file_that_a_process_appends_to_is_not_taken_by_another(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool, opened(tmp_path) as another:
        await spool.keep([b"a"])

        assert await another.take("") is None
        assert await entries(spool) == [b"a"]


async def test_a_file_is_taken_by_one_process_at_a_time(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool, opened(tmp_path) as another:
        await spool.keep([b"a"])
        held = await spool.take("")
        assert held is not None

        assert await another.take("") is None
        await spool.remove(held, is_damaged=False)
        assert await another.take("") is None

    assert list(tmp_path.iterdir()) == []


async def test_past_its_room_nothing_is_kept(tmp_path: Path) -> None:
    room = len(framed(b"12345678")) * 2
    async with opened(tmp_path, max_bytes=room) as spool:
        with pytest.raises(NotKept):
            await spool.keep([b"12345678"] * 3)
        await spool.keep([b"12345678"] * 2)
        with pytest.raises(NotKept):
            await spool.keep([b""])

        assert await entries(spool) == [b"12345678"] * 2


async def test_the_room_is_of_all_processes_together(tmp_path: Path) -> None:
    async with opened(tmp_path, 40) as spool, opened(tmp_path, 40) as another:
        await spool.keep([b"1" * 30])

        with pytest.raises(NotKept):
            await another.keep([b"1" * 30])


async def test_a_folder_that_cannot_be_written_keeps_nothing(tmp_path: Path) -> None:
    (tmp_path / "in the way").touch()

    async with opened(tmp_path / "in the way" / "spool") as spool:
        with pytest.raises(NotKept):
            await spool.keep([b"a"])


async def test_a_full_disk_keeps_nothing_and_spoils_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what is written arrives; a real disk is filled in tests/faults."""
    write = os.write

    def half(descriptor: int, content: bytes) -> int:
        if len(content) < 20:
            raise OSError(28, "No space left on device")
        return write(descriptor, content[: len(content) // 2])

    async with opened(tmp_path) as spool:
        await spool.keep([b"a"])
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", half)
            with pytest.raises(NotKept):
                await spool.keep([b"b" * 100])
        await spool.keep([b"c"])

        assert await entries(spool) == [b"a", b"c"]


async def test_a_file_in_which_something_was_damaged_is_set_aside(tmp_path: Path) -> None:
    async with opened(tmp_path) as spool:
        await spool.keep([b"a"])
        held = await spool.take("")
        assert held is not None

        await spool.remove(held, is_damaged=True)

    assert [path.suffix for path in tmp_path.iterdir()] == [".damaged"]


async def test_a_new_folder_is_forced_out_with_those_above_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forced: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        forced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", noted)
    async with opened(tmp_path / "data" / "spool") as spool:
        await spool.keep([b"a"])

    folders = [str(tmp_path), str(tmp_path / "data"), str(tmp_path / "data" / "spool")]
    assert forced[:3] == folders
