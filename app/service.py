"""How satisfied whoever asks is now, and what the placement does for them because of it.

What they have said lately is in their live state, so it counts with the very next request; where
that cannot be had, the release's level does. Who has refused to be known by what
they did is of no level.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from app.deps import Server
from app.ladder import Customer
from models.artifacts.live_state import LiveState, Said
from models.asked import Query
from models.customer.satisfaction import Satisfaction, level_now
from models.customer.segments import slug
from models.loaded import Loaded
from models.shaping.service import LEVELS, Service, bought_again, of


class Treatment(NamedTuple):
    """What a placement does for one customer."""

    level: Satisfaction
    release_level: Satisfaction
    row: Service

    @property
    def told(self) -> dict[str, Any]:
        """What the page should know."""
        return {"level": slug(self.level), "content": self.row.content}

    def reason(self, customer: Customer) -> dict[str, Any]:
        """Return why, for whoever wants it explained."""
        return {
            "applied": self.row.told,
            "release_level": slug(self.release_level),
            "evidence": evidence(customer.live.feedback),
        }

    def of(self, query: Query, customer: Customer, loaded: Loaded) -> Query:
        """Return what is asked, kept to what the customer buys again where nothing more is sold."""
        if self.row.upsell is not False:
            return query
        kept = bought_again(customer.record, loaded.catalogue)
        return replace(query, filter=kept.and_(query.filter))


def treatment(
    server: Server, customer: Customer, placement: str | None, *, now_ms: int
) -> Treatment | None:
    """Return what a placement does for a customer; None where it does nothing out of the usual."""
    if not customer.live.may_personalize:
        return None
    known = customer.record
    before = Satisfaction.UNKNOWN if known is None else known.standing.satisfaction
    said = customer.live.feedback
    level = level_now(before, said, now_ms=now_ms) if said else before
    row = of(server.services, placement, level)
    return None if row.is_silent else Treatment(level, before, row)


def brought_up_to_date(
    satisfaction: dict[str, Any], live: LiveState | None, *, now_ms: int
) -> dict[str, Any]:
    """Return a profile's satisfaction as it is now.

    Args:
        satisfaction: As ``models.customer.told`` has it of the release.
        live: None where it could not be had; then the release's level stands.
        now_ms: Milliseconds since 1970.
    """
    said = None if live is None else live.feedback
    level = LEVELS[satisfaction["level"]]
    if said:
        level = level_now(level, said, now_ms=now_ms)
    told = satisfaction["evidence"] | {"lately": None if said is None else evidence(said)}
    return {"level": slug(level), "evidence": told}


def evidence(said: Sequence[Said]) -> list[dict[str, Any]]:
    """Return what somebody said, with the days, as callers see it."""
    return [
        {
            "kind": one.kind,
            "value": one.value,
            "date": datetime.fromtimestamp(one.at_ms / 1000, UTC).date().isoformat(),
        }
        for one in said
    ]
