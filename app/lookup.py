"""Which groups and audiences somebody is in, told to a bidder in the moment before an auction.

Everything asked for is read in one round trip; a second one follows only where a visitor turned out
to be a customer who was not named. All ids name one person, so the strictest of what they said
counts for all:

    a customer whom the release knows      must allow it (``models.customer.permission.targeting``)
    anybody else, visitors too             must not have refused

What cannot be read, or not in time, is no answer at all: unknown means no. Of names that contradict
each other the first one that is known says the groups; the audiences of all are told together.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

import orjson
import structlog

from app.customers import Named
from app.deps import Server
from app.metrics import Outcome
from app.store import StoreAway
from models.artifacts.audience import memberships
from models.artifacts.customer_profile import standing
from models.customer.permission import objects, targeting
from models.customer.preferences import Preferences
from models.customer.segments import Standing, slug
from models.errors import ArtifactCorrupt, ArtifactError

DEADLINE_S = 0.008
"""In all, from when the request was read: past it the auction goes on without us."""
MOST_AUDIENCES = 100
"""That are told of: of more, those which they fit best."""

_BEGIN = b'{"user":{"data":[{"id":"cartera","name":"Cartera","segment":['
_END = b"]}]}}"
_N_READY = 4096
"""Standings whose segments are at hand; a shop has some hundreds."""
_Said = Mapping[str, Mapping[str, Any]]

log = structlog.get_logger(__name__)


class Told(NamedTuple):
    """What a bidder is told, as OpenRTB has it; None where there is nothing to tell."""

    content: bytes | None
    outcome: Outcome


def deadline_s() -> float:
    """Return when it will be too late for a request that was read now, by the loop's clock."""
    return asyncio.get_running_loop().time() + DEADLINE_S


async def look_up(server: Server, ids: Sequence[str], *, until_s: float) -> Told:
    """Return what may be told of the person whom all ``ids`` name; never fails.

    Args:
        server: The worker's parts.
        ids: Of customers, or of visitors who were joined to one.
        until_s: When it is too late, by the loop's clock.
    """
    try:
        segments = await _segments(server, tuple(dict.fromkeys(ids)), until_s)
        if asyncio.get_running_loop().time() > until_s:
            raise TimeoutError
    except TimeoutError:
        return Told(None, "late")
    except StoreAway:
        return Told(None, "away")
    except ArtifactError as problem:
        server.metrics.corrupt()
        log.error("customer's bytes refused", reason=str(problem))
        return Told(None, "nothing")
    if not segments:
        return Told(None, "nothing")
    return Told(_BEGIN + b",".join(segments) + _END, "told")


async def _segments(server: Server, ids: Sequence[str], until_s: float) -> Sequence[bytes]:
    """Return the segments to tell of, none where they do not allow it.

    Raises:
        TimeoutError: It is too late.
        StoreAway: The store does not answer.
        ArtifactError: Something in it is damaged.
    """
    loaded = server.live.loaded
    if loaded is None:
        return ()
    look_up = partial(server.customers.look_up, version=loaded.version, until_s=until_s)
    named = await _named(look_up, ids)
    if not all(_allows(server, id_, name) for id_, name in named.items()):
        return ()
    known = [name for name in named.values() if name.profile is not None]
    if not known:
        return ()
    builds = memberships(*(name.memberships for name in known))
    audiences = server.audiences.of_builds(builds)[:MOST_AUDIENCES]
    first = standing(known[0].profile or b"")
    return [*_groups(first), *map(_audience, audiences)]


async def _named(
    look_up: Callable[[Sequence[str]], Awaitable[list[Named]]], ids: Sequence[str]
) -> Mapping[str, Named]:
    """Return what stands under each name, and behind it that of the customer it was joined to."""
    found = dict(zip(ids, await look_up(ids), strict=True))
    others = [id_ for id_ in _joined(found.values()) if id_ not in found]
    if not others:
        return found
    others = [*dict.fromkeys(others)]
    found |= zip(others, await look_up(others), strict=True)
    in_order = [each for id_ in ids for each in (id_, *_joined([found[id_]]))]
    return {id_: found[id_] for id_ in in_order}


def _joined(names: Iterable[Named]) -> list[str]:
    try:
        return [name.joined.decode() for name in names if name.joined is not None]
    except UnicodeDecodeError as problem:
        raise ArtifactCorrupt("whom a visitor was joined to is not ours to read") from problem


def _allows(server: Server, id_: str, name: Named) -> bool:
    """Whether nothing that stands under a name speaks against it."""
    consent = _said(name.consent)
    if name.profile is None:
        refuses = objects(consent)
    else:
        preferences = Preferences.unpack(name.preferences) if name.preferences else None
        refuses = targeting(preferences, consent=consent) is not None
    objects_now = server.refusers.objects
    return not (
        refuses
        or (name.visitor_consent is not None and objects(_said(name.visitor_consent)))
        or objects_now(name.consent, customer_id=id_)
        or objects_now(name.visitor_consent, anonymous_id=id_)
    )


def _said(packed: bytes | None) -> _Said:
    """Return the consent of a live state, by who said it."""
    if packed is None:
        return {}
    try:
        said = orjson.loads(packed)
        return {who: dict(what) for who, what in said.items()}
    except (AttributeError, TypeError, ValueError) as problem:
        raise ArtifactCorrupt("a customer's consent is not ours to read") from problem


@lru_cache(_N_READY)
def _groups(own: Standing) -> Sequence[bytes]:
    """Return the groups of a customer; how satisfied they are is nobody's matter but the shop's."""
    told = [("tier", own.tier), ("stage", own.stage), ("segment", own.segment)]
    named = [(kind, slug(member)) for kind, member in told if member]
    if own.portfolio:
        named.append(("portfolio", f"portfolio-{own.portfolio}"))
    return [b'{"id":"%b","value":"%b"}' % (kind.encode(), name.encode()) for kind, name in named]


def _audience(found: tuple[str, int]) -> bytes:
    audience_id, fit = found
    return b'{"id":"%b","value":"%d"}' % (audience_id.encode(), fit)
