"""Which lists brought what: ``/attribution``."""

import re
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

import orjson
from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app import answer
from app.caller import needs
from app.deps import ServerDep
from app.errors import NotReady, documented
from app.store import StoreAway
from app.strict import StrictRoute
from models.results import Result, results

router = APIRouter(route_class=StrictRoute, tags=["operations"])

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day(text: object) -> object:
    """Refuse what else might be taken for a date: a time, or a number of seconds."""
    if text is not None and not (isinstance(text, str) and _DAY.fullmatch(text)):
        raise PydanticCustomError("day", "expected a day such as 2026-11-22")
    return text


Day = Annotated[date | None, BeforeValidator(_day)]


class AttributionQuery(BaseModel):
    """Which days count."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: Day = Field(
        default=None, description="The first day that counts, in UTC.", examples=["2026-11-01"]
    )
    until: Day = Field(
        default=None, description="The last day that counts, in UTC.", examples=["2026-11-30"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> "AttributionQuery":
        if self.since is not None and self.until is not None and self.since > self.until:
            raise PydanticCustomError(
                "days_reversed", "until is before since; name the same day or a later one"
            )
        return self


class Rate(BaseModel):
    """So many of the lists shown."""

    value: float = Field(
        description="Above 1 where lists were clicked more than once, or bought from unseen.",
        examples=[0.05],
    )
    low: float | None = Field(
        description="Lower end of the interval, 95 %, by Wilson; null above 1.", examples=[0.039]
    )
    high: float | None = Field(description="Its upper end.", examples=[0.064])


class Money(BaseModel):
    """What was earned in one currency."""

    currency: str = Field(description="ISO 4217; empty where events named none.", examples=["EUR"])
    revenue: float = Field(
        description="Of the items that were shown, in orders that a backend told or confirmed.",
        examples=[812.4],
    )
    margin: float | None = Field(
        description="Of the same, as far as the release knows margins; null where it knows none of "
        "what was bought.",
        examples=[203.1],
    )
    provisional_revenue: float = Field(
        description="By the word of pages alone. It moves to `revenue` once a backend sends the "
        "order with the same `transaction_id`; until then, and otherwise for good, it stands here.",
        examples=[96.0],
    )


class Attributed(BaseModel):
    """What one placement brought under one release."""

    placement: str = Field(
        description="As backends name it, or pages if the `recommendation_id` was given for it; "
        "else `unknown`. `other` where there are more than 50.",
        examples=["home"],
    )
    release: str = Field(
        description="The release that made the lists; `unknown` where it is there no more, "
        "`other` but for the latest 20.",
        examples=["20261101T030000Z-1a2b"],
    )
    impressions: int = Field(description="Lists that were seen.", examples=[1500])
    clicks: int = Field(description="Items that were followed within 30 minutes.", examples=[75])
    orders: int = Field(description="Orders within 7 days.", examples=[12])
    click_rate: Rate | None = Field(description="Clicks of impressions; null without any.")
    order_rate: Rate | None = Field(description="Orders of impressions; null without any.")
    money: list[Money] = Field(description="By currency; refunds are taken off.")


class AttributionResponse(BaseModel):
    """What lists brought."""

    since: date | None = Field(description="As asked.", examples=["2026-11-01"])
    until: date | None = Field(description="As asked.", examples=["2026-11-30"])
    results: list[Attributed] = Field(description="The most shown first.")


@router.get(
    "/attribution",
    operation_id="get_attribution",
    dependencies=[needs("metrics")],
    response_model=AttributionResponse,
    responses=documented(NotReady),
)
async def get_attribution(
    asked: Annotated[AttributionQuery, QueryParams()], server: ServerDep
) -> Response:
    """Return impressions, clicks, orders, revenue and margin, by placement and release.

    Counted by `cartera worker` within seconds, from events that name a `recommendation_id`; a click
    and an order count on their own day. Events that come more than 31 days late count nothing, nor
    do a page's after 8. Days are kept for 400 days.
    """
    try:
        counts = await server.attributed.counts()
    except StoreAway:
        raise NotReady(
            "the counts stand in the store, which does not answer in time; ask again"
        ) from None
    found = results(counts, since=asked.since, until=asked.until)
    told = {"since": asked.since, "until": asked.until, "results": [_told(one) for one in found]}
    return answer.public(orjson.dumps(told))


def _told(result: Result) -> dict[str, Any]:
    rates = {"click_rate": result.click_rate, "order_rate": result.order_rate}
    return {
        **asdict(result),
        **{name: None if rate is None else asdict(rate) for name, rate in rates.items()},
    }
