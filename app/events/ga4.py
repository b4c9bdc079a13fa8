"""GA4 Measurement Protocol: ``{client_id, user_id, timestamp_micros, events: [{name, params}]}``.

Parameters without a field of ours become ``properties``. What tells of the person or the device
(``user_properties``, ``user_data``, ``user_location``, ``device``, ``ip_override``) is not kept,
nor is what the catalogue knows of an item better.

Source: Google, "Measurement Protocol reference" and "Recommended events".
"""

from typing import Any

from app.events.consents import of_google
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

BODY: Aliases = {
    "anonymous_id": ("client_id", "app_instance_id"),
    "customer_id": ("user_id",),
    "timestamp": ("timestamp_micros",),
}
EVENT: Aliases = {"event": ("name",), "timestamp": ("timestamp_micros",)}
PARAMS: Aliases = {
    "event_id": ("event_id",),
    "session_id": ("session_id", "ga_session_id"),
    "items": ("items",),
    "value": ("value",),
    "currency": ("currency",),
    "transaction_id": ("transaction_id",),
    "search_term": ("search_term",),
    **ATTRIBUTION,
}
LINE: Aliases = {
    name: (name,) for name in ("item_id", "price", "quantity", "discount", "coupon", "index")
}


def speaks(body: dict[str, Any]) -> bool:
    """Whether the body is GA4's."""
    events = body.get("events")
    if not isinstance(events, list):
        return False
    if not body.keys().isdisjoint(("client_id", "app_instance_id", "timestamp_micros")):
        return True
    first = events[0] if events else None
    return isinstance(first, dict) and "name" in first and "event" not in first


def consent_of(body: dict[str, Any]) -> object:
    """Return what the body says of consent, in our words."""
    said = body.get("consent")
    consent = of_google(said) if isinstance(said, dict) else said
    if body.get("non_personalized_ads") is True and isinstance(consent, dict | None):
        return {**(consent or {}), "ads": False}
    return consent


def translated(body: dict[str, Any]) -> list[Told | Untold]:
    """Return the events of the body in our own words."""
    shared = taken(body, BODY)
    shared["timestamp"] = _number(shared.get("timestamp"))
    around = Place((), body, BODY)
    return [
        _event(i, raw, shared, around) if isinstance(raw, dict) else no_object(i, ("events", i))
        for i, raw in enumerate(body["events"])
    ]


def _event(index: int, raw: dict[str, Any], shared: dict[str, Any], around: Place) -> Told | Untold:
    at: Loc = ("events", index)
    said = shared | taken(raw, EVENT)
    said["timestamp"] = _number(said["timestamp"])
    params = raw["params"] if raw.get("params") is not None else {}
    if not isinstance(params, dict):
        return Untold(index, (*at, "params"), "not-an-object", "parameters are an object")
    rest = dict(params)
    said |= taken(params, PARAMS, rest)
    said["properties"] = rest
    said["items"], inside = lines(said.get("items", []), (*at, "params", "items"), LINE)
    priced(said, inside)
    places = Place((*at, "params"), params, PARAMS), Place(at, raw, EVENT), around
    return Told(index, at, raw, said, shared, places, inside)


def _number(micros: object) -> object:
    """Return the number that JSON of 64-bit integers writes as a text."""
    if isinstance(micros, str) and micros.isascii() and micros.isdigit() and len(micros) <= 16:
        return int(micros)
    return micros
