"""What a tree of ``models.filter_tree`` may be, as a JSON Schema for the OpenAPI document."""

from collections.abc import Sequence
from typing import Any

from models.filter_tree import MAX_NODES, MAX_VALUES

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
_NUMBER: Schema = {"type": "number"}
_ORDERING = (
    ("lt", "less"),
    ("lte", "less or equal"),
    ("gt", "greater"),
    ("gte", "greater or equal"),
)


def tree_schema(
    name: str, *, texts: Sequence[tuple[Sequence[str], Schema]], numbers: Sequence[str]
) -> Schema:
    """Return the JSON Schema of a tree, all but its title, its meaning and the bound on operators.

    Args:
        name: Of the component that the schema will be.
        texts: Fields that are compared with a text, and what that text may be.
        numbers: Fields that are compared with a number.
    """
    below = {"$ref": f"#/components/schemas/{name}"}
    several = {"type": "array", "minItems": 1, "maxItems": MAX_VALUES}
    nested = {"type": "array", "items": below, "minItems": 1, "maxItems": MAX_NODES - 1}
    kinds = [*texts, (numbers, _NUMBER)]
    either = {"anyOf": [_pair(fields, value) for fields, value in kinds]}
    one_of = {"anyOf": [_pair(fields, several | {"items": value}) for fields, value in kinds]}
    ordered = _pair(numbers, _NUMBER)
    return {
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {
            "and": nested | {"description": "Every one of these is met."},
            "or": nested | {"description": "At least one of these is met."},
            "not": {"allOf": [below], "description": "This is not met."},
            "in": one_of | {"description": "The field has one of these values."},
            "eq": either | {"description": "The field has this value."},
            "ne": either | {"description": "The field has another value."},
        }
        | {
            operator: ordered | {"description": f"The number is {words}."}
            for operator, words in _ORDERING
        },
    }


def _pair(fields: Sequence[str], value: Schema) -> Schema:
    """Return the schema of a comparison: a field, and what it is compared with."""
    field = {"type": "string", "enum": list(fields)}
    return {"type": "array", "prefixItems": [field, value], "minItems": 2, "maxItems": 2}
