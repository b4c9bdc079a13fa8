"""How a request is read: exactly, or not at all.

Bodies are one JSON text, parsed by orjson, which refuses NaN, infinities, numbers beyond a
double, lone surrogates, bad UTF-8 and 100,000 brackets; names that occur twice in one object are
refused here. A parameter that the route does not know, or that is given twice where one is
meant, is refused too: nothing that a caller sends is silently dropped.

All this is done while every other request waits, so it is bounded whatever the body holds: a body
is parsed once, and what is looked for besides is counted in passes over its bytes.
"""

from collections.abc import Callable, Coroutine
from typing import Any, get_origin
from urllib.parse import parse_qsl

import orjson
from fastapi.routing import APIRoute
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from app.errors import InvalidRequest, MalformedJson
from app.refusal import Fault

MAX_BRACKETS = 40_000
"""Objects and lists of a body: more than fit into the largest one of ours, and far fewer than
would take a tenth of a second to make."""
_SPACED = tuple((space, space + b":") for space in (b" ", b"\t", b"\n", b"\r"))
"""Whether there are any spaces is found out far sooner than whether one stands before a colon."""
_UNMARKED = bytes({*range(256)} - {*b'"\\:/bfnrtu'})
"""All but quotes, colons, backslashes and what stands behind a backslash."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def loads(body: bytes) -> Any:  # noqa: ANN401  # any JSON
    """Return what ``body`` holds.

    Raises:
        MalformedJson: It is not one JSON text, or an object names a member twice, or it holds more
            objects and lists than ours do, or more than 254 inside each other.
    """
    if len(body) > MAX_BRACKETS and body.count(b"{") + body.count(b"[") > MAX_BRACKETS:
        raise MalformedJson(
            f"the body has more than {MAX_BRACKETS} brackets that open; send it in parts"
        )
    try:
        tree = orjson.loads(body)
        again = orjson.dumps(tree)
    except orjson.JSONDecodeError as problem:
        raise MalformedJson(
            f"the body is not JSON from character {problem.pos} on; send one JSON text in UTF-8"
        ) from None
    except orjson.JSONEncodeError:
        raise MalformedJson("the body is nested too deeply; flatten it") from None
    if not _names_each_once(body, again):
        raise MalformedJson("an object of the body names a member twice; name each once")
    return tree


def _names_each_once(body: bytes, again: bytes) -> bool:
    """Whether no object of the body names a member twice; the parser has kept one of each name.

    Where one was given up for another of its name, the body written again has fewer. Without a
    backslash no text holds a quote, so written again each looks as it did; and if nothing stands
    before the colons of members, each member has a quote with a colon behind it.
    """
    if b"\\" not in body and not any(space in body and spaced in body for space, spaced in _SPACED):
        return body.count(b'":') == again.count(b'":')
    return _members(body) == _members(again)


def _members(text: bytes) -> int:
    """Return how many members the objects of a JSON text have: its colons outside of texts.

    Once what is escaped is left out, quotes begin and end texts and do nothing else.
    """
    marks = text.translate(None, _UNMARKED).replace(b"\\\\", b"").replace(b'\\"', b"")
    return b"".join(marks.split(b'"')[::2]).count(b":")


class StrictRequest(Request):
    """A request whose JSON is strict."""

    async def json(self) -> Any:  # noqa: ANN401  # as its base
        """Return the body's JSON."""
        return loads(await self.body())


class StrictRoute(APIRoute):
    """A route that reads its requests strictly."""

    single: frozenset[str]
    """Parameters of the query that may come once."""
    several: frozenset[str]
    """Parameters of the query that may come again."""

    def get_route_handler(self) -> Handler:
        """Return the handler, with the strict reading in front of it."""
        handle = super().get_route_handler()
        self.single, self.several = self._parameters()

        async def strict(request: Request) -> Response:
            query = request.scope["query_string"]
            if query:
                _check_query(query, self.single, self.several)
            return await handle(StrictRequest(request.scope, request.receive))

        return strict

    def _parameters(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the names that may come once, and those that may come again."""
        single: set[str] = set()
        several: set[str] = set()
        for parameter in self.dependant.query_params:
            model = parameter.field_info.annotation
            if not (isinstance(model, type) and issubclass(model, BaseModel)):
                raise TypeError(f"{self.path}: declare the query as one model, not as parameters")
            for name, field in model.model_fields.items():
                (several if get_origin(field.annotation) is list else single).add(name)
        return frozenset(single), frozenset(several)


def _check_query(query: bytes, single: frozenset[str], several: frozenset[str]) -> None:
    names = [name for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)]
    faults = [
        Fault(pointer=f"/{name}", code="repeated", detail="this parameter may be given once only")
        for name in sorted(single)
        if names.count(name) > 1
    ]
    if not single.union(several).issuperset(names):
        known = ", ".join(sorted(single | several)) or "none"
        faults.append(
            Fault(
                pointer="",
                code="unknown-field",
                detail=f"the query has a parameter that is not known here; known: {known}",
            )
        )
    if faults:
        raise InvalidRequest(
            "the query names parameters that it may not; see errors", faults=faults
        )
