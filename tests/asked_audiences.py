"""Audiences as the store has them, without a worker that builds them."""

from dataclasses import asdict, dataclass

import redis

from models.artifacts.audience import Asked, Audience, Built, Quality, Reason, Stands
from models.artifacts.keys import Keys

TODAY_MS = 1_514_973_600_000
"""2018-01-03T10:00:00Z."""
QUALITY = Quality(
    auc=0.836,
    auc_interval=(0.81, 0.86),
    lift=6.4,
    lift_interval=(5.1, 7.7),
    held_out=162,
    others=2307,
    classifier="logistic-vectors",
    candidates={"logistic-vectors": 0.836, "trees": 0.829},
)


def queued(audience_id: str, *, created_ms: int = TODAY_MS) -> Audience:
    """Return a group that was just asked for, under a name that looks like markup."""
    return Audience(
        id=audience_id,
        asked=Asked(
            type="group",
            group="high",
            name="[red]Odd[/red]",
            created_ms=created_ms,
            created_by="",
            refresh=True,
        ),
        stands=Stands(status="queued", at_ms=created_ms),
        built=None,
    )


def lookalike(audience_id: str, *, build: int = 7, created_ms: int = TODAY_MS) -> Audience:
    """Return customers like 812 seeds, 809 of them known, whose members may be read."""
    reason = Reason(feature="share of dairy", direction="higher", members=0.42, everybody=0.18)
    return Audience(
        id=audience_id,
        asked=Asked(
            type="lookalike",
            n_seeds=812,
            name="Like our best",
            created_ms=created_ms,
            created_by="4fT0aZ9q",
            weight="value",
            expansion=2,
        ),
        stands=Stands(status="ready", at_ms=created_ms, progress=1.0),
        built=Built(
            build=build,
            release="r1",
            members=5000,
            chunks=1,
            at_ms=created_ms + 41_000,
            seeds=809,
            quality=asdict(QUALITY),
            reasons=(asdict(reason),),
        ),
    )


@dataclass(frozen=True)
class Put:
    """Writes audiences as servers and workers do."""

    store_url: str
    keys: Keys

    def __call__(self, audience: Audience) -> None:
        fields = {"asked": audience.asked.pack(), "stands": audience.stands.pack()}
        fields |= {"built": audience.built.pack()} if audience.built else {}
        with redis.Redis.from_url(self.store_url) as store:
            store.hset(self.keys.audience(audience.id), mapping=fields)
            store.zadd(self.keys.audience_ids, {audience.id: audience.asked.created_ms})
            store.incr(self.keys.audience_changes)
