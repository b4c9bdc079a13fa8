"""Each event is archived exactly once, whoever dies, is overtaken or has no room on the way."""

import errno
import subprocess
import sys
from pathlib import Path
from typing import Any

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
)
from training.data import archive, archive_files
from training.data.archive_rows import Entry
from training.data.archive_streams import entries
from training.embedded import EmbeddedStore

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.store


def test_only_one_archiver_works_at_a_time(store: redis.Redis, keys: Keys, tmp_path: Path) -> None:
    put(store, keys, [event("e-1")])
    store.set(keys.archiving, "another", px=60_000)

    assert archiver(store, keys, tmp_path).turn() == 0
    assert store.get(keys.archiving) == b"another"


def test_an_archiver_that_was_overtaken_leaves_the_archive_as_it_is(
    store: redis.Redis, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has noted and stands still; another does its work, trims, and then it goes on."""
    put(store, keys, [event(f"e-{n}", customer_id=f"c-{n}") for n in range(10)])
    acknowledge(store, keys)
    slow, quick = archiver(store, keys, tmp_path), archiver(store, keys, tmp_path)
    write = archive_files.write

    def overtaken(*args: object, **told: object) -> None:
        monkeypatch.setattr(archive_files, "write", write)
        store.delete(keys.archiving)
        assert quick.turn() == 10
        put(store, keys, [event("e-late")])
        assert quick.turn() == 1
        write(*args, **told)  # type: ignore[arg-type]

    monkeypatch.setattr(archive_files, "write", overtaken)
    slow.turn()

    assert ids_in(tmp_path) == sorted([*(f"e-{n}" for n in range(10)), "e-late"])
    assert slow.turn() == quick.turn() == 0


def test_an_archiver_that_read_what_another_then_archived_writes_nothing(
    store: redis.Redis, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, keys, [event("e-1")])
    slow, quick = archiver(store, keys, tmp_path), archiver(store, keys, tmp_path)

    def overtaken(*args: Any, **told: Any) -> list[Entry]:  # noqa: ANN401
        monkeypatch.undo()
        taken = entries(*args, **told)
        store.delete(keys.archiving)
        assert quick.turn() == 1
        return taken

    monkeypatch.setattr(archive, "entries", overtaken)

    assert slow.turn() == 0
    assert ids_in(tmp_path) == ["e-1"]
    assert len(files_in(tmp_path)) == 1


def test_an_archiver_that_read_what_another_is_writing_leaves_it_its_note(
    store: redis.Redis, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other dies when its file is there, and has not moved on."""
    put(store, keys, [event("e-1")])
    slow, quick = archiver(store, keys, tmp_path), archiver(store, keys, tmp_path)

    def overtaken(*args: Any, **told: Any) -> list[Entry]:  # noqa: ANN401
        monkeypatch.undo()
        taken = entries(*args, **told)
        store.delete(keys.archiving)
        with monkeypatch.context() as dying:
            dying.setattr(archive, "_MOVE", "return 0")
            quick.turn()
        return taken

    monkeypatch.setattr(archive, "entries", overtaken)

    assert slow.turn() == 0
    assert slow.turn() == 1
    assert ids_in(tmp_path) == ["e-1"]


def test_an_archiver_that_does_anothers_note_too_late_leaves_the_files_as_they_are(
    store: redis.Redis, keys: Keys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of what was noted is trimmed by then: it would write the other half over the file."""
    put(store, keys, [event("e-1", customer_id="c-1")])
    acknowledge(store, keys)
    put(store, keys, [event("e-2", customer_id="c-2")])
    with monkeypatch.context() as patched:
        patched.setattr(archive_files, "write", _full)
        assert archiver(store, keys, tmp_path).turn() == 0
    slow, quick = archiver(store, keys, tmp_path), archiver(store, keys, tmp_path)

    def overtaken(*args: Any, **told: Any) -> list[Entry]:  # noqa: ANN401
        monkeypatch.undo()
        store.delete(keys.archiving)
        assert quick.turn() == 2
        assert n_in_streams(store, keys) == 1
        return entries(*args, **told)

    monkeypatch.setattr(archive, "entries", overtaken)

    assert slow.turn() == 0
    assert ids_in(tmp_path) == ["e-1", "e-2"]


def _full(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "no room")


@pytest.mark.faults
@pytest.mark.slow
def test_an_archiver_killed_at_any_step_has_archived_each_event_once_when_it_is_back(
    store: redis.Redis, store_url: str, namespace: str, tmp_path: Path
) -> None:
    events = [event(f"e-{n}", customer_id=f"c-{n % 7}") for n in range(20)]
    more_than_steps = 35
    for n in range(more_than_steps):
        put(store, Keys(f"{namespace}-{n}"), events[:10], stored_ms=NOON_MS - DAY_MS)
        put(store, Keys(f"{namespace}-{n}"), events[10:], stored_ms=NOON_MS)
        acknowledge(store, Keys(f"{namespace}-{n}"))

    n_died = _killed_at_every_step(store_url, namespace, tmp_path / "archive")

    assert 15 < n_died < more_than_steps
    for n in range(n_died):
        keys, url = Keys(f"{namespace}-{n}"), tmp_path / f"archive-{n}"
        store.delete(keys.archiving)
        ours = archiver(store, keys, url)
        put(store, keys, [event("e-late")])
        ours.turn()
        ours.turn()
        assert ids_in(url) == sorted([*(one.event_id for one in events), "e-late"]), n
        assert len(files_in(url)) <= 4, n
        assert not any("/." in name for name in files_in(url)), n
        assert n_in_streams(store, keys) == 1, n


def _killed_at_every_step(url: str, namespace: str, folder: Path) -> int:
    ran = subprocess.run(
        [sys.executable, "-m", "tests.training.data.dying_archiver", url, namespace, str(folder)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return int(ran.stdout)


@pytest.mark.faults
def test_a_full_store_is_emptied_by_the_archive(keys: Keys, tmp_path: Path) -> None:
    with (
        EmbeddedStore(tmp_path / "own") as embedded,
        redis.Redis.from_url(embedded.url) as store,
    ):
        put(store, keys, [event(f"e-{n}") for n in range(10)])
        acknowledge(store, keys)
        store.config_set("maxmemory-policy", "noeviction")
        store.config_set("maxmemory", 1)
        with pytest.raises(redis.OutOfMemoryError):
            store.set("one", "more")

        n = archiver(store, keys, tmp_path / "archive").turn()

        assert (n, n_in_streams(store, keys)) == (10, 0)
        assert len(ids_in(tmp_path / "archive")) == 10
