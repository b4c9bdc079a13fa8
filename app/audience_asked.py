"""What may be asked of an audience: the body of ``POST /audiences``, and what no schema can say.

What a body contradicts by itself is refused as it is read. What it says of a release, the names of
groups, portfolios and categories and the ids of bought items, is checked against the one that
serves: what is misspelt would otherwise be an audience of nobody, minutes later.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, JsonValue, model_validator

from app import fields
from app.audience_fields import AUDIENCE_ID
from app.audience_seeds import MAX_GROUP_NAME, RuleField, Seeds, SeedsField, refused
from app.errors import InvalidRequest
from app.refusal import Fault
from models.artifacts.audience import MIN_SEEDS, Kind
from models.customer.rule import Rule
from models.customer.summary import Summary
from models.filter_tree import comparisons
from models.loaded import Loaded

MAX_SIZE = 10_000_000
MAX_EXCLUDED = 20
MAX_DAYS = 365
_NEEDS = {"lookalike": "seeds", "rule": "rule", "group": "group"}
_OF_LOOKALIKES = {"seeds", "weight", "expansion"}
_WHERE = {
    "portfolio": "portfolio; GET /segments lists its portfolios",
    "bought_item": "item among those that it ranks, which are those with enough buyers; "
    "who bought others is not kept",
    "bought_category": "category; they are those of the items that it was trained with",
}
_EXAMPLES: list[JsonValue] = [
    {
        "type": "lookalike",
        "name": "Like our best",
        "seeds": {"group": "high"},
        "weight": "value",
        "expansion": 2,
        "ttl_days": 90,
    },
    {
        "type": "rule",
        "name": "Good customers whom we may lose",
        "rule": {"and": [{"eq": ["tier", "high"]}, {"gt": ["churn_probability", 0.5]}]},
    },
    {"type": "group", "group": "champions", "size": 5000},
]


class AudienceRequest(BaseModel):
    """An audience that is to be built."""

    model_config = ConfigDict(
        strict=True, extra="forbid", frozen=True, json_schema_extra={"examples": _EXAMPLES}
    )

    type: Kind = Field(
        description="`lookalike`: customers like the `seeds`, who are none of them; `rule`: all "
        "whom the `rule` means; `group`: all of a group of `GET /segments`.",
        examples=["lookalike"],
    )
    name: fields.Text | None = Field(
        default=None, description="What people call it.", examples=["Like our best"]
    )
    seeds: SeedsField = Field(
        default=None,
        description=f"Of lookalikes, and needed there: {MIN_SEEDS:,} to 20,000 customer ids, each "
        'once, or who they are by a rule, `{"rule": …}`, or a group, `{"group": …}`. A request has '
        "at most 512 KiB: more seeds, or longer ids, are said by a rule. Ids are taken as they "
        "are; how many of them the release knows is told once the audience is built.",
        examples=[{"rule": {"eq": ["bought_category", "wine"]}}],
    )
    rule: RuleField = Field(
        default=None,
        description="Of type `rule`, and needed there: who is a member.",
        examples=[{"gte": ["orders", 3]}],
    )
    group: Annotated[str, Field(min_length=1, max_length=MAX_GROUP_NAME)] | None = Field(
        default=None,
        description="Of type `group`, and needed there: a `name` of `GET /segments`.",
        examples=["champions"],
    )
    weight: Literal["equal", "value"] | None = Field(
        default=None,
        description="Of lookalikes: `equal`, as if absent: each seed counts alike; `value`: each "
        "by what they are expected to bring, for customers like the best of them.",
        examples=["value"],
    )
    size: Annotated[int, Field(ge=1, le=MAX_SIZE), BeforeValidator(fields.whole)] | None = Field(
        default=None,
        description="How many members; of lookalikes this or `expansion`. Of a rule or a group at "
        "most so many, those who are expected to bring most; absent: all.",
        examples=[5000],
    )
    expansion: Annotated[float, Field(ge=1, le=10)] | None = Field(
        default=None,
        description="Of lookalikes: how many members, in per cent of all customers.",
        examples=[2],
    )
    exclude: list[Annotated[str, Field(pattern=AUDIENCE_ID)]] = Field(
        default_factory=list,
        max_length=MAX_EXCLUDED,
        json_schema_extra={"uniqueItems": True},
        description="Audiences whose members are left out: their ids, each once. Each must have "
        "members by the time this one is built.",
        examples=[["aud_5a0f1c2d3e4b5a0f"]],
    )
    refresh: bool | None = Field(
        default=None,
        description="Whether it is built again with each release, while the members of the build "
        "before may be read. Absent: a rule and a group are, for they mean whoever they fit now; "
        "lookalikes are not.",
        examples=[True],
    )
    ttl_days: Annotated[int, Field(ge=1, le=MAX_DAYS), BeforeValidator(fields.whole)] | None = (
        Field(
            default=None,
            description="After how many days it is forgotten; absent: never of itself.",
            examples=[90],
        )
    )

    @model_validator(mode="after")
    def _fits_the_type(self) -> "AudienceRequest":
        needed = _NEEDS[self.type]
        if getattr(self, needed) is None:
            raise refused(
                "missing-definition", f"an audience of this type needs {needed}", f"/{needed}"
            )
        strange = {*_NEEDS.values(), *_OF_LOOKALIKES} - {needed}
        if self.type == "lookalike":
            strange -= _OF_LOOKALIKES
        for name in sorted(strange):
            if getattr(self, name) is not None:
                raise refused(
                    "not-of-the-type",
                    f"an audience of this type has no {name}; leave it out",
                    f"/{name}",
                )
        if self.type == "lookalike" and (self.size is None) == (self.expansion is None):
            raise refused("size-or-expansion", "lookalikes need either size or expansion", "/size")
        if len(set(self.exclude)) != len(self.exclude):
            raise refused("each-once", "an audience may be excluded once only", "/exclude")
        return self

    @property
    def is_refreshed(self) -> bool:
        """Whether it is built again with each release."""
        return self.type != "lookalike" if self.refresh is None else self.refresh

    def check(self, loaded: Loaded, summary: Summary) -> None:
        """Refuse names that the release that serves does not know.

        Raises:
            InvalidRequest: A group, a portfolio or a category is none of the release's, or an item
                none that it ranks.
        """
        seeds = self.seeds or Seeds()
        faults = [
            *_of_group(self.group, "/group", summary),
            *_of_group(seeds.group, "/seeds/group", summary),
            *_of_rule(self.rule, "/rule", loaded, summary),
            *_of_rule(seeds.rule, "/seeds/rule", loaded, summary),
        ]
        if faults:
            raise InvalidRequest(InvalidRequest.example, faults=faults)


def _of_group(name: str | None, pointer: str, summary: Summary) -> list[Fault]:
    if name is None or summary.group(name) is not None:
        return []
    return [_not_there(pointer, "group; GET /segments lists its groups")]


def _of_rule(rule: Rule | None, pointer: str, loaded: Loaded, summary: Summary) -> list[Fault]:
    if rule is None or rule.fields.isdisjoint(_WHERE):
        return []
    categories = loaded.catalogue.categories
    there = {
        "portfolio": {group.name for group in summary.groups if group.kind == "portfolio"},
        "bought_category": {categories[row] for row in range(len(categories))},
        "bought_item": _ranked(rule, loaded),
    }
    wrong = {
        part.field
        for part in comparisons(rule.tree)
        if part.field in there and not there[part.field].issuperset(part.values)
    }
    return [_not_there(pointer, _WHERE[field]) for field in sorted(wrong)]


def _ranked(rule: Rule, loaded: Loaded) -> set[str]:
    """Return the items that a rule names and the release ranks: histories hold no others."""
    parts = comparisons(rule.tree)
    named = {str(id_) for part in parts if part.field == "bought_item" for id_ in part.values}
    rows = {id_: loaded.catalogue.ids.row_of(id_) for id_ in named}
    n_ranked = loaded.catalogue.n_ranked
    return {id_ for id_, row in rows.items() if row is not None and row < n_ranked}


def _not_there(pointer: str, what: str) -> Fault:
    return Fault(
        pointer=pointer,
        code="not-in-release",
        detail=f"the release that serves has no such {what}",
    )
