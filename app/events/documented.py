"""The bodies of ``POST /events`` as JSON Schema, made of the tables that translate them.

Others' fields keep our rules, except that null and the empty text say nothing, and that a whole
number does for an id.
"""

from typing import Annotated, Any

from pydantic import WithJsonSchema

from app.events import ga4, gtm, segment
from app.events.own import EventItem, SentEvent, SentEvents
from app.events.translated import IDS, Aliases

Schema = dict[str, Any]

_FIELDS: Schema = {
    **EventItem.model_json_schema()["properties"],
    **SentEvent.model_json_schema()["properties"],
}
_SILENT: list[Schema] = [{"type": "null"}, {"const": ""}]
_WORD: Schema = {"enum": ["GRANTED", "DENIED", "granted", "denied", None]}
_MAX_EVENTS, _MAX_ITEMS = 500, 200


def _plain(ours: str) -> Schema:
    """Return the rules of a field of ours without its words."""
    words = ("title", "description", "examples", "default")
    return {name: rule for name, rule in _FIELDS[ours].items() if name not in words}


def _field(ours: str) -> Schema:
    ids = [{"type": "integer"}] if ours in IDS else []
    forms = _FIELDS[ours].get("anyOf") or [_plain(ours)]
    return {
        "description": f"Our `{ours}`: {_FIELDS[ours]['description']}",
        "anyOf": [*forms, *ids, *_SILENT],
    }


def _members(names: Aliases, lines: Aliases | None = None) -> Schema:
    """Return the schemas of what ``names`` knows, by others' names."""
    found: Schema = {}
    for ours, every in names.items():
        for theirs in every:
            if ours == "items" and lines is not None:
                found[theirs] = {"anyOf": [_list(_line(lines), _MAX_ITEMS), {"type": "null"}]}
            elif ours not in ("items", "consent"):
                found[theirs] = _field(ours)
    return found


def _line(names: Aliases) -> Schema:
    id_ = {"anyOf": [_plain("item_id"), {"type": "integer"}]}
    needed = [{"required": [name], "properties": {name: id_}} for name in names["item_id"]]
    return {"type": "object", "properties": _members(names), "anyOf": needed}


def _list(of: Schema, most: int) -> Schema:
    return {"type": "array", "items": of, "maxItems": most}


def _named(name: str) -> Schema:
    """Return the schema of a member that must name an event."""
    return {name: {**_FIELDS["event"], "title": name}}


_GOOGLES: Schema = {
    "description": "Google's consent. What is denied of ads is no consent to `ads`.",
    "anyOf": [
        {"type": "object", "properties": {"ad_user_data": _WORD, "ad_personalization": _WORD}},
        {"type": "null"},
    ],
}
_CATEGORIES: Schema = {
    "type": "object",
    "properties": {"categoryPreferences": {
        "type": "object",
        "description": "Analytics, Functional, Advertising, DataSharing and their usual other "
        "names; others say nothing.",
        "additionalProperties": {"type": "boolean"},
    }},
}  # fmt: skip
_CONTEXT: Schema = {
    "description": "Not kept, but for `consent`.",
    "type": "object",
    "properties": {"consent": _CATEGORIES},
}

_GA4: Schema = {
    "title": "GA4 Measurement Protocol",
    "description": "Parameters without a field of ours become `properties`. What tells of the "
    "person or the device (`user_properties`, `user_data`, `user_location`, `device`, "
    "`ip_override`) and what describes an item is not kept. `client_id` is our `anonymous_id`.",
    "type": "object",
    "required": ["events"],
    "anyOf": [{"required": ["client_id"]}, {"required": ["app_instance_id"]}],
    "properties": {
        **_members(ga4.BODY),
        "consent": _GOOGLES,
        "events": {
            **_list(
                {
                    "type": "object",
                    "required": ["name"],
                    "properties": {
                        **_named("name"),
                        "timestamp_micros": _field("timestamp"),
                        "params": {
                            "type": "object",
                            "properties": _members(ga4.PARAMS, ga4.LINE),
                        },
                    },
                },
                _MAX_EVENTS,
            ),
            "minItems": 1,
        },
    },
}
_PUSHED: Schema = {
    "type": "object",
    "required": ["event"],
    "properties": {
        **_members(gtm.EVENT, ga4.LINE),
        **_named("event"),
        "ecommerce": {
            "anyOf": [
                {"type": "object", "properties": _members(gtm.ECOMMERCE, ga4.LINE)},
                {"type": "null"},
            ]
        },
    },
}
_SET: Schema = {
    "type": "object",
    "properties": _members(gtm.SETTINGS),
    "not": {"required": ["event"]},
}
_GTM: Schema = {
    "title": "Google Tag Manager",
    "description": "What a page pushes onto `dataLayer`, one object or the list. Objects without "
    "`event` are no events; who they say it is, and the consent that they name, holds for those "
    "after them, and nothing else of them is kept.",
    "anyOf": [
        {**_PUSHED, "required": ["event", "ecommerce"]},
        {
            **_list({"anyOf": [_PUSHED, _SET]}, _MAX_EVENTS),
            "contains": {"type": "object", "required": ["event"]},
        },
    ],
}
_CALL: Schema = {
    "type": "object",
    "required": ["event"],
    "anyOf": [{"required": [name]} for name in ("type", *segment.MARKS)],
    "properties": {
        **_members(segment.CALL),
        **_named("event"),
        "type": {"const": "track"},
        "context": _CONTEXT,
        "properties": {
            "type": "object",
            "properties": _members(segment.PROPERTIES, segment.LINE),
        },
    },
}
_SEGMENT: Schema = {
    "title": "Segment",
    "description": "One call, or a `batch`. `track` is an event, so are `page` and `screen`; calls "
    "that tell who somebody is are refused. Properties without a field of ours stay in "
    "`properties`; `context` but for its consent, `traits`, `integrations` and what describes a "
    "product are not kept. `Order Cancelled` is a `refund`.",
    "anyOf": [
        _CALL,
        {
            "type": "object",
            "required": ["batch"],
            "properties": {
                "batch": {**_list(_CALL, _MAX_EVENTS), "minItems": 1},
                "context": _CONTEXT,
            },
        },
    ],
}

InAnyWords = (
    SentEvent
    | SentEvents
    | Annotated[Any, WithJsonSchema(_GA4)]
    | Annotated[Any, WithJsonSchema(_GTM)]
    | Annotated[Any, WithJsonSchema(_SEGMENT)]
)
"""What a body may be; see ``app.events.body`` for how they are told apart."""

EXAMPLES: list[Any] = [
    {
        "event": "add_to_cart",
        "event_id": "e-2f1c",
        "timestamp": "2024-01-31T18:04:05+01:00",
        "anonymous_id": "v-5f0c",
        "items": [{"item_id": "p-77", "price": 1.99, "quantity": 2}],
        "currency": "EUR",
    },
    {
        "events": [
            {"event": "view_item", "event_id": "e-1", "anonymous_id": "v-5f0c"},
            {"event": "search", "event_id": "e-2", "anonymous_id": "v-5f0c", "search_term": "oats"},
        ],
        "consent": {"analytics": True, "ads": False},
    },
    {
        "client_id": "v-5f0c",
        "timestamp_micros": 1706720645000000,
        "consent": {"ad_user_data": "GRANTED", "ad_personalization": "DENIED"},
        "events": [
            {
                "name": "purchase",
                "params": {
                    "transaction_id": "o-9001",
                    "currency": "EUR",
                    "value": 3.98,
                    "items": [{"item_id": "p-77", "price": 1.99, "quantity": 2}],
                },
            }
        ],
    },
    [
        {"anonymous_id": "v-5f0c"},
        {"event": "view_item", "ecommerce": {"items": [{"item_id": "p-77"}]}},
    ],
    {
        "type": "track",
        "event": "Product Added",
        "messageId": "ajs-next-1706720645000-1b2c",
        "anonymousId": "v-5f0c",
        "timestamp": "2024-01-31T17:04:05.000Z",
        "properties": {"product_id": "p-77", "price": 1.99, "currency": "EUR", "quantity": 2},
    },
]
