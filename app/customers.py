"""What a release holds of a customer, and what has happened since: read in one round trip.

Where events have a store of their own, both are asked at once. A live state that cannot be had
leaves the list without it; a record that cannot be had, the whole answer without its customer.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any, NamedTuple

from app.deadline import by
from app.memory import NOTHING, Happening, Packed
from app.replies import found
from app.store import Store, StoreAway
from models.artifacts.keys import N_SHARDS, Keys, shard_of
from models.artifacts.live_state import FIELDS

_MOST_READS = 2048
"""In one pipeline."""


class Named(NamedTuple):
    """What stands under one name, be it a customer's or a visitor's, for a bidder to be told of.

    None is what is not there; an empty text, what is damaged.
    """

    profile: bytes | None
    """None where the release knows no customer of this name."""
    preferences: bytes | None
    consent: bytes | None
    visitor_consent: bytes | None
    joined: bytes | None
    """The customer whom the visitor of this name turned out to be."""
    memberships: bytes | None


class Customers:
    """Reads customers and visitors for requests, many at a time."""

    def __init__(
        self,
        url: str,
        keys: Keys,
        *,
        timeout_s: float,
        patience_s: float,
        events_url: str | None = None,
        failed: Callable[[str], None] = lambda _kind: None,
        breaker: Callable[[int], None] = lambda _n_open: None,
    ) -> None:
        """Prepare; nothing connects before ``start``.

        Args:
            url: Where the releases are.
            keys: The shop's keys.
            timeout_s: The deadline of one pipeline.
            patience_s: The longest that a read may wait in all, for a connection and its answer.
            events_url: Where the live states are, if elsewhere.
            failed: Told the kind of each failure, for the metrics.
            breaker: Told 1 whenever the store of the releases goes away, and 0 when it is back.
        """
        self._keys = keys
        self._hget = lru_cache(6 * N_SHARDS)(_hget)
        self._hget_memberships = lru_cache(N_SHARDS)(
            lambda shard: _HGET + _bulk(keys.memberships(shard).encode())
        )
        store = partial(
            Store,
            timeout_s=timeout_s,
            patience_s=patience_s,
            most=_MOST_READS,
            reply=found,
            failed=failed,
        )
        self._store = store(url, breaker=breaker)
        self._events = self._store
        if events_url not in (None, url):
            self._events = store(events_url)

    @property
    def away(self) -> bool:
        """Whether no connection to the releases is fit to be used: the breaker is open."""
        return self._store.away

    async def start(self) -> None:
        """Connect, or begin trying to."""
        await asyncio.gather(*(store.start() for store in {self._store, self._events}))

    async def stop(self) -> None:
        """Let go of the connections."""
        await asyncio.gather(*(store.stop() for store in {self._store, self._events}))

    async def read(self, customer_id: str, version: str, *, history: bool) -> Packed:
        """Return what the release holds of a customer, to make a list of it, and what happened.

        Raises:
            StoreAway: The store of the releases did not answer in time.
        """
        shard, field = shard_of(customer_id), _bulk(customer_id.encode())
        command = self._hget(self._keys.records, version, shard) + field
        if history:
            command += self._hget(self._keys.histories, version, shard) + field
        n = 2 if history else 1
        live = _hmget(self._keys.live_of_customer(customer_id))
        happening: Happening | None
        if self._events is self._store:
            told = await self._store.leave(command + live, n + 1)
            happening = _happening(told[-1])
        else:
            left = self._store.leave(command, n)
            told, happening = await asyncio.gather(left, self._happening(live))
        return Packed(told[0], told[1] if history else None, happening)

    async def read_live(self, customer_id: str) -> Happening | None:
        """Return what a customer did; None where the store did not answer in time."""
        return await self._happening(_hmget(self._keys.live_of_customer(customer_id)))

    async def read_visitor(self, anonymous_id: str) -> Happening | None:
        """Return what a visitor did; None where the store did not answer in time."""
        return await self._happening(_hmget(self._keys.live_of_visitor(anonymous_id)))

    async def read_history(self, customer_id: str, version: str) -> bytes | None:
        """Return what a customer bought; None where the release has nothing.

        Raises:
            StoreAway: The store did not answer in time.
        """
        return await self._one(self._keys.histories, customer_id, version)

    async def read_profile(self, customer_id: str, version: str) -> bytes | None:
        """Return the packed profile of a customer, or None where the release has none.

        Raises:
            StoreAway: The store did not answer in time.
        """
        return await self._one(self._keys.profiles, customer_id, version)

    async def look_up(self, ids: Sequence[str], version: str, *, until_s: float) -> list[Named]:
        """Return what stands under each name, in their order.

        Args:
            ids: The names.
            version: Of the release.
            until_s: When it is too late, by the loop's clock.

        Raises:
            StoreAway: One of the stores did not answer in time.
            TimeoutError: It is too late.
        """
        n = len(ids)
        named = [(shard_of(id_), _bulk(id_.encode())) for id_ in ids]
        profiles = b"".join(
            [self._hget(self._keys.profiles, version, shard) + field for shard, field in named]
        )
        others = b"".join(
            [
                b"%b%b%b" % (said, self._hget_memberships(shard), field)
                for said, (shard, field) in zip(map(self._said_of, ids), named, strict=True)
            ]
        )
        if self._events is self._store:
            told = await by(until_s, self._store.leave(profiles + others, 4 * n))
            found, rest = told[:n], told[n:]
        else:
            found, rest = await asyncio.gather(
                _left(self._store, profiles, n, until_s),
                _left(self._events, others, 3 * n, until_s),
            )
        return [
            Named(profile, *_two(said), *_two(by_visitor), memberships)
            for profile, said, by_visitor, memberships in zip(
                found, rest[::3], rest[1::3], rest[2::3], strict=True
            )
        ]

    def _said_of(self, id_: str) -> bytes:
        """Return the two commands that read what was said under a name."""
        return _hmget(self._keys.live_of_customer(id_), _SAID) + _hmget(
            self._keys.live_of_visitor(id_), _SAID_BY_VISITOR
        )

    async def _one(
        self, key_of: Callable[[str, int], str], customer_id: str, version: str
    ) -> bytes | None:
        hget = self._hget(key_of, version, shard_of(customer_id))
        told: list[bytes | None] = await self._store.leave(hget + _bulk(customer_id.encode()), 1)
        return told[0]

    async def _happening(self, command: bytes) -> Happening | None:
        try:
            (happened,) = await self._events.leave(command, 1)
        except StoreAway:
            return None
        return _happening(happened)


async def _left(store: Store, commands: bytes, n: int, until_s: float) -> list[Any]:
    """Return the replies of one of two stores; gathered, so that neither's failure goes unheard."""
    return await by(until_s, store.leave(commands, n))


def _happening(values: list[bytes | None] | bytes) -> Happening:
    """Return the fields of a live state; damaged ones for a key of the wrong type."""
    if isinstance(values, bytes):
        return (values,)
    return tuple(values) if any(values) else NOTHING


def _bulk(text: bytes) -> bytes:
    """Return one argument of a command."""
    return b"$%d\r\n%b\r\n" % (len(text), text)


def _hget(key_of: Callable[[str, int], str], version: str, shard: int) -> bytes:
    """Return the command but for its field."""
    return _HGET + _bulk(key_of(version, shard).encode())


def _two(values: list[bytes | None] | bytes) -> tuple[bytes | None, bytes | None]:
    """Return two fields of a live state; damaged ones for a key of the wrong type."""
    first, second = values or (b"", b"")
    return first, second  # type: ignore[return-value]  # an empty text is what is damaged


class _Fields(NamedTuple):
    """Fields of a live state that are read together."""

    n: int
    names: bytes
    """As a command has them."""

    @classmethod
    def of(cls, *names: bytes) -> "_Fields":
        return cls(len(names), b"".join(_bulk(name) for name in names))


_HGET = b"*3\r\n$4\r\nHGET\r\n"
_ALL_FIELDS = _Fields.of(*FIELDS)
_SAID, _SAID_BY_VISITOR = _Fields.of(b"p", b"k"), _Fields.of(b"k", b"j")


def _hmget(key: str, fields: _Fields = _ALL_FIELDS) -> bytes:
    """Return the command that reads a live state, or some of it."""
    return b"*%d\r\n$5\r\nHMGET\r\n%b%b" % (fields.n + 2, _bulk(key.encode()), fields.names)
