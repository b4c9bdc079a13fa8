"""Which audiences there are, and what of them is to be done next.

    queued, or begun by somebody who died    build it; the oldest first
    to be refreshed, and another release     build it again; its members can be read meanwhile
    expired                                  forget it
    a build that no audience names           take it back (``training.audiences.sweeping``)

All that is decided here, whoever asks; ``training.audiences.foreman`` has it done.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import redis
import structlog

from models.artifacts.audience import FIELDS, Audience
from models.artifacts.keys import Keys
from models.errors import ArtifactCorrupt
from training.audiences.written import Written
from training.store_calls import asked

_FORGET = """
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('INCR', KEYS[3])
return 1
"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What the store has of audiences."""

    audiences: Sequence[Audience]
    """The oldest first."""
    unreadable: Collection[str]
    """Ids of those whose bytes are not ours, a newer Cartera's perhaps: they are left alone."""
    written: Mapping[int, Written]
    """What is noted of builds; notes that are not ours are left alone, with what they note."""
    youngest: int
    """The number of the build that was begun last."""
    word: str
    """What the permit held when this was read."""

    @property
    def named(self) -> set[int]:
        """Builds whose members may be read."""
        return {one.built.build for one in self.audiences if one.built is not None}

    def stale(self, now_ms: int) -> dict[int, Written]:
        """Return the builds that are to be taken back, by number.

        That is for whoever had the permit when this was read: builds that others had begun cannot
        come to an end any more.
        """
        named, alive = self.named, {one.id for one in self.audiences}
        return {
            build: written
            for build, written in self.written.items()
            if build not in named
            and written.audience_id not in self.unreadable
            and not (written.audience_id in alive and written.kept_until_ms > now_ms)
        }

    def next_ms(self, now_ms: int) -> float:
        """Return when there will be something to do without any change; inf for never."""
        moments = [one.asked.expires_ms or 0 for one in self.audiences]
        moments += [one.kept_until_ms for one in self.written.values()]
        return min((one for one in moments if one > now_ms), default=float("inf"))


def read(store: redis.Redis, keys: Keys) -> Waiting:
    """Return what there is; builds that end meanwhile are named, and so not stale.

    Raises:
        StoreError: The store failed.
    """
    pipeline = store.pipeline(transaction=True)
    pipeline.zrange(keys.audience_ids, 0, -1)
    pipeline.hgetall(keys.audience_written)
    pipeline.get(keys.audience_builds)
    pipeline.get(keys.audience_building)
    ids, written, youngest, word = asked(pipeline.execute)
    pipeline = store.pipeline(transaction=False)
    names = [audience_id.decode() for audience_id in ids]
    for name in names:
        pipeline.hmget(keys.audience(name), *FIELDS)
    audiences, unreadable = _sorted_out(dict(zip(names, asked(pipeline.execute), strict=True)))
    return Waiting(
        audiences=audiences,
        unreadable=unreadable,
        written=_noted(written),
        youngest=int(youngest or 0),
        word=(word or b"").decode(),
    )


def is_due(audience: Audience, *, release: str | None, now_ms: int) -> bool:
    """Whether an audience is to be built while ``release`` serves and nobody builds."""
    if release is None or audience.has_expired(now_ms=now_ms):
        return False
    stands = audience.stands
    if stands.status in ("queued", "building"):
        return True
    return audience.asked.refresh and stands.release != release


def forget(store: redis.Redis, keys: Keys, audience_id: str) -> None:
    """Let there be no such audience; its builds are of no use then.

    Raises:
        StoreError: The store failed.
    """
    names = keys.audience(audience_id), keys.audience_ids, keys.audience_changes
    asked(store.eval, _FORGET, len(names), *names, audience_id)


def _noted(packed: Mapping[bytes, bytes]) -> dict[int, Written]:
    """Return what is noted of builds, by number."""
    noted = {}
    for build, text in packed.items():
        try:
            noted[int(build)] = Written.unpack(text)
        except (ArtifactCorrupt, ValueError):
            log.error("a note of a build is not ours; it is left alone, with what it notes")
    return noted


def _sorted_out(found: Mapping[str, list[Any]]) -> tuple[list[Audience], list[str]]:
    """Return audiences, and the ids of those that cannot be read."""
    audiences, unreadable = [], []
    for audience_id, fields in found.items():
        try:
            audience = Audience.of(audience_id, fields)
        except ArtifactCorrupt as problem:
            log.error("an audience is left alone", audience=audience_id, reason=str(problem))
            unreadable.append(audience_id)
            continue
        if audience is not None:
            audiences.append(audience)
    return audiences, unreadable
