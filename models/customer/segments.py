"""Which groups a customer belongs to: a stage, a segment, a portfolio, and where that is kept.

The stages are the ladder of loyalty; the segments are the names that the field gives to recency,
frequency and money; a portfolio is a group of one need, found in this shop's own purchases.
"""

from dataclasses import dataclass
from enum import IntEnum

from models.customer.satisfaction import Satisfaction
from models.customer.value import Tier


class Stage(IntEnum):
    """A rung of the ladder of loyalty, or the way down from it."""

    UNKNOWN = 0
    PROSPECT = 1
    """Known, and never bought."""
    FIRST_TIME = 2
    REPEAT = 3
    CLIENT = 4
    ADVOCATE = 5
    """A client who says that they are completely satisfied."""
    LAPSING = 6
    """Silent for longer than is usual for them."""
    LAPSED = 7
    WON_BACK = 8
    """Bought again, lately, after having lapsed."""


class Segment(IntEnum):
    """What recency, frequency and money make of a customer."""

    UNKNOWN = 0
    CHAMPIONS = 1
    LOYAL = 2
    POTENTIAL_LOYALIST = 3
    NEW = 4
    PROMISING = 5
    NEEDS_ATTENTION = 6
    ABOUT_TO_SLEEP = 7
    AT_RISK = 8
    CANNOT_LOSE = 9
    HIBERNATING = 10
    LOST = 11


def slug(member: IntEnum) -> str:
    """Return the word that callers see: ``about-to-sleep``."""
    return member.name.lower().replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """The groups of one customer: what a placement's policy goes by."""

    tier: Tier = Tier.UNKNOWN
    stage: Stage = Stage.UNKNOWN
    segment: Segment = Segment.UNKNOWN
    portfolio: int = 0
    """0 for none; ``n`` is the ``n``-th of the release's portfolios, counted from 1."""
    satisfaction: Satisfaction = Satisfaction.UNKNOWN


UNKNOWN = Standing()
