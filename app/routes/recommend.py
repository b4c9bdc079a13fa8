"""The list for one customer or visitor: ``/recommend``."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, Field
from starlette.responses import Response

from app import answer
from app.asked import RecommendQuery, RecommendRequest
from app.caller import CallerDep, needs
from app.deps import ServerDep
from app.errors import WITH_BODY, NoMargins, NotReady, documented
from app.listing import answered
from app.notes import NotesDep
from app.shown import Level, RecommendedItem, Said, Served
from app.strict import StrictRoute
from models.customer.permission import Reason

router = APIRouter(route_class=StrictRoute, tags=["recommend"])


class Treatment(BaseModel):
    """What the placement's policy made of the request."""

    placement: str = Field(description="As the request names it.", examples=["home"])
    tier: Literal["high", "medium", "low", "unknown"] = Field(
        description="The customer's; unknown for a visitor too, and where it is not at hand.",
        examples=["high"],
    )
    applied: dict[str, Any] = Field(
        description="What the policy said, by column, where the request itself did not and the "
        "release can do it.",
        examples=[{"novelty": 0.4, "categories": ["Cheese", "Wine"]}],
    )


class ServiceReason(BaseModel):
    """Why the customer is served so."""

    applied: dict[str, Any] = Field(
        description="What the row says, by column.",
        examples=[{"upsell": False, "content": "apology"}],
    )
    release_level: Level = Field(
        description="How satisfied they were when the release was trained.", examples=["neutral"]
    )
    evidence: list[Said] = Field(description="What they have said lately, which moved it.")


class Service(BaseModel):
    """Service before selling: what the page should do."""

    level: Level = Field(
        description="How satisfied the customer is now.", examples=["completely-dissatisfied"]
    )
    content: str | None = Field(
        description="What to show, in a word of the shop's own.", examples=["apology"]
    )
    reason: ServiceReason | None = Field(None, description="With `explain` only.")


class Suppressed(BaseModel):
    """Why nothing is shown."""

    reason: Reason = Field(description="As a stable word.", examples=["frequency-cap"])
    detail: str = Field(
        description="For a person.",
        examples=["the customer has had as many contacts as they allow in this time"],
    )


class RecommendResponse(Served):
    """A list, best first."""

    recommendation_id: str = Field(
        description="The name of this answer, unique; events may refer to it.",
        examples=["01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d"],
    )
    items: list[RecommendedItem] = Field(description="Best first.")
    policy: Treatment | None = Field(
        None, description="With `explain` only, and where the placement has a policy."
    )
    service: Service | None = Field(
        None,
        description="Only where the shop's table of service has a row for the placement and for "
        "how satisfied the customer is.",
    )
    suppressed: Suppressed | None = Field(
        None, description="Only where nothing may be shown: why `items` is empty."
    )


@router.get(
    "/recommend",
    operation_id="get_recommendations",
    dependencies=[needs("recommend", token=True, publishable=True)],
    response_model=RecommendResponse,
    responses=documented(NoMargins, NotReady),
)
async def get_recommendations(
    asked: Annotated[RecommendQuery, QueryParams()],
    server: ServerDep,
    notes: NotesDep,
    caller: CallerDep,
) -> Response:
    """Return up to `limit` items for one customer or visitor, best first.

    Lists are given as repeated parameters: `item_ids=p-1&item_ids=p-2`; longer ones, and the whole
    of `filter`, are for `POST`. Here `category` and `brand` stand for it.
    """
    return answer.private(await answered(server, asked, caller, notes))


@router.post(
    "/recommend",
    operation_id="post_recommendations",
    dependencies=[needs("recommend", token=True, publishable=True)],
    response_model=RecommendResponse,
    responses=documented(*WITH_BODY, NoMargins, NotReady),
)
async def post_recommendations(
    asked: RecommendRequest, server: ServerDep, notes: NotesDep, caller: CallerDep
) -> Response:
    """Return up to `limit` items for one customer or visitor, best first.

    An unknown customer is no error: the list is what goes with `item_ids`, or what sells.
    """
    return answer.private(await answered(server, asked, caller, notes))
