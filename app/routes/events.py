"""What happened: ``/events``."""

import asyncio
import time
from collections.abc import Sequence
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from app import answer
from app.caller import Caller, CallerDep, Needs
from app.deps import Server, ServerDep
from app.errors import WITH_BODY, InvalidRequest, NotDurable, documented
from app.events.body import EventsRequest, Opened, sent
from app.events.checked import Refused, checked
from app.events.consents import strictest
from app.guard import let_in_by_body
from app.notes import NotesDep
from app.refusal import MAX_FAULTS, Fault
from app.strict import StrictRoute
from models.artifacts.event import Consent, Event

router = APIRouter(route_class=StrictRoute, tags=["events"])

NEEDS = Needs(scope="events", token=True, publishable=True, in_body=True)
_BEACON = {
    "requestBody": {
        "content": {
            "text/plain": {
                "schema": {
                    "type": "string",
                    "description": "The same as text, as `navigator.sendBeacon` sends it, at most "
                    "64 KiB. Then `key` (`pk_…`) and `token` (`ct1.…`) may stand in the object, "
                    "never in the URL, and a secret key nowhere; in a dataLayer, in an object "
                    "without `event`.",
                    "examples": ['{"event":"view_cart","anonymous_id":"v-5f0c","key":"pk_…"}'],
                }
            }
        }
    },
    "parameters": [
        {
            "name": "Sec-GPC",
            "in": "header",
            "required": False,
            "description": "`1` where the customer's browser objects to the sale of their data.",
            "schema": {"type": "string"},
            "example": "1",
        }
    ],
}
_AT_ONCE = 50
"""Events that are checked before others have their turn: about a millisecond's worth."""
_OPTED_OUT = Consent(sale_opt_out=True, ads=False)
_SAID_NOTHING = Consent()


class RejectedEvent(BaseModel):
    """An event that was not taken, and why."""

    index: int = Field(description="Which of the body's events, from 0.", examples=[3])
    pointer: str = Field(
        description="JSON pointer to the part of the body that is wrong.",
        examples=["/events/3/items/0/quantity"],
    )
    code: str = Field(description="What is wrong, as a stable word.", examples=["out-of-range"])
    detail: str = Field(
        description="What is wrong, for a person; never repeats the value.",
        examples=["input should be greater than 0"],
    )


class EventsResponse(BaseModel):
    """What became of each event."""

    accepted: int = Field(description="Stored, and here to stay.", examples=[2])
    duplicates: int = Field(description="Accepted before; nothing is counted twice.", examples=[0])
    rejected: list[RejectedEvent] = Field(
        description="What broke a rule, in the order of the body, each with the first rule it "
        "broke. Sending it again will not help.",
        examples=[[]],
    )


async def _scope(request: Request) -> Scope:
    return request.scope


@router.post(
    "/events",
    operation_id="post_events",
    dependencies=[Depends(NEEDS)],
    response_model=EventsResponse,
    status_code=202,
    responses=documented(*WITH_BODY, NotDurable),
    openapi_extra=_BEACON,
)
async def post_events(
    asked: EventsRequest,
    server: ServerDep,
    notes: NotesDep,
    caller: CallerDep,
    scope: Annotated[Scope, Depends(_scope)],
) -> Response:
    """Take 1 to 500 events; whoever gets 202 need not send them again.

    An event is kept before this answers, and the very next list for its customer knows of it.
    What breaks a rule is rejected by itself; where all do, that is 422. After 503, after a timeout
    and after no answer at all, send the same again with the same ids: nothing is counted twice.
    """
    caller = _caller(asked.root, server, caller, scope)
    body = sent(asked.root.tree)
    consent = strictest(body.consent, _OPTED_OUT if _is_opted_out(scope) else _SAID_NOTHING)
    now_ms = time.time_ns() // 1_000_000
    found: list[Event | Refused] = []
    for first in range(0, len(body.events), _AT_ONCE):
        if first:
            await asyncio.sleep(0)  # whoever asks for a list need not wait for five hundred events
        found += [
            checked(one, caller=caller, consent=consent, now_ms=now_ms)
            for one in body.events[first : first + _AT_ONCE]
        ]
    events = [one for one in found if isinstance(one, Event)]
    refused = [one for one in found if isinstance(one, Refused)]
    notes.update(events=len(events), rejected=len(refused))
    if not events:
        raise _all_refused(refused)
    is_new = await server.ingest.accept(events)
    return _told(n_accepted=sum(is_new), n_duplicates=len(is_new) - sum(is_new), refused=refused)


def _caller(opened: Opened, server: Server, caller: Caller, scope: Scope) -> Caller:
    """Return who calls, by the body where it says so."""
    if caller.kind == "in-body":
        caller = let_in_by_body(server, scope, api_key=opened.key, bearer=opened.token)
        NEEDS.check(caller)
    elif caller.kind != "open" and not (opened.key is None and opened.token is None):
        raise InvalidRequest(
            "a credential stands both in the headers and in the body; send one of them"
        )
    return caller


def _is_opted_out(scope: Scope) -> bool:
    return (b"sec-gpc", b"1") in scope["headers"]


def _all_refused(refused: Sequence[Refused]) -> InvalidRequest:
    faults: list[Fault] = [fault for one in refused for fault in one.faults]
    n = len(refused)
    return InvalidRequest(
        f"{'none of the events is' if n > 1 else 'the event is not'} as it should be; see errors",
        faults=faults[:MAX_FAULTS],
    )


def _told(*, n_accepted: int, n_duplicates: int, refused: Sequence[Refused]) -> Response:
    rejected = [{"index": one.place, **one.faults[0].model_dump()} for one in refused]
    content = {"accepted": n_accepted, "duplicates": n_duplicates, "rejected": rejected}
    response = answer.private(orjson.dumps(content))
    response.status_code = 202
    return response
