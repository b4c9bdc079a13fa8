"""Sets of customers: ``/audiences``.

An audience is written down here and built by a worker. There is no way to stop a build and keep the
audience: whoever wants it no more deletes it, and that stops the build.
"""

import secrets
import time
from asyncio import gather, to_thread
from collections.abc import Sequence
from functools import partial
from typing import Any

import orjson
from fastapi import APIRouter
from starlette.responses import Response

from app import answer, conditional
from app.audience_asked import AudienceRequest
from app.audience_documents import AudienceResponse, AudiencesResponse
from app.audience_fields import AudienceIdPath
from app.audience_scripts import DELETE, MAX_AUDIENCES, PUT
from app.audience_seeds import Seeds
from app.caller import Caller, CallerDep, needs
from app.conditional import IfNoneMatch
from app.deps import Server, ServerDep
from app.errors import (
    WITH_BODY,
    Conflict,
    CustomersNotKnown,
    InvalidRequest,
    NotDurable,
    NotReady,
    UnknownAudience,
    documented,
)
from app.knowing import known
from app.notes import NotesDep
from app.refusal import Fault
from app.scripts import Argument, Script, StoreRefused
from app.store import StoreAway
from app.strict import StrictRoute
from models.artifacts.audience import Asked, Audience, Stands
from models.audience_told import told
from models.customer.permission import DAY_MS

router = APIRouter(route_class=StrictRoute, tags=["audiences"])

_NOT_KEPT = (
    "the store does not take it now, or did not say so in time; see GET /audiences before you send "
    "it again"
)
_LOCATION = {
    "headers": {
        "Location": {
            "description": "The path at which to see how it stands.",
            "schema": {"type": "string"},
        }
    }
}


@router.post(
    "/audiences",
    operation_id="post_audience",
    status_code=202,
    dependencies=[needs("audiences")],
    response_model=AudienceResponse,
    responses=documented(*WITH_BODY, Conflict, CustomersNotKnown, NotDurable, NotReady)
    | {202: _LOCATION},
)
async def post_audience(
    asked: AudienceRequest, server: ServerDep, caller: CallerDep, notes: NotesDep
) -> Response:
    """Have an audience built: it is queued, and `Location` says where to see how it stands.

    A worker builds one at a time, in the order in which they were asked for; lookalikes among a
    million customers take about a minute. How well they can be told is measured on seeds that were
    held out, and lookalikes that are no better than chance are refused. Every request makes another
    audience: after an answer 503, see `GET /audiences` before you send it again.
    """
    asked.check(*known(server, notes))
    await _check_excluded(server, asked)
    audience = _new(asked, caller)
    seeds = orjson.dumps(asked.seeds.ids) if asked.seeds and asked.seeds.ids else b""
    await _put(server, audience, seeds)
    taken = answer.public(orjson.dumps(told(audience)))
    taken.status_code = 202
    taken.headers["Location"] = f"/audiences/{audience.id}"
    return taken


@router.get(
    "/audiences",
    operation_id="get_audiences",
    dependencies=[needs("audiences")],
    response_model=AudiencesResponse,
    responses=documented(NotReady) | conditional.NOT_MODIFIED,
)
async def get_audiences(server: ServerDep, if_none_match: IfNoneMatch = None) -> Response:
    """Return every audience, the latest first: how it stands, and how good it is."""
    found = await server.audiences.all_told()
    listed = await to_thread(orjson.dumps, {"audiences": found})
    return conditional.tagged(answer.public(listed), if_none_match)


@router.get(
    "/audiences/{audience_id}",
    operation_id="get_audience",
    dependencies=[needs("audiences")],
    response_model=AudienceResponse,
    responses=documented(UnknownAudience, NotReady) | conditional.NOT_MODIFIED,
)
async def get_audience(
    audience_id: AudienceIdPath, server: ServerDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Return one audience: how it stands, how good it is, and what distinguishes its members."""
    found = await server.audiences.told(audience_id)
    if found is None:
        raise UnknownAudience(UnknownAudience.example)
    return conditional.tagged(answer.public(orjson.dumps(found)), if_none_match)


@router.delete(
    "/audiences/{audience_id}",
    operation_id="delete_audience",
    status_code=204,
    dependencies=[needs("audiences")],
    responses=documented(UnknownAudience, NotDurable),
)
async def delete_audience(audience_id: AudienceIdPath, server: ServerDep) -> Response:
    """Delete an audience, and stop its build if it is under way.

    From now on nobody can read its members, and within two seconds no bid hears of it; a worker
    clears away what is left. Audiences that exclude it keep the members that they have, and are not
    built again.
    """
    if not await _run(server, DELETE, audience_id, []):
        raise UnknownAudience(UnknownAudience.example)
    return Response(status_code=204)


def _new(request: AudienceRequest, caller: Caller) -> Audience:
    """Return the audience that a request asks for, under an id of its own."""
    now_ms = time.time_ns() // 1_000_000
    seeds = request.seeds or Seeds()
    rule = request.rule or seeds.rule
    asked = Asked(
        type=request.type,
        created_ms=now_ms,
        created_by=caller.key_id,
        name=request.name or "",
        rule=None if rule is None else rule.tree,
        group=request.group or seeds.group or "",
        n_seeds=len(seeds.ids),
        weight=request.weight or "equal",
        size=request.size,
        expansion=request.expansion,
        exclude=request.exclude,
        refresh=request.is_refreshed,
        expires_ms=None if request.ttl_days is None else now_ms + request.ttl_days * DAY_MS,
    )
    return Audience(
        id=f"aud_{secrets.token_hex(8)}",
        asked=asked,
        stands=Stands(status="queued", at_ms=now_ms),
        built=None,
    )


async def _put(server: Server, audience: Audience, seeds: bytes) -> None:
    """Write an audience down; where there are too many, those that have expired make room.

    Raises:
        Conflict: There are too many all the same.
        NotDurable: The store has not taken it.
    """
    stands, asked = audience.stands.pack(), audience.asked
    put = partial(_run, server, PUT, audience.id, [asked.created_ms, asked.pack(), stands, seeds])
    if await put() == b"put":
        return
    for audience_id in await server.audiences.expired():
        await _run(server, DELETE, audience_id, [])
    if await put() != b"put":
        raise Conflict(
            f"there are {MAX_AUDIENCES:,} audiences, as many as there may be; delete those that "
            "are of no use any more, and give others ttl_days"
        )


async def _check_excluded(server: Server, request: AudienceRequest) -> None:
    """Refuse to leave out members of audiences that there are not, or that will have none.

    Raises:
        InvalidRequest: One of them is unknown, or could not be built and never was.
        NotReady: The store does not say.
    """
    found = await gather(*(server.audiences.get(one) for one in request.exclude))
    faults = [
        fault for place, one in enumerate(found) if (fault := _unfit(one, f"/exclude/{place}"))
    ]
    if faults:
        raise InvalidRequest(InvalidRequest.example, faults=faults)


def _unfit(excluded: Audience | None, pointer: str) -> Fault | None:
    """Return why an audience cannot be left out; None where it can, or may be before long."""
    if excluded is None:
        return Fault(
            pointer=pointer,
            code="unknown-audience",
            detail="there is no audience of this id; GET /audiences lists what there is",
        )
    if excluded.built is None and excluded.stands.status in ("refused", "failed"):
        return Fault(
            pointer=pointer,
            code="never-built",
            detail="this audience could not be built, so it has no members to leave out; GET "
            "/audiences tells why: leave it away, or ask for it anew and name the new one",
        )
    return None


async def _run(server: Server, script: Script, audience_id: str, args: Sequence[Argument]) -> Any:  # noqa: ANN401  # whatever the script returns
    keys = server.keys
    names = [keys.audience(audience_id), keys.audience_ids, keys.audience_changes]
    try:
        return await server.audiences.scripts.run(script, names, [audience_id, *args])
    except (StoreAway, StoreRefused):
        raise NotDurable(_NOT_KEPT) from None
