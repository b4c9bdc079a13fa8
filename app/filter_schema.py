"""What a filter may be, as a JSON Schema for the OpenAPI document."""

from typing import Any

from models.shaping.rules import MAX_NODES, MAX_VALUES, NUMBER_FIELDS, TEXT_FIELDS


def filter_schema() -> dict[str, Any]:
    """Return the JSON Schema of a filter, all but the bound on its operators."""
    below = {"$ref": "#/components/schemas/Filter"}
    text, number = {"type": "string"}, {"type": "number"}
    several = {"type": "array", "minItems": 1, "maxItems": MAX_VALUES}

    def pair(fields: tuple[str, ...], value: dict[str, Any]) -> dict[str, Any]:
        field = {"type": "string", "enum": list(fields)}
        return {"type": "array", "prefixItems": [field, value], "minItems": 2, "maxItems": 2}

    nested = {"type": "array", "items": below, "minItems": 1, "maxItems": MAX_NODES - 1}
    either = {"anyOf": [pair(TEXT_FIELDS, text), pair(NUMBER_FIELDS, number)]}
    one_of = {
        "anyOf": [
            pair(TEXT_FIELDS, several | {"items": text}),
            pair(NUMBER_FIELDS, several | {"items": number}),
        ]
    }
    return {
        "title": "Filter",
        "description": f"One operator over allow-listed fields; at most {MAX_NODES} operators in "
        "all. An item whose price or stock is unknown meets no comparison with it.",
        "examples": [{"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}],
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": False,
        "properties": {
            "and": nested | {"description": "Every one of these filters is met."},
            "or": nested | {"description": "At least one of these filters is met."},
            "not": {"allOf": [below], "description": "This filter is not met."},
            "in": one_of | {"description": "The field has one of these values."},
            "eq": either | {"description": "The field has this value."},
            "ne": either | {"description": "The field has another value."},
        }
        | {
            name: pair(NUMBER_FIELDS, number) | {"description": f"The number is {words}."}
            for name, words in (
                ("lt", "less"),
                ("lte", "less or equal"),
                ("gt", "greater"),
                ("gte", "greater or equal"),
            )
        },
    }
