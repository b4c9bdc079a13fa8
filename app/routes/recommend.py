"""The list for one customer or visitor: ``/recommend``."""

from typing import Annotated, Any, Literal, NamedTuple

import orjson
from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app import answer, fields
from app.caller import Caller, CallerDep, needs
from app.deps import Server, ServerDep
from app.errors import WITH_BODY, NoMargins, NotReady, documented
from app.ladder import Customer, find
from app.notes import Notes, NotesDep
from app.shown import RecommendedItem, Served
from app.strict import StrictRoute
from models.asked import NO_ROWS, Query
from models.customer.value import Tier
from models.loaded import Loaded
from models.recommend import recommend
from models.shaping.explain import Explainer
from models.shaping.policies import COLUMNS, Policy, left_open
from models.shaping.rules import Filter, parse

router = APIRouter(route_class=StrictRoute, tags=["recommend"])


class Subject(BaseModel):
    """Who a request is for: a customer, a visitor, or nobody in particular."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    customer_id: fields.CustomerId = None
    user_id: fields.UserId = None
    anonymous_id: fields.AnonymousId = None

    @model_validator(mode="after")
    def _one_customer(self) -> "Subject":
        if None not in (self.customer_id, self.user_id) and self.customer_id != self.user_id:
            raise PydanticCustomError(
                "ids_differ", "customer_id and user_id name two customers; give one of them"
            )
        return self

    @property
    def customer(self) -> str | None:
        """The customer's id, under whichever name it came."""
        return self.customer_id if self.customer_id is not None else self.user_id


class RecommendRequest(Subject):
    """What is asked of `POST /recommend`; everything has a default."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"customer_id": "c-1042", "limit": 10, "explain": True}]}
    )

    placement: fields.Placement = None
    limit: fields.Limit = 10
    item_ids: fields.ContextItems = Field(default_factory=list)
    exclude_item_ids: fields.ExcludedItems = Field(default_factory=list)
    filter: fields.FilterTree = None
    diversity: fields.Diversity = 0.0
    novelty: fields.Novelty = None
    objective: fields.Objective = "relevance"
    explain: fields.Explain = False


class RecommendQuery(Subject):
    """What is asked of `GET /recommend`: the same, with short filters."""

    model_config = ConfigDict(strict=False)

    placement: fields.Placement = None
    limit: fields.LimitParam = 10
    item_ids: fields.ContextItems = Field(default_factory=list)
    exclude_item_ids: fields.ExcludedItemsParam = Field(default_factory=list)
    category: fields.Categories = Field(default_factory=list)
    brand: fields.Brands = Field(default_factory=list)
    diversity: fields.DiversityParam = 0.0
    novelty: fields.NoveltyParam = None
    objective: fields.Objective = "relevance"
    explain: fields.ExplainParam = False

    @property
    def filter(self) -> Filter | None:
        """The short filters as one."""
        if not (self.category or self.brand):
            return None
        parts = [
            {"in": [field, names]}
            for field, names in (("category", self.category), ("brand", self.brand))
            if names
        ]
        return parse({"and": parts})


class Treatment(BaseModel):
    """What the placement's policy made of the request."""

    placement: str = Field(description="As the request names it.", examples=["home"])
    tier: Literal["high", "medium", "low", "unknown"] = Field(
        description="The customer's; unknown for a visitor too, and where it is not at hand.",
        examples=["high"],
    )
    applied: dict[str, Any] = Field(
        description="What the policy said, by column, where the request itself did not and the "
        "release can do it.",
        examples=[{"novelty": 0.4, "categories": ["Cheese", "Wine"]}],
    )


class RecommendResponse(Served):
    """A list, best first."""

    recommendation_id: str = Field(
        description="The name of this answer, unique; events may refer to it.",
        examples=["01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d"],
    )
    items: list[RecommendedItem] = Field(description="Best first.")
    policy: Treatment | None = Field(
        None, description="With `explain` only, and where the placement has a policy."
    )


@router.get(
    "/recommend",
    operation_id="get_recommendations",
    dependencies=[needs("recommend", token=True, publishable=True)],
    response_model=RecommendResponse,
    responses=documented(NoMargins, NotReady),
)
async def get_recommendations(
    asked: Annotated[RecommendQuery, QueryParams()],
    server: ServerDep,
    notes: NotesDep,
    caller: CallerDep,
) -> Response:
    """Return up to `limit` items for one customer or visitor, best first.

    Lists are given as repeated parameters: `item_ids=p-1&item_ids=p-2`; longer ones, and the whole
    of `filter`, are for `POST`. Here `category` and `brand` stand for it.
    """
    return answer.private(recommended(server, asked, await read(server, asked, caller), notes))


@router.post(
    "/recommend",
    operation_id="post_recommendations",
    dependencies=[needs("recommend", token=True, publishable=True)],
    response_model=RecommendResponse,
    responses=documented(*WITH_BODY, NoMargins, NotReady),
)
async def post_recommendations(
    asked: RecommendRequest, server: ServerDep, notes: NotesDep, caller: CallerDep
) -> Response:
    """Return up to `limit` items for one customer or visitor, best first.

    An unknown customer is no error: the list is what goes with `item_ids`, or what sells.
    """
    return answer.private(recommended(server, asked, await read(server, asked, caller), notes))


class Known(NamedTuple):
    """All that is read for a request: nothing is waited for from here on."""

    loaded: Loaded
    query: Query
    customer: Customer
    policy: Policy | None = None
    """What the placement's policy says to this customer, where the request does not."""


async def read(
    server: Server, asked: RecommendRequest | RecommendQuery, caller: Caller
) -> Known | None:
    """Take the release and what it knows of the customer; None where there is no release.

    Raises:
        SubjectMismatch: The customer is not the caller's to ask for; nothing was read.
    """
    caller.check_customer(asked.customer)
    loaded = server.live.loaded
    if loaded is None:
        return None
    query = _query(loaded, asked)
    rows = server.policies.get(asked.placement or "")  # of the release that was just taken
    if rows is None:
        customer = await find(server, loaded, asked.customer, history=query.needs_history)
        return Known(loaded=loaded, query=query, customer=customer)
    # The tier is in the record, so what is read with it must do for every tier.
    filled = _filled(asked)
    needs_history = query.needs_history or any(
        query.under(left_open(row, filled)).needs_history for row in set(rows.values())
    )
    customer = await find(server, loaded, asked.customer, history=needs_history)
    policy = left_open(rows[_tier(customer, loaded)], filled)
    return Known(loaded=loaded, query=query.under(policy), customer=customer, policy=policy)


def recommended(
    server: Server, asked: RecommendRequest | RecommendQuery, known: Known | None, notes: Notes
) -> bytes:
    """Return the answer's bytes.

    Raises:
        NotReady: There is no release, and the merchant gave no list.
    """
    if known is None:
        return _merchants(server, asked, notes)
    loaded, query, customer = known.loaded, known.query, known.customer
    found = recommend(loaded, query, record=customer.record, history=customer.history)
    level = customer.level(found.level)
    server.metrics.level(level)
    notes.update(ladder=level, release=loaded.version)
    explainer = _explainer(loaded, query, customer) if query.explain else None
    served = answer.served(
        level,
        degraded=customer.missed,
        personalized=customer.record is not None,
        release=loaded.version,
    )
    if query.explain and known.policy is not None:
        served += b',"policy":' + _treatment(asked, customer, known.policy)
    return _joined(answer.items(loaded, found.ranked, explainer=explainer), served)


def _merchants(server: Server, asked: RecommendRequest | RecommendQuery, notes: Notes) -> bytes:
    """Level 5: the merchant's list less what is excluded; no item is known to meet a filter."""
    if not server.merchant_list:
        raise NotReady
    banned = {*asked.exclude_item_ids, *asked.item_ids}
    shown = [id_ for id_ in server.merchant_list if id_ not in banned] if not asked.filter else []
    server.metrics.level(5)
    notes.update(ladder=5)
    return _joined(
        answer.listed(shown[: asked.limit]),
        answer.served(5, degraded=True, personalized=False, release=None),
    )


def _query(loaded: Loaded, asked: RecommendRequest | RecommendQuery) -> Query:
    rows_of = loaded.catalogue.ids.rows_of
    return Query(
        limit=asked.limit,
        context=rows_of(asked.item_ids) if asked.item_ids else NO_ROWS,
        exclude=rows_of(asked.exclude_item_ids) if asked.exclude_item_ids else NO_ROWS,
        filter=asked.filter,
        diversity=asked.diversity,
        novelty=asked.novelty if asked.novelty is not None else "any",
        objective=asked.objective,
        explain=asked.explain,
    )


def _filled(asked: RecommendRequest | RecommendQuery) -> frozenset[str]:
    """Return the columns of a policy for which the request itself has a value."""
    named = COLUMNS & asked.model_fields_set
    return frozenset(name for name in named if getattr(asked, name) is not None)


def _tier(customer: Customer, loaded: Loaded) -> Tier | None:
    """Return the tier that decides; None where a customer has one that is not at hand."""
    is_told = loaded.customers is not None or customer.record is None
    return customer.tier if is_told else None


def _explainer(loaded: Loaded, query: Query, customer: Customer) -> Explainer:
    return Explainer(
        catalogue=loaded.catalogue,
        popularity=loaded.popularity,
        copurchase=loaded.copurchase,
        last_day=loaded.last_day,
        history=customer.history,
        context=query.context,
    )


def _treatment(
    asked: RecommendRequest | RecommendQuery, customer: Customer, policy: Policy
) -> bytes:
    return orjson.dumps(
        {
            "placement": asked.placement,
            "tier": (customer.tier or Tier.UNKNOWN).name.lower(),
            "applied": policy.told,
        }
    )


def _joined(items: bytes, served: bytes) -> bytes:
    return b'{"recommendation_id":"%b","items":%b,%b}' % (answer.new_id(), items, served)
