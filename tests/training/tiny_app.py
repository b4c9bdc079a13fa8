"""A tiny server for tests of the supervisor; any path it does not know answers with its pid."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Any

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

WAITS_S = {"/slow": 3.0, "/endless": 600.0}

_waiting: set[str] = set()


def create_app() -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    return _app


def create_broken_app() -> None:
    raise RuntimeError("this app never starts")


async def _app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return
    answer = await _answer(scope)
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": answer.encode()})


async def _answer(scope: Scope) -> str:
    path = str(scope["path"])
    if path in WAITS_S:
        _waiting.add(path)
        await asyncio.sleep(WAITS_S[path])
        return path.removeprefix("/")
    if path == "/busy":
        return str(len(_waiting))
    if path == "/client":
        return str(scope["client"][0])
    if path.startswith("/env/"):
        return os.environ.get(path.removeprefix("/env/"), "")
    return str(os.getpid())
