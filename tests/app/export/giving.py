"""Exports by parts of a server, with no server around them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from app.export.accept import NDJSON
from app.export.audit import Audit, Entry
from app.export.blocks import Blocks
from app.export.giving import Export
from app.export.turns import Turns
from app.export.written import writer
from app.metrics import Metrics
from app.refusers import Refusers
from models.artifacts.audience import FIELDS, Audience, Built
from tests.app.export.sets import ID, Sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Exporting:
    """The parts, and an audience that is there."""

    blocks: Blocks
    audit: Audit
    turns: Turns
    metrics: Metrics
    audience: Audience
    built: Built

    async def begun(self) -> Export:
        """Begin one export."""
        entry = Entry(
            event="began",
            audience_id=ID,
            build=self.built.build,
            key_id="",
            format="raw",
            media_type=NDJSON,
            purpose="test",
            extent="whole",
        )
        export = Export(
            turns=self.turns,
            blocks=self.blocks,
            audit=self.audit,
            metrics=self.metrics,
            release=lambda: "r1",
            audience=self.audience,
            built=self.built,
            entry=entry,
            writer=await writer(NDJSON, "raw"),
        )
        await export.begin()
        return export

    async def noted(self) -> list[str | None]:
        """How exports ended, the latest first; None of a beginning."""
        found = await self.audit.read(ID, before=None, limit=100)
        return [entry.outcome for _, entry in found.entries]


@asynccontextmanager
async def exporting_from(sets: Sets, store_url: str) -> AsyncIterator[Exporting]:
    """The parts of a server for an audience that was written."""
    blocks = Blocks(store_url, sets.keys, refusers=Refusers())
    await blocks.start()
    try:
        audience = Audience.of(ID, [*sets.store.hmget(sets.keys.audience(ID), FIELDS)])  # type: ignore[list-item]
        assert audience is not None
        assert audience.built is not None
        yield Exporting(
            blocks=blocks,
            audit=Audit(blocks.scripts, sets.keys),
            turns=Turns(),
            metrics=Metrics(),
            audience=audience,
            built=audience.built,
        )
    finally:
        await blocks.stop()
