"""From items to items: ``/items/similar`` and ``/items/bought-together``."""

from collections.abc import Callable

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import answer, fields
from app.caller import needs
from app.deps import Server, ServerDep
from app.errors import WITH_BODY, NotReady, documented
from app.notes import Notes, NotesDep
from app.shown import RecommendedItem
from app.strict import StrictRoute
from models.asked import Query, Ranked
from models.item_to_item import bought_together, similar
from models.loaded import Loaded

router = APIRouter(route_class=StrictRoute, tags=["items"])


class ItemsRequest(BaseModel):
    """Items to start from, and what may come of them."""

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        frozen=True,
        json_schema_extra={"examples": [{"item_ids": ["p-77"], "limit": 10}]},
    )

    item_ids: fields.SeedItems
    limit: fields.Limit = 10
    filter: fields.FilterTree = None


class ItemsResponse(BaseModel):
    """Items, best first."""

    items: list[RecommendedItem] = Field(
        description="Best first; empty where nothing is known of the items asked about."
    )
    unknown: list[str] = Field(
        description="Those of the request's items that the release does not know.",
        examples=[["p-999"]],
    )
    release: str = Field(description="The release that answered.", examples=["20171231T120000Z"])


@router.post(
    "/items/similar",
    operation_id="post_similar_items",
    dependencies=[needs("recommend", token=True, publishable=True)],
    response_model=ItemsResponse,
    responses=documented(*WITH_BODY, NotReady),
)
async def post_similar_items(asked: ItemsRequest, server: ServerDep, notes: NotesDep) -> Response:
    """Return items bought by the same customers as the given ones, most alike first."""
    return _answered(server, asked, notes, similar)


@router.post(
    "/items/bought-together",
    operation_id="post_items_bought_together",
    dependencies=[needs("recommend", token=True, publishable=True)],
    response_model=ItemsResponse,
    responses=documented(*WITH_BODY, NotReady),
)
async def post_items_bought_together(
    asked: ItemsRequest, server: ServerDep, notes: NotesDep
) -> Response:
    """Return what lands in one basket with the given items, strongest first."""
    return _answered(server, asked, notes, bought_together)


def _answered(
    server: Server,
    asked: ItemsRequest,
    notes: Notes,
    choose: Callable[[Loaded, Query], Ranked],
) -> Response:
    loaded = server.live.loaded
    if loaded is None:
        raise NotReady
    ids = loaded.catalogue.ids
    query = Query(limit=asked.limit, context=ids.rows_of(asked.item_ids), filter=asked.filter)
    unknown = [id_ for id_ in dict.fromkeys(asked.item_ids) if ids.row_of(id_) is None]
    notes.update(release=loaded.version)
    return answer.public(
        b'{"items":%b,"unknown":%b,"release":%b}'
        % (
            answer.items(loaded, choose(loaded, query)),
            orjson.dumps(unknown),
            orjson.dumps(loaded.version),
        )
    )
