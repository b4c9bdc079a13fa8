"""A customer's groups as five bytes: tier, stage, segment, portfolio, satisfaction.

Records and profiles both begin with them, so that either can be asked without reading the rest.
"""

from functools import lru_cache

from models.customer.satisfaction import Satisfaction
from models.customer.segments import Segment, Stage, Standing
from models.customer.value import Tier
from models.errors import ArtifactCorrupt

N_CODES = 5
_N_READY = 4096
"""Standings that are at hand; a shop has some hundreds."""


def pack(standing: Standing) -> bytes:
    """Return the five codes.

    Raises:
        ValueError: The portfolio is not from 0 to 255.
    """
    return bytes(
        (
            standing.tier,
            standing.stage,
            standing.segment,
            standing.portfolio,
            standing.satisfaction,
        )
    )


@lru_cache(_N_READY)
def unpack(codes: bytes) -> Standing:
    """Read what ``pack`` wrote.

    Raises:
        ArtifactCorrupt: A code is none of ours.
    """
    tier, stage, segment, portfolio, satisfaction = codes
    try:
        return Standing(
            tier=Tier(tier),
            stage=Stage(stage),
            segment=Segment(segment),
            portfolio=portfolio,
            satisfaction=Satisfaction(satisfaction),
        )
    except ValueError as problem:
        raise ArtifactCorrupt(
            f"a customer's groups are coded {list(codes)}, and one of these is no group of ours "
            f"({problem}); publish the release again"
        ) from problem
