"""What a customer decides: ``/customers/{customer_id}/preferences``."""

from hashlib import sha1
from typing import Annotated

import orjson
from fastapi import APIRouter
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app import answer, conditional, fields
from app.caller import CallerDep, needs
from app.conditional import IfMatch, IfNoneMatch
from app.contact import LOOK
from app.deps import Server, ServerDep
from app.errors import (
    WITH_BODY,
    NotDurable,
    NotReady,
    PreconditionFailed,
    PreconditionRequired,
    SubjectMismatch,
    documented,
)
from app.raw_path import RawPathRoute
from app.scripts import Script, StoreRefused
from app.store import StoreAway
from models.customer.preferences import Channel, Period, zone

router = APIRouter(route_class=RawPathRoute, tags=["customers"])

PUT = Script("""
local held = redis.call('HMGET', KEYS[1], 'p', 'k')
local tag, is_meant = '"' .. redis.sha1hex(held[1] or '') .. '"', false
for place = 3, #ARGV do
  is_meant = is_meant or ARGV[place] == '*' or ARGV[place] == tag
end
if not is_meant then
  return 'another'
end
local consent = held[2] and cjson.decode(held[2]) or {}
local before, decided = consent['decided'] or {}, cjson.decode(ARGV[2])
if decided['ads'] == cjson.null and before['ads_by'] == 'file' then
  decided['ads'], decided['ads_by'] = before['ads'], 'file'
end
consent['decided'] = decided
redis.call('HSET', KEYS[1], 'p', ARGV[1], 'k', cjson.encode(consent))
redis.call('PERSIST', KEYS[1])
return 'put'
""")
"""KEYS: a customer's live state. ARGV: preferences, consent, and the tags that may be replaced.

What a file of the shop says of ads stays until the customer says something of them.
"""


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Channels(_Strict):
    """What the customer wants to hear from the shop by; null is unknown, which means no."""

    email: bool | None = Field(default=None, description="Mail.", examples=[True])
    sms: bool | None = Field(default=None, description="Text messages.", examples=[False])
    push: bool | None = Field(default=None, description="Notifications of an app or browser.")
    call: bool | None = Field(default=None, description="Telephone.")
    ad: bool | None = Field(
        default=None, description="Advertisements elsewhere; they need `consent.ads` besides."
    )


class Cap(_Strict):
    """So many contacts and no more."""

    channel: Channel | None = Field(
        default=None,
        description="The channel that is counted; null or absent: all channels together.",
        examples=["email"],
    )
    at_most: fields.Contacts
    per: Period = Field(
        description="Any 1, 7 or 30 days on end, up to the moment of the contact.",
        examples=["week"],
    )


def _each_once(caps: list[Cap]) -> list[Cap]:
    if len({(cap.channel, cap.per) for cap in caps}) != len(caps):
        raise PydanticCustomError(
            "each_once", "a channel may have one cap a day, one a week and one a month"
        )
    return caps


def _is_zone(name: str) -> str:
    try:
        zone(name)
    except ValueError as problem:
        raise PydanticCustomError("time_zone", "{words}", {"words": str(problem)}) from problem
    return name


class QuietHours(_Strict):
    """When the customer wants to be left alone, on every channel but `ad`."""

    begin: fields.ClockTime = Field(
        alias="from", description="From then on, by the customer's own clock.", examples=["21:00"]
    )
    to: fields.ClockTime = Field(
        description="Until then; where it is before `from`, on the next day.", examples=["08:00"]
    )
    time_zone: Annotated[
        str,
        Field(
            min_length=1,
            max_length=64,
            description="Of the clock: a name of the IANA list, summer time included.",
            examples=["Europe/Madrid"],
        ),
        AfterValidator(_is_zone),
    ]

    @model_validator(mode="after")
    def _some_time(self) -> "QuietHours":
        if self.begin == self.to:
            raise PydanticCustomError(
                "no_time",
                "from and to are the same time; name two, or refuse the channels to be left alone "
                "always",
            )
        return self


class Consent(_Strict):
    """What the customer's data may be used for; null where they have not decided."""

    personalization: bool | None = Field(
        default=None,
        description="False: the very next list is the one for everybody, and nothing is learned "
        "from what they do.",
        examples=[True],
    )
    analytics: bool | None = Field(
        default=None, description="False: what they do is kept without saying whose it was."
    )
    ads: bool | None = Field(
        default=None,
        description="Whether ads elsewhere may go by their data; null means no, unless "
        "`cartera identifiers` brought what they said of it from a file: that then stands.",
    )
    sale_opt_out: bool | None = Field(
        default=None,
        description="True: their data may not be sold or shared, so not used for ads either.",
    )


class Preferences(_Strict):
    """Everything the customer decides; a PUT replaces it whole, and what is absent is unknown."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "channels": {"email": True, "sms": False},
                    "frequency": [
                        {"channel": "email", "at_most": 2, "per": "week"},
                        {"at_most": 6, "per": "month"},
                    ],
                    "quiet_hours": {"from": "21:00", "to": "08:00", "time_zone": "Europe/Madrid"},
                    "topics": {"wine": False},
                    "consent": {"personalization": True, "ads": False},
                }
            ]
        }
    )

    channels: Channels = Field(default=Channels(), description="What they may be contacted by.")
    frequency: Annotated[list[Cap], AfterValidator(_each_once)] = Field(
        default_factory=list,
        max_length=18,
        description="How often, by channel and over all; every one of them holds.",
        examples=[[{"channel": "email", "at_most": 2, "per": "week"}]],
    )
    quiet_hours: QuietHours | None = Field(default=None, description="When not.")
    topics: dict[fields.Text, bool] = Field(
        default_factory=dict,
        max_length=100,
        json_schema_extra={
            "additionalProperties": False,
            "propertyNames": {"minLength": 1, "maxLength": 256},
        },
        description="By names of categories: items of one that is false are in no contact.",
        examples=[{"wine": False}],
    )
    consent: Consent = Field(default=Consent(), description="What their data may be used for.")


def _packed(preferences: Preferences | Consent) -> bytes:
    return orjson.dumps(preferences.model_dump(by_alias=True))


_NOBODYS = _packed(Preferences())


@router.get(
    "/customers/{customer_id}/preferences",
    operation_id="get_preferences",
    dependencies=[needs("preferences", token=True)],
    response_model=Preferences,
    responses=documented(NotReady, SubjectMismatch) | conditional.NOT_MODIFIED,
)
async def get_preferences(
    customer_id: fields.CustomerIdPath,
    server: ServerDep,
    caller: CallerDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return what one customer has decided: all unknown for who has decided nothing.

    Its `ETag` is what a PUT must name in `If-Match`, for who has decided nothing too.
    """
    caller.check_customer(customer_id)
    held = await _held(server, customer_id)
    found = answer.private(held or _NOBODYS)
    return conditional.tagged(found, if_none_match, tag=_tag(held))


@router.put(
    "/customers/{customer_id}/preferences",
    operation_id="put_preferences",
    dependencies=[needs("preferences", token=True)],
    response_model=Preferences,
    responses=documented(
        *WITH_BODY, NotDurable, PreconditionFailed, PreconditionRequired, SubjectMismatch
    )
    | {200: conditional.NOT_MODIFIED[200]},
)
async def put_preferences(
    customer_id: fields.CustomerIdPath,
    preferences: Preferences,
    server: ServerDep,
    caller: CallerDep,
    if_match: IfMatch = None,
) -> Response:
    """Replace what one customer has decided; the very next answer heeds it."""
    caller.check_customer(customer_id)
    if if_match is None:
        raise PreconditionRequired(PreconditionRequired.example)
    packed = _packed(preferences)
    try:
        await _put(server, customer_id, packed, _packed(preferences.consent), if_match)
    finally:  # a reply that is lost leaves open whether it was put
        server.memory.forget_live(customer_id)
    return conditional.tagged(answer.private(packed), None, tag=_tag(packed))


async def _held(server: Server, customer_id: str) -> bytes:
    try:
        held, _ = await server.scripts.run(LOOK, [server.keys.live_of_customer(customer_id)], [])
    except (StoreAway, StoreRefused):
        raise NotReady(
            "the preferences stand in the store, which does not answer; ask again"
        ) from None
    return bytes(held)


async def _put(
    server: Server, customer_id: str, packed: bytes, consent: bytes, if_match: list[str]
) -> None:
    tags = conditional.named(if_match)
    try:
        said = await server.scripts.run(
            PUT, [server.keys.live_of_customer(customer_id)], [packed, consent, *tags]
        )
    except (StoreAway, StoreRefused):
        raise NotDurable from None
    if said != b"put":
        raise PreconditionFailed(PreconditionFailed.example)


def _tag(held: bytes) -> str:
    """Return the tag of preferences, which the store works out likewise."""
    return sha1(held, usedforsecurity=False).hexdigest()
