"""One line a request: method, route template, status, time, level, release. No ids, no address.

The outermost layer of the application, so it sees every answer; an exception that nobody expected
becomes ``internal-error`` here, with the traceback in the log and nothing of it in the answer.
"""

import time

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import notes
from app.errors import InternalError
from app.seen import Seen

_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})

log = structlog.get_logger("app.access")


class Access:
    """Times every request, and has it told."""

    def __init__(self, app: ASGIApp, *, seen: Seen) -> None:
        self._app = app
        self._seen = seen

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and note what came of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        noted = notes.start(scope)
        status = 0

        async def watched(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:  # the last place that can make an answer of it
            problem = InternalError(InternalError.example)
            noted.update(code=problem.code, instance=problem.instance)
            log.exception("unexpected error", instance=problem.instance)
            if not status:
                await problem.response()(scope, receive, watched)
        self._seen.note(
            scope["method"] if scope["method"] in _METHODS else "other",
            getattr(scope.get("route"), "path", "unknown"),
            status,
            seconds=time.perf_counter() - started,
            notes=noted,
        )
