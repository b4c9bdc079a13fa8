"""What processes cost that another process starts and ends, as seen from outside.

They are looked at every few milliseconds: what one used after the last look is not counted.
"""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.servers import cpu_s

LOOK_EVERY_S = 0.02


@dataclass(slots=True)
class Spent:
    """What they took until they were last seen."""

    cpu_of: dict[int, float] = field(default_factory=dict)
    """Seconds, user and system, by process."""
    peak_mib: float = 0.0
    """The most that one of them held."""
    last_s: float = 0.0
    """When one was last there, by ``time.perf_counter``."""

    @property
    def cpu_s(self) -> float:
        """Of all of them."""
        return sum(self.cpu_of.values())


@contextmanager
def watched(parent: int, *, running: str) -> Iterator[Spent]:
    """Watch the children of process ``parent`` that run a module, until the block ends.

    Args:
        parent: Its id; it outlives the block.
        running: What stands among a child's arguments.
    """
    spent, ended = Spent(), threading.Event()

    def watch() -> None:
        while not ended.wait(LOOK_EVERY_S):
            for child in psutil.Process(parent).children():
                _look(child, running, spent)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        yield spent
    finally:
        ended.set()
        watching.join()


def _look(process: psutil.Process, running: str, spent: Spent) -> None:
    try:
        if running not in process.cmdline():
            return
        status = Path(f"/proc/{process.pid}/status").read_text()
    except (psutil.Error, OSError):  # it has ended
        return
    peak = [line.split()[1] for line in status.splitlines() if line.startswith("VmHWM:")]
    if peak:  # a process that has ended and was not waited for has none
        spent.cpu_of[process.pid] = max(cpu_s(process), spent.cpu_of.get(process.pid, 0.0))
        spent.peak_mib = max(spent.peak_mib, int(peak[0]) / 1024)
        spent.last_s = time.perf_counter()
