"""Which of some members may be given out, as the stores have them now, and why the others may not.

Three things are asked of each:

    known        the release that serves has a record or a profile of them; who was erased has none
    permission   their live state says that they agree to ads, and nothing against it; nor has this
                 worker heard that they object, which the store may not know yet
    identifiers  the hashes that a network knows them by, where it is a network that asks

All three of the members of one shard are asked together: some hundred commands for a block. What is
not known for sure is no permission: whoever's bytes are damaged is withheld, and the others are
given all the same.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
import structlog

from app.export.rows import Format
from app.refusers import Refusers
from app.scripts import Script, Scripts, StoreRefused
from app.store import StoreAway
from models.artifacts.identifiers import Identifiers
from models.artifacts.keys import Keys, shard_of
from models.customer.permission import targeting
from models.customer.preferences import Preferences
from models.errors import ArtifactCorrupt, ArtifactError

TURN = 100
"""Members dealt with before others of this worker have their turn: a millisecond or two."""
_IS_THERE = Script("return redis.call('HEXISTS', KEYS[1], ARGV[1])")
_KNOWN = Script("""
local known = {}
for place, id in ipairs(ARGV) do
  local n = redis.call('HEXISTS', KEYS[1], id) + redis.call('HEXISTS', KEYS[2], id)
  known[place] = n > 0 and '1' or '0'
end
return table.concat(known)
""")
"""KEYS: the records and the profiles of a shard. ARGV: ids. Returns a digit for each."""
_ALLOWED = Script("""
local hashes, found = {}, {}
if #ARGV > 0 then
  hashes = redis.pcall('HMGET', KEYS[1], unpack(ARGV))
end
for place = 2, #KEYS do
  local said = redis.pcall('HMGET', KEYS[place], 'p', 'k')
  local known_by = not hashes.err and (hashes[place - 1] or '')
  if said.err then
    found[#found + 1] = {false, false, known_by}
  else
    found[#found + 1] = {said[1] or '', said[2] or '', known_by}
  end
end
return found
""")
"""KEYS: the identifiers of a shard, and live states. ARGV: ids, where their identifiers are wanted.
Returns preferences, consent and identifiers of each: empty where there are none, false where a key
is of a type that is not ours."""

Judged = tuple[str | None, Identifiers | None]
"""Why a member is not given, or None; and the identifiers to give, where any are wanted."""
_UNKNOWN: Judged = ("unknown-customer", None)
_Shards = Sequence[tuple[int, Sequence[int]]]
"""Shards, and which members of a block are of each."""

log = structlog.get_logger(__name__)


class ReleaseMissing(Exception):
    """The release by which members are judged is in the store no more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Asks the stores of one namespace."""

    audiences: Scripts
    """Of the store that holds live states and identifiers."""
    releases: Scripts
    """Of the store that holds the releases."""
    keys: Keys
    refusers: Refusers
    corrupt: Callable[[], None]
    """Told of each customer whose bytes cannot be read, for the metrics."""

    async def judged(self, ids: Sequence[str], *, release: str, format_: Format) -> list[Judged]:
        """Return of each member, in their order, whether they may be given.

        Args:
            ids: Theirs.
            release: The version that serves: whom it does not know is not given.
            format_: For whom they are; ``raw`` needs no identifiers.

        Raises:
            StoreAway: A store did not answer in time.
            StoreRefused: It answers, and cannot say.
            ReleaseMissing: It has not the release.
        """
        shards = _by_shard(ids)
        known, allowed = await asyncio.gather(
            self._known(ids, shards, release),
            self._allowed(ids, shards, hashed=format_ != "raw"),
        )
        found: list[Judged] = []
        for n, id_ in enumerate(ids):
            if n % TURN == TURN - 1:
                await asyncio.sleep(0)
            found.append(self._one(id_, allowed[n], format_) if known[n] else _UNKNOWN)
        return found

    def _one(self, id_: str, said: Sequence[bytes | None], format_: Format) -> Judged:
        """Judge a member whom the release knows."""
        preferences, consent, hashes = said
        try:
            refused = _refused(preferences, consent)
        except ArtifactError as problem:
            return self._damaged("preferences-unknown", problem)
        if refused is None and self.refusers.objects(consent, customer_id=id_):
            refused = "consent-refused"
        if refused is not None or format_ == "raw":
            return refused, None
        try:
            identifiers = _identifiers(hashes)
        except ArtifactError as problem:
            return self._damaged("identifiers-unknown", problem)
        return (None if identifiers is not None else "no-identifiers"), identifiers

    def _damaged(self, reason: str, problem: ArtifactError) -> Judged:
        self.corrupt()
        log.error("member's bytes refused", reason=str(problem))
        return reason, None

    async def _known(self, ids: Sequence[str], shards: _Shards, release: str) -> list[bool]:
        """Return of each customer whether the release knows them.

        Whether the release is there is asked last: then it was while its customers were asked for.
        """
        calls = [
            (
                [self.keys.records(release, shard), self.keys.profiles(release, shard)],
                [ids[n] for n in places],
            )
            for shard, places in shards
        ]
        replies = _sound(await self.releases.run_each(_KNOWN, calls))
        if not await self.releases.run(_IS_THERE, [self.keys.releases], [release]):
            raise ReleaseMissing("the store has lost the release that serves; publish it again")
        found = [False] * len(ids)
        for (_, places), reply in zip(shards, replies, strict=True):
            for n, digit in zip(places, reply, strict=True):
                found[n] = digit == ord("1")
        return found

    async def _allowed(self, ids: Sequence[str], shards: _Shards, *, hashed: bool) -> list[Any]:
        """Return what each customer says of ads, and their identifiers where they are wanted."""
        calls = [
            (
                [
                    self.keys.identifiers(shard),
                    *(self.keys.live_of_customer(ids[n]) for n in places),
                ],
                [ids[n] for n in places] if hashed else [],
            )
            for shard, places in shards
        ]
        replies = _sound(await self.audiences.run_each(_ALLOWED, calls))
        found: list[Any] = [None] * len(ids)
        for (_, places), reply in zip(shards, replies, strict=True):
            for n, said in zip(places, reply, strict=True):
                found[n] = said
        return found


def _refused(preferences: bytes | None, consent: bytes | None) -> str | None:
    """Return why a live state forbids it; None where it does not.

    Raises:
        ArtifactError: It is none of ours.
    """
    if preferences is None or consent is None:
        raise ArtifactCorrupt("a customer's live state is no hash; erase it")
    theirs = Preferences.unpack(preferences) if preferences else None
    try:
        return targeting(theirs, consent=orjson.loads(consent) if consent else {})
    except (AttributeError, TypeError, ValueError) as problem:
        raise ArtifactCorrupt("a customer's consent is not ours to read") from problem


def _identifiers(packed: bytes | None) -> Identifiers | None:
    if packed is None:
        raise ArtifactCorrupt("a shard's identifiers are no hash; delete the key, put them again")
    return Identifiers.unpack(packed) if packed else None


def _by_shard(ids: Sequence[str]) -> _Shards:
    shards: defaultdict[int, list[int]] = defaultdict(list)
    for n, id_ in enumerate(ids):
        shards[shard_of(id_)].append(n)
    return list(shards.items())


def _sound(replies: list[Any]) -> list[Any]:
    """Return the replies of scripts, if none of them failed."""
    for reply in replies:
        if isinstance(reply, StoreAway | StoreRefused):
            raise reply
    return replies
