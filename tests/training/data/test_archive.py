"""The archive holds what was told, each event once, and streams lose only what is in it."""

from pathlib import Path

import pytest
import redis

from models.artifacts.event import Consent, Feedback, Line
from models.artifacts.keys import ENTRY, GROUP, Keys, shard_of
from tests.training.data.archived import (
    NOON_MS,
    acknowledge,
    archiver,
    event,
    ids_in,
    ids_of,
    n_in_streams,
    put,
    rows_of,
)
from training.data import archive
from training.data.archive import Archiver

pytestmark = pytest.mark.store


def test_an_event_is_archived_as_it_was_told(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    told = event(
        "e-1",
        event="purchase",
        items=(Line(item_id="p-1", price=2.5, quantity=3), Line(item_id="p-2", index=4)),
        currency="EUR",
        transaction_id="t-1",
        consent=Consent(analytics=True, tcf="x"),
        feedback=Feedback(kind="rating", value=4),
        properties={"gift": True},
    )
    put(store, keys, [told])

    n = archiver(store, keys, tmp_path).turn()

    (row,) = rows_of(tmp_path).to_dicts()
    assert n == 1
    assert (row["event"], row["event_id"], row["customer_id"]) == ("purchase", "e-1", "c-1")
    assert row["shard"] == shard_of("c-1")
    assert row["at"].timestamp() * 1000 == NOON_MS
    assert [line["item_id"] for line in row["items"]] == ["p-1", "p-2"]
    assert [line["quantity"] for line in row["items"]] == [3, 1]
    assert row["consent"]["analytics"] is True
    assert row["consent"]["ads"] is None
    assert row["feedback"] == {"kind": "rating", "value": "4", "text": None}
    assert row["properties"] == '{"gift":true}'
    assert row["anonymous_id"] is None


def test_a_second_turn_takes_only_what_is_new(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    ours = archiver(store, keys, tmp_path)
    put(store, keys, [event("e-1"), event("e-2", customer_id="c-2")])
    ours.turn()
    put(store, keys, [event("e-3")])

    assert (ours.turn(), ours.turn()) == (1, 0)
    assert ids_in(tmp_path) == ["e-1", "e-2", "e-3"]


def test_what_a_file_does_not_take_along_the_next_one_does(
    store: redis.Redis, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST", 2)
    ours = Archiver(store, keys, str(tmp_path), every_s=3600)
    put(store, keys, [event(f"e-{n}") for n in range(5)])

    assert [ours.turn() for _ in range(4)] == [2, 2, 1, 0]
    assert ids_in(tmp_path) == [f"e-{n}" for n in range(5)]


def test_between_two_files_a_turn_does_nothing(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    ours = Archiver(store, keys, str(tmp_path), every_s=3600)
    ours.turn()
    put(store, keys, [event("e-1")])

    assert ours.turn() == 0


def test_an_entry_that_is_no_event_keeps_its_bytes_and_the_others_theirs(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    put(store, keys, [event("e-1")])
    stream = keys.events(shard_of("c-1"))
    no_times = [
        b'{"event":"x","event_id":"y","at_ms":%d}' % at_ms
        for at_ms in (-1, 253_402_300_800_000, 2**63, -(2**200))
    ]
    junk = [b"junk", b"\xff", b"", b"[]", b"{}", *no_times]
    for one in junk:
        store.xadd(stream, {ENTRY: one})
    store.xadd(stream, {b"other": b"field"})
    put(store, keys, [event("e-2")])

    assert archiver(store, keys, tmp_path).turn() == len(junk) + 3

    rows = rows_of(tmp_path)
    assert rows["event_id"].drop_nulls().sort().to_list() == ["e-1", "e-2"]
    assert rows["unread"].drop_nulls().sort().to_list() == sorted([*junk, b""])


def test_a_stream_is_trimmed_of_what_is_archived_and_acknowledged(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    put(store, keys, [event(f"e-{n}") for n in range(3)])
    acknowledge(store, keys)
    put(store, keys, [event("e-3")])

    archiver(store, keys, tmp_path).turn()

    assert n_in_streams(store, keys) == 1
    assert len(ids_in(tmp_path)) == 4


def test_what_a_worker_has_not_acknowledged_stays_in_the_stream(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    put(store, keys, [event(f"e-{n}") for n in range(4)])
    stream = keys.events(shard_of("c-1"))
    ids = ids_of(store, stream)
    store.xreadgroup(GROUP, "w", {stream: ">"}, count=3)
    store.xack(stream, GROUP, ids[0], ids[2])

    archiver(store, keys, tmp_path).turn()

    assert ids_of(store, stream) == ids[1:]


def test_a_stream_that_no_worker_reads_is_not_trimmed(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    store.xadd(keys.events(shard_of("c-1")), {ENTRY: event("e-1").pack()})

    archiver(store, keys, tmp_path).turn()

    assert n_in_streams(store, keys) == 1
    assert ids_in(tmp_path) == ["e-1"]
