"""Pages of members out of a store that is slow, away, or of another process than before."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio.client import Pipeline

from app.cursor import Place, process
from app.deps import Server
from app.errors import CursorExpired, NotReady
from app.members import Page, page
from app.settings import ServerSettings
from models.customer.summary import Group
from models.loaded import Loaded
from tests import known, shop
from tests.app.saying import eventually, saying

pytestmark = [pytest.mark.anyio, pytest.mark.alone]
ANA = known.profiles()["ana"]
CLIENT = next(one for one in known.summary().groups if one.name == "client")
LOADED = shop.tiny().loaded
Says = Callable[[list[bytes]], bytes | Awaitable[bytes]]


def bulk(text: bytes) -> bytes:
    return b"$%d\r\n%b\r\n" % (len(text), text)


def scanned(end: int, *ids: bytes) -> bytes:
    """The reply to HSCAN: where to go on, and clients."""
    fields = b"".join(bulk(id_) + bulk(ANA) for id_ in ids)
    return b"*2\r\n" + bulk(b"%d" % end) + b"*%d\r\n" % (2 * len(ids)) + fields


def answer(command: list[bytes], *, run_id: bytes = b"first") -> bytes:
    """Answer as a store whose every shard has one client, named like its key."""
    if command[0] == b"HELLO":
        return b"%1\r\n$5\r\nproto\r\n:3\r\n"
    if command[0] == b"HSCAN":
        return scanned(0, command[1])
    if command[0] == b"INFO":
        return bulk(b"# Server\r\nrun_id:" + run_id)
    if command[0] == b"GET":
        return bulk(b"r1")
    return b":1\r\n" if command[0] == b"HEXISTS" else b"+OK\r\n"


@asynccontextmanager
async def served(says: Says, folder: Path, *, request_timeout_ms: int) -> AsyncIterator[Server]:
    async with saying(says) as url:
        server = Server.of(
            ServerSettings(redis_url=url, data_dir=folder, request_timeout_ms=request_timeout_ms)
        )
        await server.customers.start()
        try:
            yield server
        finally:
            await server.customers.stop()
            await server.releases.stop()


def large(loaded: Loaded) -> Loaded:
    """The same with so many customers that each shard is looked at alone."""
    assert loaded.customers is not None
    groups = tuple(replace(one, customers=1_000_000) for one in loaded.customers.groups)
    return replace(loaded, customers=replace(loaded.customers, groups=groups))


async def asked(
    server: Server, *, loaded: Loaded = LOADED, place: Place | None = None, group: Group = CLIENT
) -> Page:
    return await page(server, loaded, group, place=place, limit=1000)


async def test_a_small_shop_is_looked_through_in_two_round_trips(tmp_path: Path) -> None:
    n_asked = 0

    def says(command: list[bytes]) -> bytes:
        nonlocal n_asked
        n_asked += command[0] == b"HEXISTS"
        return answer(command)

    async with served(says, tmp_path, request_timeout_ms=5000) as server:
        found = await asked(server)

    assert (len(set(found.members)), found.next) == (256, None)
    assert n_asked == 2


async def test_where_the_store_falls_silent_within_a_page_what_was_found_is_given_in_time(
    tmp_path: Path,
) -> None:
    n_asked = 0

    def says(command: list[bytes]) -> bytes:
        nonlocal n_asked
        n_asked += command[0] == b"HSCAN"
        return b"" if n_asked > 1 else answer(command)

    async with served(says, tmp_path, request_timeout_ms=300) as server:
        async with asyncio.timeout(0.9):  # a release may be waited for for a second
            found = await asked(server, loaded=large(LOADED))

    assert found.members == ["cartera:{s000}:r1:profile"]
    assert found.next == Place(1)


async def test_a_page_ends_where_a_busy_worker_used_up_its_time(tmp_path: Path) -> None:
    """The reply lay there in time and counts; there is no time for the next one."""
    n_asked = 0

    def says(command: list[bytes]) -> bytes:
        nonlocal n_asked
        n_asked += command[0] == b"HSCAN"
        if command[0] == b"HSCAN":
            time.sleep(0.2)  # the block is the fault that is injected
        return answer(command)

    async with served(says, tmp_path, request_timeout_ms=150) as server:
        found = await asked(server, loaded=large(LOADED))

    assert found == Page(["cartera:{s000}:r1:profile"], Place(1))
    assert n_asked == 1


async def test_a_store_that_says_nothing_in_time_is_told(tmp_path: Path) -> None:
    def says(command: list[bytes]) -> bytes:
        return b"" if command[0] == b"HSCAN" else answer(command)

    async with served(says, tmp_path, request_timeout_ms=100) as server:
        async with asyncio.timeout(0.9):
            with pytest.raises(NotReady, match="does not answer; ask again"):
                await asked(server)


async def test_a_call_that_loses_its_cancellation_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As one of redis-py may under Python 3.11, now and then; nothing makes it do so at will."""
    ends, ended = asyncio.Event(), asyncio.Event()

    async def execute(_pipeline: Pipeline) -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        await ends.wait()
        ended.set()
        raise ConnectionError

    monkeypatch.setattr(Pipeline, "execute", execute)
    async with served(answer, tmp_path, request_timeout_ms=100) as server:
        async with asyncio.timeout(0.9):
            with pytest.raises(NotReady, match="does not answer; ask again"):
                await asked(server)
        ends.set()
        await ended.wait()


async def test_a_store_that_is_known_to_be_away_is_not_waited_for(tmp_path: Path) -> None:
    commands = []

    def says(command: list[bytes]) -> bytes:
        commands.append(command[0])
        return answer(command)

    async with served(says, tmp_path, request_timeout_ms=5000) as server:
        await server.customers.stop()
        with pytest.raises(NotReady, match="does not answer; ask again"):
            await asked(server)

    assert b"HSCAN" not in commands


async def test_however_many_wait_for_members_the_next_release_is_seen(tmp_path: Path) -> None:
    n_asked, begun = 0, asyncio.Event()

    async def says(command: list[bytes]) -> bytes:
        nonlocal n_asked
        if command[0] == b"HEXISTS":
            n_asked += 1
            await begun.wait()
        return answer(command)

    async with served(says, tmp_path, request_timeout_ms=20_000) as server:
        waiting = [asyncio.ensure_future(asked(server)) for _ in range(30)]
        await eventually(lambda: n_asked == 4)

        assert await server.releases.current() == "r1"
        assert n_asked == 4
        begun.set()
        found = await asyncio.gather(*waiting)

    assert {len(one.members) for one in found} == {256}


async def test_another_process_has_other_places_within_a_shard_and_the_same_shards(
    tmp_path: Path,
) -> None:
    def says(command: list[bytes]) -> bytes:
        return answer(command, run_id=b"second")

    first = process("first")
    async with served(says, tmp_path, request_timeout_ms=5000) as server:
        for within in (Place(3, 7, process=first), Place(3, 0, 9, 1, first)):
            with pytest.raises(CursorExpired, match="was restarted"):
                await asked(server, place=within)
        beginning = await asked(server, place=Place(255, process=first))
        whole = await asked(server, place=Place(254, 0, 0, 1, first))
        its_own = await asked(server, place=Place(255, 7, process=process("second")))

    assert beginning.members == whole.members == its_own.members == ["cartera:{s255}:r1:profile"]


async def test_a_store_restarted_within_a_page_is_told(tmp_path: Path) -> None:
    n_asked = 0

    def says(command: list[bytes]) -> bytes:
        nonlocal n_asked
        n_asked += command[0] == b"INFO"
        return scanned(7) if command[0] == b"HSCAN" else answer(command, run_id=b"%d" % n_asked)

    async with served(says, tmp_path, request_timeout_ms=5000) as server:
        with pytest.raises(NotReady, match="restarted meanwhile; ask again"):
            await asked(server)
