"""Who took members of an audience, and why: ``/audiences/{audience_id}/exports``."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import answer, audience_fields
from app.caller import needs
from app.deps import ServerDep
from app.errors import NotReady, UnknownAudience, documented
from app.export.audit import Entry, at_ms
from app.export.rows import Format
from app.scripts import StoreRefused
from app.store import StoreAway
from app.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["audiences"])


class ExportsQuery(BaseModel):
    """Which entries are wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: audience_fields.EntriesParam = 100
    before: audience_fields.EntryId = None


class ExportEntry(BaseModel):
    """What was noted of an export, or of a page, when it began or when it had ended."""

    id: str = Field(description="Of this entry.", examples=["1798761600000-0"])
    export_id: str = Field(
        description="Of the entry of its beginning: `Cartera-Export` of the answer.",
        examples=["1798761599000-0"],
    )
    event: Literal["began", "ended"] = Field(
        description="Where nothing ended, a server was stopped in the midst: as much as all may "
        "have been given.",
        examples=["ended"],
    )
    at: str = Field(description="When, RFC 3339.", examples=["2027-01-01T00:00:00.000Z"])
    key_id: str | None = Field(
        description="The key of whoever took them; null where no keys were configured.",
        examples=["4fT0aZ9q"],
    )
    build: int = Field(description="Which build of the audience.", examples=[17])
    format: Format = Field(description="As asked.", examples=["google"])
    media_type: str = Field(description="As given.", examples=["text/csv"])
    purpose: str = Field(description="As told.", examples=["spring campaign, new customers"])
    extent: Literal["whole", "page"] = Field(description="What was asked for.", examples=["whole"])
    outcome: Literal["complete", "aborted"] | None = Field(
        description="How it ended; null when it began.", examples=["complete"]
    )
    members: int | None = Field(
        description="How many were given; null when it began.", examples=[48210]
    )
    rows: int | None = Field(description="In how many rows; null likewise.", examples=[51077])
    withheld: dict[str, int] | None = Field(
        description="How many others were not given, by why; null likewise.",
        examples=[{"consent-refused": 1203, "no-identifiers": 587}],
    )


class ExportsResponse(BaseModel):
    """What was noted of exports, newest first."""

    entries: list[ExportEntry] = Field(description="Two of each: one more when it has ended.")
    next: str | None = Field(
        description="For `before`, where there may be older ones; null where there are none.",
        examples=["1798761599000-0"],
    )


@router.get(
    "/audiences/{audience_id}/exports",
    operation_id="get_exports",
    dependencies=[needs("audiences")],
    response_model=ExportsResponse,
    responses=documented(UnknownAudience, NotReady),
)
async def get_exports(
    audience_id: audience_fields.AudienceIdPath,
    asked: Annotated[ExportsQuery, QueryParams()],
    server: ServerDep,
) -> Response:
    """Return who took members of an audience, in which form, how many and why, newest first.

    What was noted stays when the audience is deleted.
    """
    try:
        noted = await server.exports.read(audience_id, before=asked.before, limit=asked.limit)
    except (StoreAway, StoreRefused):
        raise NotReady("exports are noted in the store, which does not answer; ask again") from None
    is_certain = noted.entries or noted.next is not None or asked.before is not None
    if not is_certain and await server.audiences.get(audience_id) is None:
        raise UnknownAudience(UnknownAudience.example)
    told = {"entries": [_told(id_, entry) for id_, entry in noted.entries], "next": noted.next}
    return answer.private(orjson.dumps(told))


def _told(id_: str, entry: Entry) -> dict[str, Any]:
    has_ended = entry.event == "ended"
    at = datetime.fromtimestamp(at_ms(id_) / 1000, UTC)
    return {
        "id": id_,
        "export_id": entry.export_id or id_,
        "event": entry.event,
        "at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "key_id": entry.key_id or None,
        "build": entry.build,
        "format": entry.format,
        "media_type": entry.media_type,
        "purpose": entry.purpose,
        "extent": entry.extent,
        "outcome": entry.outcome,
        "members": entry.members if has_ended else None,
        "rows": entry.rows if has_ended else None,
        "withheld": dict(entry.withheld) if has_ended else None,
    }
