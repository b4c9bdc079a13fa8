"""Google Tag Manager: what a page pushes onto ``dataLayer``, one object or the whole list.

An object with ``event`` is an event; what it sells stands in ``ecommerce``, in GA4's words. One
without is no event but sets what those after it hold, as in the browser: who it is, and what they
allow (``gtag("consent", …)`` leaves ``{"0": "consent", "1": "update", "2": {…}}``). Whatever else
it sets is not kept, and ``{"ecommerce": null}`` only clears the browser's memory.

Source: Google, "Measure ecommerce" with Tag Manager, and "Set up consent mode".
"""

from typing import Any

from app.events.consents import of_google
from app.events.ga4 import LINE
from app.events.translated import (
    ATTRIBUTION,
    Aliases,
    Loc,
    Place,
    Told,
    Untold,
    lines,
    no_object,
    priced,
    taken,
)  # fmt: skip

ECOMMERCE: Aliases = {
    **{name: (name,) for name in ("items", "value", "currency", "transaction_id", "search_term")},
    **ATTRIBUTION,
}
"""Some pages push these without an ``ecommerce`` around them."""
SETTINGS: Aliases = {
    "customer_id": ("customer_id", "user_id"),
    "anonymous_id": ("anonymous_id", "client_id"),
    "session_id": ("session_id",),
    "consent": ("consent",),
}
EVENT: Aliases = {
    "event": ("event",),
    "event_id": ("event_id",),
    "timestamp": ("timestamp",),
    **SETTINGS,
    **ECOMMERCE,
}
_PREFIX = "gtm."


def speaks(body: object) -> bool:
    """Whether the body is of a ``dataLayer``."""
    if isinstance(body, list):
        return True
    return isinstance(body, dict) and (
        "event" in body and ("ecommerce" in body or any(name.startswith(_PREFIX) for name in body))
    )


def translated(body: list[Any] | dict[str, Any]) -> list[Told | Untold]:
    """Return the events of the body in our own words."""
    if isinstance(body, dict):
        return [_event(0, (), body, {})]
    events: list[Told | Untold] = []
    context: dict[str, Any] = {}
    for i, raw in enumerate(body):
        if not isinstance(raw, dict):
            events.append(no_object(i, (i,)))
        elif "event" in raw:
            events.append(_event(i, (i,), raw, context))
        else:
            context = context | _setting(raw, context)
    return events


def _setting(raw: dict[str, Any], context: dict[str, Any]) -> dict[str, Any]:
    if raw.get("0") == "consent" and isinstance(raw.get("2"), dict):
        before = context.get("consent")
        return {"consent": {**(before if isinstance(before, dict) else {}), **of_google(raw["2"])}}
    return taken(raw, SETTINGS)


def _event(index: int, at: Loc, raw: dict[str, Any], context: dict[str, Any]) -> Told | Untold:
    rest = dict(raw)
    sold = rest.pop("ecommerce", None)
    sold = sold if sold is not None else {}
    if not isinstance(sold, dict):
        return Untold(index, (*at, "ecommerce"), "not-an-object", "ecommerce is an object")
    said = context | taken(raw, EVENT, rest)
    unsold = dict(sold)
    said |= taken(sold, ECOMMERCE, unsold)
    if unsold:
        rest["ecommerce"] = unsold
    said["properties"] = rest
    around = (*at, "ecommerce") if "items" in sold else at
    said["items"], inside = lines(said.get("items", []), (*around, "items"), LINE)
    priced(said, inside)
    places = Place((*at, "ecommerce"), sold, ECOMMERCE), Place(at, raw, EVENT)
    return Told(index, at, raw, said, context, places, inside)
