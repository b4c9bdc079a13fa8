"""A caller's own list in the customer's order: ``/rerank``."""

import time
from typing import Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import answer, fields
from app.asked import Subject
from app.caller import CallerDep, needs
from app.deps import ServerDep
from app.errors import WITH_BODY, NotReady, SubjectMismatch, documented
from app.ladder import find
from app.notes import NotesDep
from app.shown import Served
from app.strict import StrictRoute
from models import recommend as decide

router = APIRouter(route_class=StrictRoute, tags=["recommend"])


class RerankRequest(Subject):
    """A list, and who it is for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"customer_id": "c-1042", "items": ["p-77", "p-12"]}]}
    )

    items: fields.RankedItems


class RerankedItem(BaseModel):
    """One item of the caller's list."""

    item_id: str = Field(description="The shop's own id of the item.", examples=["p-77"])
    known: bool = Field(
        description="Whether the release knows it; unknown ones come last, in the order given.",
        examples=[True],
    )
    score: float | None = Field(
        None, description="Higher is better; absent for an unknown item.", examples=[0.83]
    )
    reason: Literal["repeat", "taste", "popular", "goes-with"] | None = Field(
        None, description="Why it stands here; absent for an unknown item.", examples=["taste"]
    )


class RerankResponse(Served):
    """The caller's list, best first."""

    items: list[RerankedItem] = Field(description="All items of the request, best first.")


@router.post(
    "/rerank",
    operation_id="post_rerank",
    dependencies=[needs("recommend", token=True)],
    response_model=RerankResponse,
    responses=documented(*WITH_BODY, NotReady, SubjectMismatch),
)
async def post_rerank(
    asked: RerankRequest, server: ServerDep, notes: NotesDep, caller: CallerDep
) -> Response:
    """Return the given items in the customer's order; for an unknown customer, by what sells.

    None is left out: those out of stock stay, and unknown ones come last.
    """
    customer_id = caller.customer_of(asked.customer, asked.anonymous_id)
    loaded = server.live.loaded
    if loaded is None:
        raise NotReady
    ids = loaded.catalogue.ids
    customer = await find(
        server,
        loaded,
        customer_id,
        history=True,
        anonymous_id=asked.anonymous_id,
        follows=caller.follows,
    )
    ranked = decide.rerank(
        loaded,
        ids.rows_of(asked.items),
        record=customer.record,
        history=customer.history,
        live=customer.live,
        now_ms=time.time_ns() // 1_000_000,
    )
    level = customer.level(0 if customer.record is not None else 3)
    server.metrics.level(level)
    notes.update(ladder=level, release=loaded.version)
    unknown = [id_ for id_ in asked.items if ids.row_of(id_) is None]
    return answer.private(
        b'{"items":%b,%b}'
        % (
            answer.reranked(loaded, ranked, unknown),
            answer.served(
                level,
                degraded=customer.missed,
                personalized=customer.record is not None,
                release=loaded.version,
            ),
        )
    )
