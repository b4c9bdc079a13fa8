"""The events of some shards, in the order in which they came, each until it is acknowledged.

All workers read as one consumer of one group, for a lease says already who reads a shard. So what a
worker read and did not acknowledge, because it died, is not lost to a name that nobody bears any
more: whoever has the shard next asks for it, as ``unacknowledged``.
"""

from collections.abc import Collection
from typing import Any, NamedTuple

import orjson
import redis

from models.artifacts.keys import ENTRY, GROUP, Keys
from training.store_calls import asked, failed

CONSUMER = "worker"
TOGETHER = 64
"""Events of one shard that are read at once."""

_WAITING = """
local GROUP, BEFORE, MS, VISITOR = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local function any_is_theirs(entries)
    for _, entry in ipairs(entries) do
        for _, part in ipairs(entry[2]) do
            if string.find(part, VISITOR, 1, true) then return true end
        end
    end
    return false
end
local unread, groups = '-', redis.pcall('XINFO', 'GROUPS', KEYS[1])
for _, group in ipairs(groups) do
    local told = {}
    for n = 1, #group, 2 do told[group[n]] = group[n + 1] end
    if told.name == GROUP then
        if #redis.call('XPENDING', KEYS[1], GROUP, '-', BEFORE, 1) > 0 then return 1 end
        for _, one in ipairs(redis.call('XPENDING', KEYS[1], GROUP, MS, MS, 1000)) do
            if any_is_theirs(redis.call('XRANGE', KEYS[1], one[1], one[1])) then return 1 end
        end
        unread = '(' .. told['last-delivered-id']
    end
end
if #redis.call('XRANGE', KEYS[1], unread, BEFORE, 'COUNT', 1) > 0 then return 1 end
return any_is_theirs(redis.call('XRANGE', KEYS[1], unread, MS)) and 1 or 0
"""
"""Without the stream, or before any worker came, ``groups`` is an error or empty: no group."""


class Entry(NamedTuple):
    """One event, as a stream has it."""

    shard: int
    id: bytes
    """When it was stored, in ms, a dash, and a number."""
    packed: bytes | None
    """None where the stream has it no more, though nobody acknowledged it."""

    @property
    def stored_ms(self) -> int:
        """When the store took it, by its clock, in ms since 1970."""
        return int(self.id.partition(b"-")[0])


class Moment(NamedTuple):
    """When a visitor of a shard was joined to a customer."""

    shard: int
    ms: int
    """By the store's clock, since 1970."""
    visitor: str


class Streams:
    """The streams of one namespace; every method raises ``StoreError`` where the store fails."""

    def __init__(self, store: redis.Redis, keys: Keys) -> None:
        self._store = store
        self._keys = keys

    def prepare(self, shards: Collection[int]) -> None:
        """Make the group of workers where a shard has none; it begins with the first event."""
        pipeline = self._store.pipeline(transaction=False)
        for shard in shards:
            pipeline.xgroup_create(self._keys.events(shard), GROUP, id="0", mkstream=True)
        for answer in asked(pipeline.execute, False):  # noqa: FBT003  # redis-py's raise_on_error
            if isinstance(answer, redis.RedisError) and not str(answer).startswith("BUSYGROUP"):
                raise failed(answer) from answer

    def new(self, shards: Collection[int], *, wait_ms: int) -> list[Entry]:
        """Return events that were never read, waiting for the first one if there is none.

        Args:
            shards: Prepared ones; none answers at once with nothing.
            wait_ms: The longest wait, at least 1.
        """
        return self._read(shards, b">", block=wait_ms)

    def unacknowledged(self, shards: Collection[int]) -> list[Entry]:
        """Return events that were read before, by whomever, and not acknowledged."""
        return self._read(shards, b"0")

    def waiting(self, moments: Collection[Moment]) -> set[Moment]:
        """Return the moments until which not every event of their shard is acknowledged.

        Of the same millisecond the visitor's own count alone: others may have come later, and wait
        for this very shard.
        """
        pipeline = self._store.pipeline(transaction=False)
        for shard, ms, visitor in moments:
            theirs = b'"anonymous_id":' + orjson.dumps(visitor)
            pipeline.eval(_WAITING, 1, self._keys.events(shard), GROUP, ms - 1, ms, theirs)
        answers = asked(pipeline.execute)
        return {moment for moment, waits in zip(moments, answers, strict=True) if waits}

    def _read(
        self, shards: Collection[int], after: bytes, *, block: int | None = None
    ) -> list[Entry]:
        if not shards:
            return []
        of_key = {self._keys.events(shard).encode(): shard for shard in shards}
        found: Any = asked(
            self._store.xreadgroup, GROUP, CONSUMER, dict.fromkeys(of_key, after), TOGETHER, block
        )
        return [
            Entry(of_key[key], id_, fields.get(ENTRY))
            for key, entries in found
            for id_, fields in entries
        ]
