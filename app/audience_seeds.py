"""Who an audience is made of: read from a request, and checked as far as it alone tells.

["c-1042", "c-7", …]                              seeds, one by one
{"rule": {"eq": ["bought_category", "wine"]}}     whoever a rule means
{"group": "high"}                                 a group of ``GET /segments``
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import PlainValidator, WithJsonSchema
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from models.artifacts.audience import MIN_SEEDS
from models.customer import rule
from models.customer.rule import Rule
from models.errors import FilterError

MAX_SEEDS = 20_000
MAX_GROUP_NAME = 64
MAX_RULE_BYTES = 16_384
"""Every server has the rules of all audiences before it, again and again."""
_ID = r"^[^\x00-\x1f\x7f-\x9f]{1,256}$"
_IS_ID = re.compile(_ID.replace("$", r"\Z"))
_RULE_SCHEMA = {"$ref": "#/components/schemas/Rule"}
RULE_OR_NULL = {"anyOf": [_RULE_SCHEMA, {"type": "null"}]}
_SEEDS_SCHEMA = {
    "anyOf": [
        {
            "type": "array",
            "items": {"type": "string", "pattern": _ID},
            "minItems": MIN_SEEDS,
            "maxItems": MAX_SEEDS,
            "uniqueItems": True,
        },
        *(
            {
                "type": "object",
                "properties": {name: schema},
                "required": [name],
                "additionalProperties": False,
            }
            for name, schema in (
                ("rule", _RULE_SCHEMA),
                ("group", {"type": "string", "minLength": 1, "maxLength": MAX_GROUP_NAME}),
            )
        ),
        {"type": "null"},
    ]
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Seeds:
    """Customers to whom others are likened: given one by one, or said by a rule or a group."""

    ids: Sequence[str] = ()
    rule: Rule | None = None
    group: str | None = None

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        """Keep its fields out of the OpenAPI document: ``SeedsField`` says how they are written."""
        return core_schema.is_instance_schema(cls)


def refused(code: str, detail: str, pointer: str = "") -> PydanticCustomError:
    """Return a fault of a body, in our words; ``app.problems`` puts its parts in their places."""
    told = {"detail": detail, "code": code, "pointer": pointer}
    return PydanticCustomError("audience", "{detail}", told)


def _rule(tree: object) -> Rule | None:
    return None if tree is None else _parsed(tree, "")


def _parsed(tree: object, pointer: str) -> Rule:
    try:
        parsed = rule.parse(tree)
    except FilterError as problem:
        raise refused(problem.code, problem.detail, pointer + problem.pointer) from problem
    if len(orjson.dumps(tree)) > MAX_RULE_BYTES:
        raise refused(
            "filter-too-large", f"a rule has at most {MAX_RULE_BYTES:,} bytes of JSON", pointer
        )
    return parsed


def _seeds(said: object) -> Seeds | None:
    if said is None:
        return None
    if isinstance(said, list):
        return Seeds(ids=_ids(said))
    if isinstance(said, dict) and len(said) == 1:
        if "rule" in said:
            return Seeds(rule=_parsed(said["rule"], "/rule"))
        group = said.get("group")
        if isinstance(group, str) and 0 < len(group) <= MAX_GROUP_NAME:
            return Seeds(group=group)
    raise refused(
        "seeds-shape",
        'seeds are a list of customer ids, {"rule": …}, or {"group": …} with the name of one of '
        "GET /segments",
    )


def _ids(said: list[Any]) -> Sequence[str]:
    if not MIN_SEEDS <= len(said) <= MAX_SEEDS:
        raise refused(
            "wrong-length",
            f"seeds are {MIN_SEEDS:,} to {MAX_SEEDS:,} customers: of fewer nothing can be learned, "
            "and more are said by a rule or a group",
        )
    for place, one in enumerate(said):
        if not (isinstance(one, str) and _IS_ID.match(one)):
            raise refused(
                "wrong-characters",
                "a customer id is a text of 1 to 256 characters without control characters",
                f"/{place}",
            )
    if len(set(said)) != len(said):
        raise refused("each-once", "a seed may be named once only")
    return said


SeedsField = Annotated[Seeds | None, PlainValidator(_seeds), WithJsonSchema(_SEEDS_SCHEMA)]
RuleField = Annotated[
    Rule | None,
    PlainValidator(_rule),
    WithJsonSchema(RULE_OR_NULL),
]
