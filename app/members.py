"""The customers of one group, page by page, out of the store.

A release keeps no list of a group's members: the profiles are looked through, shard after shard,
some thousand at a time, and only so many, and only so long, for one page. So a page may hold fewer
members than were asked for, even none, though more come after it.

The next page goes on within the same reply of the store where this one was full in the midst of it.
A hash that nobody writes to gives the same reply again, and where the next one begins tells whether
it did. If not, for its table was enlarged meanwhile, the reply is given from its beginning: a
customer may come twice, and none is left out. Another process of the store, after a restart or a
failover, has each hash in another order: a place in the midst of one means nothing to it.
"""

import asyncio
from typing import NamedTuple

import structlog

from app.cursor import Place, process
from app.deps import Server
from app.errors import CursorExpired, NotReady
from app.refusal import ApiError
from app.store import StoreAway
from models.artifacts import customer_profile
from models.artifacts.keys import N_SHARDS
from models.customer.summary import Group
from models.errors import ArtifactError
from models.loaded import Loaded

TOGETHER = 1000
"""Profiles looked at in one reply: some 2 ms of this worker's time."""
_MOST_SHARDS = 128
"""Shards in one round trip, where they are small: some 2 ms as well."""
MOST_ROUNDS = 8
_AWAY = "the members stand in the store, which does not answer; ask again"
_RESTARTED = (
    "the store was restarted, and gives the customers in another order now; ask again without a "
    "cursor"
)

log = structlog.get_logger(__name__)


class Page(NamedTuple):
    """Some members, and where the next page begins; None after the last."""

    members: list[str]
    next: Place | None


class _Reply(NamedTuple):
    """Members among some profiles of a shard, in order."""

    shard: int
    begin: int
    end: int
    members: list[str]


class _Round(NamedTuple):
    """What one round trip brought."""

    process: bytes
    """Which process of the store answered."""
    replies: list[_Reply]
    refused: list[str]
    """Why the bytes of some could not be read."""


async def page(
    server: Server, loaded: Loaded, group: Group, *, place: Place | None, limit: int
) -> Page:
    """Return members of a group; where the store goes away in the midst of it, those found so far.

    Args:
        server: The worker's parts.
        loaded: The release that answers.
        group: One of its summary.
        place: Where to begin; None is the beginning.
        limit: How many at most.

    Raises:
        NotReady: The store does not answer, or has lost the release.
        CursorExpired: It has lost the release or was restarted, and ``place`` is not None.
    """
    if server.customers.away:
        raise NotReady(_AWAY)
    clock = asyncio.get_running_loop().time
    until_s = clock() + server.settings.request_timeout_ms / 1000
    found, refused, n_rounds = Page([], place or Place()), list[str](), 0
    while found.next is not None and len(found.members) < limit and n_rounds < MOST_ROUNDS:
        left_s = until_s - clock()
        if n_rounds and left_s <= 0:
            break
        try:
            brought = await _round(server, loaded, group, found.next, patience_s=left_s)
        except StoreAway:
            if n_rounds:
                break
            raise NotReady(_AWAY) from None
        if brought is None or _moved(found.next, brought.process):
            raise _gone(place, lost=brought is None)
        found = _taken(found, brought, limit=limit)
        refused += brought.refused
        n_rounds += 1
    if refused:
        log.error("customers' bytes refused", customers=len(refused), reason=refused[0])
    return found


async def _round(
    server: Server, loaded: Loaded, group: Group, at: Place, *, patience_s: float
) -> _Round | None:
    """Return the members among the next profiles, or None where the store has lost the release."""
    shards = range(at.shard + 1, min(at.shard + _width(loaded, group), N_SHARDS))
    begins = [(at.shard, at.begin), *((shard, 0) for shard in shards)]
    scanned = await server.releases.profiles(
        loaded.version, begins, together=TOGETHER, patience_s=patience_s
    )
    if scanned is None:
        return None
    refused: list[str] = []
    replies = [
        _Reply(*begin, end, _members(profiles, group, refused))
        for begin, (end, profiles) in zip(begins, scanned.replies, strict=True)
    ]
    for _ in refused:
        server.metrics.corrupt()
    return _Round(process(scanned.process), replies, refused)


def _width(loaded: Loaded, group: Group) -> int:
    """Return how many shards are read together: all their profiles are some ``TOGETHER``."""
    every = loaded.customers.groups if loaded.customers is not None else ()
    n_customers = sum(one.customers for one in every if one.kind == group.kind)
    return max(1, min(_MOST_SHARDS, TOGETHER // (n_customers // N_SHARDS + 1)))


def _members(profiles: dict[bytes, bytes], group: Group, refused: list[str]) -> list[str]:
    """Return the members in order; ``refused`` is told why others could not be read."""
    members = []
    for id_, packed in profiles.items():
        try:
            if customer_profile.is_of(packed, group.kind, group.code):
                members.append(id_.decode())
        except ArtifactError as problem:
            refused.append(str(problem))
    return sorted(members)


def _taken(page: Page, brought: _Round, *, limit: int) -> Page:
    """Return the page with more members on it, at most ``limit`` in all."""
    members, at = list(page.members), page.next
    for reply in brought.replies:
        given = at.given if at is not None and reply[:3] == at[:3] else 0
        taken = reply.members[given : given + limit - len(members)]
        members += taken
        if given + len(taken) < len(reply.members):
            return Page(members, Place(*reply[:3], given + len(taken), brought.process))
        if reply.end:
            return Page(members, Place(reply.shard, reply.end, process=brought.process))
        at = Place(reply.shard + 1)
    return Page(members, at if at is not None and at.shard < N_SHARDS else None)


def _moved(at: Place, process: bytes) -> bool:
    """Whether a place means nothing to a process: what was read in one reply is whole to any."""
    return bool(at.begin or at.end) and at.process != process


def _gone(place: Place | None, *, lost: bool) -> ApiError:
    if place is not None:
        return CursorExpired(CursorExpired.example if lost else _RESTARTED)
    if lost:
        return NotReady("the store has lost the release that answers; publish it again")
    return NotReady("the store was restarted meanwhile; ask again")
