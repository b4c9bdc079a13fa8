"""What a release holds of a customer, and what has happened since: read in one round trip.

Where events have a store of their own, both are asked at once. A live state that cannot be had
leaves the list without it; a record that cannot be had, the whole answer without its customer.
"""

import asyncio
from collections.abc import Callable
from functools import lru_cache, partial

from app.memory import NOTHING, Happening, Packed
from app.replies import found
from app.store import Store, StoreAway
from models.artifacts.keys import N_SHARDS, Keys, shard_of
from models.artifacts.live_state import FIELDS

_MOST_READS = 2048
"""In one pipeline."""


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
    return b"*3\r\n$4\r\nHGET\r\n" + _bulk(key_of(version, shard).encode())


_ALL_FIELDS = b"".join(_bulk(field) for field in FIELDS)


def _hmget(key: str) -> bytes:
    """Return the command that reads a live state."""
    name = _bulk(key.encode())
    return b"*%d\r\n$5\r\nHMGET\r\n%b%b" % (len(FIELDS) + 2, name, _ALL_FIELDS)
