"""The script that applies events: counts, touches, renewed records and their acknowledgement.

It does all of one shard's at once, or nothing: it looks first whether the lease still holds this
worker's word, whether every event waits to be acknowledged, and whether none before them waits that
this worker has not seen. For one that loses its shard just then may have read some: they come
first. Who did what last is noted before anything is counted, for noting bears repetition; if a
count cannot be raised, it takes back those before. Numbers go through as text, for Lua has none of
64 bits. So a worker that is killed leaves either all of it done or none, and one that
slept while another worked changes nothing. If the script's answer is lost, the events that still
wait to be acknowledged say whether it ran.

A live state lives for its usual term from now, or longer where it would have anyway. Who last did
what, for the feeds of what was left behind, is forgotten after that term too.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

import redis

from models.artifacts.keys import GROUP, Keys
from models.artifacts.live_state import TTL_S
from models.counted import MOST_OF_A_DAY, Counts
from models.counted import field as field_of
from training.store_calls import asked

MAX_DEAD = 100_000
"""Of one shard; those put aside first go first."""
N_FORGOTTEN = 256
"""Customers of a shard who are forgotten at once: more than are noted at once, so that all will be.
"""

_APPLY = (
    f"""
local MOST, MAX_DEAD, N_FORGOTTEN = {2 * MOST_OF_A_DAY}, {MAX_DEAD}, {N_FORGOTTEN}
"""
    + """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
local at = 3
local function told() at = at + 1 return ARGV[at] end
local last, ids, n_seen, seen = told(), {}, 0, {}
for n = 1, tonumber(told()) do
    ids[n] = told()
    seen[ids[n]], n_seen = true, n_seen + 1
end
for _ = 1, tonumber(told()) do
    seen[told()], n_seen = true, n_seen + 1
end
for _, one in ipairs(redis.call('XPENDING', KEYS[2], ARGV[2], '-', last, n_seen + 1)) do
    if not seen[one[1]] then return -4 end
    seen[one[1]] = nil
end
for _, id in ipairs(ids) do
    if seen[id] then return -2 end
end
local function note(key)
    local n = tonumber(told())
    if n == 0 then return end
    for _ = 1, n do
        local latest, customer = told(), told()
        redis.call('ZADD', key, 'GT', latest, customer)
    end
    local before = string.format('(%.0f', redis.call('TIME')[1] * 1000 - ARGV[3])
    local past = redis.call('ZRANGEBYSCORE', key, '-inf', before, 'LIMIT', 0, N_FORGOTTEN)
    for _, customer in ipairs(past) do redis.call('ZREM', key, customer) end
    redis.call('PEXPIRE', key, ARGV[3])
end
note(KEYS[5])
note(KEYS[6])
local counted = {}
for n = 1, tonumber(told()) do
    local name, among_others, by, back = told(), told(), told(), told()
    if redis.call('HEXISTS', KEYS[3], name) == 0 and redis.call('HLEN', KEYS[3]) >= MOST then
        name = among_others
    end
    if type(redis.pcall('HINCRBY', KEYS[3], name, by)) == 'table' then
        for _, one in ipairs(counted) do redis.call('HINCRBY', KEYS[3], one[1], one[2]) end
        return -3
    end
    counted[n] = {name, back}
end
for key = 7, #KEYS do
    local left_ms = redis.call('PTTL', KEYS[key])
    for _ = 1, tonumber(told()) do
        local field, value = told(), told()
        if value == '' then
            redis.call('HDEL', KEYS[key], field)
        else
            redis.call('HSET', KEYS[key], field, value)
        end
    end
    if left_ms ~= -1 and left_ms < tonumber(ARGV[3]) then
        redis.call('PEXPIRE', KEYS[key], ARGV[3])
    end
end
for _ = 1, tonumber(told()) do
    local event, reason, entry = told(), told(), told()
    redis.call('XADD', KEYS[4], 'MAXLEN', '~', MAX_DEAD, '*',
        'e', event, 'reason', reason, 'entry', entry)
end
for _, id in ipairs(ids) do redis.call('XACK', KEYS[2], ARGV[2], id) end
return #ids
"""
)


class Refused(IntEnum):
    """Why nothing was done."""

    NOT_OURS = -1
    """Another worker has the shard, or had it meanwhile."""
    NOT_WAITING = -2
    """An event was acknowledged already, or the store has forgotten that it was read."""
    NOT_COUNTED = -3
    """A count is no number, or would be too large for the store."""
    NOT_NEXT = -4
    """An event before them waits that this worker has not seen."""


@dataclass(frozen=True, slots=True)
class Dead:
    """An event that nobody can apply, and why."""

    id: bytes
    packed: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Effects:
    """What the events of one shard change; filled event by event."""

    acknowledged: list[bytes] = field(default_factory=list)
    failed: list[bytes] = field(default_factory=list)
    """Events that could not be applied, now or before, and are to be tried again."""
    counts: Counts = field(default_factory=Counter)
    live: dict[str, dict[bytes, bytes]] = field(default_factory=dict)
    """Fields by the key of the live state; one that is to go is empty."""
    dead: list[Dead] = field(default_factory=list)
    carts: dict[str, int] = field(default_factory=dict)
    """When customers last had to do with their carts, in ms."""
    browsed: dict[str, int] = field(default_factory=dict)
    """When they last looked at an item, likewise."""


@dataclass(frozen=True, slots=True)
class Applying:
    """Runs the script; raises ``StoreError`` where the store fails."""

    store: redis.Redis
    keys: Keys

    def apply(self, of_shards: Mapping[int, Effects], words: Mapping[int, str]) -> dict[int, int]:
        """Apply what each shard's events change.

        Args:
            of_shards: What to do.
            words: What the lease of each of those shards holds while it is ours.

        Returns:
            How many events each shard's script acknowledged, or a ``Refused``.
        """
        pipeline = self.store.pipeline(transaction=False)
        for shard, effects in of_shards.items():
            keys = [
                self.keys.lease(shard),
                self.keys.events(shard),
                self.keys.attribution(shard),
                self.keys.dead(shard),
                self.keys.carts(shard),
                self.keys.browsed(shard),
                *effects.live,
            ]
            told = words[shard], GROUP, TTL_S * 1000, *_told(effects)
            pipeline.eval(_APPLY, len(keys), *keys, *told)
        return dict(zip(of_shards, asked(pipeline.execute), strict=True))


def _told(effects: Effects) -> Sequence[bytes | str | int]:
    told: list[bytes | str | int] = [max(effects.acknowledged, key=_place)]
    for ids in (effects.acknowledged, effects.failed):
        told += [len(ids), *ids]
    for latest in (effects.carts, effects.browsed):
        told += [len(latest), *(part for id_, at_ms in latest.items() for part in (at_ms, id_))]
    counts = [
        (field_of(counted), field_of(counted.among_others), by, -by)
        for counted, by in effects.counts.items()
        if by
    ]
    told += [len(counts), *(part for count in counts for part in count)]
    for fields in effects.live.values():
        told += [len(fields), *(part for pair in fields.items() for part in pair)]
    told.append(len(effects.dead))
    for dead in effects.dead:
        told += [dead.packed, dead.reason, dead.id]
    return told


def _place(id_: bytes) -> tuple[int, ...]:
    return tuple(map(int, id_.split(b"-")))
