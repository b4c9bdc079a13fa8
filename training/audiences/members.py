"""Members of an audience into the store: chunks, to be given out, and what each is a member of.

Customers' memberships are counted by builds (``models.artifacts.audience.memberships``). They are
written before their build may be read, and count from that moment on. What is left over of builds
that no audience names is dropped when a text is next written, and when the build is taken back.

A builder that was overtaken may still write for a moment. It can do no harm: it adds a build that
will never count, and it drops none that is younger than its own.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import redis

from models.arrays import Rows
from models.artifacts.keys import Keys, shard_of
from models.artifacts.members import Members
from training.audiences.written import Written
from training.store_calls import asked

N_TOGETHER = 100
"""Customers of one call: the store, which also serves, is kept for less than a millisecond."""

_MARK = """
local youngest, n_named, named = tonumber(ARGV[1]), tonumber(ARGV[2]), {}
for n = 3, 2 + n_named do named[ARGV[n]] = true end
for n = 3 + n_named, #ARGV, 2 do
  local before, kept = redis.call('HGET', KEYS[1], ARGV[n]) or '', {}
  for build, fit in string.gmatch(before, '(%d+)=(%d+)') do
    if tonumber(build) > youngest or named[build] then kept[#kept + 1] = build .. '=' .. fit end
  end
  if ARGV[n + 1] ~= '' then kept[#kept + 1] = ARGV[1] .. '=' .. ARGV[n + 1] end
  local now = table.concat(kept, ' ')
  if now ~= before then
    if ARGV[n + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[n]) end
    if now ~= '' then redis.call('HSET', KEYS[1], ARGV[n], now) end
  end
end
return 1
"""
"""What only drops memberships does so in a full store too: it begins with a write that takes no
room, and may then go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memberships:
    """What customers are members of; writing raises ``StoreError`` where the store fails."""

    store: redis.Redis
    keys: Keys
    named: Collection[int]
    """Builds that count: those that audiences name, as they stood when ``youngest`` was begun."""
    youngest: int
    """The number of the youngest build of then: what is older and not named will never count."""

    def mark(self, ids: Sequence[str], fits: Sequence[int] | None) -> None:
        """Make some customers members of ``youngest``, and drop what counts no more of them.

        Args:
            ids: Theirs; a block of ``blocks`` at a time.
            fits: How well each fits, 0 to 100; None where they are to be members of nothing new.
        """
        of_shard: defaultdict[int, list[str | int]] = defaultdict(list)
        for place, id_ in enumerate(ids):
            of_shard[shard_of(id_)] += [id_, "" if fits is None else fits[place]]
        head = [self.youngest, len(self.named), *self.named]
        pipeline = self.store.pipeline(transaction=False)
        for shard, told in of_shard.items():
            pipeline.eval(_MARK, 1, self.keys.memberships(shard), *head, *told)
        asked(pipeline.execute)


def blocks(ids: Sequence[str]) -> Iterator[Rows]:
    """Yield the places of ids, at most ``N_TOGETHER`` at a time, those of a shard together."""
    shards = np.fromiter(map(shard_of, ids), np.int32, len(ids))
    order = np.argsort(shards, kind="stable").astype(np.int32)
    for begin in range(0, len(ids), N_TOGETHER):
        yield order[begin : begin + N_TOGETHER]


def read(store: redis.Redis, keys: Keys, *, build: int, written: Written) -> Iterator[Members]:
    """Yield the chunks of a build; those that are not there, or no more, are left out.

    Raises:
        StoreError: The store failed.
        ArtifactError: A chunk is none of ours.
    """
    for n in range(written.chunks):
        packed = asked(store.get, keys.audience_members(written.audience_id, build, n))
        if packed is not None:
            yield Members.unpack(packed)
