"""What no server of its kind can beat: applications that do nothing, or next to nothing.

    bare           an ASGI function that sends prepared bytes: the ceiling of uvicorn itself
    empty_route    a FastAPI route without parameters that returns nothing
    validated      a FastAPI route with our parameters and their limits, and nothing else

Started as ``uvicorn --factory benchmarks.ceilings:NAME``.
"""

import os
from typing import Annotated

from fastapi import FastAPI, Query
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

BYTES_VARIABLE = "CEILING_BYTES"
ANSWER_BYTES = 600


def bare() -> ASGIApp:
    """Return the application that sends ``CEILING_BYTES`` bytes, 600 where that is not set."""
    n_bytes = int(os.environ.get(BYTES_VARIABLE, ANSWER_BYTES))
    body = b'{"items":"%b"}' % (b"x" * (n_bytes - 12))
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
    ]

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
