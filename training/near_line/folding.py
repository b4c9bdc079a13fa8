"""The counts of all shards, brought together, so that they can be read in one go, and stay few.

Each shard counts for itself, for what is counted must change together with what it is counted from.
Now and then what a shard has counted is added to the shop's sum, each count exactly once:

    1  on the shard: the counts are set aside under a number, unless some are set aside already
    2  in the sum: they are added, and the number is noted, unless one as high is noted already
    3  on the shard: what is set aside under this number is dropped; the number stays

Each step is done at once or not at all, and bears repetition: whoever goes on after a crash, or at
the same time as another, finds the same number, and adds nothing twice. Numbers of a shard rise, so
whoever slept through another's turn adds nothing either. What cannot be added, for a sum would be
too large for the store, is not noted either, and stays on its shard, where readers find it too.

Days are kept ``DAYS_KEPT``: long enough to set this year beside the last.
"""

import time
from datetime import UTC, date, datetime, timedelta

import redis
import structlog

from models.artifacts.keys import N_SHARDS, Keys
from models.counted import MOST_OF_A_DAY, read
from models.counted import field as field_of
from models.errors import ArtifactCorrupt
from models.results import NAME, day_of, is_count, mark, size
from training.store_calls import asked

EVERY_S = 30.0
DAYS_KEPT = 400
_AT_ONCE = 1000

_SET_ASIDE = f"""
if redis.call('HLEN', KEYS[2]) <= 1 then
  if redis.call('EXISTS', KEYS[1]) == 0 then return {{}} end
  local last = tonumber(redis.call('HGET', KEYS[2], '{NAME}')) or 0
  local time = redis.call('TIME')
  local number = math.max(last + 1, time[1] * 1000000 + time[2])
  redis.call('RENAME', KEYS[1], KEYS[2])
  redis.call('HSET', KEYS[2], '{NAME}', string.format('%.0f', number))
end
return redis.call('HGETALL', KEYS[2])
"""
"""By the store's clock as well, so that numbers rise even if the last one is lost."""
_ADD = """
local MARK, NUMBER, MOST = ARGV[1], ARGV[2], tonumber(ARGV[3])
if (tonumber(redis.call('HGET', KEYS[1], MARK)) or 0) >= tonumber(NUMBER) then return 0 end
local added = {}
for n = 4, #ARGV, 5 do
  local size, name, among_others, by, back = unpack(ARGV, n, n + 4)
  if redis.call('HEXISTS', KEYS[1], name) == 0 then
    if (tonumber(redis.call('HGET', KEYS[1], size)) or 0) >= MOST then
      name = among_others
    else
      redis.call('HINCRBY', KEYS[1], size, 1)
    end
  end
  if type(redis.pcall('HINCRBY', KEYS[1], name, by)) == 'table' then
    for _, one in ipairs(added) do redis.call('HINCRBY', KEYS[1], one[1], one[2]) end
    return -1
  end
  added[#added + 1] = {name, back}
end
redis.call('HSET', KEYS[1], MARK, NUMBER)
return 1
"""
_DROP = f"""
if redis.call('HGET', KEYS[1], '{NAME}') == ARGV[1] then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], '{NAME}', ARGV[1])
end
"""

log = structlog.get_logger(__name__)


class Folding:
    """Adds up, when it is time; may be called by any number of workers."""

    def __init__(self, store: redis.Redis, keys: Keys, *, every_s: float = EVERY_S) -> None:
        """Prepare; nothing is asked yet."""
        self._store, self._keys = store, keys
        self._every_s, self._next_s = every_s, 0.0
        self._forgot: date | None = None

    def turn(self) -> int:
        """Add up what is counted, if it is time; return of how many shards there was any.

        Raises:
            StoreError: The store failed; the next turn goes on from there.
        """
        if time.monotonic() < self._next_s:
            return 0
        self._next_s = time.monotonic() + self._every_s
        aside = self._set_aside()
        added = [shard for shard, counts in aside.items() if self._added(shard, counts)]
        if len(added) < len(aside):
            log.error("counts not added up; a sum is no number or too large", shards=len(aside))
        pipeline = self._store.pipeline(transaction=False)
        for shard in added:
            pipeline.eval(_DROP, 1, self._keys.adding(shard), aside[shard][NAME.encode()])
        asked(pipeline.execute)
        self._forget(datetime.now(UTC).date())
        return len(added)

    def _added(self, shard: int, counts: dict[bytes, bytes]) -> bool:
        """Add what is set aside of a shard; return whether it is in the sums now."""
        told: list[bytes | str | int] = [mark(shard), counts[NAME.encode()], MOST_OF_A_DAY]
        for name, n in counts.items():
            if is_count(name):
                told += [*_places(name), int(n), -int(n)]
        return bool(asked(self._store.eval, _ADD, 1, self._keys.attributed, *told) >= 0)

    def _forget(self, today: date) -> None:
        """Drop the days that are older than any is kept; once a day is enough."""
        if self._forgot == today:
            return
        first = (today - timedelta(days=DAYS_KEPT)).isoformat()
        old, cursor = [], -1
        while cursor:
            cursor, found = asked(
                self._store.hscan, self._keys.attributed, max(cursor, 0), None, _AT_ONCE
            )
            old += [name for name in found if (day_of(name) or first) < first]
        for begin in range(0, len(old), _AT_ONCE):
            asked(self._store.hdel, self._keys.attributed, *old[begin : begin + _AT_ONCE])
        self._forgot = today

    def _set_aside(self) -> dict[int, dict[bytes, bytes]]:
        """Return what of each shard is set aside, with its number."""
        pipeline = self._store.pipeline(transaction=False)
        for shard in range(N_SHARDS):
            pipeline.eval(_SET_ASIDE, 2, self._keys.attribution(shard), self._keys.adding(shard))
        return {
            shard: dict(zip(told[::2], told[1::2], strict=True))
            for shard, told in enumerate(asked(pipeline.execute))
            if told
        }


def _places(name: bytes) -> tuple[str, bytes, bytes]:
    """Return what says how many numbers its day has, its name, and the name among others."""
    try:
        counted = read(name)
    except ArtifactCorrupt:  # a newer worker's; it is kept as it is
        return size(""), name, name
    return size(counted.day), name, field_of(counted.among_others)
