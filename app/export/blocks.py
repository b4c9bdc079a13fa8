"""Some members of an audience at a time, as the store has them now, in the order of their scores.

Members stand in chunks. Each block is asked for over links of its own, with more time than a list
may take, together with whether the audience is still there: of one that was deleted or has expired
nothing more is given, though its chunks are still to be cleared away. Who of them may be given is
for ``app.export.judging`` to say.

Lists of this worker are not to wait for exports: blocks are small, between a few members everybody
else has their turn, and ``app.export.turns`` holds exports back. A list that is asked for meanwhile
does take longer all the same: by two milliseconds mostly, one in a hundred by some twenty
(``benchmarks.export``). Threads would not do, for lists would wait for the interpreter's lock
instead, and longer.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import orjson

from app.export.cursor import Place
from app.export.judging import Judge, ReleaseMissing
from app.export.rows import Format, Member
from app.refusers import Refusers
from app.scripts import Script, Scripts
from models.artifacts.audience import Audience, Built
from models.artifacts.keys import Keys
from models.artifacts.members import Members
from models.errors import ArtifactError

_ANSWER_S = 2.0
"""The deadline of one pipeline: a block's is some 400 KB."""
_PATIENCE_S = 20.0
TOGETHER = 1000
"""Members of a block at most; of more each would cost a little less, and lists wait far longer."""
_CHUNK = Script("""
if redis.call('HEXISTS', KEYS[1], 'asked') == 0 then
  return false
end
return redis.call('GET', KEYS[2])
""")
"""KEYS: an audience, and a chunk of its members. Returns the chunk, if both are there."""


class BlockMissing(Exception):
    """The members, or the release by which they are judged, are in the store no more."""


class Block(NamedTuple):
    """Some members on end."""

    members: list[Member]
    withheld: Counter[str]
    """How many others stood among them, by why they are not given."""
    next: Place | None
    """Where the next block begins; None after the last."""


class Blocks:
    """Reads members for exports."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        *,
        refusers: Refusers,
        events_url: str | None = None,
        failed: Callable[[str], None] = lambda _kind: None,
        corrupt: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare; nothing connects before ``start``.

        Args:
            url: The store that holds the releases.
            keys: Of the namespace.
            refusers: Who has told this worker lately that they object.
            events_url: The store that holds audiences and live states, if elsewhere.
            failed: Told the kind of each failure of a store, for the metrics.
            corrupt: Told of each customer whose bytes cannot be read, for the metrics.
        """
        self.scripts = Scripts(
            events_url or url, timeout_s=_ANSWER_S, patience_s=_PATIENCE_S, failed=failed
        )
        """Of the store that holds the audiences."""
        self._releases = self.scripts
        if events_url not in (None, url):
            self._releases = Scripts(
                url, timeout_s=_ANSWER_S, patience_s=_PATIENCE_S, failed=failed
            )
        self._keys = keys
        self._judge = Judge(
            audiences=self.scripts,
            releases=self._releases,
            keys=keys,
            refusers=refusers,
            corrupt=corrupt,
        )

    async def start(self) -> None:
        """Connect, or begin trying to."""
        await asyncio.gather(*(one.start() for one in {self.scripts, self._releases}))

    async def stop(self) -> None:
        """Let go of the connections."""
        await asyncio.gather(*(one.stop() for one in {self.scripts, self._releases}))

    async def read(
        self,
        audience: Audience,
        built: Built,
        at: Place,
        *,
        most: int,
        release: str,
        format_: Format,
    ) -> Block:
        """Return some members from a place on: fewer than ``most`` may come, though more follow.

        Args:
            audience: Whose.
            built: The build of it.
            at: Where to begin.
            most: How many to look at.
            release: The version that serves: whom it does not know is not given.
            format_: For whom they are; ``raw`` needs no identifiers.

        Raises:
            StoreAway: A store did not answer in time.
            StoreRefused: It answers, and cannot say.
            BlockMissing: It has the chunk no more, the audience or the release, or that expired.
        """
        chunk = await self._chunk(audience, built, at.chunk)
        part = slice(at.offset, at.offset + min(most, TOGETHER))
        ids = chunk.ids[part]
        scores = orjson.loads(orjson.dumps(chunk.scores[part], option=orjson.OPT_SERIALIZE_NUMPY))
        try:
            judged = await self._judge.judged(ids, release=release, format_=format_)
        except ReleaseMissing as problem:
            raise BlockMissing(str(problem)) from problem
        block = Block([], Counter(), _after(at, len(ids), chunk, built))
        for id_, score, (reason, identifiers) in zip(ids, scores, judged, strict=True):
            if reason is None:
                block.members.append(Member(id_, score, identifiers))
            else:
                block.withheld[reason] += 1
        return block

    async def _chunk(self, audience: Audience, built: Built, n: int) -> Members:
        expires_ms = audience.asked.expires_ms
        if expires_ms is not None and expires_ms <= time.time() * 1000:
            raise BlockMissing("the audience has expired; ask for it anew")
        own = self._keys.audience(audience.id)
        chunk = self._keys.audience_members(audience.id, built.build, n)
        packed = await self.scripts.run(_CHUNK, [own, chunk], [])
        if packed is None:
            raise BlockMissing("the audience was deleted or built anew meanwhile; ask for it again")
        try:
            return Members.unpack(packed)
        except ArtifactError as problem:
            raise BlockMissing(str(problem)) from problem


def _after(at: Place, n_read: int, chunk: Members, built: Built) -> Place | None:
    """Return where the next block begins."""
    if at.offset + n_read < len(chunk.ids):
        return Place(at.chunk, at.offset + n_read)
    return Place(at.chunk + 1) if at.chunk + 1 < built.chunks else None
