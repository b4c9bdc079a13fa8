"""Which releases there are, and how good: ``/releases``."""

from typing import Any

import orjson
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from app import answer
from app.caller import needs
from app.deps import Server, ServerDep
from app.errors import NotReady, documented
from app.notes import NotesDep
from app.store import StoreAway
from app.strict import StrictRoute
from models.artifacts.manifest import Manifest
from models.errors import ArtifactError

router = APIRouter(route_class=StrictRoute, tags=["releases"])


class Release(BaseModel):
    """One published set of models."""

    version: str = Field(description="Its name.", examples=["20171231T120000Z"])
    created_at: str = Field(
        description="When it was made, RFC 3339.", examples=["2017-12-31T12:00:00Z"]
    )
    first_purchase: str = Field(
        description="The earliest purchase it learned from.", examples=["2017-01-01T06:53:26Z"]
    )
    last_purchase: str = Field(
        description="The latest purchase it learned from.", examples=["2017-12-31T23:59:58Z"]
    )
    counts: dict[str, int] = Field(
        description="What it read and learned.", examples=[{"customers": 2469, "items": 68509}]
    )
    metrics: dict[str, float | None] = Field(
        description="How good it was on its validation window.", examples=[{"ndcg@10": 0.41}]
    )


class ReleasesResponse(BaseModel):
    """The releases that the store holds."""

    current: str | None = Field(
        description="The version that should serve; none before the first.",
        examples=["20171231T120000Z"],
    )
    serving: str | None = Field(
        description="The version that this worker serves; it follows `current` within 2 s.",
        examples=["20171231T120000Z"],
    )
    store: str = Field(
        description="`ok`, or `away`: then only the release that serves is listed.",
        examples=["ok"],
    )
    releases: list[Release] = Field(description="Newest first.")


@router.get(
    "/releases",
    operation_id="get_releases",
    dependencies=[needs("releases")],
    response_model=ReleasesResponse,
    responses=documented(NotReady),
)
async def get_releases(server: ServerDep, notes: NotesDep) -> Response:
    """Return every release that the store holds, and which one serves."""
    loaded = server.live.loaded
    serving = loaded.version if loaded is not None else None
    notes.update(release=serving)
    try:
        current = await server.releases.current()
        found = await _manifests(server)
        store = "ok"
    except StoreAway:
        current, store = serving, "away"
        found = [loaded.manifest] if loaded is not None else []
    return answer.public(
        orjson.dumps(
            {
                "current": current,
                "serving": serving,
                "store": store,
                "releases": [_told(one) for one in sorted(found, key=_age, reverse=True)],
            }
        )
    )


async def _manifests(server: Server) -> list[Manifest]:
    """Return the manifests that can be read; a newer trainer's may not be."""
    found = []
    for text in (await server.releases.manifests()).values():
        try:
            found.append(Manifest.from_json(text))
        except ArtifactError:
            continue
    return found


def _age(manifest: Manifest) -> tuple[str, str]:
    return manifest.created_at, manifest.version


def _told(manifest: Manifest) -> dict[str, Any]:
    return {
        "version": manifest.version,
        "created_at": manifest.created_at,
        "first_purchase": manifest.first_purchase,
        "last_purchase": manifest.last_purchase,
        "counts": dict(manifest.counts),
        "metrics": dict(manifest.metrics),
    }
