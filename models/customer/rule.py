"""Which customers are meant: a rule over what ``GET /customers/{customer_id}`` says of them.

    {"and": [{"eq": ["tier", "high"]}, {"gt": ["churn_probability", 0.5]}]}

Its operators are those of ``models.filter_tree``. What it compares:

    tier stage segment portfolio satisfaction      the name that is told, such as about-to-sleep
    bought_item                                    has ever bought the item of this id
    bought_category                                likewise, anything of this category
    redeemed                                       has redeemed this coupon, or one of this campaign
    historic_clv predicted_clv average_order_value   money; of what is predicted, the expected
    churn_probability discount_sensitivity buys_within_4_weeks                  0 to 1
    orders returned_orders                         how many
    days_since_last_purchase                       up to the last day that the release has learned
    expected_purchases expected_spend              within the longest horizon, of 52 weeks

A number is compared as it is told, with as many decimals. A customer of whom it is unknown meets no
comparison with it, not even ``ne``. Purchases are told of items that the release ranks: those with
enough buyers (``CARTERA_MIN_BUYERS``); nobody has bought the others, as far as a rule can tell, nor
does their purchase count for their category. ``ne`` of a text is met by all others: by who is in no
portfolio too, and of the last three texts by who never did it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from models import filter_tree
from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, slug
from models.customer.value import Tier
from models.filter_tree import Vocabulary

GROUP_FIELDS = ("tier", "stage", "segment", "portfolio", "satisfaction")
DEED_FIELDS = ("bought_item", "bought_category", "redeemed")
TEXT_FIELDS = (*GROUP_FIELDS, *DEED_FIELDS)
NUMBER_FIELDS = (
    "historic_clv",
    "predicted_clv",
    "churn_probability",
    "average_order_value",
    "orders",
    "days_since_last_purchase",
    "discount_sensitivity",
    "returned_orders",
    "buys_within_4_weeks",
    "expected_purchases",
    "expected_spend",
)


def _codes(kind: type[IntEnum]) -> Mapping[str, int]:
    return {slug(member): int(member) for member in kind}


WORDS: Mapping[str, Mapping[str, int]] = {
    "tier": _codes(Tier),
    "stage": _codes(Stage),
    "segment": _codes(Segment),
    "portfolio": {f"portfolio-{number}": number for number in range(1, 256)},
    "satisfaction": _codes(Satisfaction),
}
"""The values of the groups, and what a profile has for each; which portfolios there are is the
release's matter."""
_VOCABULARY = Vocabulary(
    texts=TEXT_FIELDS, numbers=NUMBER_FIELDS, example='{"eq": ["tier", "high"]}', words=WORDS
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule: ``parse`` makes one."""

    tree: Mapping[str, Any]

    @property
    def fields(self) -> frozenset[str]:
        """The fields that it names."""
        return frozenset(one.field for one in filter_tree.comparisons(self.tree))


def parse(tree: object) -> Rule:
    """Check a rule as JSON gave it.

    Raises:
        FilterError: It is not one of ours, or has more than 64 nodes.
    """
    filter_tree.check(tree, _VOCABULARY)
    return Rule(tree)  # type: ignore[arg-type]  # the check has seen that it is a mapping
