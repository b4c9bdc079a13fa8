"""Who may have left something behind: near-line workers note when each customer last did what.

Customers come shard after shard, those of a shard by that time and then by their ids, so one page
goes on where the one before ended. Of many of the very same moment so many are passed over as were
given. If the last one of them is not where they were, for somebody has done something since, those
of that moment come again: a customer may come twice, and none is left out.

Many shards are read together where few customers are in each, so that a small shop's page takes few
round trips and a large one's reads little more than it gives.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

from app.deps import Server
from app.feed_cursor import Place
from app.scripts import Script, StoreRefused
from app.store import StoreAway
from models.artifacts.keys import N_SHARDS

TOGETHER = 50
"""Customers that are looked into together: some ten ms of this worker's time."""
FEWEST_SHARDS, MOST_SHARDS = 8, 128
"""In one round trip."""
_READ = Script("""
return redis.call(
  'ZRANGEBYSCORE', KEYS[1], ARGV[1], ARGV[2], 'WITHSCORES', 'LIMIT', ARGV[3], ARGV[4])
""")
"""KEYS: one shard's index. ARGV: from when until when, how many to pass over, how many at most."""


class Window(NamedTuple):
    """A stretch of time, in ms since 1970, both ends in it."""

    begin_ms: int
    end_ms: int


class Candidate(NamedTuple):
    """A customer who did something then."""

    customer_id: str
    after: Place
    """Where whoever comes next begins."""


class Candidates(NamedTuple):
    """Some of them, in order."""

    found: Sequence[Candidate]
    next: Place | None
    """Where the others begin; None after the last."""


async def candidates(
    server: Server, indexes: Sequence[str], *, at: Place, window: Window, n_shards: int
) -> Candidates:
    """Return the customers of some shards, at most ``TOGETHER`` of each.

    Args:
        server: The worker's parts.
        indexes: The key of each shard's.
        at: Where to begin.
        window: When they did it.
        n_shards: How many shards to look at.

    Raises:
        StoreAway: The store did not answer in time, or will not.
    """
    begin_ms = max(window.begin_ms, at.at_ms)
    calls = [([indexes[at.shard]], [begin_ms, window.end_ms, max(at.given - 1, 0), TOGETHER])]
    last = min(at.shard + n_shards, N_SHARDS)
    calls += [([key], [*window, 0, TOGETHER]) for key in indexes[at.shard + 1 : last]]
    replies = await server.scripts.run_each(_READ, calls)
    if any(isinstance(reply, StoreAway | StoreRefused) for reply in replies):
        raise StoreAway
    if at.given and not _goes_on(replies[0], at):
        again = at._replace(given=0, mark=0)
        return await candidates(server, indexes, at=again, window=window, n_shards=n_shards)
    found: list[Candidate] = []
    for shard, reply in enumerate(replies, start=at.shard):
        listed = [*_listed(reply, at if shard == at.shard else at._replace(shard=shard, given=0))]
        found += listed[1:] if shard == at.shard and at.given else listed
        if len(listed) == TOGETHER:
            return Candidates(found, found[-1].after)
    return Candidates(found, Place(at.as_of_ms, last) if last < N_SHARDS else None)


def _goes_on(reply: Sequence[bytes], at: Place) -> bool:
    """Whether a reply begins with the customer who was given last."""
    return bool(reply) and crc32(reply[0]) == at.mark and int(float(reply[1])) == at.at_ms


def _listed(reply: Sequence[bytes], at: Place) -> Iterator[Candidate]:
    """Yield the customers of one shard; one that was given already is the first."""
    at_ms, given = at.at_ms, max(at.given - 1, 0)
    for id_, score in zip(reply[::2], reply[1::2], strict=True):
        given = given + 1 if int(float(score)) == at_ms else 1
        at_ms = int(float(score))
        yield Candidate(id_.decode(), Place(at.as_of_ms, at.shard, at_ms, given, crc32(id_)))
