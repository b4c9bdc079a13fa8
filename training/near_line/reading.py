"""What there is about the customers and visitors of some events, in one round trip a store."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import redis
from redis.client import Pipeline

from models.artifacts.customer_record import CustomerRecord, History
from models.artifacts.event import Event
from models.artifacts.keys import Keys, shard_of
from models.artifacts.live_state import FIELDS, LiveState
from models.artifacts.touches import Touches
from models.errors import ArtifactCorrupt, ArtifactError
from models.loaded import Loaded
from training.near_line.streams import Moment, Streams
from training.store_calls import asked, failed

TOUCHES, RENEWED = b"t", b"r"
"""The fields of a live state that a worker writes."""
NOTHING = b""
"""What is written of a field that is to go."""


class Bought(NamedTuple):
    """What a release has of a customer, packed; None where it has nothing."""

    record: bytes | None
    history: bytes | None

    def unpacked(self, loaded: Loaded) -> tuple[CustomerRecord | None, History | None]:
        """Read both; what cannot be used with the release counts as unknown, as for a request."""
        n_items, n_factors = len(loaded.catalogue), loaded.collaborative.items.shape[1]
        try:
            record = CustomerRecord.unpack(self.record) if self.record else None
            history = History.unpack(self.history) if self.history else None
            if record is not None:
                record.check(n_items=n_items, n_factors=n_factors)
            if history is not None:
                history.check(n_items=n_items)
        except ArtifactError:
            return None, None
        return record, history


@dataclass(frozen=True, slots=True)
class Found:
    """What was read, to be asked by key or by id."""

    lives: Mapping[str, Sequence[bytes | None]]
    bought: Mapping[str, Bought]

    def live(self, key: str) -> LiveState:
        """Return a live state; one that was never written is empty.

        Raises:
            ArtifactCorrupt: What is there is none of ours; so does ``touches``.
        """
        return LiveState.unpack(self._fields(key)[: len(FIELDS)])

    def touches(self, key: str) -> Touches:
        """Return what a live state has to credit."""
        return Touches.unpack(self._fields(key)[len(FIELDS)])

    def _fields(self, key: str) -> Sequence[bytes | None]:
        fields = self.lives[key]
        if not fields:
            raise ArtifactCorrupt("in the place of a live state is something else")
        return fields


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """Reads for one worker; raises ``StoreError`` where a store fails."""

    events: redis.Redis
    releases: redis.Redis
    """May be the same store."""
    keys: Keys

    def waiting(self, moments: Collection[Moment]) -> set[Moment]:
        """Return the moments until which not all was learned; see ``Streams.waiting``."""
        return Streams(self.events, self.keys).waiting(moments) if moments else set()

    def of(self, live_keys: Collection[str], customers: Collection[str], version: str) -> Found:
        """Read live states, and what a release has of some customers.

        Args:
            live_keys: Of the live states.
            customers: Their ids; none without a release.
            version: The release's.
        """
        lives = self.events.pipeline(transaction=False)
        for key in live_keys:
            lives.hmget(key, [*FIELDS, TOUCHES])
        bought = self.releases.pipeline(transaction=False)
        for id_ in customers:
            bought.hget(self.keys.records(version, shard_of(id_)), id_)
            bought.hget(self.keys.histories(version, shard_of(id_)), id_)
        parts = asked(bought.execute)
        return Found(
            dict(zip(live_keys, _told(lives), strict=True)),
            dict(zip(customers, map(Bought, parts[::2], parts[1::2]), strict=True)),
        )


def _told(pipeline: Pipeline) -> list[Sequence[bytes | None]]:
    """Return each live state's fields; none of what is there but is no live state."""
    answers = asked(pipeline.execute, False)  # noqa: FBT003  # redis-py's raise_on_error
    for n, answer in enumerate(answers):
        if isinstance(answer, redis.RedisError):
            if not str(answer).startswith("WRONGTYPE"):
                raise failed(answer) from answer
            answers[n] = ()
    return list(answers)


def live_key(event: Event, keys: Keys) -> str | None:
    """Return whose live state an event belongs to; None of an event that is nobody's."""
    if event.customer_id is not None:
        return keys.live_of_customer(event.customer_id)
    if event.anonymous_id is not None:
        return keys.live_of_visitor(event.anonymous_id)
    return None
