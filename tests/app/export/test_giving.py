"""An export ends once, however it ends, and none goes on when its audience is gone."""

import asyncio

import pytest
from starlette.types import Message

from app import notes
from app.errors import NotDurable, NotReady
from app.export import judging
from app.export.audit import Audit, Entry
from app.export.blocks import BlockMissing
from app.export.cursor import Place
from app.export.stream import Stream
from app.export.turns import MOST_RUNNING
from app.scripts import Call, Script, Scripts, StoreRefused
from tests.app.export.giving import Exporting, exporting_from
from tests.app.export.sets import ID, Sets

pytestmark = pytest.mark.anyio
THREE = ["c-0", "c-1", "c-2"]


@pytest.fixture
def three(sets: Sets) -> Sets:
    sets.customers(THREE)
    sets.audience(THREE, of_chunk=1)
    return sets


def ended(exporting: Exporting) -> dict[str, float]:
    """Exports that have ended, by how, as the metrics have it."""
    return {
        line.split('"')[3]: float(line.split()[-1])
        for line in exporting.metrics.text().decode().splitlines()
        if line.startswith("cartera_exports_total{")
    }


async def test_a_deleted_audience_gives_nothing_more(three: Sets, store_url: str) -> None:
    """Though its chunks are still there."""
    async with exporting_from(three, store_url) as exporting:
        export = await exporting.begun()
        parts = export.parts(Place())
        given = [await anext(parts), await anext(parts)]

        three.store.delete(three.keys.audience(ID))

        with pytest.raises(BlockMissing, match="deleted"):
            await anext(parts)
    assert b"c-0" in given[1]


async def test_an_expired_audience_gives_nothing_more(three: Sets, store_url: str) -> None:
    three.audience(THREE, of_chunk=1, expires_ms=1)

    async with exporting_from(three, store_url) as exporting:
        export = await exporting.begun()

        with pytest.raises(NotReady, match="expired"):
            await export.page(Place(), limit=3)

        assert await exporting.noted() == ["aborted", None]


async def test_a_release_that_goes_away_while_it_is_asked_is_noticed(
    three: Sets, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_each = Scripts.run_each
    away = f"{three.keys.releases}-away"

    async def losing(scripts: Scripts, script: Script, calls: list[Call]) -> list[object]:
        replies = await run_each(scripts, script, calls)
        if script is judging._KNOWN:
            three.store.rename(three.keys.releases, away)
        return replies

    monkeypatch.setattr(Scripts, "run_each", losing)
    async with exporting_from(three, store_url) as exporting:
        export = await exporting.begun()

        with pytest.raises(NotReady, match="lost the release"):
            await export.page(Place(), limit=3)

    three.store.rename(away, three.keys.releases)


async def test_an_export_breaks_off_once(three: Sets, store_url: str) -> None:
    async with exporting_from(three, store_url) as exporting:
        export = await exporting.begun()

        await export.break_off("test")
        await export.break_off("test")

        assert await exporting.noted() == ["aborted", None]
        assert ended(exporting) == {"aborted": 1.0}


async def test_an_export_whose_end_cannot_be_noted_is_counted_once_and_not_as_complete(
    three: Sets, store_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = Audit.write

    async def never_complete(audit: Audit, entry: Entry) -> str:
        if entry.outcome == "complete":
            raise StoreRefused
        return await write(audit, entry)

    monkeypatch.setattr(Audit, "write", never_complete)
    async with exporting_from(three, store_url) as exporting:
        export = await exporting.begun()

        with pytest.raises(NotDurable):
            await export.page(Place(), limit=3)

        assert await exporting.noted() == ["aborted", None]
        assert ended(exporting) == {"aborted": 1.0}


async def test_a_stream_that_is_cancelled_ends_quietly_and_is_noted(
    three: Sets, store_url: str
) -> None:
    sent: list[Message] = []
    waiting, never = asyncio.Event(), asyncio.Event()

    async def send(message: Message) -> None:
        sent.append(message)
        if message.get("body"):
            waiting.set()
            await never.wait()

    async def receive() -> Message:
        await never.wait()
        raise AssertionError

    scope = {"type": "http"}
    notes.start(scope)
    async with exporting_from(three, store_url) as exporting:
        stream = Stream(await exporting.begun(), Place(), headers={})
        task = asyncio.create_task(stream(scope, receive, send))
        await waiting.wait()

        task.cancel()
        await task

        assert await exporting.noted() == ["aborted", None]
        assert sent[-1]["more_body"]


async def test_no_more_exports_run_than_a_worker_bears(three: Sets, store_url: str) -> None:
    async with exporting_from(three, store_url) as exporting:
        running = [await exporting.begun() for _ in range(MOST_RUNNING)]

        with pytest.raises(NotReady, match="exports are under way") as refused:
            await exporting.begun()
        await running[0].page(Place(), limit=3)
        await running[1].break_off("test")
        again = [await exporting.begun() for _ in range(2)]

        assert "Retry-After" in (refused.value.headers or {})
        assert all(export.export_id for export in again)
        assert len(await exporting.noted()) == MOST_RUNNING + 2 + 2


async def test_an_export_that_cannot_be_noted_takes_no_place(three: Sets, store_url: str) -> None:
    async with exporting_from(three, store_url) as exporting:
        three.store.set(three.keys.audience_exports(ID), "no stream")
        for _ in range(MOST_RUNNING + 1):
            with pytest.raises(NotDurable):
                await exporting.begun()
