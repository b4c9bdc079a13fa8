"""Others' words: recognised by their shape, and pointed at as their sender knows them."""

from typing import Any

import pytest

from app.caller import OPEN, Caller
from app.events.body import Sent, sent
from app.events.checked import Refused, checked
from models.artifacts.event import Event

NOW_MS = 1_717_243_200_000


def became(body: object, caller: Caller = OPEN) -> list[Event | Refused]:
    found: Sent = sent(body)
    return [
        checked(one, caller=caller, consent=found.consent, now_ms=NOW_MS) for one in found.events
    ]


def event(body: object) -> Event:
    (found,) = became(body)
    assert isinstance(found, Event), found
    return found


def faults(body: object) -> list[tuple[str, str]]:
    (found,) = became(body)
    assert isinstance(found, Refused), found
    return [(fault.pointer, fault.code) for fault in found.faults]


def ga4(params: object, **body: object) -> dict[str, Any]:
    return {"client_id": "v-1", "events": [{"name": "purchase", "params": params}], **body}


def pushed(ecommerce: object, **members: object) -> dict[str, Any]:
    return {"event": "purchase", "client_id": "v-1", "ecommerce": ecommerce, **members}


def called(properties: object, **members: object) -> dict[str, Any]:
    call = {"type": "track", "event": "Order Completed", "anonymousId": "v-1"}
    return call | {"properties": properties, **members}


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ({"event": "purchase", "anonymous_id": "v-1"}, "purchase"),
        ({"events": [{"event": "purchase", "anonymous_id": "v-1"}]}, "purchase"),
        ({"user_id": "ana", "events": [{"name": "purchase"}]}, "purchase"),
        ({"app_instance_id": "v-1", "events": [{"name": "purchase"}]}, "purchase"),
        ({"client_id": 7, "events": [{"name": "purchase", "params": None}]}, "purchase"),
        ({"event": "purchase", "user_id": "ana", "ecommerce": None}, "purchase"),
        ({"event": "login", "user_id": "ana", "gtm.uniqueEventId": 3}, "login"),
        ([{"event": "purchase", "user_id": "ana"}], "purchase"),
        ({"event": "Order Completed", "userId": "ana"}, "purchase"),
        ({"type": "page", "anonymousId": "v-1"}, "page_view"),
        ({"batch": [{"event": "Order Completed", "userId": "ana"}]}, "purchase"),
    ],
)
def test_a_body_is_known_by_its_shape(body: object, name: str) -> None:
    assert event(body).event == name


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        (ga4({"items": [{"item_id": "p", "quantity": 0}]}), "/events/0/params/items/0/quantity",
         "out-of-range"),
        (ga4({"items": [{"item_name": "Milk"}]}), "/events/0/params/items/0/item_id", "missing"),
        (ga4({"items": {}}), "/events/0/params/items", "not-a-list"),
        (ga4({"items": [7]}), "/events/0/params/items/0", "not-an-object"),
        (ga4({"value": 1}), "/events/0/params/currency", "missing-currency"),
        (ga4({"value": 1, "currency": 7}), "/events/0/params/currency", "not-a-text"),
        (ga4({"transaction_id": "a\nb"}), "/events/0/params/transaction_id", "wrong-characters"),
        (ga4({"items": [{"item_id": "p", "price": 1}]}), "/events/0/params/currency",
         "missing-currency"),
        (ga4([]), "/events/0/params", "not-an-object"),
        (ga4([1]), "/events/0/params", "not-an-object"),
        (ga4({"more": "x" * 4096}), "/events/0/params", "too-large"),
        (ga4({}, client_id="a\nb"), "/client_id", "wrong-characters"),
        (ga4({}, timestamp_micros="soon"), "/timestamp_micros", "not-a-time"),
        (ga4({}, timestamp_micros=99_999_999_999_999), "/timestamp_micros", "in-the-future"),
        (ga4({}, user_id=["ana"]), "/user_id", "not-a-text"),
        (ga4({}, client_id=None), "/client_id", "missing-subject"),
        ({"client_id": "v", "events": [{"params": {}}]}, "/events/0/name", "missing"),
        ({"client_id": "v", "events": [{"name": "feedback"}]}, "/events/0/name", "reserved"),
        ({"client_id": "v", "events": [7]}, "/events/0", "not-an-object"),
        (pushed({"items": [{"item_id": "p", "price": -1}], "currency": "EUR"}),
         "/ecommerce/items/0/price", "out-of-range"),
        (pushed({"value": 1}), "/ecommerce/currency", "missing-currency"),
        (pushed(7), "/ecommerce", "not-an-object"),
        (pushed({}, timestamp="2024-06-01"), "/timestamp", "not-a-time"),
        (pushed({}, client_id=""), "/anonymous_id", "missing-subject"),
        ([pushed({}, user_id="a\nb")], "/0/user_id", "wrong-characters"),
        ([pushed(None, items=[{"item_id": "p", "quantity": 0}])], "/0/items/0/quantity",
         "out-of-range"),
        (called({"products": [{"product_id": "p", "quantity": 0}]}),
         "/properties/products/0/quantity", "out-of-range"),
        (called({"products": [{"sku": "a\nb"}]}), "/properties/products/0/sku",
         "wrong-characters"),
        (called({"products": [{"name": "Milk"}]}), "/properties/products/0/product_id", "missing"),
        (called({"product_id": "p", "position": -1}), "/properties/position", "out-of-range"),
        (called({"order_id": "a\nb"}), "/properties/order_id", "wrong-characters"),
        (called({"revenue": -1, "currency": "EUR"}), "/properties/revenue", "out-of-range"),
        (called({"total": 1}), "/properties/currency", "missing-currency"),
        (called({"query": "a\nb"}), "/properties/query", "wrong-characters"),
        (called({"more": "x" * 4096}), "/properties", "too-large"),
        (called(7), "/properties", "not-an-object"),
        (called({}, messageId=True), "/messageId", "not-a-text"),
        (called({}, timestamp="2024-06-01T10:00:00"), "/timestamp", "naive-time"),
        (called({}, anonymousId=""), "/anonymousId", "missing-subject"),
        (called({}, context={"consent": {"categoryPreferences": 7}}), "/context", "not-an-object"),
        (called({}, context={"consent": {"categoryPreferences": {"Analytics": 1}}}), "/context",
         "not-a-boolean"),
        ({"batch": [called({"order_id": "a\nb"})]}, "/batch/0/properties/order_id",
         "wrong-characters"),
        ({"batch": [None]}, "/batch/0", "not-an-object"),
        ({"type": "identify", "userId": "ana", "traits": {}}, "/type", "not-an-event"),
        ({"batch": [{"type": ["track"], "userId": "ana"}]}, "/batch/0/type", "not-an-event"),
    ],
)  # fmt: skip
def test_a_fault_is_pointed_at_where_it_was_sent(body: object, pointer: str, code: str) -> None:
    assert faults(body) == [(pointer, code)]


def test_null_and_empty_fields_of_others_say_nothing() -> None:
    params = {"currency": None, "transaction_id": "", "items": None, "search_term": ""}

    found = event(ga4(params, user_id=""))

    assert (found.currency, found.transaction_id, found.items) == (None, None, ())
    assert (found.customer_id, found.properties) == (None, {})


def test_whole_numbers_are_ids_in_others_words() -> None:
    found = event(called({"order_id": 9001, "products": [{"product_id": 77}]}, userId=1042))

    assert (found.transaction_id, found.customer_id) == ("9001", "1042")
    assert [line.item_id for line in found.items] == ["77"]


def test_items_that_name_two_currencies_have_no_price_and_no_order_is_taken_so() -> None:
    items = [{"item_id": "p", "price": 1, "currency": word} for word in ("EUR", "USD")]
    seen = {"client_id": "v", "events": [{"name": "view_item_list", "params": {"items": items}}]}

    assert [line.price for line in event(seen).items] == [None, None]
    assert faults(ga4({"items": items})) == [("/events/0/params/currency", "missing-currency")]


def test_an_event_of_ga4_may_have_a_time_of_its_own() -> None:
    body = ga4({}, timestamp_micros=1_717_236_000_000_000)
    body["events"][0]["timestamp_micros"] = "1717236001000000"

    assert event(body).at_ms == 1_717_236_001_000


def test_what_is_set_before_holds_for_the_events_after_it_alone() -> None:
    events = became(
        [
            {"anonymous_id": "v-1"},
            {"event": "a"},
            {"user_id": "ana"},
            {"0": "consent", "1": "default", "2": {"ad_storage": "denied"}},
            {"event": "b"},
            {"event": "c", "user_id": "ben"},
        ]
    )

    assert [(one.customer_id, one.anonymous_id, one.consent.ads) for one in events] == [  # type: ignore[union-attr]
        (None, "v-1", None), ("ana", "v-1", False), ("ben", "v-1", False),
    ]  # fmt: skip


def test_events_of_a_list_keep_their_place_in_it() -> None:
    found = became([{"anonymous_id": "v-1"}, {"event": "a"}, {"event": ""}])

    assert isinstance(found[1], Refused)
    assert (found[1].place, found[1].faults[0].pointer) == (2, "/2/event")


def test_what_tells_of_the_person_is_not_kept() -> None:
    secret = "zq-4711"
    of_ga4 = ga4({}, user_data={"sha256_email_address": secret}, user_properties={"a": secret})
    of_segment = called(
        {"share_message": secret, "recipient": secret},
        context={"ip": secret, "traits": {"email": secret}},
        traits={"email": secret},
        writeKey=secret,
    )

    for body in (of_ga4, of_segment):
        assert secret.encode() not in event(body).pack()
