"""From whatever went wrong to one shape of error: the handlers of the application.

pydantic's words are kept where they are words about the rule; what the caller sent is never among
them, and neither is a member's name that the caller invented, unless it is a plain word.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Match
from starlette.types import Scope

from app import errors
from app.errors import InvalidRequest
from app.notes import noted
from app.refusal import MAX_FAULTS, ApiError, Fault
from app.routed import flat
from models.errors import NoMargins

_CODES = {
    "extra_forbidden": "unknown-field",
    "missing": "missing",
    "int_type": "not-an-integer",
    "int_from_float": "not-an-integer",
    "int_parsing": "not-an-integer",
    "float_type": "not-a-number",
    "string_type": "not-a-text",
    "string_unicode": "not-a-text",
    "bool_type": "not-a-boolean",
    "list_type": "not-a-list",
    "dict_type": "not-an-object",
    "model_type": "not-an-object",
    "model_attributes_type": "not-an-object",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than_equal": "out-of-range",
    "string_too_short": "wrong-length",
    "string_too_long": "wrong-length",
    "too_short": "wrong-length",
    "too_long": "wrong-length",
    "string_pattern_mismatch": "wrong-characters",
    "literal_error": "not-one-of",
}
_PARTS = (("body",), ("query",), ("path",))
"""Where the framework says first in which part of the request a fault is."""
_PLAIN = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_BY_STATUS: Mapping[int, type[ApiError]] = {
    int(kind.status): kind
    for kind in (
        errors.MalformedJson,
        errors.InsufficientScope,
        errors.NotFound,
        errors.BodyTooLarge,
        errors.UnsupportedMediaType,
        errors.InvalidRequest,
        errors.InternalError,
    )
}


def install(app: FastAPI) -> None:
    """Make every error of ``app`` a problem document."""
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(NoMargins, _no_margins)


def invalid(found: Sequence[Mapping[str, Any]]) -> InvalidRequest:
    """Return the error for what pydantic found, in its own order."""
    n = len(found)
    return InvalidRequest(
        f"{n} part{'s' if n > 1 else ''} of the request {'are' if n > 1 else 'is'} not as "
        "it should be; see errors",
        faults=[fault(one) for one in found[:MAX_FAULTS]],
    )


def empty() -> ApiError:
    """Return the error for a body of no bytes."""
    return errors.MalformedJson("the body is empty; send one JSON text")


def no_margins(problem: NoMargins) -> ApiError:
    """Return the error for a release that cannot rank by profit."""
    return errors.NoMargins(str(problem))


def fault(found: Mapping[str, Any]) -> Fault:
    """Return one thing that pydantic found, in our words."""
    kind, context = str(found["type"]), found.get("ctx") or {}
    place = found["loc"][1:] if found["loc"][:1] in _PARTS else found["loc"]
    detail = str(found["msg"])
    if kind == "extra_forbidden":
        detail = "unknown field; the documents at /docs list the known ones"
    return Fault(
        pointer=pointer(place) + str(context.get("pointer", "")),
        code=str(context.get("code", _CODES.get(kind, kind.replace("_", "-")))),
        detail=detail[:1].lower() + detail[1:],
    )


def pointer(place: Sequence[object]) -> str:
    """Return the JSON pointer to a part of the body, as far as its names are plain words."""
    words = []
    for part in place:
        if not (isinstance(part, int) or _PLAIN.fullmatch(str(part))):
            break
        words.append(f"/{part}")
    return "".join(words)


async def _http(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, HTTPException)
    if not isinstance(problem, ApiError):
        problem = _named(request, problem)
    return answered(request.scope, problem)


def answered(scope: Scope, problem: ApiError) -> Response:
    """Return the answer that is a problem, and note it for the log."""
    noted(scope).update(code=problem.code, instance=problem.instance)
    return problem.response()


def _named(request: Request, problem: HTTPException) -> ApiError:
    if problem.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        methods = ", ".join(_methods(request))
        return errors.MethodNotAllowed(f"this path takes {methods}", headers={"Allow": methods})
    kind = _BY_STATUS.get(problem.status_code, errors.InternalError)
    return kind(kind.example, headers=problem.headers)


def _methods(request: Request) -> list[str]:
    """Return what the path takes; the framework names what its first route takes."""
    found: set[str] = set()
    for route in flat(request.app.routes):
        match, _ = route.matches(request.scope)
        if match is not Match.NONE:
            found |= getattr(route, "methods", None) or set()
    return sorted(found)


async def _validation(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, RequestValidationError)
    found = problem.errors()
    if any(one["type"] == "missing" and one["loc"] == ("body",) for one in found):
        return answered(request.scope, empty())
    return answered(request.scope, invalid(found))


async def _no_margins(request: Request, problem: Exception) -> Response:
    assert isinstance(problem, NoMargins)
    return answered(request.scope, no_margins(problem))
