import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from training.processes import is_free, lock_file, spawn, wait_for

ROOT = Path(__file__).parents[2]
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="the kernel's death signal is Linux's")

PARENT = """
import os, signal, sys, time
from pathlib import Path
from training.processes import lock_file, spawn
lock = lock_file(Path(sys.argv[1]))
spawn(["/bin/sleep", "600"], death_signal=signal.SIGKILL, inherit=[lock])
os.close(lock)
print("started", flush=True)
time.sleep(600)
"""


def test_a_locked_file_is_refused_to_everybody_else_until_it_is_closed(tmp_path: Path) -> None:
    path = tmp_path / "lock"

    first = lock_file(path)

    assert first is not None
    assert lock_file(path) is None
    assert not is_free(path)
    os.close(first)
    assert is_free(path)


def test_a_child_keeps_an_inherited_lock_for_as_long_as_it_lives(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    lock = lock_file(path)
    assert lock is not None
    child = spawn(["/bin/sleep", "600"], death_signal=signal.SIGKILL, inherit=[lock])
    os.close(lock)

    held = not is_free(path)
    child.kill()
    child.wait()

    assert held
    assert is_free(path)


def test_a_child_keeps_the_process_id_it_was_started_with_and_gets_its_environment(
    tmp_path: Path,
) -> None:
    with (tmp_path / "out").open("wb") as out:
        child = spawn(
            ["/bin/sh", "-c", "echo $$ $SHOP"],
            death_signal=signal.SIGKILL,
            env={"SHOP": "corner"},
            output=out,
        )
        child.wait()

    assert (tmp_path / "out").read_text().split() == [str(child.pid), "corner"]


@LINUX
@pytest.mark.faults
def test_a_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(path)], stdout=subprocess.PIPE, cwd=ROOT
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"started\n"
    assert not is_free(path)

    parent.kill()
    parent.wait()
    parent.stdout.close()

    assert wait_for(lambda: is_free(path), limit_s=5.0)


def test_waiting_ends_with_the_condition_or_with_the_limit() -> None:
    answers = iter([False, False, True])
    began = time.monotonic()

    assert wait_for(lambda: next(answers), limit_s=60.0)
    assert not wait_for(lambda: False, limit_s=0.05)
    assert time.monotonic() - began < 30.0
