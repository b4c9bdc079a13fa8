"""An event in our own form, and the rules for what it may hold; every other form becomes this one.

Strict as all bodies are: a number is a number, and nothing unknown is taken.
"""

from typing import Annotated, Any

import orjson
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from app.events.currencies import CODES
from app.events.times import in_ms
from app.fields import Text, whole
from models.artifacts.event import FEEDBACK, JOINED, MAX_ITEMS, PARTED
from models.shaping.placements import PLACEMENT

MAX_PROPERTIES_BYTES = 4 * 1024
MAX_DEPTH = 5
_RESERVED = frozenset({FEEDBACK, JOINED, PARTED})
_STRICT = ConfigDict(strict=True, extra="forbid")


def _name(said: str) -> str:
    if said in _RESERVED:
        raise PydanticCustomError(
            "reserved",
            "an event may not have this name; feedback goes to POST /feedback, and identities are "
            "joined by POST /customers/{id}/identities",
        )
    return said


def _currency(said: str) -> str:
    if said not in CODES:
        raise PydanticCustomError(
            "not_a_currency", "a currency is an ISO 4217 code of three capitals, such as EUR"
        )
    return said


def _small(said: dict[str, Any]) -> dict[str, Any]:
    if said and len(orjson.dumps(said)) > MAX_PROPERTIES_BYTES:
        raise PydanticCustomError(
            "too_large", "what has no field of its own takes at most 4096 bytes as JSON; send less"
        )
    if _is_deeper(said, MAX_DEPTH):
        raise PydanticCustomError(
            "too_deep", "what has no field of its own is at most 5 levels deep; flatten it"
        )
    return said


def _is_deeper(part: object, levels: int) -> bool:
    if isinstance(part, dict):
        return levels == 0 or any(_is_deeper(inside, levels - 1) for inside in part.values())
    if isinstance(part, list):
        return levels == 0 or any(_is_deeper(inside, levels - 1) for inside in part)
    return False


_CAPITALS = Field(json_schema_extra={"pattern": "^[A-Z]{3}$"})
Money = Annotated[float, Field(ge=0, le=1e12)]
Signal = Annotated[str, Field(min_length=1, max_length=4096, pattern=r"^[!-~]+$")]


class EventItem(BaseModel):
    """One item of an event."""

    model_config = _STRICT

    item_id: Text = Field(description="The shop's own id of the item.", examples=["p-77"])
    price: Money | None = Field(None, description="Per unit, as paid.", examples=[1.99])
    quantity: Annotated[float, Field(gt=0, le=1e6)] = Field(
        1, description="How many, or how much.", examples=[2]
    )
    discount: Money | None = Field(
        None, description="Per unit; already taken off the price.", examples=[0.5]
    )
    coupon: Text | None = Field(None, description="What earned the discount.", examples=["MAY"])
    index: Annotated[int, Field(ge=0, le=1_000_000), BeforeValidator(whole)] | None = Field(
        None, description="Place in the list that was shown, as you count.", examples=[3]
    )


class EventConsent(BaseModel):
    """What the customer allows; what is not said is not known. The strictest word wins."""

    model_config = _STRICT

    analytics: bool | None = Field(
        None,
        description="Whether to be counted. If not, the event is kept as nobody's.",
        examples=[True],
    )
    personalization: bool | None = Field(
        None, description="Whether it may change what they are shown.", examples=[True]
    )
    ads: bool | None = Field(None, description="Whether it may be used for ads.", examples=[False])
    sale_opt_out: bool | None = Field(
        None, description="Whether they object to the sale of their data.", examples=[False]
    )
    tcf: Signal | None = Field(
        None, description="IAB TCF string, kept as it is.", examples=["CQAAAAAAAAAAAAHABBENAA"]
    )
    gpp: Signal | None = Field(
        None, description="IAB GPP string, kept as it is.", examples=["DBABMA~CQAAAAAAAAAAAA"]
    )


class SentEvent(BaseModel):
    """One thing that happened."""

    model_config = ConfigDict(
        **_STRICT,
        json_schema_extra={
            "examples": [
                {
                    "event": "add_to_cart",
                    "event_id": "e-2f1c",
                    "timestamp": "2024-01-31T18:04:05+01:00",
                    "anonymous_id": "v-5f0c",
                    "items": [{"item_id": "p-77", "price": 1.99, "quantity": 2}],
                    "currency": "EUR",
                }
            ]
        },
    )

    event: Annotated[Text, AfterValidator(_name)] = Field(
        description="What happened: `view_item`, `view_item_list`, `select_item`, `add_to_cart`, "
        "`remove_from_cart`, `view_cart`, `begin_checkout`, `purchase`, `refund`, "
        "`add_to_wishlist`, `search`, `view_promotion`, `select_promotion`. Other names are kept "
        "and weigh nothing.",
        examples=["add_to_cart"],
    )
    event_id: Text | None = Field(
        None,
        description="Its own id: of events of one id and subject the first counts, for 7 days at "
        "least. Absent, it is made from the content: equal events without an id or a time of "
        "their own then count once.",
        examples=["e-2f1c"],
    )
    timestamp: Annotated[
        int | None, PlainValidator(in_ms, json_schema_input_type=str | float | None)
    ] = Field(
        None,
        description="When: RFC 3339 with an offset, or seconds, milliseconds or microseconds "
        "since 1970, told apart by size. At most 5 minutes ahead; absent is now.",
        examples=["2024-01-31T18:04:05+01:00", 1706720645],
    )
    customer_id: Text | None = Field(
        None,
        description="The shop's own id of a known customer; this or `anonymous_id` is needed, "
        "unless a customer token says who it is.",
        examples=["c-1042"],
    )
    user_id: Text | None = Field(
        None, description="Another name of `customer_id`; where both are given they must agree."
    )
    anonymous_id: Text | None = Field(
        None, description="A visitor not yet known.", examples=["v-5f0c"]
    )
    session_id: Text | None = Field(None, description="One visit.", examples=["s-81"])
    items: Annotated[list[EventItem], Field(max_length=MAX_ITEMS)] = Field(
        default_factory=list,
        description="What it was about.",
        examples=[[{"item_id": "p-77", "price": 1.99, "quantity": 2}]],
    )
    value: Money | None = Field(None, description="Of all together.", examples=[3.98])
    currency: Annotated[str, AfterValidator(_currency), _CAPITALS] | None = Field(
        None, description="ISO 4217; needed wherever money is named.", examples=["EUR"]
    )
    transaction_id: Text | None = Field(
        None,
        description="Of an order: its second idempotency key. What a page says of an order is "
        "provisional until a backend says it too.",
        examples=["o-9001"],
    )
    recommendation_id: Text | None = Field(
        None,
        description="The answer that led to it, as that answer says.",
        examples=["01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d"],
    )
    placement: Annotated[str, Field(pattern=PLACEMENT)] | None = Field(
        None, description="Where on the shop it was.", examples=["home"]
    )
    offer_id: Text | None = Field(None, description="The offer it follows.", examples=["of-3"])
    channel: Text | None = Field(None, description="How it was reached.", examples=["email"])
    search_term: Text | None = Field(
        None, description="What was searched for.", examples=["oat milk"]
    )
    consent: EventConsent | None = Field(
        None, description="What the customer allows.", examples=[{"analytics": True}]
    )
    properties: Annotated[dict[str, Any], AfterValidator(_small)] = Field(
        default_factory=dict,
        description="Whatever else: kept, and weighs nothing. At most 4 KiB and 5 levels.",
        examples=[{"theme": "dark"}],
    )


class SentEvents(BaseModel):
    """Several events at once, in our own form."""

    model_config = ConfigDict(
        **_STRICT,
        json_schema_extra={
            "examples": [
                {
                    "events": [
                        {"event": "view_item", "anonymous_id": "v-5f0c", "event_id": "e-1"},
                        {"event": "search", "anonymous_id": "v-5f0c", "search_term": "oat milk"},
                    ],
                    "consent": {"analytics": True, "ads": False},
                }
            ]
        },
    )

    events: Annotated[list[SentEvent], Field(min_length=1, max_length=500)] = Field(
        description="What happened; one that breaks a rule spoils no other.",
        examples=[[{"event": "view_item", "anonymous_id": "v-5f0c", "event_id": "e-1"}]],
    )
    consent: EventConsent | None = Field(
        None,
        description="What the customer allows, for all events of the body.",
        examples=[{"analytics": True}],
    )
