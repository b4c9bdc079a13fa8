"""How an audience stands, written by whoever builds it, and by nobody who has lost the permit.

    begin   gives the build a number and says that it is being built
    tell    says how far it is, or why there are no members
    chunk   writes some of its members
    finish  lets them be read, all at once

Each is one script. It looks first whether the permit still holds this builder's word, and whether
the audience is still wanted, so a build that was deleted in its last moment does not appear. All
these keys have one hash tag.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import redis

from models.artifacts.audience import Built, Stands
from models.artifacts.keys import Keys
from training.audiences.written import Written
from training.errors import TrainingError
from training.store_calls import asked

KEPT_MS = 3_600_000
"""How long the members of a build stay when there is a newer one."""

_OURS = """
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return -1 end
if redis.call('HEXISTS', KEYS[2], 'asked') == 0 then return -2 end
"""
_BEGIN = (
    _OURS
    + """
local build = redis.call('INCR', KEYS[5])
redis.call('HSET', KEYS[4], build, ARGV[2])
redis.call('HSET', KEYS[2], 'stands', ARGV[3])
redis.call('INCR', KEYS[3])
return build
"""
)
_TELL = (
    _OURS
    + """
redis.call('HDEL', KEYS[2], 'stands')
redis.call('HSET', KEYS[2], 'stands', ARGV[2])
redis.call('INCR', KEYS[3])
return 1
"""
)
"""In a full store too: it begins with a write that takes no room, and may then go on."""
_CHUNK = (
    _OURS
    + """
redis.call('HSET', KEYS[4], ARGV[2], ARGV[3])
redis.call('SET', KEYS[5], ARGV[4])
return 1
"""
)
_FINISH = (
    _OURS
    + """
redis.call('HSET', KEYS[2], 'built', ARGV[2], 'stands', ARGV[3])
if ARGV[4] ~= '' then redis.call('HSET', KEYS[4], ARGV[4], ARGV[5]) end
redis.call('INCR', KEYS[3])
return 1
"""
)
_NOT_OURS, _UNWANTED = -1, -2


class Overtaken(TrainingError):
    """Another worker has the permit now, and builds."""


class Unwanted(TrainingError):
    """The audience was deleted meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One audience, to be written by one builder.

    Every method raises ``StoreError`` where the store fails, ``Overtaken`` where the permit is
    another's, and ``Unwanted`` where nobody wants the audience any more. Then nothing was written.
    """

    store: redis.Redis
    """The one that has the audiences."""
    keys: Keys
    audience_id: str
    word: str
    """Of the permit."""

    def begin(self, stands: Stands) -> int:
        """Say that it is being built; return the number of the build."""
        keys = [self.keys.audience_written, self.keys.audience_builds]
        noted = Written(audience_id=self.audience_id).pack()
        return self._run(_BEGIN, keys, [noted, stands.pack()])

    def tell(self, stands: Stands) -> None:
        """Say how far it is, or that it came to an end without members."""
        self._run(_TELL, [], [replace(stands, at_ms=now_ms()).pack()])

    def chunk(self, build: int, n: int, packed: bytes) -> None:
        """Write the ``n``-th chunk of members, counted from 0, of ``build``."""
        noted = Written(audience_id=self.audience_id, chunks=n + 1).pack()
        keys = [
            self.keys.audience_written,
            self.keys.audience_members(self.audience_id, build, n),
        ]
        self._run(_CHUNK, keys, [build, noted, packed])

    def finish(self, built: Built, stands: Stands, *, before: Built | None) -> None:
        """Let the members be read.

        Args:
            built: Says where they are; all have been written.
            stands: That it is ready.
            before: What could be read until now, and stays for ``KEPT_MS``.
        """
        replaced: list[bytes | int] = [b"", b""]
        if before is not None:
            noted = Written(
                audience_id=self.audience_id,
                chunks=before.chunks,
                kept_until_ms=now_ms() + KEPT_MS,
            )
            replaced = [before.build, noted.pack()]
        told = [built.pack(), replace(stands, at_ms=now_ms()).pack()]
        self._run(_FINISH, [self.keys.audience_written], [*told, *replaced])

    def _run(self, script: str, keys: Sequence[str], arguments: Sequence[bytes | int]) -> int:
        always = [
            self.keys.audience_building,
            self.keys.audience(self.audience_id),
            self.keys.audience_changes,
        ]
        named = [*always, *keys]
        answer: Any = asked(self.store.eval, script, len(named), *named, self.word, *arguments)
        if answer == _NOT_OURS:
            raise Overtaken("another worker builds audiences now; this build ends")
        if answer == _UNWANTED:
            raise Unwanted("the audience was deleted; this build ends")
        return int(answer)


def now_ms() -> int:
    """Return the milliseconds since 1970."""
    return time.time_ns() // 1_000_000
