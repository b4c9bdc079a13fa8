"""What a rule over customers may be, as a JSON Schema for the OpenAPI document."""

from app.audience_seeds import MAX_RULE_BYTES
from app.tree_schema import TEXT, Schema, tree_schema
from models.customer.rule import DEED_FIELDS, NUMBER_FIELDS, WORDS
from models.filter_tree import MAX_NODES

_PORTFOLIO: Schema = {
    "type": "string",
    "pattern": "^portfolio-([1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-5])$",
}
"""A list of all 255 would hide the rest of the document."""


def rule_schema() -> Schema:
    """Return the JSON Schema of a rule, all but the bound on its operators."""
    groups = [
        ((field,), _PORTFOLIO if field == "portfolio" else {"type": "string", "enum": [*words]})
        for field, words in WORDS.items()
    ]
    return {
        "title": "Rule",
        "description": "One operator over what `GET /customers/{customer_id}` says; at most "
        f"{MAX_NODES} operators and {MAX_RULE_BYTES:,} bytes in all. `tier stage segment portfolio "
        "satisfaction` are the names that it gives; `bought_item bought_category redeemed` are met "
        "by who has ever bought the item or something of the category, or redeemed the coupon or a "
        "coupon of the campaign. Purchases are told of items that the release ranks: those with "
        "enough buyers. `expected_purchases` and `expected_spend` are over the longest "
        "horizon. A customer of whom a number is unknown meets no comparison with it.",
        "examples": [{"and": [{"eq": ["tier", "high"]}, {"gt": ["churn_probability", 0.5]}]}],
        **tree_schema("Rule", texts=[(DEED_FIELDS, TEXT), *groups], numbers=NUMBER_FIELDS),
    }
