"""The keys of the interface, where servers look for them.

All are fields of one hash. A revoked key stays in it: a server that finds any key, revoked ones
too, knows that it is not to be open to everybody on its machine.
"""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import redis
from redis.client import Pipeline

from models.artifacts.keys import Keys
from models.credentials.issue import Issued
from models.credentials.key import Key
from models.errors import CredentialError
from training.store_calls import asked

MAX_LIVE = 2
"""Secret keys of one name: the one in use and the one that takes its place."""


def put(store: redis.Redis, keys: Keys, issued: Issued) -> None:
    """Let a new key open what it is for, within two seconds on every server.

    Raises:
        CredentialError: Its name has two live secret keys already.
        StoreError: The store did not take it.
    """
    new = issued.key

    def write(pipeline: Pipeline) -> None:
        live = [
            key.id
            for key in _unpacked(pipeline.hgetall(keys.credentials))
            if key.kind == new.kind == "secret" and key.name == new.name and key.is_live
        ]
        if len(live) >= MAX_LIVE:
            raise CredentialError(
                f"{new.name} has {len(live)} live secret keys ({' and '.join(sorted(live))}), and "
                f"{MAX_LIVE} are the most; revoke the one that is out of use: `cartera keys "
                "revoke ID`"
            )
        pipeline.multi()
        pipeline.hset(keys.credentials, new.id, new.pack())

    asked(store.transaction, write, keys.credentials)


def revoke(store: redis.Redis, keys: Keys, id_: str, *, now: datetime) -> Key:
    """Let a key open nothing any more, within two seconds on every server; return it.

    One that was revoked before stays as it was.

    Raises:
        CredentialError: There is no such key.
        StoreError: The store did not do it.
    """
    found: list[Key] = []

    def write(pipeline: Pipeline) -> None:
        by_id = {key.id: key for key in _unpacked(pipeline.hgetall(keys.credentials))}
        if id_ not in by_id:
            raise CredentialError("there is no key of this id; `cartera keys list` shows all")
        key = by_id[id_]
        if key.is_live:
            key = replace(key, revoked_at=now.astimezone(UTC).isoformat(timespec="seconds"))
        found[:] = [key]
        pipeline.multi()
        pipeline.hset(keys.credentials, id_, key.pack())

    asked(store.transaction, write, keys.credentials)
    return found[0]


def everyone(store: redis.Redis, keys: Keys) -> list[Key]:
    """Return every key, the latest last; one that cannot be read is left out.

    Raises:
        StoreError: The store did not answer.
    """
    found = _unpacked(asked(store.hgetall, keys.credentials))
    return sorted(found, key=lambda key: (key.created_at, key.id))


def exist(store: redis.Redis, keys: Keys) -> bool:
    """Whether there ever was a key.

    Raises:
        StoreError: The store did not answer.
    """
    return bool(asked(store.hlen, keys.credentials))


def _unpacked(packed: Any) -> list[Key]:  # noqa: ANN401  # redis-py's answers have no useful type
    found = []
    for id_, key in packed.items():
        try:
            found.append(Key.unpack(id_.decode(errors="replace"), key))
        except CredentialError:
            continue
    return found
