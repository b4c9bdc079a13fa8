"""What customers did, kept for good: from the store's streams into files, each event exactly once.

A near-line worker calls ``turn`` again and again. Each turn that is due

    takes    what is new in every shard's stream, behind the last entry that is archived
    notes    in the store, under which name it will write what of each stream
    writes   the files (``training.data.archive_files``), a row an event
    moves    the positions, and takes back the note, at once
    trims    the streams, up to what is archived and all workers have acknowledged

Whoever dies leaves the note, and the next turn takes exactly the same entries again and writes the
same files again, over what is there. Whoever was only slow, and goes on when another has done the
work, finds the note gone and stops, or writes over the files what is in them.

Nothing is trimmed that is not archived. Where the place of the archive is full, the log says so,
the streams grow, and the archive goes on when there is room. A full store does not stop it: its
scripts begin with a write that takes no room, and a script that has written may go on.

Source: Redis, "Lua API reference", on scripts and ``maxmemory``.
"""

import time
from collections.abc import Mapping
from secrets import token_hex
from typing import NamedTuple, cast

import orjson
import redis
import structlog

from models.artifacts.keys import N_SHARDS, Keys
from training.data import archive_files
from training.data.archive_rows import Entry, rows
from training.data.archive_streams import Range, entries, trim
from training.errors import StoreError

EVERY_S = 60.0
"""A file takes along what came in a minute."""
MOST = 400
"""Entries of one shard that a file takes along; the next one takes the rest, at once."""
_LEASE_MS = 60_000
_NOTE = "writing"

_HOLD = """
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_LET_GO = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"
_TAKE_DOWN = """
if redis.call('HEXISTS', KEYS[1], ARGV[1]) == 1 then return 0 end
for n = 3, #ARGV, 2 do
  if (redis.call('HGET', KEYS[1], ARGV[n]) or '') ~= ARGV[n + 1] then return 0 end
end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""
"""Only where nothing is being written, and nobody has moved a position since it was read."""
_MOVE = """
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
for n = 3, #ARGV, 2 do redis.call('HSET', KEYS[1], ARGV[n], ARGV[n + 1]) end
return 1
"""

log = structlog.get_logger(__name__)


class Note(NamedTuple):
    """What is being written: a name for the files, and of each shard what goes into them."""

    name: str
    ranges: Mapping[int, Range]

    def pack(self) -> bytes:
        """Return it as JSON."""
        ranges = {str(shard): [*part] for shard, part in self.ranges.items()}
        return orjson.dumps({"name": self.name, "ranges": ranges})

    @classmethod
    def unpack(cls, packed: bytes) -> "Note":
        """Read what ``pack`` wrote."""
        told = orjson.loads(packed)
        ranges = {int(shard): Range(*part) for shard, part in told["ranges"].items()}
        return cls(told["name"], ranges)


class Archiver:
    """Writes the archive, while no other does."""

    def __init__(
        self, store: redis.Redis, keys: Keys, url: str, *, every_s: float = EVERY_S
    ) -> None:
        """Prepare; nothing is asked yet.

        Args:
            store: The store that holds the events, with bytes as replies.
            keys: Of the namespace.
            url: Of the archive: a folder, or an address that fsspec understands.
            every_s: How long to wait between files.
        """
        self._store, self._keys, self._url = store, keys, url
        self._every_s, self._next_s = every_s, 0.0
        self._name = token_hex(8)
        self._is_failing = False

    def turn(self) -> int:
        """Write what is new, if it is time; return how many entries went into the archive.

        It may take a second: whoever is in a hurry gives it a thread, and a store of its own.

        Raises:
            StoreError: The store did not do what it was asked; the next turn goes on from there.
        """
        if time.monotonic() < self._next_s:
            return 0
        self._next_s = time.monotonic() + self._every_s
        try:
            if not self._run(_HOLD, self._keys.archiving, [self._name, _LEASE_MS]):
                return 0
            n = self._archived()
            trim(self._store, self._keys, self._told()[0])
            self._run(_LET_GO, self._keys.archiving, [self._name])
        except redis.RedisError as problem:
            raise StoreError(
                f"the store let the archive down ({type(problem).__name__}: {problem}); expected "
                "it to read and write; check that it runs and accepts writes"
            ) from problem
        return n

    def _archived(self) -> int:
        """Take, note, write and move once; return how many entries."""
        positions, noted = self._told()
        if noted is not None:
            self._next_s = 0.0
            return self._written_again(noted)
        taken = entries(
            self._store,
            self._keys,
            {shard: Range(positions.get(shard, ""), "") for shard in range(N_SHARDS)},
            most=MOST,
        )
        if not taken:
            return 0
        last = {entry.shard: entry.id for entry in taken}
        ranges = {shard: Range(positions.get(shard, ""), id_) for shard, id_ in last.items()}
        note = Note(f"{time.time_ns() // 1_000_000}-{token_hex(6)}", ranges)
        before = [part for shard, one in ranges.items() for part in (shard, one.after)]
        if not self._run(_TAKE_DOWN, self._keys.archive, [_NOTE, note.pack(), *before]):
            return 0
        if len(taken) >= MOST:  # perhaps of one shard
            self._next_s = 0.0
        return self._written(note, taken)

    def _written_again(self, noted: bytes) -> int:
        """Do what a note says that somebody has left."""
        note = Note.unpack(noted)
        taken = entries(self._store, self._keys, note.ranges, most=MOST)
        if self._told()[1] != noted:
            return 0  # another has done it, and trimmed the streams perhaps while we read
        n = self._written(note, taken)
        if n:
            archive_files.clear(self._url, name=note.name)
        return n

    def _written(self, note: Note, taken: list[Entry]) -> int:
        """Write and move; return how many entries."""
        try:
            archive_files.write(self._url, rows(taken), name=note.name)
        except (OSError, ImportError, ValueError) as problem:
            self._next_s = time.monotonic() + self._every_s
            self._is_failing = True
            log.error(
                "the archive cannot be written; nothing is trimmed until it can",
                problem=type(problem).__name__,
                reason=str(problem),
                events=len(taken),
            )
            return 0
        if self._is_failing:
            self._is_failing = False
            log.info("the archive can be written again")
        after = [part for shard, one in note.ranges.items() for part in (shard, one.until)]
        self._run(_MOVE, self._keys.archive, [_NOTE, note.pack(), *after])
        return len(taken)

    def _told(self) -> tuple[dict[int, str], bytes | None]:
        """Return the last archived entry of each shard that has any, and the note, if one is."""
        told = cast(dict[bytes, bytes], self._store.hgetall(self._keys.archive))
        noted = told.pop(_NOTE.encode(), None)
        return {int(shard): id_.decode() for shard, id_ in told.items()}, noted

    def _run(self, script: str, key: str, arguments: list[bytes | str | int]) -> bool:
        return bool(self._store.eval(script, 1, key, *arguments))
