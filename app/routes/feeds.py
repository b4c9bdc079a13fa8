"""Who left something behind: ``/feeds/abandoned-carts`` and ``/feeds/browse-abandonment``."""

import time
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, Field
from starlette.responses import Response

from app import answer
from app.caller import Caller, CallerDep, needs
from app.deps import Server, ServerDep
from app.errors import InvalidRequest, NotReady, documented
from app.feed_asked import FeedQuery
from app.feed_cursor import Place, cursor, place
from app.feed_found import BROWSED, CARTS, Feed, Found
from app.feeds import Feeding, Page
from app.notes import Notes, NotesDep
from app.refusal import Fault
from app.shown import RecommendedItem, Shown
from app.strict import StrictRoute
from models.customer.permission import told
from models.loaded import Loaded

router = APIRouter(route_class=StrictRoute, tags=["feeds"])


class LastEvent(BaseModel):
    """What they did last about it."""

    event: Literal[
        "add_to_cart", "remove_from_cart", "view_cart", "begin_checkout", "view_item", "select_item"
    ] = Field(description="By its GA4 name.", examples=["add_to_cart"])
    at: datetime = Field(description="When.", examples=["2026-01-31T08:15:00.000+00:00"])


class FeedContact(BaseModel):
    """Whether they may be addressed now."""

    allowed: bool = Field(description="False in their quiet hours.", examples=[True])
    reason: Literal["quiet-hours"] | None = Field(
        None, description="Why not now; absent where they may be.", examples=["quiet-hours"]
    )
    detail: str | None = Field(
        None,
        description="The same for a person.",
        examples=["it is a time at which the customer wants to be left alone"],
    )
    not_before: datetime | None = Field(
        None,
        description="When their quiet hours end. Ask again then: much may have changed.",
        examples=["2026-02-01T07:00:00.000+00:00"],
    )


class LeftBehind(BaseModel):
    """A customer who left something, and may be addressed about it."""

    customer_id: str = Field(description="The shop's own id.", examples=["c-1042"])
    items: list[Shown] = Field(
        description="What was left, the latest first. How many of each is not told. Without what "
        "is sold out, what the customer has hidden, and topics they want to hear nothing of."
    )
    value: float | None = Field(
        description="What one of each of `items` costs, as far as prices are known; null where "
        "none is.",
        examples=[23.48],
    )
    currency: str | None = Field(
        description="ISO 4217 code of `value`, where the purchases name one.", examples=["EUR"]
    )
    last_event: LastEvent = Field(description="Of those that tell of it.")
    contact: FeedContact = Field(description="By the channel that was asked for.")
    recommendation_id: str = Field(
        description="Names the list in `show`, for events to be attributed to it.",
        examples=["0198a5b2-7d1e-7c3a-9b1f-2f6a1c0d9e33"],
    )
    show: list[RecommendedItem] = Field(
        description="Up to 4 items for this customer to stand beside what was left, none of which "
        "that is: as `/recommend` with the channel as `placement` would list them."
    )


class SuppressedCount(BaseModel):
    """Customers who are left out for one reason."""

    reason: Literal[
        "bought-since",
        "frequency-cap",
        "channel-refused",
        "preferences-unknown",
        "consent-refused",
        "personalization-refused",
        "dissatisfied",
    ] = Field(
        description="`bought-since`: a purchase came after it. The others are those of contacts.",
        examples=["frequency-cap"],
    )
    customers: int = Field(description="How many.", examples=[3])


class FeedResponse(BaseModel):
    """Some customers who left something behind."""

    customers: list[LeftBehind] = Field(description="In no order of time.")
    suppressed: list[SuppressedCount] = Field(
        description="Who was come across on the way to this page and left out of it, by reason."
    )
    next_cursor: str | None = Field(
        description="Where the next page begins; null after the last.", examples=[None]
    )


Asked = Annotated[FeedQuery, QueryParams()]


@router.get(
    "/feeds/abandoned-carts",
    operation_id="get_abandoned_carts",
    dependencies=[needs("feeds")],
    response_model=FeedResponse,
    responses=documented(NotReady),
)
async def get_abandoned_carts(
    asked: Asked, server: ServerDep, caller: CallerDep, notes: NotesDep
) -> Response:
    """Return customers who put something into the cart and left, and may be addressed about it.

    What events of the last 30 days put into the cart and did not take out again, nor followed by
    any purchase; of a customer's latest 50 events, within seconds of them, if `cartera worker`
    runs. Pages come in no order of time, and may hold fewer than `limit`, even none: go on until
    `next_cursor` is null. All pages of one reading are of the time of its first; whoever does
    something meanwhile is left for the next one. A customer may come twice; none is left out.

    Whoever must not be addressed through `channel` is left out and counted in `suppressed`. Nothing
    is counted as a contact here: ask `/recommend` with the channel as `placement` when you send.
    """
    return await _answered(CARTS, asked, server, caller, notes)


@router.get(
    "/feeds/browse-abandonment",
    operation_id="get_browse_abandonment",
    dependencies=[needs("feeds")],
    response_model=FeedResponse,
    responses=documented(NotReady),
)
async def get_browse_abandonment(
    asked: Asked, server: ServerDep, caller: CallerDep, notes: NotesDep
) -> Response:
    """Return customers who looked at items and left, with an empty cart, and may be addressed.

    What they looked at, never put into the cart, and did not follow by any purchase. All else is as
    with `/feeds/abandoned-carts`.
    """
    return await _answered(BROWSED, asked, server, caller, notes)


async def _answered(
    feed: Feed, asked: FeedQuery, server: Server, caller: Caller, notes: Notes
) -> Response:
    loaded = server.live.loaded
    if loaded is None:
        raise NotReady
    _check_currency(asked, loaded)
    name = f"{feed.name} {asked.told}"
    begin = Place(time.time_ns() // 1_000_000)
    if asked.cursor is not None:
        begin = place(asked.cursor, asked=name)
    page = await Feeding(server=server, feed=feed, asked=asked, caller=caller).page(begin)
    notes.update(release=loaded.version, customers=len(page.customers))
    return answer.private(orjson.dumps(_told(page, name)))


def _check_currency(asked: FeedQuery, loaded: Loaded) -> None:
    """Refuse money in another currency than that of the prices it is compared with."""
    currency = _currency(loaded)
    named = asked.currency is not None or asked.min_value is not None
    if not named or asked.currency == currency:
        return
    if asked.currency is None:
        code, detail = "missing-currency", "money is named and no currency; add its ISO 4217 code"
    else:
        code, detail = "other-currency", "the shop's prices are not in this currency"
    raise InvalidRequest(
        "min_value needs the currency of the shop's prices, as GET /segments names it; see errors",
        faults=[Fault(pointer="/currency", code=code, detail=detail)],
    )


def _currency(loaded: Loaded) -> str | None:
    return None if loaded.customers is None else loaded.customers.currency


def _told(page: Page, name: str) -> dict[str, Any]:
    return {
        "customers": [_customer(found) for found in page.customers],
        "suppressed": [
            {"reason": reason, "customers": n} for reason, n in sorted(page.suppressed.items())
        ],
        "next_cursor": None if page.next is None else cursor(page.next, asked=name),
    }


def _customer(found: Found) -> dict[str, Any]:
    loaded, show = found.known.loaded, found.show
    assert show is not None
    contact: dict[str, Any] = {"allowed": True}
    if found.not_before_ms is not None:
        contact = {
            "allowed": False,
            **told("quiet-hours"),
            "not_before": _time(found.not_before_ms),
        }
    return {
        "customer_id": found.customer_id,
        "items": [
            orjson.Fragment(b"".join((b"{", fragment, b"}")))
            for fragment in loaded.catalogue.fragments.views(found.rows)
        ],
        "value": found.value,
        "currency": _currency(loaded),
        "last_event": {"event": found.last.event, "at": _time(found.last.at_ms)},
        "contact": contact,
        "recommendation_id": show.name.decode(),
        "show": orjson.Fragment(show.items),
    }


def _time(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="milliseconds")
