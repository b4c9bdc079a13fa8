"""Audiences asked for as a server does it, and what the store then has of them."""

import os
import secrets
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import orjson
import redis

from models.artifacts.audience import FIELDS, Asked, Audience, Stands, Status, memberships
from models.artifacts.keys import N_SHARDS, Keys
from training.audiences import waiting
from training.audiences.foreman import Pace
from training.audiences.jobs import Jobs
from training.audiences.members import read
from training.audiences.run import run
from training.audiences.written import Written
from training.processes import wait_for
from training.publish import Releases

Store = Any
"""A client of redis-py, whose answers have no useful types."""
Built = Callable[..., str]
"""Asks for an audience and builds it; returns its id."""
QUICK = Pace(look_s=0.02, watch_s=0.02, lease_ms=1000, again_s=0.02)


def ask(store: Store, keys: Keys, *, seeds: Sequence[str] = (), **asked: object) -> str:
    """Ask for an audience; return its id."""
    audience_id, now_ms = f"aud_{secrets.token_hex(8)}", time.time_ns() // 1_000_000
    fields = {
        "asked": Asked(created_ms=now_ms, created_by="", n_seeds=len(seeds), **asked).pack(),  # type: ignore[arg-type]
        "stands": Stands(status="queued", at_ms=now_ms).pack(),
    }
    if seeds:
        fields["seeds"] = orjson.dumps(list(seeds))
    pipeline = store.pipeline()
    pipeline.hset(keys.audience(audience_id), mapping=fields)
    pipeline.zadd(keys.audience_ids, {audience_id: now_ms})
    pipeline.incr(keys.audience_changes)
    pipeline.execute()
    return audience_id


def delete(store: Store, keys: Keys, audience_id: str) -> None:
    """Delete an audience, as a server does it."""
    pipeline = store.pipeline()
    pipeline.delete(keys.audience(audience_id))
    pipeline.zrem(keys.audience_ids, audience_id)
    pipeline.incr(keys.audience_changes)
    pipeline.execute()


def found(store: Store, keys: Keys, audience_id: str) -> Audience | None:
    return Audience.of(audience_id, store.hmget(keys.audience(audience_id), *FIELDS))


def status(store: Store, keys: Keys, audience_id: str) -> Status | None:
    audience = found(store, keys, audience_id)
    return None if audience is None else audience.stands.status


def ready(store: Store, keys: Keys, audience_id: str, *, limit_s: float = 20) -> Audience:
    """Wait until an audience has come to an end, which must be a good one."""
    ended = ("ready", "refused", "failed")
    assert wait_for(lambda: status(store, keys, audience_id) in ended, limit_s=limit_s)
    audience = found(store, keys, audience_id)
    assert audience is not None
    assert audience.stands.status == "ready", audience.stands
    return audience


def members(store: Store, keys: Keys, audience_id: str) -> list[str]:
    """Everybody whom the build of an audience that may be read has, in order."""
    audience = found(store, keys, audience_id)
    assert audience is not None
    assert audience.built is not None
    written = Written(audience_id=audience_id, chunks=audience.built.chunks)
    chunks = [*read(store, keys, build=audience.built.build, written=written)]
    assert len(chunks) == audience.built.chunks
    return [id_ for chunk in chunks for id_ in chunk.ids]


def marked(store: Store, keys: Keys) -> dict[int, set[str]]:
    """Everybody who is marked as a member, by the build; of whatever build there is a mark."""
    pipeline, of_build = store.pipeline(transaction=False), dict[int, set[str]]()
    for shard in range(N_SHARDS):
        pipeline.hgetall(keys.memberships(shard))
    for of_shard in pipeline.execute():
        for id_, packed in of_shard.items():
            for build in memberships(packed):
                of_build.setdefault(build, set()).add(id_.decode())
    return of_build


def chunk_keys(store: Store, keys: Keys) -> set[str]:
    """The keys of all chunks of members that there are."""
    pattern = keys.audience("aud_*:*")
    return {key.decode() for key in store.scan_iter(pattern, count=1000)}


def expected_chunks(store: Store, keys: Keys) -> set[str]:
    """The keys of the chunks that audiences name."""
    there = waiting.read(store, keys)
    return {
        keys.audience_members(one.id, one.built.build, n)
        for one in there.audiences
        if one.built is not None
        for n in range(one.built.chunks)
    }


def is_tidy(store: Store, keys: Keys) -> bool:
    """Whether nothing is left over: each build that there is, an audience names, and no other."""
    there = waiting.read(store, keys)
    return (
        {*there.written} == there.named
        and chunk_keys(store, keys) == expected_chunks(store, keys)
        and {*marked(store, keys)} <= there.named
    )


def build(url: str, keys: Keys, audience_id: str | None) -> None:
    """Build an audience in this process, as ``training.audiences.run`` does in its own."""
    with redis.Redis.from_url(url) as store:
        assert store.set(keys.audience_building, "ours", nx=True, px=60_000)
        try:
            run(
                releases=Releases(store, keys),
                store=store,
                word="ours",
                audience_id=audience_id,
                rng_seed=7,
            )
        finally:
            store.delete(keys.audience_building)


@contextmanager
def at_work(url: str, keys: Keys, *, pace: Pace = QUICK) -> Iterator[None]:
    """Have audiences built beside this block."""
    releases, store = Releases(redis.Redis.from_url(url), keys), redis.Redis.from_url(url)
    jobs = Jobs(releases=releases, store=store, urls=(url, url), pace=pace)
    jobs.start()
    try:
        yield
    finally:
        jobs.stop()


@contextmanager
def frozen_while_building(audience_id: str) -> Iterator[int]:
    """Wait until a process builds an audience, and let it stand still while the block lasts."""
    assert wait_for(lambda: bool(builders_of(audience_id)), limit_s=10)
    (builder,) = builders_of(audience_id)
    os.kill(builder, signal.SIGSTOP)
    try:
        yield builder
    finally:
        with suppress(ProcessLookupError):
            os.kill(builder, signal.SIGCONT)


def builders_of(audience_id: str) -> list[int]:
    """The processes that build an audience now."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            told = (folder / "cmdline").read_bytes()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"training.audiences.run" in told and audience_id.encode() in told:
            found.append(int(folder.name))
    return found
