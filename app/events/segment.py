"""Segment, version 2 of its e-commerce spec: one call, or ``{batch: […]}``.

``track`` is an event; ``page`` and ``screen`` are too, and weigh nothing. ``identify``, ``group``
and ``alias`` tell who somebody is, not what happened: they are refused. A cancelled order is a
refund.

Properties without a field of ours stay in ``properties``. What tells of the person or the device
(``context`` but for its consent, ``traits``, ``integrations``, whom something was shared with) is
not kept, nor is what the catalogue knows of a product better.

Source: Segment, "Spec: V2 Ecommerce Events", "Spec: Common Fields", "Consent object".
"""

from typing import Any

from app.events.consents import of_categories
from app.events.translated import (
    ATTRIBUTION,
    Aliases,
    Lines,
    Loc,
    Place,
    Told,
    Untold,
    lines,
    no_object,
    priced,
    taken,
)  # fmt: skip

NAMES = {
    "Products Searched": "search",
    "Product List Viewed": "view_item_list",
    "Product List Filtered": "view_item_list",
    "Promotion Viewed": "view_promotion",
    "Promotion Clicked": "select_promotion",
    "Product Clicked": "select_item",
    "Product Viewed": "view_item",
    "Product Added": "add_to_cart",
    "Product Removed": "remove_from_cart",
    "Cart Viewed": "view_cart",
    "Checkout Started": "begin_checkout",
    "Payment Info Entered": "add_payment_info",
    "Order Completed": "purchase",
    "Order Refunded": "refund",
    "Order Cancelled": "refund",
    "Product Added to Wishlist": "add_to_wishlist",
    "Wishlist Product Added to Cart": "add_to_cart",
}
"""Segment's name of an event -> ours; others are kept as they are."""
CALL: Aliases = {
    "event": ("event",),
    "event_id": ("messageId",),
    "customer_id": ("userId",),
    "anonymous_id": ("anonymousId",),
    "timestamp": ("timestamp", "originalTimestamp"),
    "consent": ("context",),
}
PROPERTIES: Aliases = {
    "items": ("products",),
    "value": ("value", "revenue", "total"),
    "currency": ("currency",),
    "transaction_id": ("order_id",),
    "search_term": ("query",),
    "session_id": ("session_id",),
    **ATTRIBUTION,
}
LINE: Aliases = {
    "item_id": ("product_id", "sku"),
    "price": ("price",),
    "quantity": ("quantity",),
    "discount": ("discount",),
    "coupon": ("coupon",),
    "index": ("position",),
}
_DESCRIBING = ("sku", "name", "brand", "category", "variant", "url", "image_url")
_ABOUT_OTHERS = ("recipient", "share_message")
_PAGES = {"page": "page_view", "screen": "screen_view"}
_TYPES = frozenset({"track", "page", "screen", "identify", "group", "alias"})
_NO_EVENT = (
    "this call tells who somebody is, not what happened; send track, page or screen, and join "
    "identities by POST /customers/{id}/identities"
)
MARKS = ("userId", "anonymousId", "messageId", "originalTimestamp", "writeKey")


def speaks(body: dict[str, Any]) -> bool:
    """Whether the body is Segment's."""
    if isinstance(body.get("batch"), list):
        return True
    kind = body.get("type")
    return (isinstance(kind, str) and kind in _TYPES) or not body.keys().isdisjoint(MARKS)


def translated(body: dict[str, Any]) -> list[Told | Untold]:
    """Return the events of the body in our own words."""
    if "batch" not in body:
        return [_event(0, (), body, None)]
    return [
        _event(i, ("batch", i), raw, body.get("context"))
        if isinstance(raw, dict)
        else no_object(i, ("batch", i))
        for i, raw in enumerate(body["batch"])
    ]


def _event(index: int, at: Loc, raw: dict[str, Any], context: object) -> Told | Untold:
    properties = raw["properties"] if raw.get("properties") is not None else {}
    if raw.get("type", "track") not in ("track", *_PAGES):
        return Untold(index, (*at, "type"), "not-an-event", _NO_EVENT)
    if not isinstance(properties, dict):
        return Untold(index, (*at, "properties"), "not-an-object", "properties are an object")
    said, rest = taken(raw, CALL), dict(properties)
    said["event"] = _name(raw)
    said["consent"] = of_categories(_preferences(context), _preferences(said.get("consent")))
    said |= taken(properties, PROPERTIES, rest)
    if not isinstance(said.get("search_term"), str | None):
        rest["query"] = said.pop("search_term")
    inside = _lines(said, rest, properties, (*at, "properties"))
    said["properties"] = {name: rest[name] for name in rest if name not in _ABOUT_OTHERS}
    priced(said, inside)
    places = Place((*at, "properties"), properties, PROPERTIES), Place(at, raw, CALL)
    return Told(index, at, raw, said, {}, places, inside)


def _name(raw: dict[str, Any]) -> object:
    name = _PAGES.get(raw.get("type", "track"), raw.get("event"))
    return NAMES.get(name, name) if isinstance(name, str) else name


def _lines(
    said: dict[str, Any], rest: dict[str, Any], properties: dict[str, Any], at: Loc
) -> Lines:
    """Take the products; where the event is about one, its properties are the product's."""
    if "items" not in said and ("product_id" in rest or "sku" in rest):
        said["items"] = [taken(properties, LINE, rest)]
        for name in _DESCRIBING:
            rest.pop(name, None)
        return Lines(at, [properties], LINE, is_one=True)
    said["items"], inside = lines(said.get("items", []), (*at, "products"), LINE)
    return inside


def _preferences(context: object) -> object:
    consent = context.get("consent") if isinstance(context, dict) else None
    return consent.get("categoryPreferences") if isinstance(consent, dict) else consent
