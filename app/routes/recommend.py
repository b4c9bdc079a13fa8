"""The list for one customer or visitor: ``/recommend``."""

from typing import Annotated, Any, Literal, NamedTuple

from fastapi import APIRouter
from fastapi import Query as QueryParams
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from app import answer, fields
from app.deps import Server, ServerDep
from app.errors import WITH_BODY, NoMargins, NotReady, documented
from app.ladder import Customer, find
from app.notes import Notes, NotesDep
from app.strict import StrictRoute
from models.asked import NO_ROWS, Query
from models.loaded import Loaded
from models.recommend import recommend
from models.shaping.explain import Explainer
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


class Explanation(BaseModel):
    """Why an item is on the list."""

    text: str = Field(
        description="A sentence for a person.",
        examples=["bought 6 times, last 12 days ago, usually every 14 days"],
    )
    evidence: dict[str, Any] = Field(
        description="What the sentence rests on, counted.",
        examples=[{"item_id": "p-77", "times": 6, "last_bought": "2017-12-19"}],
    )


class Shown(BaseModel):
    """What the catalogue says of an item; what it does not know is absent."""

    item_id: str = Field(description="The shop's own id of the item.", examples=["p-77"])
    title: str | None = Field(
        None, description="What a person calls it.", examples=["Oat milk 1 l"]
    )
    category: str | None = Field(None, description="Its category.", examples=["dairy"])
    brand: str | None = Field(None, description="Its brand.", examples=["Alba"])
    price: float | None = Field(
        None, description="Per unit, in the shop's currency.", examples=[1.99]
    )
    currency: str | None = Field(
        None,
        description="ISO 4217 code of the price, where the purchases name one.",
        examples=["EUR"],
    )
    url: str | None = Field(None, description="Its page.", examples=["https://shop.example/p-77"])
    image: str | None = Field(
        None, description="Its picture.", examples=["https://shop.example/p-77.jpg"]
    )


class RecommendedItem(Shown):
    """One item of a list."""

    score: float = Field(
        description="Higher is better. On a known customer's list with nothing else asked, the "
        "estimated probability that the item is bought within 28 days, if the shop's history was "
        "long enough to tell; with items in view, a filter, profit or new items, comparable "
        "within this list only.",
        examples=[0.83],
    )
    reason: Literal["repeat", "taste", "popular", "goes-with", "alike", "merchant"] = Field(
        description="Why it is here: bought before; bought by customers with like "
        "baskets; selling well now; bought together with an item of the request; of a kind with "
        "such an item, or with what this customer buys; the merchant's own choice.",
        examples=["repeat"],
    )
    explanation: Explanation | None = Field(None, description="With `explain` only.")


class Served(BaseModel):
    """How an answer came about."""

    level: int = Field(
        ge=0,
        le=5,
        description="Where the list came from: 0 the customer's record, 1 the same from the "
        "server's memory, 2 what goes with the items of the request, 3 what sells, 5 the "
        "merchant's list.",
        examples=[0],
    )
    degraded: bool = Field(
        description="Whether the level might have been better if all were well.", examples=[False]
    )
    personalized: bool = Field(
        description="Whether the answer is about this customer.", examples=[True]
    )
    release: str | None = Field(
        description="The release that answered; none at level 5.", examples=["20171231T120000Z"]
    )


class RecommendResponse(Served):
    """A list, best first."""

    recommendation_id: str = Field(
        description="The name of this answer, unique; events may refer to it.",
        examples=["01935f6e-5a9c-7c3e-9f1b-2d6c1f0a4b7d"],
    )
    items: list[RecommendedItem] = Field(description="Best first.")


@router.get(
    "/recommend",
    operation_id="get_recommendations",
    response_model=RecommendResponse,
    responses=documented(NoMargins, NotReady),
)
async def get_recommendations(
    asked: Annotated[RecommendQuery, QueryParams()], server: ServerDep, notes: NotesDep
) -> Response:
    """Return up to `limit` items for one customer or visitor, best first.

    Lists are given as repeated parameters: `item_ids=p-1&item_ids=p-2`; longer ones, and the whole
    of `filter`, are for `POST`. Here `category` and `brand` stand for it.
    """
    return answer.private(recommended(server, asked, await read(server, asked), notes))


@router.post(
    "/recommend",
    operation_id="post_recommendations",
    response_model=RecommendResponse,
    responses=documented(*WITH_BODY, NoMargins, NotReady),
)
async def post_recommendations(
    asked: RecommendRequest, server: ServerDep, notes: NotesDep
) -> Response:
    """Return up to `limit` items for one customer or visitor, best first.

    An unknown customer is no error: the list is what goes with `item_ids`, or what sells.
    """
    return answer.private(recommended(server, asked, await read(server, asked), notes))


class Known(NamedTuple):
    """All that is read for a request: nothing is waited for from here on."""

    loaded: Loaded
    query: Query
    customer: Customer


async def read(server: Server, asked: RecommendRequest | RecommendQuery) -> Known | None:
    """Take the release and what it knows of the customer; None where there is no release."""
    loaded = server.live.loaded
    if loaded is None:
        return None
    query = _query(server, loaded, asked)
    customer = await find(server, loaded, asked.customer, history=query.needs_history)
    return Known(loaded=loaded, query=query, customer=customer)


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
    return _joined(
        answer.items(loaded, found.ranked, explainer=explainer),
        answer.served(
            level,
            degraded=customer.missed,
            personalized=customer.record is not None,
            release=loaded.version,
        ),
    )


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


def _query(server: Server, loaded: Loaded, asked: RecommendRequest | RecommendQuery) -> Query:
    rows_of = loaded.catalogue.ids.rows_of
    novelty = asked.novelty if asked.novelty is not None else server.novelty(asked.placement)
    return Query(
        limit=asked.limit,
        context=rows_of(asked.item_ids) if asked.item_ids else NO_ROWS,
        exclude=rows_of(asked.exclude_item_ids) if asked.exclude_item_ids else NO_ROWS,
        filter=asked.filter,
        diversity=asked.diversity,
        novelty=novelty,
        objective=asked.objective,
        explain=asked.explain,
    )


def _explainer(loaded: Loaded, query: Query, customer: Customer) -> Explainer:
    return Explainer(
        catalogue=loaded.catalogue,
        popularity=loaded.popularity,
        copurchase=loaded.copurchase,
        last_day=loaded.last_day,
        history=customer.history,
        context=query.context,
    )


def _joined(items: bytes, served: bytes) -> bytes:
    return b'{"recommendation_id":"%b","items":%b,%b}' % (answer.new_id(), items, served)
