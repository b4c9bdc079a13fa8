"""What one number of the attribution counts, and the name under which it stands in the store.

Counts are fields of the hash ``ns:{s017}:attribution``, whole numbers to be summed over shards:

    ["2026-11-22","home","20261121T030000Z-1a2b","","impressions"]   a number; so clicks, orders
    ["2026-11-22","home","20261121T030000Z-1a2b","EUR","revenue"]    in 1/10,000 EUR
                                                                     (models.credit.UNIT); so margin

Counts that are no money have no currency. What is 0 may be there or not.

A page can make up releases, placements and currencies, so of one day no more than ``MOST_OF_A_DAY``
are told apart; what comes later that day stands under ``other``.
"""

from collections import Counter
from typing import Literal, NamedTuple, get_args

import orjson

from models.errors import ArtifactCorrupt

OTHER = "other"
MOST_OF_A_DAY = 500
"""Numbers. A shop with ten placements, three releases and two currencies has 270."""

What = Literal["impressions", "clicks", "orders", "revenue", "margin", "provisional_revenue"]
_WHATS = get_args(What)


class Field(NamedTuple):
    """What one number counts."""

    day: str
    placement: str
    release: str
    currency: str
    """Empty of what is no money."""
    what: What

    @property
    def among_others(self) -> "Field":
        """What counts it where there are too many to be told apart."""
        return self._replace(placement=OTHER, release=OTHER)


def field(counted: Field) -> bytes:
    """Return the field of the hash under which a number stands."""
    return orjson.dumps([*counted])


def read(name: bytes) -> Field:
    """Read what ``field`` wrote.

    Raises:
        ArtifactCorrupt: It is none of ours.
    """
    try:
        counted = Field(*orjson.loads(name))
    except (TypeError, ValueError) as problem:
        raise ArtifactCorrupt("a field of the attribution is not one of ours") from problem
    if counted.what not in _WHATS or not all(isinstance(part, str) for part in counted):
        raise ArtifactCorrupt("a field of the attribution counts what we do not count")
    return counted


Counts = Counter[Field]
