"""What may be asked of a feed, as the query of a request."""

import re
import time
from collections.abc import Mapping
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from app import fields
from app.events.currencies import CODES
from app.events.times import AHEAD_MS, in_ms
from models.customer.preferences import Channel

_UNIT_S: Mapping[str, int] = {"W": 604_800, "D": 86_400, "H": 3600, "M": 60, "S": 1}
_LONGEST_S = 30 * _UNIT_S["D"]
_H, _M, _S = "[0-9]{1,5}H", "[0-9]{1,5}M", "[0-9]{1,7}S"
_TIME = f"T({_H}({_M})?({_S})?|{_M}({_S})?|{_S})"
_DURATION = re.compile(f"[0-9]{{1,7}}|P[0-9]{{1,3}}W|P[0-9]{{1,3}}D({_TIME})?|P{_TIME}", re.ASCII)


def _in_s(said: str) -> int:
    """Return a duration of ISO 8601, or a number of seconds, in seconds.

    Months and years are of no one length, so they are left out.
    """
    if not _DURATION.fullmatch(said):
        raise PydanticCustomError(
            "not_a_duration",
            "a duration is ISO 8601 in weeks, days, hours, minutes and seconds, such as PT1H or "
            "P7D, or a number of seconds",
        )
    if said.isdigit():
        return int(said)
    return sum(int(n) * _UNIT_S[unit] for n, unit in re.findall("([0-9]+)([WDHMS])", said))


def _duration(said: str) -> str:
    if _in_s(said) > _LONGEST_S:
        raise PydanticCustomError(
            "duration_too_long", "what was left behind is known for 30 days; ask for P30D or less"
        )
    return said


def _known(said: str | None) -> str | None:
    if said is not None and said not in CODES:
        raise PydanticCustomError(
            "not_a_currency", "a currency is an ISO 4217 code of three capitals, such as EUR"
        )
    return said


def _moment(said: object) -> int | None:
    try:
        return in_ms(said)
    except PydanticCustomError as problem:
        if problem.type != "not_a_time":
            raise
        raise PydanticCustomError(
            "not_a_time",
            "a time is written by RFC 3339 with an offset here; a number of seconds is none",
        ) from None


_Duration = Annotated[
    str,
    AfterValidator(_duration),
    WithJsonSchema({"type": "string", "pattern": f"^({_DURATION.pattern})$"}),
]


class FeedQuery(BaseModel):
    """Who is wanted, and for which contact."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    channel: Channel = Field(
        description="What the contact is to come by: each customer has decided what is welcome.",
        examples=["email"],
    )
    since: Annotated[
        int | None,
        BeforeValidator(_moment),
        WithJsonSchema({"type": "string", "format": "date-time"}),
    ] = Field(
        default=None,
        description="Only what was left then or later: RFC 3339 with an offset, `+` written as "
        "`%2B`.",
        examples=["2026-01-31T08:00:00Z"],
    )
    min_age: _Duration = Field(
        default="PT1H",
        description="Only who has done nothing at all for so long: an ISO 8601 duration of weeks, "
        "days, hours, minutes and seconds, or a number of seconds. Whoever did something since "
        "may still be shopping.",
        examples=["PT1H"],
    )
    max_age: _Duration = Field(
        default="P7D",
        description="Nothing that was left longer ago; likewise, longer than `min_age`, P30D at "
        "most.",
        examples=["P7D"],
    )
    min_value: fields.MinValueParam = None
    currency: Annotated[str | None, Field(pattern="^[A-Z]{3}$"), AfterValidator(_known)] = Field(
        default=None,
        description="ISO 4217 code of `min_value`, which must be that of the shop's prices; not "
        "needed where the release names none.",
        examples=["EUR"],
    )
    limit: Annotated[
        fields.LimitParam,
        Field(
            description="How many customers at most; fewer may come, even none, though more "
            "follow.",
            examples=[20],
        ),
    ] = 20
    cursor: Annotated[
        fields.Cursor,
        Field(
            description="`next_cursor` of the page before, with all else as it was asked for that "
            "one; `limit` may differ."
        ),
    ] = None

    @model_validator(mode="after")
    def _in_order(self) -> "FeedQuery":
        if self.min_age_ms >= self.max_age_ms:
            raise PydanticCustomError(
                "ages_reversed", "max_age is not longer than min_age; name a longer one"
            )
        if self.since is not None and self.since > time.time_ns() // 1_000_000 + AHEAD_MS:
            raise PydanticCustomError(
                "in_the_future", "since lies more than 5 minutes ahead; name a time that has been"
            )
        return self

    @property
    def min_age_ms(self) -> int:
        """What was asked, in ms."""
        return _in_s(self.min_age) * 1000

    @property
    def max_age_ms(self) -> int:
        """What was asked, in ms."""
        return _in_s(self.max_age) * 1000

    @property
    def told(self) -> str:
        """All that chooses among customers, for a cursor to be bound to."""
        return self.model_dump_json(exclude={"limit", "cursor"})
