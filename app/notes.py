"""What a request leaves for its log line: level, release, the code of its error."""

from typing import Annotated, Any

from fastapi import Depends
from starlette.requests import Request
from starlette.types import Scope

Notes = dict[str, Any]
_KEY = "cartera.notes"


def start(scope: Scope) -> Notes:
    """Begin the notes of one request."""
    notes: Notes = {}
    scope[_KEY] = notes
    return notes


def noted(scope: Scope) -> Notes:
    """Return the notes of the request."""
    notes: Notes = scope[_KEY]
    return notes


async def _notes(request: Request) -> Notes:
    return noted(request.scope)


NotesDep = Annotated[Notes, Depends(_notes)]
