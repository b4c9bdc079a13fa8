"""Many lists at once: ``/recommend/batch``.

All customers are read together, in one round trip; the lists are then made one by one, and other
requests have their turn between them.
"""

import asyncio
from typing import Any

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.responses import Response

from app import answer
from app.asked import RecommendRequest
from app.caller import Caller, CallerDep, needs
from app.deps import Server, ServerDep
from app.errors import WITH_BODY, NotReady, documented
from app.listing import Read, made, read, sent
from app.notes import NotesDep
from app.problems import invalid, no_margins
from app.refusal import ApiError, Problem
from app.routes.recommend import RecommendResponse
from app.strict import StrictRoute
from models.errors import NoMargins

MAX_REQUESTS = 100

router = APIRouter(route_class=StrictRoute, tags=["recommend"])


class BatchRequest(BaseModel):
    """Several requests, each answered by itself."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={
            "examples": [{"requests": [{"customer_id": "c-1042"}, {"customer_id": "c-7"}]}]
        },
    )

    requests: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=MAX_REQUESTS,
        description="Each as the body of `POST /recommend`; one that is wrong gets its own 422 and "
        "spoils no other.",
        examples=[[{"customer_id": "c-1042"}, {"customer_id": "c-7"}]],
    )


class BatchedResponse(BaseModel):
    """The answer to one request of the batch."""

    status: int = Field(description="As it would have been alone.", examples=[200])
    body: RecommendResponse | Problem = Field(description="The list, or why there is none.")


class BatchResponse(BaseModel):
    """The answers, in the order of the requests."""

    responses: list[BatchedResponse] = Field(description="One for each request, in their order.")


@router.post(
    "/recommend/batch",
    operation_id="post_recommendation_batch",
    dependencies=[needs("recommend")],
    response_model=BatchResponse,
    responses=documented(*WITH_BODY, NotReady),
)
async def post_recommendation_batch(
    asked: BatchRequest, server: ServerDep, notes: NotesDep, caller: CallerDep
) -> Response:
    """Return a list for each of up to 100 requests, in their order, each with its own status."""
    checked, parts = [], []
    for body in asked.requests:
        checked.append(_checked(body))
        await _leave_others_their_turn()
    known = await asyncio.gather(*(_read(server, one, caller) for one in checked))
    for one, found in zip(checked, known, strict=True):
        parts.append(one if isinstance(one, bytes) else await _answered(server, one, found))
        await _leave_others_their_turn()
    notes["requests"] = len(parts)
    return answer.private(b'{"responses":[%b]}' % b",".join(parts))


async def _leave_others_their_turn() -> None:
    """Whoever asks for one list need not wait for a hundred."""
    await asyncio.sleep(0)


def _checked(body: dict[str, Any]) -> RecommendRequest | bytes:
    """Return a request, or its refusal."""
    try:
        return RecommendRequest.model_validate(body)
    except ValidationError as problem:
        return _refused(invalid(problem.errors(include_url=False, include_input=False)))


async def _read(server: Server, checked: RecommendRequest | bytes, caller: Caller) -> Read:
    return Read(None) if isinstance(checked, bytes) else await read(server, checked, caller)


async def _answered(server: Server, asked: RecommendRequest, found: Read) -> bytes:
    try:
        content = await sent(server, made(server, asked, found, notes={}), found.contact)
    except NoMargins as problem:
        return _refused(no_margins(problem))
    except ApiError as problem:
        return _refused(problem)
    return b'{"status":200,"body":%b}' % content


def _refused(problem: ApiError) -> bytes:
    return orjson.dumps({"status": int(problem.status), "body": problem.document()})
