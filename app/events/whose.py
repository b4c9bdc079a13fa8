"""For whom a caller may speak, and so whose an event is.

backend          whomever the event names
publishable key  visitors: a customer that the page names is left out, the visitor stays
customer token   its customer, and the visitor whom it names; an event that names neither is
                 theirs
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

from app.caller import Caller
from app.events.translated import RuleBroken


class Subject(NamedTuple):
    """Whose an event is."""

    customer_id: str | None
    anonymous_id: str | None


def subject(said: Mapping[str, Any], caller: Caller) -> Subject:
    """Return whose the event is, by what it says.

    Raises:
        RuleBroken: It names nobody, or somebody else than the caller speaks for.
    """
    customer, visitor = said.get("customer_id"), said.get("anonymous_id")
    if (also := said.get("user_id")) is not None:
        if customer not in (None, also):
            raise RuleBroken("ids-differ", "customer_id and user_id name two; give one", "user_id")
        customer = also
    if caller.kind == "token":
        return _of_token(customer, visitor, caller)
    if not caller.is_backend and customer is not None:
        if visitor is None:
            raise RuleBroken(
                "subject-mismatch",
                "a publishable key speaks for visitors; name an anonymous_id, or send the token",
                "customer_id",
            )
        customer = None
    if customer is None and visitor is None:
        raise RuleBroken(
            "missing-subject",
            "nobody is named; an event has a customer_id or anonymous_id",
            "anonymous_id",
        )
    return Subject(customer, visitor)


def _of_token(customer: str | None, visitor: str | None, caller: Caller) -> Subject:
    if customer is not None and customer != caller.customer_id:
        raise RuleBroken("subject-mismatch", _ANOTHER, "customer_id")
    if visitor is not None and visitor != caller.anonymous_id:
        raise RuleBroken("subject-mismatch", _ANOTHER, "anonymous_id")
    return Subject(caller.customer_id, visitor)


_ANOTHER = "the token speaks for somebody else; it names its customer as sub and a visitor as anon"
