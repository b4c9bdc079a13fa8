"""Who is in an audience, for whoever may export it: ``/audiences/{audience_id}/members``."""

from collections.abc import Mapping
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import audience_fields
from app.caller import CallerDep, needs
from app.deps import Server, ServerDep
from app.errors import (
    Conflict,
    CursorExpired,
    NotAcceptable,
    NotDurable,
    NotReady,
    UnknownAudience,
    documented,
)
from app.export.accept import CSV, ENDINGS, NDJSON, PARQUET, AcceptDep, media_type
from app.export.audit import Entry
from app.export.cursor import Cursors, Place, secret
from app.export.giving import Export
from app.export.rows import Format
from app.export.stream import Stream
from app.export.written import writer
from app.scripts import StoreRefused
from app.store import StoreAway
from app.strict import StrictRoute
from models.artifacts.audience import Audience, Built

router = APIRouter(route_class=StrictRoute, tags=["audiences"])

_ROWS = '{"customer_id":"c-1042","score":0.93}\n{"customer_id":"c-7","score":0.91}\n'
_HEADERS = {
    "Cartera-Export": "The `export_id` of this export in `GET /audiences/{audience_id}/exports`.",
    "Cartera-Withheld": "Of a page: how many of those looked at are not told of, by why, as in "
    "`consent-refused=3, no-identifiers=1`; not there where it is nobody. Of whom it says "
    "`preferences-unknown` or `identifiers-unknown`, what is stored cannot be read.",
    "Cartera-Next-Cursor": "Of a page: where the next begins; not there after the last.",
    "Link": 'Of a page: `<…>; rel="next"`, the same as a path.',
    "Content-Disposition": "A name for the file.",
    "Vary": "`Accept`.",
}
_GIVEN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Members, in the order of how well they fit.",
        "headers": {
            name: {"description": words, "schema": {"type": "string"}}
            for name, words in _HEADERS.items()
        },
        "content": {
            NDJSON: {"schema": {"type": "string", "examples": [_ROWS]}},
            CSV: {"schema": {"type": "string"}},
            PARQUET: {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


class ExportQuery(BaseModel):
    """What is wanted, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    purpose: audience_fields.Purpose
    format: Format = Field(
        default="raw",
        description="`raw`: `customer_id` and `score`. `google`: `Email` and `Phone`, hashed as "
        "Customer Match takes them. `meta`: `email` and `phone`, hashed as Meta takes them.",
        examples=["google"],
    )
    limit: audience_fields.ExportedParam = None
    cursor: audience_fields.ExportCursor = None


@router.get(
    "/audiences/{audience_id}/members",
    operation_id="get_members",
    dependencies=[needs("audiences:export")],
    response_class=Response,
    responses=documented(
        UnknownAudience, NotAcceptable, Conflict, CursorExpired, NotReady, NotDurable
    )
    | _GIVEN,
)
async def get_members(
    audience_id: audience_fields.AudienceIdPath,
    asked: Annotated[ExportQuery, QueryParams()],
    server: ServerDep,
    caller: CallerDep,
    accepted: AcceptDep,
) -> Response:
    """Give out the members of an audience: all in a stream or, with `limit`, page by page.

    `Accept` says how: `application/x-ndjson`, `text/csv` or `application/vnd.apache.parquet`. In
    CSV a cell that begins with `=`, `+`, `-`, `@`, a tab or a carriage return has an apostrophe
    before it, so that no spreadsheet takes it for a formula.

    Given are members who, at this moment, agree to ads and whom the release knows: whoever refuses
    or is erased meanwhile is not in the next page or part of the stream. For `google` and `meta` a
    row holds one e-mail and one phone at most, so a member may have several; whoever has neither
    is left out. An answer that breaks off, without the end that HTTP needs, is not whole: ask
    again. So it does if the audience is deleted or expires meanwhile.

    Lists come first: a few exports run at a time, and one more is answered `not-ready`.

    Who asks, for what purpose, and how many were given is noted before and after; if that cannot
    be, nothing is given.
    """
    kind = media_type(accepted)
    audience, built = _built(await server.audiences.get(audience_id))
    cursors = await _cursors(server, audience, built, asked)
    at = cursors.place(asked.cursor) if cursors is not None and asked.cursor else Place()
    entry = Entry(
        event="began",
        audience_id=audience.id,
        build=built.build,
        key_id=caller.key_id,
        format=asked.format,
        media_type=kind,
        purpose=asked.purpose,
        extent="whole" if asked.limit is None else "page",
    )
    export = await _begun(server, audience, built, entry)
    if asked.limit is None or cursors is None:
        return Stream(export, at, headers=_headers(export))
    page = await export.page(at, limit=asked.limit)
    headers = _headers(export) | _withheld(export)
    if page.next is not None:
        headers |= _next(asked, audience_id, cursors.cursor(page.next))
    return Response(page.content, headers=headers)


async def _begun(server: Server, audience: Audience, built: Built, entry: Entry) -> Export:
    """Begin an export.

    Raises:
        NotReady: There is no release to say who is known, or too much is exported already.
        NotAcceptable: Its form cannot be written here.
        NotDurable: It cannot be noted.
    """
    if server.live.loaded is None:
        raise NotReady
    export = Export(
        turns=server.turns,
        blocks=server.blocks,
        audit=server.exports,
        metrics=server.metrics,
        release=lambda: "" if server.live.loaded is None else server.live.loaded.version,
        audience=audience,
        built=built,
        entry=entry,
        writer=await writer(entry.media_type, entry.format),
    )
    await export.begin()
    return export


def _built(audience: Audience | None) -> tuple[Audience, Built]:
    """Return an audience and the build of it that may be read.

    Raises:
        UnknownAudience: There is none.
        Conflict: It has no members yet.
    """
    if audience is None:
        raise UnknownAudience(UnknownAudience.example)
    if audience.built is None:
        stands = audience.stands
        why = f" ({stands.detail})" if stands.detail else ""
        raise Conflict(
            f"the audience is {stands.status}{why}, so it has no members to give; GET "
            "/audiences/{audience_id} says when it is ready"
        )
    return audience, audience.built


async def _cursors(
    server: Server, audience: Audience, built: Built, asked: ExportQuery
) -> Cursors | None:
    """Return the cursors of an audience, where any is needed.

    Raises:
        NotReady: The store does not say what they are signed with.
    """
    if asked.limit is None and asked.cursor is None:
        return None
    try:
        signed_with = await secret(server.blocks.scripts, server.keys)
    except (StoreAway, StoreRefused):
        raise NotReady(
            "what signs cursors stands in the store, which does not answer; ask again"
        ) from None
    return Cursors(
        secret=signed_with, audience_id=audience.id, build=built.build, format=asked.format
    )


def _headers(export: Export) -> dict[str, str]:
    entry = export.entry
    kind = entry.media_type
    name = f"{entry.audience_id}-{entry.format}.{ENDINGS[kind]}"
    return {
        "Content-Type": f"{kind}; charset=utf-8" if kind == CSV else kind,
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
        "Vary": "Accept",
        "Cartera-Export": export.export_id,
    }


def _withheld(export: Export) -> dict[str, str]:
    counts = sorted(export.withheld.items())
    told = ", ".join(f"{reason}={n}" for reason, n in counts)
    return {"Cartera-Withheld": told} if told else {}


def _next(asked: ExportQuery, audience_id: str, cursor: str) -> Mapping[str, str]:
    query = urlencode(asked.model_dump(exclude_none=True) | {"cursor": cursor})
    return {
        "Cartera-Next-Cursor": cursor,
        "Link": f'</audiences/{audience_id}/members?{query}>; rel="next"',
    }
