"""The customers in groups: ``/segments``, ``/segments/{name}`` and ``/portfolio``."""

from typing import Annotated, Literal

import orjson
from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from app import answer, conditional, cursor, fields
from app.caller import needs
from app.conditional import IfNoneMatch
from app.deps import ServerDep
from app.errors import CursorExpired, CustomersNotKnown, NotReady, UnknownSegment, documented
from app.knowing import known
from app.members import page
from app.notes import NotesDep
from app.strict import StrictRoute
from models.customer import told

router = APIRouter(route_class=StrictRoute, tags=["customers"])

N_MEMBERS = 100


class Terms(BaseModel):
    """How value was told."""

    clv_horizon_weeks: int = Field(
        description="How far ahead predicted value counts.", examples=[52]
    )
    clv_annual_rate: float = Field(
        description="By what share money of a year later counts less.", examples=[0.15]
    )
    value_basis: Literal["margin", "revenue"] = Field(
        description="What value is: margin, or money taken where no margin is known.",
        examples=["margin"],
    )
    currency: str | None = Field(
        description="ISO 4217 code of all amounts, where the purchases name one.", examples=["EUR"]
    )
    release: str = Field(description="The release that says so.", examples=["20171231T120000Z"])


class PredictedValue(BaseModel):
    """What a group will bring, with its interval."""

    expected: float | None = Field(description="The sum expected.", examples=[88210.4])
    low: float | None = Field(
        description="Four times in five it is between `low` and `high`.", examples=[81020.0]
    )
    high: float | None = Field(description="See `low`.", examples=[95480.2])


class ExpectedWithin(PredictedValue):
    """What a group will do within some weeks, with its interval."""

    weeks: int = Field(description="From the last purchase that was learned on.", examples=[12])


class Movements(BaseModel):
    """Who came and went since the release before."""

    joined: dict[str, int] = Field(
        description="How many came, by the name of the group of this kind that they left; "
        "`newcomers` were not known.",
        examples=[{"medium": 31, "newcomers": 4}],
    )
    left: dict[str, int] = Field(
        description="How many went, by the name of the group that they are in now; `gone` are not "
        "known any more.",
        examples=[{"medium": 17, "gone": 2}],
    )


class Segment(BaseModel):
    """Customers who have something in common."""

    name: str = Field(description="Unique among all kinds.", examples=["high"])
    kind: Literal["tier", "stage", "segment", "portfolio", "satisfaction"] = Field(
        description="What they have in common; each customer is in one group of a kind.",
        examples=["tier"],
    )
    title: str = Field(description="What a person reads.", examples=["High value"])
    description: str = Field(
        description="The rule, or what distinguishes them.",
        examples=["Brought 512.00 or more, and is expected to bring 260.00 or more."],
    )
    customers: int = Field(description="How many they are.", examples=[312])
    share_of_customers: float | None = Field(description="Of all customers.", examples=[0.1248])
    historic_value: float | None = Field(
        description="What they have brought together, on `value_basis`.", examples=[240112.9]
    )
    share_of_value: float | None = Field(
        description="Of all historic value; null where that is not above 0, or that of a group "
        "of this kind is below.",
        examples=[0.4811],
    )
    predicted_value: PredictedValue | None = Field(
        description="What they will bring together within `clv_horizon_weeks`; null where nothing "
        "can be foretold."
    )
    expected_purchases: list[ExpectedWithin] | None = Field(
        description="Orders of them all, over up to three horizons; those of one customer and day "
        "count as one. Null where nothing can be foretold, or the release is older than the field."
    )
    expected_spend: list[ExpectedWithin] | None = Field(
        description="Money they will pay, over the same; null as there."
    )
    expected_alive: float | None = Field(
        description="How many of them are still customers, by the sum of their probabilities; null "
        "as there.",
        examples=[240.6],
    )
    movements: Movements | None = Field(description="Null where there was no release before.")


class SegmentsResponse(Terms):
    """All groups, kind by kind; the groups of a kind are all customers."""

    segments: list[Segment] = Field(description="Each group.")


class SegmentResponse(Terms, Segment):
    """One group and, if they were asked for, some of its members."""

    members: list[str] | None = Field(
        None,
        description="Ids of customers, with `limit` or `cursor` only; fewer than `limit` may come, "
        "even none, though more follow.",
        examples=[["c-1042", "c-7"]],
    )
    next_cursor: str | None = Field(
        None, description="Beside `members`: where the next page begins; null after the last."
    )


class MembersQuery(BaseModel):
    """Which of the members are wanted."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    limit: fields.MembersParam = None
    cursor: fields.Cursor = None


class Threshold(BaseModel):
    """From which money on value is high."""

    model_config = ConfigDict(serialize_by_alias=True)

    at: float | None = Field(
        alias="from", description="The money; null where nobody is high.", examples=[512.0]
    )
    by: Literal["money", "quantile"] = Field(
        description="`money` that the settings name, or a `quantile` of the customers.",
        examples=["quantile"],
    )
    why: str = Field(
        description="The same in words.", examples=["80% of 2,469 customers are below it"]
    )


class Thresholds(BaseModel):
    """What counts as high."""

    historic: Threshold = Field(description="Of what customers have brought.")
    potential: Threshold = Field(description="Of what they are expected to bring.")


class Cell(BaseModel):
    """Customers of like historical and potential value."""

    historic: Literal["low", "high"] = Field(description="What they have brought.")
    potential: Literal["low", "high"] = Field(description="What they are expected to bring.")
    tier: Literal["low", "medium", "high"] = Field(description="What that makes of them.")
    customers: int = Field(description="How many they are.", examples=[312])
    historic_value: float | None = Field(description="Theirs together.", examples=[240112.9])
    predicted_value: float | None = Field(description="Theirs together.", examples=[88210.4])


class PortfolioResponse(Terms):
    """The matrix of historical and potential value, from which the tiers come."""

    thresholds: Thresholds = Field(description="From which money on value is high, and why.")
    cells: list[Cell] = Field(description="All four.")
    unknown_customers: int = Field(
        description="Those in no cell: their value could not be told.", examples=[0]
    )


@router.get(
    "/segments",
    operation_id="get_segments",
    dependencies=[needs("segments")],
    response_model=SegmentsResponse,
    responses=documented(CustomersNotKnown, NotReady) | conditional.NOT_MODIFIED,
)
async def get_segments(
    server: ServerDep, notes: NotesDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Return every group of customers: its size, its value, and who came and went.

    Each customer is in one tier, one stage, one segment, one portfolio and one level of
    satisfaction. All of it is of the last training.
    """
    loaded, summary = known(server, notes)
    found = told.groups(summary, release=loaded.version)
    return conditional.tagged(answer.public(orjson.dumps(found)), if_none_match)


@router.get(
    "/segments/{name}",
    operation_id="get_segment",
    dependencies=[needs("segments")],
    response_model=SegmentResponse,
    responses=documented(UnknownSegment, CustomersNotKnown, CursorExpired, NotReady)
    | conditional.NOT_MODIFIED,
)
async def get_segment(
    name: fields.GroupName,
    asked: Annotated[MembersQuery, QueryParams()],
    server: ServerDep,
    notes: NotesDep,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """Return one group and, with `limit` or `cursor`, its members page by page, in no order.

    Members are found by looking through the profiles, and only so many are looked at for one page:
    it may hold fewer than `limit`, even none, though more follow; go on until `next_cursor` is
    null. While the store enlarges a table a member may come twice; none is left out. After a
    restart of the store a cursor may be refused with `cursor-expired`: begin again without one.
    """
    loaded, summary = known(server, notes)
    group = summary.group(name)
    if group is None:
        raise UnknownSegment(UnknownSegment.example)
    found = told.group(group, summary, release=loaded.version)
    if asked.limit is None and asked.cursor is None:
        return conditional.tagged(answer.public(orjson.dumps(found)), if_none_match)
    place = (
        cursor.place(asked.cursor, version=loaded.version, name=name)
        if asked.cursor is not None
        else None
    )
    members, after = await page(server, loaded, group, place=place, limit=asked.limit or N_MEMBERS)
    found["members"] = members
    found["next_cursor"] = (
        cursor.cursor(after, version=loaded.version, name=name) if after is not None else None
    )
    return answer.private(orjson.dumps(found))


@router.get(
    "/portfolio",
    operation_id="get_portfolio",
    dependencies=[needs("segments")],
    response_model=PortfolioResponse,
    responses=documented(CustomersNotKnown, NotReady) | conditional.NOT_MODIFIED,
)
async def get_portfolio(
    server: ServerDep, notes: NotesDep, if_none_match: IfNoneMatch = None
) -> Response:
    """Return how many customers are of which historical and potential value, and what that is."""
    loaded, summary = known(server, notes)
    found = told.portfolio(summary, release=loaded.version)
    return conditional.tagged(answer.public(orjson.dumps(found)), if_none_match)
