"""What no server of its kind can beat: applications that do nothing, or next to nothing.

    bare           an ASGI function that sends prepared bytes: the ceiling of uvicorn itself
    empty_route    a FastAPI route without parameters that returns nothing
    validated      a FastAPI route with our parameters and their limits, and nothing else
    one_read       an ASGI function that reads one field from Redis and sends prepared bytes
    routed_read    a FastAPI route that does so

Started as ``uvicorn --factory benchmarks.ceilings:NAME``.
"""

import os
from typing import Annotated

import orjson
from fastapi import FastAPI, Query
from pydantic import BaseModel
from redis.asyncio import Redis
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

BYTES_VARIABLE = "CEILING_BYTES"
STORE_VARIABLE, HASH_VARIABLE = "CEILING_STORE", "CEILING_HASH"
"""Where the store is, and the hash of which a field is read."""
ANSWER_BYTES = 600


def bare() -> ASGIApp:
    """Return the application that sends ``CEILING_BYTES`` bytes, 600 where that is not set."""
    body, headers = _prepared()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


def empty_route() -> FastAPI:
    """Return a FastAPI application whose only route does nothing."""
    app = FastAPI()

    @app.get("/recommend")
    async def nothing() -> None:
        """Do nothing."""

    return app


def validated() -> FastAPI:
    """Return a FastAPI application that checks our parameters and does nothing with them."""
    app = FastAPI()

    @app.get("/recommend")
    async def checked(
        customer_id: Annotated[str, Query(min_length=1, max_length=128)],
        limit: Annotated[int, Query(ge=1, le=100)] = 10,
        category: Annotated[list[str] | None, Query(max_length=100)] = None,
    ) -> Response:
        """Check, and do nothing."""
        del customer_id, limit, category
        return Response(b'{"items":[]}', media_type="application/json")

    return app


def one_read() -> ASGIApp:
    """Return the application that reads the field named by the first id of a body, then sends."""
    body, headers = _prepared()
    store, name = _store(), os.environ[HASH_VARIABLE]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            asked = orjson.loads((await receive())["body"])
            await store.hget(name, asked["ids"][0])
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": body})

    return app


class _Asked(BaseModel):
    ids: list[str]


def routed_read() -> FastAPI:
    """Return a FastAPI application that does the same."""
    app, (body, _) = FastAPI(), _prepared()
    store, name = _store(), os.environ[HASH_VARIABLE]

    @app.post("/segments/lookup")
    async def read(asked: _Asked) -> Response:
        """Read one field."""
        await store.hget(name, asked.ids[0])
        return Response(body, media_type="application/json")

    return app


def _prepared() -> tuple[bytes, list[tuple[bytes, bytes]]]:
    """Return a body of ``CEILING_BYTES`` bytes, and its headers."""
    n_bytes = int(os.environ.get(BYTES_VARIABLE, ANSWER_BYTES))
    body = b'{"items":"%b"}' % (b"x" * (n_bytes - 12))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]
    return body, headers


def _store() -> Redis:
    return Redis.from_url(os.environ[STORE_VARIABLE])
