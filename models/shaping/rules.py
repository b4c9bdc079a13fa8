"""What may be on the list: a caller's filter, checked here, answered over the whole catalogue.

    {"and": [{"eq": ["category", "dairy"]}, {"lt": ["price", 5]}]}

Its operators are those of ``models.filter_tree``. Texts: ``item_id category brand``; numbers:
``price stock``. An item whose price or stock is unknown meets no comparison with it, not even
``ne``: what is not known is not claimed.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from models import filter_tree
from models.catalogue import Catalogue
from models.filter_tree import Vocabulary
from models.shaping.meeting import Meeting, meeting

TEXT_FIELDS = ("item_id", "category", "brand")
NUMBER_FIELDS = ("price", "stock")
_VOCABULARY = Vocabulary(
    texts=TEXT_FIELDS, numbers=NUMBER_FIELDS, example='{"eq": ["category", "dairy"]}'
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A checked filter: ``parse`` makes one, ``and_`` puts two together."""

    tree: Mapping[str, Any]

    def of(self, catalogue: Catalogue) -> Meeting:
        """Return which items of ``catalogue`` meet the filter."""
        return meeting(self.tree, catalogue)

    def and_(self, other: "Filter | None") -> "Filter":
        """Return the filter that items meet which meet both."""
        return self if other is None else Filter({"and": [self.tree, other.tree]})


def parse(tree: object) -> Filter:
    """Check a filter as JSON gave it.

    Raises:
        FilterError: It is not one of ours, or has more than 64 nodes.
    """
    filter_tree.check(tree, _VOCABULARY)
    return Filter(tree)  # type: ignore[arg-type]  # the check has seen that it is a mapping
