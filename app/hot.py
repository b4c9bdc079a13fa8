"""The way in for hot routes: past the framework, to the same handlers.

FastAPI routes a request, resolves what its handler needs, reads parameters and checks them, with a
task of its own for some; all that costs as much as the answer itself. Here a request to a hot
route is read by the same pydantic model and handed to the same handler. What is not answered so,
because it breaks a rule or the handler refuses it, goes the long way from its first byte: so there
is one place that makes errors, and the OpenAPI document describes both ways.
"""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, get_type_hints
from urllib.parse import parse_qsl

from pydantic import BaseModel, ValidationError
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from app.caller import Needs, called
from app.deps import Server
from app.errors import ApiError
from app.limits import replayed
from app.notes import noted
from app.strict import StrictRoute, loads
from models.errors import NoMargins

Handler = Callable[..., Coroutine[Any, Any, Response]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hot:
    """A route, and what reading a request to it takes."""

    route: StrictRoute
    model: type[BaseModel]
    handler: Handler
    needs: Needs

    @classmethod
    def of(cls, route: StrictRoute) -> "_Hot":
        """Return the hot way to ``route``.

        Its handler takes ``asked``, ``server``, ``notes`` and ``caller``; its needs are the one
        thing that it depends on besides.
        """
        (needed,) = route.dependencies
        assert isinstance(needed.dependency, Needs)
        return cls(
            route=route,
            model=get_type_hints(route.endpoint)["asked"],
            handler=route.endpoint,
            needs=needed.dependency,
        )

    def of_query(self, query: bytes) -> BaseModel | None:
        """Return what a query asks, or None where it breaks a rule."""
        asked: dict[str, Any] = {}
        for name, value in _pairs(query.decode("latin-1")):
            if name in self.route.several:
                asked.setdefault(name, []).append(value)
            elif name in asked:
                return None
            else:
                asked[name] = value
        return self._checked(asked)

    def of_body(self, body: bytes) -> BaseModel | None:
        """Return what a body asks, or None where it breaks a rule."""
        try:
            return self._checked(loads(body))
        except ApiError:
            return None

    def _checked(self, asked: object) -> BaseModel | None:
        try:
            return self.model.__pydantic_validator__.validate_python(asked)  # type: ignore[no-any-return]
        except ValidationError:
            return None


class Hot:
    """Answers hot routes; leaves the rest to the application behind it."""

    def __init__(self, app: ASGIApp, *, server: Server, routes: Iterable[BaseRoute]) -> None:
        self._app = app
        self._server = server
        self._hot: Mapping[tuple[str, str], _Hot] = {
            (method, route.path): _Hot.of(route)
            for route in routes
            if isinstance(route, StrictRoute)
            for method in route.methods or ()
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass the request on as it came."""
        hot = self._hot.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if hot is None:
            await self._app(scope, receive, send)
            return
        if scope["method"] == "GET":
            asked = hot.of_query(scope["query_string"])
        else:
            body = (await receive())["body"]
            receive = replayed(body, receive)
            asked = None if scope["query_string"] else hot.of_body(body)
        response = await self._answered(hot, asked, scope) if asked is not None else None
        if response is None:
            await self._app(scope, receive, send)
        else:
            await response(scope, receive, send)

    async def _answered(self, hot: _Hot, asked: BaseModel, scope: Scope) -> Response | None:
        scope["route"] = hot.route
        caller = called(scope)
        try:
            hot.needs.check(caller)
            return await hot.handler(
                asked=asked, server=self._server, notes=noted(scope), caller=caller
            )
        except (ApiError, NoMargins):
            return None


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    """Return names and values as the framework reads them; most queries have nothing to decode."""
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, _, value in (p.partition("=") for p in query.split("&") if p)]
