"""What a field of a request may hold, said once: limits, meaning, example.

Bodies are strict: a number is a number, ``true`` is not 1 and ``"10"`` is not 10. A query has
only texts, so its numbers are read from exactly their decimal form (``Limit`` in a body is
``LimitParam`` in a query). Nothing is clamped, rounded or stripped.
"""

import re
from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from models.customer.preferences import MAX_AT_MOST
from models.errors import FilterError
from models.shaping.rules import Filter, parse

NO_CONTROL = r"^[^\x00-\x1f\x7f-\x9f]+$"
INTEGER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_NUMBER = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,40})?([eE][+-]?[0-9]{1,3})?", re.ASCII)

Share = Literal["any", "new_only"] | float
"""How much of a list must be new to the customer."""


def written(pattern: re.Pattern[str], read: Callable[[str], float]) -> BeforeValidator:
    """Read a number of a query from its text; what is no number is left for pydantic to refuse."""

    def number(value: object) -> object:
        return read(value) if isinstance(value, str) and pattern.fullmatch(value) else None

    return BeforeValidator(number)


def whole(value: object) -> object:
    """Take 10.0 for the integer it is, in JSON as in its schema; 10.5 is left to be refused."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _novelty(value: object) -> Share | None:
    if value is None or value in ("any", "new_only"):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        raise PydanticCustomError("novelty", "a share is a number, not a text")
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    raise PydanticCustomError("novelty", "novelty is any, new_only, or a share from 0 to 1")


def _written_novelty(value: object) -> Share | None:
    """Read a novelty from its text, as a query has it."""
    return _novelty(float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else value)


def _written_bool(value: object) -> bool | None:
    return {"true": True, "false": False}.get(str(value))


def _filter(value: object) -> Filter | None:
    if value is None:
        return None
    try:
        return parse(value)
    except FilterError as problem:
        raise PydanticCustomError(
            "filter",  # the pointer and the code take their places in app.problems
            "{detail}",
            {"detail": problem.detail, "code": problem.code, "pointer": problem.pointer},
        ) from problem


def _each_once(values: list[str]) -> list[str]:
    if len(set(values)) != len(values):
        raise PydanticCustomError("each_once", "an item may be named once only")
    return values


_ID = Field(min_length=1, max_length=256, pattern=NO_CONTROL)
ItemId = Annotated[str, Field(min_length=1, max_length=256, pattern=NO_CONTROL)]
Text = Annotated[str, Field(min_length=1, max_length=256, pattern=NO_CONTROL)]

CustomerId = Annotated[
    str | None,
    _ID,
    Field(
        description="The shop's own id of a known customer. Where a list is asked for, an unknown "
        "one is no error: the answer says `personalized: false`.",
        examples=["c-1042"],
    ),
]
CustomerIdPath = Annotated[
    str,
    Path(
        min_length=1,
        max_length=256,
        pattern=NO_CONTROL,
        description="The shop's own id of the customer, percent-encoded: `a/b` is `a%2Fb`.",
        examples=["c-1042"],
    ),
]
UserId = Annotated[
    str | None,
    _ID,
    Field(description="Another name of `customer_id`; where both are given they must agree."),
]
AnonymousId = Annotated[
    str | None,
    _ID,
    Field(
        description="A visitor not yet known. A list that is asked for without this and "
        "`customer_id` is for nobody in particular.",
        examples=["v-5f0c"],
    ),
]
AnonymousIdPath = Annotated[
    str,
    Path(
        min_length=1,
        max_length=256,
        pattern=NO_CONTROL,
        description="The visitor, percent-encoded.",
        examples=["v-5f0c"],
    ),
]
_LIMIT = Field(
    ge=1,
    le=100,
    description="How many items at most; fewer come where no more may be shown.",
    examples=[10],
)
Limit = Annotated[int, _LIMIT, BeforeValidator(whole)]
LimitParam = Annotated[int, _LIMIT, written(INTEGER, int)]
Contacts = Annotated[
    int,
    Field(
        ge=0,
        le=MAX_AT_MOST,
        description=f"How many contacts, 0 to {MAX_AT_MOST}; one more is refused.",
        examples=[2],
    ),
    BeforeValidator(whole),
]
ClockTime = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$")]
GroupName = Annotated[
    str,
    Path(
        min_length=1,
        max_length=64,
        pattern=NO_CONTROL,
        description="A `name` of `GET /segments`.",
        examples=["high"],
    ),
]
MembersParam = Annotated[
    Annotated[int, Field(ge=1, le=1000), written(INTEGER, int)] | None,
    Field(
        description="How many members at most; without this and `cursor` none are listed, with "
        "`cursor` alone it is 100.",
        examples=[100],
    ),
]
MinValueParam = Annotated[
    Annotated[float, Field(ge=0, le=1e12), written(_NUMBER, float)] | None,
    Field(
        description="The least that must have been left, as `value` has it, in `currency`.",
        examples=[20],
    ),
]
Cursor = Annotated[
    str | None,
    Field(
        min_length=1,
        max_length=512,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="`next_cursor` of the page before, of the same group. After a new release it "
        "is refused with `cursor-expired`, and so it may be after a restart of the store.",
    ),
]
ContextItems = Annotated[
    list[ItemId],
    Field(
        max_length=50,
        description="Items in view: the page's, the cart's. What goes with them moves up, they "
        "themselves are left out. Unknown ones count for nothing.",
        examples=[["p-77"]],
    ),
]
_EXCLUDED = Field(description="Items that must not be on the list.", examples=[["p-12"]])
ExcludedItems = Annotated[list[ItemId], Field(max_length=500), _EXCLUDED]
ExcludedItemsParam = Annotated[
    list[ItemId],
    Field(max_length=50),  # more would not fit into the longest URL that servers take
    _EXCLUDED,
]
_SEEDS = Field(
    min_length=1,
    max_length=20,
    description="The items to start from, taken together.",
    examples=[["p-77"]],
)
SeedItems = Annotated[list[ItemId], _SEEDS]
RankedItems = Annotated[
    list[ItemId],
    AfterValidator(_each_once),
    Field(
        min_length=1,
        max_length=500,
        json_schema_extra={"uniqueItems": True},
        description="The items to put in order, each once.",
        examples=[["p-77", "p-12", "p-3"]],
    ),
]
_DIVERSITY = Field(
    ge=0,
    le=1,
    description="0 is the best list; towards 1 its items come from more categories and brands. It "
    "is the most that may be given up: at 0.3 each place holds an item worth at least 70 % of what "
    "would stand there, worth being the score.",
    examples=[0.3],
)
Diversity = Annotated[float, _DIVERSITY]
DiversityParam = Annotated[float, _DIVERSITY, written(_NUMBER, float)]
_NOVELTY_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "enum": ["any", "new_only"]},
            {"type": "number", "minimum": 0, "maximum": 1},
            {"type": "null"},
        ]
    }
)
_NOVELTY = Field(
    description="`any`; `new_only`, for nothing the customer has bought; or the share of the list, "
    "0 to 1, that must be new to the customer. Not given: what the policy of the `placement` says, "
    "else `any`.",
    examples=["any", 0.5],
)
Novelty = Annotated[Share | None, PlainValidator(_novelty), _NOVELTY_SCHEMA, _NOVELTY]
NoveltyParam = Annotated[Share | None, PlainValidator(_written_novelty), _NOVELTY_SCHEMA, _NOVELTY]
Objective = Annotated[
    Literal["relevance", "profit"],
    Field(
        description="`relevance`: what the customer most likely buys. `profit`: what is worth most "
        "to the shop, a purchase counting for itself and for the item's margin, this as much as "
        "the shop's past windows bore without worse lists. An item of unknown margin counts for "
        "its purchase alone; a release without margins refuses it with `no-margins`.",
        examples=["relevance"],
    ),
]
_EXPLAIN = Field(
    description="Whether each item comes with a sentence and the evidence for it.", examples=[True]
)
Explain = Annotated[bool, _EXPLAIN]
ExplainParam = Annotated[
    bool,
    BeforeValidator(_written_bool),
    _EXPLAIN,
]
FilterTree = Annotated[
    Filter | None,
    PlainValidator(_filter),
    WithJsonSchema({"anyOf": [{"$ref": "#/components/schemas/Filter"}, {"type": "null"}]}),
    Field(
        description="Which items may be on the list, answered over the whole catalogue.",
        examples=[{"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}],
    ),
]
Categories = Annotated[
    list[Text],
    Field(
        max_length=20,
        description="Only items of this category; repeat it for one of several.",
        examples=[["dairy"]],
    ),
]
Brands = Annotated[
    list[Text],
    Field(
        max_length=20,
        description="Only items of this brand; repeat it for one of several.",
        examples=[["Alba"]],
    ),
]
