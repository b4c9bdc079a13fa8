import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.training.stores import answers, get, no_store_in, put, store_pid
from training import embedded
from training.embedded import AlreadyRunning, EmbeddedStore, attach
from training.errors import StoreError
from training.processes import lock_file, wait_for

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")

OWNER = """
import sys, time
from pathlib import Path
from training.embedded import EmbeddedStore
store = EmbeddedStore(Path(sys.argv[1]))
store.start()
print(store.url, flush=True)
time.sleep(600)
"""


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that runs the store of ``tmp_path``."""
    process = subprocess.Popen(
        [sys.executable, "-c", OWNER, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith("unix://")
    yield process
    process.kill()
    process.wait()
    process.stdout.close()
    assert wait_for(lambda: no_store_in(tmp_path), limit_s=5.0)


def test_a_second_start_says_who_runs_the_store_and_where(
    tmp_path: Path, owner: subprocess.Popen[str]
) -> None:
    second = EmbeddedStore(tmp_path)

    with pytest.raises(AlreadyRunning, match="CARTERA_DATA_DIR") as refusal:
        second.start()

    assert refusal.value.pid == owner.pid
    assert refusal.value.url == second.url
    assert str(owner.pid) in str(refusal.value)
    assert answers(second.url)


def test_a_second_start_in_the_same_process_is_refused_as_well(tmp_path: Path) -> None:
    with (
        EmbeddedStore(tmp_path) as store,
        pytest.raises(AlreadyRunning, match=str(os.getpid())),
    ):
        EmbeddedStore(tmp_path).start()

    assert not store.alive()


def test_a_lock_whose_holder_does_not_say_who_it_is_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_OWNER_LIMIT_S", 0.05)
    (tmp_path / "store").mkdir()
    lock = lock_file(tmp_path / "store" / "owner.lock")
    assert lock is not None

    with pytest.raises(StoreError, match=r"owner\.lock is locked"):
        EmbeddedStore(tmp_path).start()

    os.close(lock)


@LINUX
@pytest.mark.faults
@pytest.mark.parametrize("ending", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_the_store_ends_with_its_owner_and_keeps_what_it_acknowledged(
    tmp_path: Path, owner: subprocess.Popen[str], ending: signal.Signals
) -> None:
    put(EmbeddedStore(tmp_path).url, "shop", "corner")

    owner.send_signal(ending)
    owner.wait()

    assert wait_for(lambda: no_store_in(tmp_path), limit_s=5.0)
    with EmbeddedStore(tmp_path) as store:
        assert get(store.url, "shop") == "corner"


@pytest.mark.faults
def test_a_store_that_outlived_its_owner_is_ended_by_the_next_one(tmp_path: Path) -> None:
    store = EmbeddedStore(tmp_path)
    (tmp_path / "store").mkdir()
    lock = lock_file(tmp_path / "store" / "store.lock")
    assert lock is not None
    orphan = subprocess.Popen([embedded._binary(), *store._options()], pass_fds=[lock])
    os.close(lock)
    assert wait_for(lambda: answers(store.url), limit_s=5.0)
    put(store.url, "shop", "corner")
    reaper = threading.Thread(target=orphan.wait)  # as init does with an orphan
    reaper.start()

    with store:
        assert store_pid(tmp_path) != orphan.pid
        assert get(store.url, "shop") == "corner"

    reaper.join()
    assert orphan.returncode == 0


def test_attach_gives_up_on_an_owner_whose_store_does_not_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded, "_LOADING_LIMIT_S", 0.05)
    (tmp_path / "store").mkdir()
    path = tmp_path / "store" / "owner.lock"
    lock = lock_file(path)
    assert lock is not None
    path.write_text(json.dumps({"pid": 4242, "url": EmbeddedStore(tmp_path).url}))

    with pytest.raises(StoreError, match=r"process 4242 .* does not answer"), attach(tmp_path):
        pytest.fail("there is no store")

    os.close(lock)
