"""The customers of one group, page by page, out of the store.

A release keeps no list of a group's members: the profiles are looked through, shard after shard,
some thousand at a time, and only so many, and only so long, for one page. So a page may hold fewer
members than were asked for, even none, though more come after it.

The next page goes on within the same reply of the store where this one was full in the midst of it.
A hash that nobody writes to gives the same reply again, and where the next one begins tells whether
it did. If not, for its table was enlarged meanwhile, the reply is given from its beginning: a
customer may come twice, and none is left out.
"""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

import structlog

from app.cursor import Place
from app.deps import Server
from app.errors import ApiError, CursorExpired, NotReady
from app.store import StoreAway
from models.artifacts import customer_profile
from models.artifacts.keys import N_SHARDS
from models.customer.summary import Group
from models.errors import ArtifactError
from models.loaded import Loaded

TOGETHER = 1000
"""Profiles looked at in one reply: some 2 ms of this worker's time."""
_MOST_SHARDS = 32
"""Shards in one round trip, where they are small."""
MOST_ROUNDS = 8

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


async def page(
    server: Server, loaded: Loaded, group: Group, *, place: Place | None, limit: int
) -> Page:
    """Return members of a group.

    Args:
        server: The worker's parts.
        loaded: The release that answers.
        group: One of its summary.
        place: Where to begin; None is the beginning.
        limit: How many at most.

    Raises:
        NotReady: The store does not answer, or has lost the release.
        CursorExpired: It has lost the release, and ``place`` is not None.
    """
    clock = asyncio.get_running_loop().time
    until_s = clock() + server.settings.request_timeout_ms / 1000
    found = Page([], place or Place())
    n_rounds, width = 0, _width(loaded, group)
    while found.next is not None and len(found.members) < limit and n_rounds < MOST_ROUNDS:
        if n_rounds and clock() > until_s:
            break
        replies = await _replies(server, loaded, group, found.next, width=width)
        if replies is None:
            raise _gone(place)
        found = _taken(found, replies, limit=limit)
        n_rounds += 1
    return found


def _width(loaded: Loaded, group: Group) -> int:
    """Return how many shards are read together: all their profiles are some ``TOGETHER``."""
    every = loaded.customers.groups if loaded.customers is not None else ()
    n_customers = sum(one.customers for one in every if one.kind == group.kind)
    return max(1, min(_MOST_SHARDS, TOGETHER // (n_customers // N_SHARDS + 1)))


async def _replies(
    server: Server, loaded: Loaded, group: Group, at: Place, *, width: int
) -> list[_Reply] | None:
    """Return the members among the next profiles, or None where the store has lost the release."""
    shards = range(at.shard + 1, min(at.shard + width, N_SHARDS))
    begins = [(at.shard, at.begin), *((shard, 0) for shard in shards)]
    try:
        found = await server.releases.profiles(loaded.version, begins, together=TOGETHER)
    except StoreAway:
        raise NotReady("the members stand in the store, which does not answer; ask again") from None
    if found is None:
        return None
    return [
        _Reply(*begin, end, _members(server, profiles, group))
        for begin, (end, profiles) in zip(begins, found, strict=True)
    ]


def _members(server: Server, profiles: dict[bytes, bytes], group: Group) -> list[str]:
    members = []
    for id_, packed in profiles.items():
        try:
            if customer_profile.is_of(packed, group.kind, group.code):
                members.append(id_.decode())
        except ArtifactError as problem:
            server.metrics.corrupt()
            log.error("customer's bytes refused", reason=str(problem))
    return sorted(members)


def _taken(page: Page, replies: Sequence[_Reply], *, limit: int) -> Page:
    """Return the page with more members on it, at most ``limit`` in all."""
    members, at = list(page.members), page.next
    for reply in replies:
        given = at.given if at is not None and reply[:3] == at[:3] else 0
        taken = reply.members[given : given + limit - len(members)]
        members += taken
        if given + len(taken) < len(reply.members):
            return Page(members, Place(*reply[:3], given + len(taken)))
        if reply.end:
            return Page(members, Place(reply.shard, reply.end))
        at = Place(reply.shard + 1)
    return Page(members, at if at is not None and at.shard < N_SHARDS else None)


def _gone(place: Place | None) -> ApiError:
    if place is not None:
        return CursorExpired(CursorExpired.example)
    return NotReady("the store has lost the release that answers; publish it again")
