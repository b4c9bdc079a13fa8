"""Which shards are this worker's: exactly one worker has a shard at a time.

Workers say every second that they are there (``ns:workers``): the one thing that is written while
nothing happens, some 100 bytes a second of the store's log, measured. Each counts who is, by name,
and takes its part of the shards: of three workers the first takes shards 0 to 84, and so on. A
shard that is another's is left alone until that one gives it up, or has been silent for
``lease_ms``.

A lease holds the worker's name and a word that is made up anew whenever shards are taken. Whoever
still finds both there knows that nobody else had the shard meanwhile, however long they slept: that
is what the script of ``training.near_line.applying`` asks before it changes anything.

Source: Gray and Cheriton, "Leases", 1989; the word is the fencing token of Kleppmann, "How to do
distributed locking", 2016, checked by the store itself.
"""

import uuid
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import redis

from models.artifacts.keys import N_SHARDS, Keys
from training.store_calls import asked

_HEARD = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('ZADD', KEYS[1], now, ARGV[1])
return redis.call('ZRANGE', KEYS[1], 0, -1)
"""
"""By the store's clock, for those of workers differ."""
_TAKE = """
if (redis.call('GET', KEYS[1]) or '') ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
"""
_GIVE_UP = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""


_BETWEEN = "/"


class Moved(NamedTuple):
    """Shards that have changed hands."""

    taken: set[int]
    lost: set[int]
    """To another, or given up."""


class Leases:
    """The leases of one worker; every method raises ``StoreError`` where the store fails."""

    def __init__(self, store: redis.Redis, keys: Keys, *, lease_ms: int) -> None:
        """Hold nothing yet.

        Args:
            store: The one that has the events.
            keys: The shop's.
            lease_ms: How long a worker may be silent before others take its shards.
        """
        self._store = store
        self._keys = keys
        self._lease_ms = lease_ms
        self.name = uuid.uuid4().hex
        self.words: dict[int, str] = {}
        """What the lease of each shard holds that is ours."""

    def renew(self) -> Moved:
        """Say that this worker is there; keep, take and give up shards until it has its part."""
        workers: Sequence[bytes] = asked(
            self._store.eval, _HEARD, 1, self._keys.workers, self.name, self._lease_ms
        )
        names = sorted(name.decode() for name in workers)
        others = {*names} - {self.name}  # what is ours unknown to us: an answer was lost
        part = part_of(names.index(self.name), len(names))
        lost = self._give_up([shard for shard in self.words if shard not in part])
        held = self._held(sorted({*part, *self.words}))
        lost |= self._missed(held)
        free = {
            shard: word
            for shard, word in held.items()
            if shard not in self.words and _holder(word) not in others
        }
        return Moved(self._take(free), lost)

    def give_up(self) -> None:
        """Let others have all of it, at once."""
        self._give_up(list(self.words))
        asked(self._store.zrem, self._keys.workers, self.name)

    def lost(self, shard: int) -> None:
        """Take note that a shard is another's now."""
        self.words.pop(shard, None)

    def _held(self, shards: Sequence[int]) -> dict[int, str]:
        """Return what the leases of some shards hold; empty where they are nobody's."""
        pipeline = self._store.pipeline(transaction=False)
        for shard in shards:
            pipeline.get(self._keys.lease(shard))
        words = asked(pipeline.execute)
        return {shard: (word or b"").decode() for shard, word in zip(shards, words, strict=True)}

    def _missed(self, held: Mapping[int, str]) -> set[int]:
        """Take note of the shards that are another's now, or nobody's, and return them."""
        lost = {shard for shard, word in self.words.items() if held[shard] != word}
        for shard in lost:
            self.lost(shard)
        return lost

    def _take(self, free: Mapping[int, str]) -> set[int]:
        """Take the shards that still are as they were found."""
        word = f"{self.name}{_BETWEEN}{uuid.uuid4().hex}"
        pipeline = self._store.pipeline(transaction=False)
        for shard, before in free.items():
            pipeline.eval(_TAKE, 1, self._keys.lease(shard), before, word)
        answers = asked(pipeline.execute)
        taken = {shard for shard, is_ours in zip(free, answers, strict=True) if is_ours}
        self.words |= dict.fromkeys(taken, word)
        return taken

    def _give_up(self, shards: Sequence[int]) -> set[int]:
        pipeline = self._store.pipeline(transaction=False)
        for shard in shards:
            pipeline.eval(_GIVE_UP, 1, self._keys.lease(shard), self.words[shard])
        asked(pipeline.execute)
        for shard in shards:
            self.lost(shard)
        return set(shards)


def part_of(place: int, n_workers: int) -> range:
    """Return the shards of the worker in ``place`` (from 0) among ``n_workers``.

    Together they have every shard once, and nobody has one more than another by more than one.
    """
    return range(place * N_SHARDS // n_workers, (place + 1) * N_SHARDS // n_workers)


def _holder(word: str) -> str:
    return word.partition(_BETWEEN)[0]
