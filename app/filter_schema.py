"""What a filter may be, as a JSON Schema for the OpenAPI document."""

from app.tree_schema import TEXT, Schema, tree_schema
from models.filter_tree import MAX_NODES
from models.shaping.rules import NUMBER_FIELDS, TEXT_FIELDS


def filter_schema() -> Schema:
    """Return the JSON Schema of a filter, all but the bound on its operators."""
    return {
        "title": "Filter",
        "description": f"One operator over allow-listed fields; at most {MAX_NODES} operators in "
        "all. An item whose price or stock is unknown meets no comparison with it.",
        "examples": [{"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}],
        **tree_schema("Filter", texts=[(TEXT_FIELDS, TEXT)], numbers=NUMBER_FIELDS),
    }
