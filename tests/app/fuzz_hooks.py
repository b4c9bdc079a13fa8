"""The rules of a request that no JSON Schema can say, for schemathesis.

Customer and user must be one, a filter has 64 operators at most, a cursor is one that was given
out, feedback fits its kind, and what is replaced was read before. A request that breaks one of them
and nothing else meets its schema and is refused all the same.
"""

from typing import Any

import orjson
import schemathesis
from schemathesis.core.failures import Failure

UNSAID = {
    "ids-differ", "filter-too-large", "not-ours",
    "missing-subject", "missing-item", "value-of-kind", "in-the-future", "naive-time", "not-a-time",
    "each-once", "no-time", "time-zone",
    "missing-currency", "not-a-currency", "too-large", "too-deep", "reserved",
    "days-reversed", "near-contact", "not-a-duration", "duration-too-long", "ages-reversed",
    "other-currency", "not-an-address", "not-a-phone", "unknown-country",
    "missing-definition", "not-of-the-type", "size-or-expansion", "not-in-release",
    "unknown-audience", "never-built",
}  # fmt: skip
TEXT = "text/plain"
"""Of which a schema cannot say that it holds JSON."""
AWAY = {"not-durable", "not-ready"}
"""What a store is answered for that is not done within a few milliseconds on a busy machine."""
SHARED = "/segments/lookup"
"""A path that GET has too, of which it is the name of a group."""
UNREAD = {412, 428}
"""What a PUT is answered that does not name the state it replaces."""


@schemathesis.hook
def before_load_schema(_context: schemathesis.HookContext, document: dict[str, Any]) -> None:
    """Leave out the credentials: the server that is asked has no keys, so it asks for none."""
    for methods in document["paths"].values():
        for operation in methods.values():
            operation.pop("security", None)


@schemathesis.hook
def map_body(_context: schemathesis.HookContext, body: object) -> object:
    """Let most bodies keep the first rule."""
    return _of_one_customer(body) if isinstance(body, dict) else body


@schemathesis.hook
def map_query(
    _context: schemathesis.HookContext, query: dict[str, Any] | None
) -> dict[str, Any] | None:
    """Let most queries keep the first rule."""
    return _of_one_customer(query) if query else query


@schemathesis.hook
def filter_failure(
    _context: schemathesis.HookContext,
    failure: Failure,
    case: schemathesis.Case[Any],
    response: schemathesis.Response,
) -> bool:
    """Keep a failure unless it is a refusal for one of these rules alone, or of a part of many."""
    if response.status_code == 503:
        return orjson.loads(response.content)["code"] not in AWAY
    if failure.code == "ST202" and (case.media_type == TEXT or response.status_code in UNREAD):
        return False
    if failure.code == "ST205" and case.path == SHARED:
        return False
    if failure.code == "ST201" and response.status_code == 202:
        return not orjson.loads(response.content).get("rejected")
    if failure.code != "ST202" or response.status_code != 422:
        return True
    codes = {error["code"] for error in orjson.loads(response.content)["errors"]}
    return not codes or not codes <= UNSAID


def _of_one_customer(members: dict[str, Any]) -> dict[str, Any]:
    if members.get("customer_id") is not None and members.get("user_id") is not None:
        return members | {"user_id": members["customer_id"]}
    return members
