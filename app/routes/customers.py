"""What is known of one customer: ``/customers/{customer_id}``."""

import time
from asyncio import gather
from typing import Literal

import orjson
import structlog
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.responses import Response

from app import answer, conditional, fields
from app.caller import CallerDep, needs
from app.conditional import IfNoneMatch
from app.deps import Server, ServerDep
from app.errors import (
    CustomersNotKnown,
    InternalError,
    NotReady,
    SubjectMismatch,
    UnknownCustomer,
    documented,
)
from app.knowing import known
from app.notes import NotesDep
from app.raw_path import RawPathRoute
from app.service import brought_up_to_date
from app.shown import Level, Said
from app.store import StoreAway
from models.artifacts.live_state import NOTHING_HAPPENED, LiveState
from models.errors import ArtifactError
from models.known import customer
from models.loaded import Loaded

router = APIRouter(route_class=RawPathRoute, tags=["customers"])

log = structlog.get_logger(__name__)


class Interval(BaseModel):
    """Where an amount ends up four times in five."""

    low: float | None = Field(
        description="Four times in five it is between `low` and `high`.", examples=[120.5]
    )
    high: float | None = Field(description="See `low`.", examples=[480.0])


class Expected(Interval):
    """What is expected within some weeks."""

    weeks: int = Field(description="From the last purchase that was learned on.", examples=[12])
    expected: float | None = Field(
        description="The mean; null where it cannot be foretold.", examples=[260.1]
    )


class NextPurchase(BaseModel):
    """How soon they buy again."""

    within_1_week: float | None = Field(
        description="Probability of an order within a week.", examples=[0.31]
    )
    within_4_weeks: float | None = Field(description="Within 4 weeks.", examples=[0.72])
    within_12_weeks: float | None = Field(description="Within 12 weeks.", examples=[0.94])
    due_date: str | None = Field(
        None,
        description="When the next order is due; absent where no date would be better than the "
        "customer's median.",
        examples=["2018-01-14"],
    )


class Category(BaseModel):
    """One of the categories that they spend most on."""

    category: str = Field(description="Its name.", examples=["dairy"])
    share_of_spend: float | None = Field(
        description="Of all that they spent here.", examples=[0.42]
    )
    buys_within_4_weeks: float | None = Field(
        description="Probability that they buy from it within 4 weeks.", examples=[0.55]
    )


class Rung(BaseModel):
    """A group that customers move up and down in."""

    name: str = Field(description="Where they are now.", examples=["high"])
    previous: str | None = Field(
        None,
        description="Where they were in the release before; absent where they were not known.",
        examples=["medium"],
    )


class Titled(BaseModel):
    """A group with a name for people."""

    name: str = Field(
        description="A `name` of `GET /segments`, or `unknown`.", examples=["about-to-sleep"]
    )
    title: str = Field(description="What a person reads.", examples=["About to sleep"])


class Evidence(BaseModel):
    """What a level of satisfaction rests on."""

    ratings: int = Field(description="How many ratings and answers they gave.", examples=[3])
    complaints: int = Field(description="How many they made.", examples=[0])
    returned_orders: int = Field(
        description="Days on which they gave something back.", examples=[1]
    )
    silence: float | None = Field(
        description="Days since their last order, divided by their usual days between orders; null "
        "where nothing is usual. (What they said counts as a sign of life for the level.)",
        examples=[0.8],
    )
    lately: list[Said] | None = Field(
        description="What they have said lately, in these pages or to a backend, which the level "
        "counts too; null where it is not at hand."
    )


class Satisfaction(BaseModel):
    """How satisfied they are, as far as they have let the shop know."""

    level: Level = Field(
        description="Never invented: who has said nothing is `unknown`.", examples=["satisfied"]
    )
    evidence: Evidence = Field(description="What the level rests on.")


class Discounts(BaseModel):
    """Whether they buy because of a discount."""

    value: float | None = Field(
        description="0, what is on offer makes no difference, to 1.", examples=[0.35]
    )
    reliability: float | None = Field(
        description="0, the value is what all customers have, to 1, it is their own.",
        examples=[0.6],
    )


class ShareOfCustomer(BaseModel):
    """How much of what they need is bought here."""

    estimate: float = Field(description="0 to 1; an estimate, no measurement.", examples=[0.38])


class OwnResponse(BaseModel):
    """What customers are told of themselves: what they did and said, and when they buy next.

    What the shop makes of that, it keeps to itself; whoever wants all of it asks for it by law.
    """

    customer_id: str = Field(description="As asked.", examples=["c-1042"])
    orders: int = Field(
        description="How many they placed; those of one day count as one.", examples=[17]
    )
    first_purchase: str | None = Field(
        description="A date; null for who never bought.", examples=["2017-01-03"]
    )
    last_purchase: str | None = Field(description="A date.", examples=["2017-12-19"])
    currency: str | None = Field(
        description="ISO 4217 code of all amounts, where the purchases name one.", examples=["EUR"]
    )
    average_order_value: float | None = Field(
        description="Money paid for an order; those of one day count as one.", examples=[30.14]
    )
    next_purchase: NextPurchase = Field(
        description="Probabilities of an order, and a date where one can be told."
    )
    categories: list[Category] = Field(description="At most five, what they spend most on first.")
    satisfaction: Satisfaction = Field(description="What they feel.")
    release: str = Field(description="The release that says so.", examples=["20171231T120000Z"])


class CustomerResponse(OwnResponse):
    """What is known of one customer; what is not is null, and nothing is invented."""

    historic_clv: float | None = Field(
        description="What they have brought, on `value_basis`.", examples=[512.4]
    )
    predicted_clv: float | None = Field(
        description="What they are expected to bring within `clv_horizon_weeks`, on `value_basis`; "
        "later money counts less.",
        examples=[260.1],
    )
    predicted_clv_interval: Interval = Field(
        description="Where that ends up four times in five; nulls where it cannot be foretold."
    )
    clv_horizon_weeks: int = Field(description="How far ahead value counts.", examples=[52])
    value_basis: Literal["margin", "revenue"] = Field(
        description="What value is: margin, or money taken where no margin is known.",
        examples=["margin"],
    )
    churn_probability: float | None = Field(
        description="That they will never buy again.", examples=[0.12]
    )
    expected_purchases: list[Expected] = Field(
        description="Orders, over three horizons; those of one day count as one."
    )
    expected_spend: list[Expected] = Field(description="Money paid, over the same.")
    tier: Rung = Field(
        description="`high`, `medium`, `low` or `unknown`, by what they brought and will bring; "
        "the group is `high` and so on."
    )
    stage: Rung = Field(description="On the ladder of loyalty: `prospect` to `advocate`, `lapsed`.")
    segment: Titled = Field(description="By recency, frequency and money.")
    portfolio: Titled | None = Field(
        description="Customers of like needs; null where they bought too little to tell."
    )
    discount_sensitivity: Discounts = Field(description="Whether discounts move them.")
    share_of_customer: ShareOfCustomer | None = Field(
        None, description="Absent where it cannot be told better than by a guess."
    )


@router.get(
    "/customers/{customer_id}",
    operation_id="get_customer",
    dependencies=[needs("customers", token=True)],
    response_model=CustomerResponse | OwnResponse,
    responses=documented(UnknownCustomer, CustomersNotKnown, NotReady, SubjectMismatch)
    | conditional.NOT_MODIFIED,
)
async def get_customer(
    customer_id: fields.CustomerIdPath,
    server: ServerDep,
    notes: NotesDep,
    caller: CallerDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return what one customer is worth, needs and feels, as the latest training has it.

    What they said since counts in `satisfaction`. A customer who is new since then is not known
    yet. A customer's own token is told less: what they did and said themselves, and when they are
    expected to buy again.
    """
    caller.check_customer(customer_id)
    loaded, summary = known(server, notes)
    packed, live = await gather(_packed(server, loaded, customer_id), _live(server, customer_id))
    try:
        found = customer(loaded, summary, customer_id, packed)
    except ArtifactError as problem:
        server.metrics.corrupt()
        log.error("customer's bytes refused", reason=str(problem))
        raise InternalError(InternalError.example) from None
    satisfaction = brought_up_to_date(
        found["satisfaction"], live, now_ms=time.time_ns() // 1_000_000
    )
    found["satisfaction"] = satisfaction
    if not caller.is_backend:
        found = {name: part for name, part in found.items() if name in OwnResponse.model_fields}
    return conditional.tagged(answer.private(orjson.dumps(found)), if_none_match)


async def _packed(server: Server, loaded: Loaded, customer_id: str) -> bytes:
    try:
        packed = await server.customers.read_profile(customer_id, loaded.version)
    except StoreAway:
        raise NotReady(
            "the profile stands in the store, which does not answer; ask again"
        ) from None
    if packed is None:
        if server.live.current != loaded.version:
            raise NotReady("the store serves another release than this server yet; ask again")
        raise UnknownCustomer(UnknownCustomer.example)
    return packed


async def _live(server: Server, customer_id: str) -> LiveState | None:
    """Return what happened since; None where it is not at hand."""
    happening = await server.customers.read_live(customer_id)
    try:
        if happening is None:
            return None
        return LiveState.unpack(happening) if happening else NOTHING_HAPPENED
    except ArtifactError as problem:
        server.metrics.corrupt()
        log.error("live state refused", reason=str(problem))
        return None
