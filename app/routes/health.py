"""Is it alive, can it answer, how is it doing: ``/livez``, ``/readyz``, ``/metrics``."""

from typing import Literal

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from app import answer
from app.caller import needs
from app.deps import ServerDep
from app.errors import NotReady, documented
from app.metrics import CONTENT_TYPE
from app.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, tags=["operations"])

_PATIENCE_S = 0.2
"""How long metrics wait for what stands in the store; past it they tell what was read before."""


class Alive(BaseModel):
    """The process answers."""

    alive: bool = Field(description="Always true: a dead process says nothing.", examples=[True])


class Ready(BaseModel):
    """The server can answer with a list."""

    ready: bool = Field(description="Whether any level can serve.", examples=[True])
    release: str | None = Field(
        description="The release that serves; none if only the merchant's list does.",
        examples=["20171231T120000Z"],
    )
    store: Literal["ok", "away"] = Field(
        description="Whether the store answers; lists are served without it too.", examples=["ok"]
    )


@router.get("/livez", operation_id="get_livez", response_model=Alive, responses=documented())
async def get_livez() -> Response:
    """Say that the process answers; fails only with the process, never with the store."""
    return answer.public(b'{"alive":true}')


@router.get(
    "/readyz", operation_id="get_readyz", response_model=Ready, responses=documented(NotReady)
)
async def get_readyz(server: ServerDep) -> Response:
    """Say whether a list can be served at any level; the store's absence alone is no reason."""
    loaded = server.live.loaded
    if loaded is None and not server.merchant_list:
        raise NotReady
    return answer.public(
        orjson.dumps(
            {
                "ready": True,
                "release": loaded.version if loaded is not None else None,
                "store": "ok" if server.live.answered and not server.customers.away else "away",
            }
        )
    )


@router.get(
    "/metrics",
    operation_id="get_metrics",
    dependencies=[needs("metrics", local=True)],
    response_class=Response,
    responses=documented(NotReady)
    | {
        200: {
            "description": "Prometheus' text format, all workers together.",
            "content": {
                "text/plain": {
                    "schema": {"type": "string"},
                    "example": 'cartera_level_total{level="0"} 12.0\n',
                }
            },
        }
    },
)
async def get_metrics(server: ServerDep) -> Response:
    """Return the counters of all workers; this machine needs no credential for them."""
    server.seen.tell()
    await server.attributed.refresh(patience_s=_PATIENCE_S)
    return Response(
        server.metrics.text(),
        headers={"Content-Type": CONTENT_TYPE, "Cache-Control": "no-store"},
    )
