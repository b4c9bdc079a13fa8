import os
import subprocess
import sys
import time

import pytest

from benchmarks.watched import Spent, watched
from training.processes import wait_for

pytestmark = pytest.mark.slow
_WORKING = """
import sys, time
held = bytearray(60_000_000)
until = time.process_time() + 0.2
while time.process_time() < until:
    pass
print("worked", flush=True)
sys.stdin.read()
"""


def work(name: str) -> "subprocess.Popen[bytes]":
    """Start a child that works for 0.2 CPU seconds and waits."""
    child = subprocess.Popen(
        [sys.executable, "-c", _WORKING, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdout is not None
    assert child.stdout.readline() == b"worked\n"
    return child


def was_seen(spent: Spent) -> bool:
    """Wait until somebody has looked once more."""
    now = time.perf_counter()
    return wait_for(lambda: spent.last_s > now, limit_s=10)


def test_what_a_child_used_is_seen_until_it_ends_and_of_others_nothing() -> None:
    with watched(os.getpid(), running="the-builder") as spent:
        other, builder = work("another"), work("the-builder")
        assert was_seen(spent)
        for child in (other, builder):
            child.communicate()

    assert list(spent.cpu_of) == [builder.pid]
    assert 0.2 <= spent.cpu_s < 2
    assert 60 < spent.peak_mib < 200
