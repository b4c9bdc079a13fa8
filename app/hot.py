"""The way in for hot routes: past the framework, to the same handlers.

FastAPI routes a request, resolves what its handler needs, reads parameters and checks them, with a
task of its own for some; all that costs as much as the answer itself. Here a request to a hot
route is read by the same pydantic model and handed to the same handler, and what is refused is
refused in the same words: so the OpenAPI document describes both ways. A query that breaks a rule
goes the long way from its first byte; a body does not, for it would be parsed twice, and whoever
sends much that is refused must not cost the more for it.
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
from app.limits import is_text, replayed
from app.notes import noted
from app.problems import answered, empty, invalid, no_margins
from app.refusal import ApiError
from app.strict import StrictRoute, loads
from models.errors import NoMargins

Handler = Callable[..., Coroutine[Any, Any, Response]]
Part = Callable[[Scope], Any]


def _itself(scope: Scope) -> Scope:
    return scope


PARTS: Mapping[str, Part] = {"notes": noted, "caller": called, "scope": _itself}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Hot:
    """A route, and what reading a request to it takes."""

    route: StrictRoute
    model: type[BaseModel]
    handler: Handler
    parts: tuple[tuple[str, Part], ...]
    """What the handler takes of a request besides, by name."""
    needs: Needs

    @classmethod
    def of(cls, route: StrictRoute) -> "_Hot":
        """Return the hot way to ``route``.

        Its handler takes ``asked``, ``server`` and any of ``PARTS``; its needs are the one thing
        that it depends on besides.
        """
        (needed,) = route.dependencies
        assert isinstance(needed.dependency, Needs)
        takes = get_type_hints(route.endpoint)
        return cls(
            route=route,
            model=takes["asked"],
            handler=route.endpoint,
            parts=tuple((name, part) for name, part in PARTS.items() if name in takes),
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
        try:
            return self._checked(asked)
        except ValidationError:
            return None

    def of_body(self, body: bytes, scope: Scope) -> BaseModel:
        """Return what a body asks; the model reads text.

        Raises:
            ApiError: It breaks a rule.
        """
        if not body:
            raise empty()
        try:
            return self._checked(body if is_text(scope) else loads(body))
        except ValidationError as problem:
            found = problem.errors(include_url=False, include_input=False)
            raise invalid([{**one, "loc": ("body", *one["loc"])} for one in found]) from None

    def _checked(self, asked: object) -> BaseModel:
        return self.model.__pydantic_validator__.validate_python(  # type: ignore[no-any-return]
            asked,
            from_attributes=True,  # as the framework does
        )


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
        body = None
        if scope["method"] != "GET":
            body = (await receive())["body"]
            receive = replayed(body, receive)
        response = await self._answered(hot, body, scope)
        await (self._app if response is None else response)(scope, receive, send)

    async def _answered(self, hot: _Hot, body: bytes | None, scope: Scope) -> Response | None:
        """Return the answer, or None where the long way is to give it."""
        query = scope["query_string"]
        try:
            hot.needs.check(called(scope))
            if body is None:
                asked = hot.of_query(query)
            else:
                asked = None if query else hot.of_body(body, scope)
            if asked is None:
                return None
            parts = {name: part(scope) for name, part in hot.parts}
            scope["route"] = hot.route
            return await hot.handler(asked=asked, server=self._server, **parts)
        except NoMargins as problem:
            return answered(scope, no_margins(problem))
        except ApiError as problem:
            scope["route"] = hot.route
            return answered(scope, problem)


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    """Return names and values as the framework reads them; most queries have nothing to decode."""
    if "%" in query or "+" in query:
        return parse_qsl(query, keep_blank_values=True)
    return [(name, value) for name, _, value in (p.partition("=") for p in query.split("&") if p)]
