"""Routes whose path holds an id: any id, percent-encoded, a slash in it included.

A server hands its application the path already decoded, where ``a%2Fb`` is two parts. Here the
parts are told apart first, and each is decoded after.
"""

from urllib.parse import quote, unquote

from starlette.routing import Match
from starlette.types import Scope

from app.strict import StrictRoute


class RawPathRoute(StrictRoute):
    """A route that takes its path apart before it decodes the parts."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether the path is this route's, and its parameters."""
        parts = scope["raw_path"].decode("latin-1").split("/")
        path = "/".join(quote(unquote(part), safe="") for part in parts)
        match, found = super().matches({**scope, "path": path})
        if match is not Match.NONE:
            found["path_params"] = {
                name: unquote(value) for name, value in found["path_params"].items()
            }
        return match, found
