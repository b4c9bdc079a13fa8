"""The rules of a request that no JSON Schema can say, for schemathesis.

Customer and user must be one, a filter has 64 operators at most, and a cursor is one that was given
out. A request that breaks one of them and nothing else meets its schema and is refused all the
same.
"""

from typing import Any

import orjson
import schemathesis
from schemathesis.core.failures import Failure

UNSAID = {"ids-differ", "filter-too-large", "not-ours"}


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
    _case: schemathesis.Case[Any],
    response: schemathesis.Response,
) -> bool:
    """Keep a failure unless it is a refusal for one of these rules alone."""
    if failure.code != "ST202" or response.status_code != 422:
        return True
    codes = {error["code"] for error in orjson.loads(response.content)["errors"]}
    return not codes or not codes <= UNSAID


def _of_one_customer(members: dict[str, Any]) -> dict[str, Any]:
    if members.get("customer_id") is not None and members.get("user_id") is not None:
        return members | {"user_id": members["customer_id"]}
    return members
