"""What may be asked about a customer or visitor, as the body or the query of a request."""

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from app import fields
from app.placement import Placement
from models.shaping.rules import Filter, parse


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

    placement: Placement = None
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

    placement: Placement = None
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
