"""Where the archive's files are, who may read them, and what if they cannot be written."""

import os
import stat
from pathlib import Path

import fsspec
import polars as pl
import pytest
import redis

from models.artifacts.keys import Keys
from tests.training.data.archived import (
    DAY_MS,
    NOON_MS,
    acknowledge,
    archiver,
    event,
    files_in,
    ids_in,
    n_in_streams,
    put,
    rows_of,
    written,
)
from training.data import archive_files
from training.errors import UnreadableFile

pytestmark = pytest.mark.store


@pytest.mark.parametrize("days_late", [0, 1000])
def test_events_stand_with_the_day_on_which_they_were_stored(
    store: redis.Redis, keys: Keys, tmp_path: Path, days_late: int
) -> None:
    happened_ms = NOON_MS - days_late * DAY_MS
    put(store, keys, [event("e-1", at_ms=happened_ms)], stored_ms=NOON_MS - DAY_MS)
    put(store, keys, [event("e-2", at_ms=happened_ms)], stored_ms=NOON_MS)

    archiver(store, keys, tmp_path).turn()

    days = [name.partition("/")[0] for name in files_in(tmp_path)]
    assert days == ["day=2026-11-21", "day=2026-11-22"]
    assert {at.timestamp() * 1000 for at in rows_of(tmp_path)["at"]} == {happened_ms}


def test_a_writing_makes_one_file_whatever_times_its_events_name(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    put(store, keys, [event(f"e-{n}", at_ms=n * DAY_MS) for n in range(300)], stored_ms=NOON_MS)

    archiver(store, keys, tmp_path).turn()

    assert len(files_in(tmp_path)) == 1
    assert len(ids_in(tmp_path)) == 300


def test_files_of_other_versions_are_read_together(tmp_path: Path) -> None:
    written(tmp_path, event("e-1", contested=True))
    (now,) = tmp_path.rglob("*.parquet")
    rows = pl.read_parquet(now)
    rows.drop("contested").write_parquet(now.with_name("part-0.parquet"))
    rows.with_columns(later=pl.lit(1)).write_parquet(now.with_name("part-9.parquet"))

    assert rows_of(tmp_path)["contested"].to_list() == [None, True, True]


def test_only_its_owner_can_read_a_folder_of_the_archive(
    store: redis.Redis, keys: Keys, tmp_path: Path
) -> None:
    url = tmp_path / "var" / "archive"
    put(store, keys, [event("e-1")])

    archiver(store, keys, url).turn()

    modes = {path.is_dir(): stat.S_IMODE(path.stat().st_mode) for path in [url, *url.rglob("*")]}
    assert modes == {True: 0o700, False: 0o600}


def test_an_address_that_is_a_files_is_said_to_be_one(tmp_path: Path, namespace: str) -> None:
    near, far = tmp_path / "purchases.csv", f"memory://{namespace}/purchases.csv"
    near.write_text("customer_id\n")
    with fsspec.open(far, "w") as file:
        file.write("customer_id\n")

    for url in (near, far):
        with pytest.raises(UnreadableFile, match="is that of a file; expected a folder"):
            archive_files.read(str(url))


def test_an_archive_may_be_at_any_address_that_fsspec_understands(
    store: redis.Redis, keys: Keys, namespace: str
) -> None:
    url = f"memory://{namespace}/archive"
    put(store, keys, [event("e-1")], stored_ms=NOON_MS - DAY_MS)
    put(store, keys, [event("e-2")], stored_ms=NOON_MS)

    archiver(store, keys, url).turn()

    assert ids_in(url) == ["e-1", "e-2"]


def test_an_address_of_an_unknown_kind_stops_nothing_and_trims_nothing(
    store: redis.Redis, keys: Keys, capsys: pytest.CaptureFixture[str]
) -> None:
    put(store, keys, [event("e-1")])
    acknowledge(store, keys)

    assert archiver(store, keys, "nowhere://shop").turn() == 0
    assert n_in_streams(store, keys) == 1
    assert "cannot be written" in capsys.readouterr().out


@pytest.mark.faults
def test_an_archive_that_cannot_be_written_goes_on_when_it_can(
    store: redis.Redis, keys: Keys, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file where the folder should be stands for a full disk: what it raises is the same."""
    url = tmp_path / "archive"
    url.write_text("in the way")
    ours = archiver(store, keys, url)
    put(store, keys, [event("e-1")])
    acknowledge(store, keys)
    assert (ours.turn(), ours.turn()) == (0, 0)
    assert n_in_streams(store, keys) == 1
    put(store, keys, [event("e-2")])
    acknowledge(store, keys)

    url.unlink()

    assert (ours.turn(), ours.turn()) == (1, 1)
    assert ids_in(url) == ["e-1", "e-2"]
    assert n_in_streams(store, keys) == 0
    assert "can be written again" in capsys.readouterr().out


@pytest.mark.faults
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the disk that is always full")
def test_a_full_disk_leaves_no_half_file(
    store: redis.Redis, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, keys, [event("e-1")])
    with monkeypatch.context() as patched:
        patched.setattr(archive_files, "_private", lambda _, flags: os.open("/dev/full", flags))
        assert archiver(store, keys, tmp_path).turn() == 0

    assert files_in(tmp_path) == []
    assert archiver(store, keys, tmp_path).turn() == 1
    assert ids_in(tmp_path) == ["e-1"]
