"""The streams of events, as the archive takes from them and trims them."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import redis

from models.artifacts.keys import ENTRY, GROUP, Keys
from training.data.archive_rows import Entry

_AT_ONCE = 16
"""Shards that are read in one pipeline."""


class Range(NamedTuple):
    """A piece of a shard's stream."""

    after: str
    """The entry before the first; empty where there is none."""
    until: str
    """The last entry; empty where it is the stream's."""


def entries(
    store: redis.Redis, keys: Keys, ranges: Mapping[int, Range], *, most: int
) -> list[Entry]:
    """Return the entries of each shard's piece, the first ``most`` of each.

    Raises:
        RedisError: The store did not do what it was asked.
    """
    taken: list[Entry] = []
    shards = list(ranges.items())
    for begin in range(0, len(shards), _AT_ONCE):
        some = shards[begin : begin + _AT_ONCE]
        with store.pipeline(transaction=False) as pipeline:
            for shard, (after, until) in some:
                pipeline.xrange(
                    keys.events(shard), f"({after}" if after else "-", until or "+", count=most
                )
            for (shard, _), found in zip(some, pipeline.execute(), strict=True):
                taken += [Entry(shard, id_.decode(), told.get(ENTRY, b"")) for id_, told in found]
    return taken


def trim(store: redis.Redis, keys: Keys, positions: Mapping[int, str]) -> None:
    """Remove of each shard's stream what is archived and acknowledged.

    A stream of which no worker has ever read anything is left as it is.

    Args:
        store: Of the events.
        keys: Of the namespace.
        positions: Of each shard that has any, the last entry that is archived.

    Raises:
        RedisError: The store did not do what it was asked.
    """
    with store.pipeline(transaction=False) as pipeline:
        for shard, archived, acknowledged in _acknowledged(store, keys, positions):
            ms, n = min(archived, acknowledged)
            pipeline.xtrim(keys.events(shard), minid=f"{ms}-{n + 1}", approximate=False)
        pipeline.execute()


def _acknowledged(
    store: redis.Redis, keys: Keys, positions: Mapping[int, str]
) -> Iterator[tuple[int, tuple[int, int], tuple[int, int]]]:
    """Yield shard, the last archived entry, and the last before which all is acknowledged.

    What was delivered is asked before what of it is pending: what is delivered between the two
    questions counts as not delivered.
    """
    with store.pipeline(transaction=False) as pipeline:
        for shard in positions:
            pipeline.xinfo_groups(keys.events(shard))
        for shard in positions:
            pipeline.xpending(keys.events(shard), GROUP)
        told = pipeline.execute(raise_on_error=False)
    for n, (shard, archived) in enumerate(positions.items()):
        groups, pending = told[n], told[len(positions) + n]
        if isinstance(groups, Exception) or isinstance(pending, Exception):
            continue  # the stream is gone, or has no group yet
        delivered = next(one for one in groups if one["name"] == GROUP.encode())
        acknowledged = _order(delivered["last-delivered-id"].decode())
        if pending["pending"]:
            ms, sequence = _order(pending["min"].decode())
            acknowledged = min(acknowledged, (ms, sequence - 1))
        yield shard, _order(archived), acknowledged


def _order(entry_id: str) -> tuple[int, int]:
    ms, _, n = entry_id.partition("-")
    return int(ms), int(n)
